"""Bring the branches of a project into its mirror, or contents by name, in one fetch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.adapters.git.remote import Remote, failure, talk
from bot.adapters.git.run import Git

QUIETLY = ("--no-tags", "--no-auto-maintenance", "--no-write-fetch-head", "--quiet")
OPTIONS = (*QUIETLY, "--prune", "--force", "--update-head-ok")


async def fetch(git: Git, remote: Remote, refs: Sequence[str]) -> Mapping[str, str]:
    """Fetch refs (full names, or globs with a trailing `*`); give full name → sha of those there.

    A name is asked for as a glob too, because git fails as a whole on a name that is not there.
    """
    globs = sorted({ref if ref.endswith("*") else f"{ref}*" for ref in refs})
    answer = await talk(
        git, remote, "fetch", *OPTIONS, remote.url, *(f"+{glob}:{glob}" for glob in globs)
    )
    if answer.result.code:
        raise failure(remote, "Fetching from", answer)
    listed = await git("for-each-ref", "--format=%(objectname) %(refname)")
    lines = [line.partition(" ") for line in listed.out.decode(errors="replace").splitlines()]
    return {ref: sha for sha, _, ref in lines if any(_matches(ref, wanted) for wanted in refs)}


async def bring(git: Git, remote: Remote, shas: Iterable[str]) -> None:
    """Fetch objects by name, and nothing that they lead to; the remote has to filter."""
    # There is no history to agree on: the names say all that is wanted.
    answer = await talk(
        *(git, remote, "-c", "fetch.negotiationAlgorithm=noop", "fetch", *QUIETLY),
        *("--no-write-commit-graph", "--stdin", remote.url),
        stdin="".join(f"{sha}\n" for sha in shas).encode(),
    )
    if answer.result.code:
        raise failure(remote, "Fetching contents from", answer)


def _matches(ref: str, wanted: str) -> bool:
    return ref.startswith(wanted[:-1]) if wanted.endswith("*") else ref == wanted
