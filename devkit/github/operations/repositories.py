"""Repositories: what they are, their refs and the files in them."""

from __future__ import annotations

import base64
from contextlib import suppress

from devkit.github.bare import GitFailed, person
from devkit.github.rest import Answer, Call, Refused, serves
from devkit.github.state import Json
from devkit.github.world import NotFound

RAW = "application/vnd.github.raw"


@serves("repos/get", "metadata:read")
async def get(call: Call) -> Answer:
    """Show a repository."""
    shown = call.site.views.repository(call.repository)
    return Answer(200, {**shown, "permissions": {"admin": False, "push": True, "pull": True}})


@serves("repos/get-branch", "contents:read")
async def get_branch(call: Call) -> Answer:
    """Show a branch with its tip."""
    repository, name = call.repository, call.parameters["branch"]
    sha = repository.branch(name)
    if sha is None:
        raise Refused(404, "Branch not found")
    commit = call.site.views.commit(repository, await repository.git.commit(sha))
    return Answer(200, {"name": name, "commit": commit})


@serves("git/get-ref", "contents:read")
async def get_ref(call: Call) -> Answer:
    """Show one ref."""
    ref = "refs/" + call.parameters["ref"]
    if ref not in call.repository.refs:
        raise NotFound
    return Answer(200, await _ref(call, ref))


@serves("git/list-matching-refs", "contents:read")
async def list_refs(call: Call) -> Answer:
    """List the refs that begin with a text."""
    if not call.repository.refs:
        raise Refused(409, "Git Repository is empty.")
    start = "refs/" + call.parameters["ref"]
    matching = sorted(ref for ref in call.repository.refs if ref.startswith(start))
    return Answer(200, [await _ref(call, ref) for ref in matching])


@serves("git/create-ref", "contents:write")
async def create_ref(call: Call) -> Answer:
    """Create a branch at a commit."""
    ref, sha = call.body["ref"], call.body["sha"]
    if ref in call.repository.refs:
        raise Refused(422, "Reference already exists")
    await call.site.pushes.push(call.repository, {ref: sha}, call.actor)
    return Answer(201, await _ref(call, ref))


@serves("repos/create-or-update-file-contents", "contents:write")
async def put_content(call: Call) -> Answer:
    """Write one file on a branch as a commit."""
    repository, path, body = call.repository, call.parameters["path"], call.body
    branch = body.get("branch", repository.default_branch)
    tip = repository.branch(branch)
    if tip is None:
        raise Refused(404, f"Branch {branch} not found")
    git, who = repository.git, person(call.actor.login, call.site.world.moment())
    with suppress(GitFailed):
        stands = await git.text("rev-parse", "--verify", "--quiet", f"{tip}:{path}")
        if stands != body.get("sha"):
            raise Refused(409, f"{path} does not match {body.get('sha')}")
    tree = await git.write_tree(tip, {path: base64.b64decode(body["content"])})
    sha = await git.write_commit(tree, (tip,), body["message"], (who, who))
    await call.site.pushes.push(repository, {f"refs/heads/{branch}": sha}, call.actor)
    return Answer(201, call.site.contract.filled("file-commit", {"commit": {"sha": sha}}))


@serves("repos/get-content", "contents:read")
async def get_content(call: Call) -> Answer:
    """Show a file as JSON, or raw where the media type asks for that."""
    repository, path = call.repository, call.parameters["path"]
    name = call.parameters.get("ref", repository.default_branch)
    commit = await repository.git.resolve(repository.branch(name) or name)
    if commit is None:
        raise Refused(404, f"No commit found for the ref {name}")
    try:
        sha = await repository.git.text("rev-parse", "--verify", f"{commit}:{path}")
        raw = await repository.git.run("cat-file", "blob", sha)
    except GitFailed as error:
        raise NotFound from error
    if call.accept.startswith(RAW):
        return Answer(200, raw, {"Content-Type": f"{RAW}; charset=utf-8"})
    body = {
        "type": "file",
        "name": path.rsplit("/", 1)[-1],
        "path": path,
        "sha": sha,
        "size": len(raw),
        "encoding": "base64",
        "content": base64.encodebytes(raw).decode(),
    }
    return Answer(200, call.site.contract.filled("content-file", body))


async def _ref(call: Call, ref: str) -> Json:
    sha = call.repository.refs[ref]
    kind = await call.repository.git.text("cat-file", "-t", sha)
    return {"ref": ref, "object": {"type": kind, "sha": sha}}
