"""Bring the branches of a project into its mirror, in one fetch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.adapters.git.remote import Remote, failure, talk
from bot.adapters.git.run import Git

OPTIONS = (
    *("--prune", "--no-tags", "--no-auto-maintenance", "--no-write-fetch-head"),
    *("--force", "--update-head-ok", "--quiet"),
)


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


def _matches(ref: str, wanted: str) -> bool:
    return ref.startswith(wanted[:-1]) if wanted.endswith("*") else ref == wanted
