"""The notes that a branch keeps of other series: main those of all, a newer branch of the older.

Each branch gets one pull request of ours, kept current while it is open and nobody else commits
to it. One that a person closed is not opened again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.core import note_text, series
from bot.core.checklist import Row
from bot.core.config import TargetPattern
from bot.core.model import NewPull, PullRef, Repository
from bot.core.noted import Noted, Share, Stand
from bot.core.release_notes import Change
from bot.engine import note_writing, noting
from bot.engine.note_looking import Bench, standing_note
from bot.engine.note_writing import Made, Ours
from bot.engine.seeing import Look
from bot.engine.world import github

_HEADS = "refs/heads/"
_CLOSED = "The pull request with its notes was closed; it is not opened again."


@dataclass(frozen=True, slots=True)
class Lack:
    """What one branch lacks, which stands at `tip`; its `series` is empty for main.

    `changes` are what its pull request has to say, none where it says so already.
    """

    share: Share
    series: str
    tip: str
    changes: tuple[Change, ...] = ()

    def head_branch(self, source: int) -> str:
        """Name the branch that brings the notes of a source pull request to it."""
        return f"release-notes/{source}/{self.series or self.share.branch}"


async def tips(bench: Bench, look: Look) -> Mapping[str, str]:
    """Give where each branch stands that may keep notes; with what we brought to them, to commit.

    Keys are full names of refs.
    """
    if bench.what.to_be_committed:
        token = await github(look.case.repository).token()
        return await bench.mirror.fetch(token, [_HEADS + name for name in _names(bench, look)])
    known = {one.branch: one.tip for one in look.seen.targets}
    known[look.seen.source.default_branch] = look.seen.main
    return {_HEADS + branch: tip for branch, tip in known.items() if tip}


def _names(bench: Bench, look: Look) -> list[str]:
    targets, source = bench.what.configuration.targets, look.seen.source
    if isinstance(targets, TargetPattern):
        listed = [targets.pattern.partition("{")[0] + "*"]
    else:
        listed = list(targets)
    seen = [one.branch for one in look.seen.targets]
    ours = f"release-notes/{source.number}/*"
    return list(dict.fromkeys([source.default_branch, *listed, *seen, ours]))


async def look(
    bench: Bench, look: Look, notes: Mapping[str, Noted], refs: Mapping[str, str]
) -> tuple[Lack, ...]:
    """Find what main and newer branches lack of the notes of the targets (branch → note)."""
    known = {share.branch: share for share in look.case.checklist.shares}
    main = look.seen.source.default_branch
    named = [ref.removeprefix(_HEADS) for ref in refs]
    stable = [(name, bench.what.configuration.series(name)) for name in named if name != main]
    stable.sort(key=lambda one: series.age_key(one[1]), reverse=True)
    found = []
    for branch, name in [(main, ""), *(one for one in stable if "release-notes/" not in one[0])]:
        belong = [note for row, note in _noted(look, notes) if _belongs(row, note, name)]
        if belong and (tip := refs.get(_HEADS + branch)):
            lack = Lack(known.get(branch, Share(branch)), name, tip)
            found.append(await _lacking(bench, lack, belong))
    return tuple(found)


def _noted(look: Look, notes: Mapping[str, Noted]) -> list[tuple[Row, Noted]]:
    rows = look.case.checklist.rows
    return [(row, notes[row.branch]) for row in rows if row.branch in notes]


def _belongs(row: Row, note: Noted, name: str) -> bool:
    """Tell whether a note belongs on a branch: main has all, others those of older series.

    One that is missing on its own branch, though the fix is there, belongs there as well.
    """
    if not note.version:
        return False
    if row.series == name:
        return row.merged is not None and note.stand is Stand.OFFERED
    return not name or series.age_key(row.series) < series.age_key(name)


async def _lacking(bench: Bench, lack: Lack, notes: Sequence[Noted]) -> Lack:
    """Try each version on its own, so that one which cannot be written is no hindrance."""
    lacking: list[str] = []
    remarks: list[str] = []
    for note in notes:
        if note.moved_from and await standing_note(bench, lack.tip, note.moved_from):
            out = f"{note.moved_from} is out without the fix, but its notes here tell of it."
            remarks.append(out)
        if await standing_note(bench, lack.tip, note.version):
            continue
        read = noting.reads(bench.mirror, lack.tip)
        draft = await noting.compose(bench.what, read, (note.version,))
        lacking += [note.version] if draft.files else []
        remarks += () if draft.files else draft.remarks
    share = replace(lack.share, lacking=tuple(lacking), remarks=tuple(dict.fromkeys(remarks)))
    return replace(lack, share=share)


async def bring(bench: Bench, look: Look, lack: Lack, refs: Mapping[str, str]) -> Lack:
    """Push what a branch lacks to its head branch, unless a person closed the pull request."""
    repository, name = look.case.repository, lack.head_branch(look.seen.source.number)
    if not lack.share.lacking:
        return lack
    pull = await github(repository).find_pull(name, lack.share.branch)
    share = replace(lack.share, pull=pull.number if pull else None)
    if pull and not pull.is_open and not pull.merged:
        return replace(lack, share=replace(share, remarks=(*share.remarks, _CLOSED)))
    standing = refs.get(_HEADS + name, "")
    made = await _made(bench, lack, standing)
    if made is None:
        return replace(lack, share=share)
    pushed = await note_writing.push(bench, repository, {name: made.sha}, {name: standing})
    if not note_writing.stands(pushed.get(name)):
        left = (*share.remarks, note_text.LEFT_ALONE)
        return replace(lack, share=replace(share, remarks=left))
    said = pull is not None and pull.is_open and lack.share.head == made.sha
    changes = () if said else made.draft.changes
    return replace(lack, share=replace(share, head=made.sha), changes=changes)


async def _made(bench: Bench, lack: Lack, standing: str) -> Made | None:
    """Make the commit; what stands there is ours, or nothing is pushed over it."""
    fork = await bench.mirror.merge_base(standing, lack.tip) if standing else None
    ours = Ours(standing or lack.tip, fork or lack.tip, lack.tip)
    message = title(bench, lack)
    return await note_writing.make(bench, ours, lack.share.lacking, (message, message))


def title(bench: Bench, lack: Lack) -> str:
    """Name the pull request, and the commits in it."""
    what = bench.what
    return note_text.title(what.configuration, lack.series, what.fix, lack.share.lacking)


async def open_pull(repository: Repository, source: int, lack: Lack, called: str) -> Share:
    """Open the pull request of one branch, or bring the one that stands up to date."""
    api, name = github(repository), lack.head_branch(source)
    body = note_text.body(source, lack.changes)
    found: PullRef | None = await api.find_pull(name, lack.share.branch)
    if found is None or not found.is_open:
        found = await api.open_pull(NewPull(called, body, name, lack.share.branch))
    else:
        await api.update_pull(found.number, title=called, body=body)
    return replace(lack.share, pull=found.number)
