"""Find on a branch what somebody merged by hand, when GitHub does not know of the merge.

Three looks, from the surest to the least sure; the first that finds anything decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.adapters.git.history import Entry, log, origin_of
from bot.adapters.git.objects import Objects
from bot.adapters.git.patch_ids import MAX_PATCHES, identify, patch_ids
from bot.adapters.git.run import Call, Git
from bot.core.model import CommitSummary

TICKET = re.compile(r"#(\d+)")
SHORTEST = 7  # hex digits of a sha in a comment
LITERAL = {"GIT_LITERAL_PATHSPECS": "1"}

Candidates = tuple[tuple[str, ...], ...]


async def landed(
    objects: Objects, branch: str, pull_commits: Sequence[CommitSummary], mentioned: Sequence[str]
) -> Candidates:
    """Give candidates, each the commits (oldest first) that one pull request may have become.

    Only commits made since the pull request was first written are looked at, so that an older
    one mentioned as the cause of a bug is not taken for the fix.
    """
    if not pull_commits:
        return ()
    start = min(int(commit.author_date.timestamp()) for commit in pull_commits)
    ref = f"refs/heads/{branch}"
    newest_first = await log(objects.git, "--topo-order", f"--max-age={start}", ref)
    history = newest_first[::-1]
    return (
        _mentioned(history, mentioned, len(pull_commits))
        or await _same_patch(objects, history, pull_commits, ref)
        or _same_origin(history, pull_commits)
    )


def _mentioned(history: Sequence[Entry], mentioned: Sequence[str], count: int) -> Candidates:
    names = tuple(name.lower() for name in mentioned if len(name) >= SHORTEST)
    found = tuple(entry.sha for entry in history if names and entry.sha.startswith(names))
    return (found,) if len(found) == count else tuple((sha,) for sha in found)


def _same_origin(history: Sequence[Entry], pull_commits: Sequence[CommitSummary]) -> Candidates:
    return _candidates(
        history, [[e.sha for e in history if _alike(e, commit)] for commit in pull_commits]
    )


def _alike(entry: Entry, commit: CommitSummary) -> bool:
    tickets = set(TICKET.findall(commit.message))
    same_ticket = not tickets or not tickets.isdisjoint(TICKET.findall(entry.message))
    return same_ticket and entry.origin == origin_of(commit)


async def _same_patch(
    objects: Objects, history: Sequence[Entry], pull_commits: Sequence[CommitSummary], ref: str
) -> Candidates:
    ours = [commit.sha for commit in pull_commits if objects.commit(commit.sha) is not None]
    git, near = objects.git, {entry.sha for entry in history}
    if not ours or not near:
        return ()
    theirs = [sha for sha in await _touching_the_same(git, ours, ref) if sha in near]
    by_patch: dict[str, list[str]] = {}
    for patch, sha in await patch_ids(git, theirs):
        by_patch.setdefault(patch, []).append(sha)
    wanted = [patch for patch, _ in await patch_ids(git, ours)]
    single = _candidates(history, [by_patch.get(patch, []) for patch in wanted])
    return single or _candidates(
        history, [by_patch.get(patch, []) for patch in await _whole_patch(git, ours[-1], ref)]
    )


def _candidates(history: Sequence[Entry], matches: Iterable[Sequence[str]]) -> Candidates:
    """Make one candidate of what was found once each; what was found twice is for a person."""
    found = [shas for shas in matches if shas]
    every = {sha for shas in found for sha in shas}
    ordered = tuple(entry.sha for entry in history if entry.sha in every)
    if any(len(shas) > 1 for shas in found):
        return tuple((sha,) for sha in ordered)
    return (ordered,) if ordered else ()


async def _touching_the_same(git: Git, commits: Sequence[str], ref: str) -> Sequence[str]:
    stdin = "".join(f"{sha}\n" for sha in commits).encode()
    names = ("diff-tree", "--stdin", "--no-commit-id", "--name-only", "-r", "-z", "--root")
    changed = (await git(*names, call=Call(stdin))).out.rstrip(b"\0").split(b"\0")
    paths = sorted(set(changed) - {b""})
    listed = await git.line(
        "rev-list", "--no-merges", ref, f"^{commits[0]}", "--", *paths, call=Call(env=LITERAL)
    )
    return listed.splitlines()


async def _whole_patch(git: Git, head: str, ref: str) -> list[str]:
    """Give the patch-id of the pull request as one change: it may have been squashed by hand."""
    bases = await git.line("merge-base", head, ref, call=Call(accept=(0, 1)))
    if not bases:
        return []
    patch = await git("diff-tree", "--patch", "-r", bases, head, call=Call(limit=MAX_PATCHES))
    return [patch_id for patch_id, _ in await identify(git, patch.out)]
