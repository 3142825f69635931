"""All notes of one exception, looked at and written while the mirror is locked once.

Done again it finds what it wrote and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.core import note_text, noted
from bot.core.checklist import Checklist
from bot.core.model import Outcome, Push, PushState
from bot.core.noted import Noted, Stand
from bot.core.release_notes import Note
from bot.engine import note_looking, note_sharing, note_writing, noting
from bot.engine.note_looking import Bench, Standing
from bot.engine.note_sharing import Lack
from bot.engine.note_writing import Made, Ours
from bot.engine.seeing import Look
from bot.engine.world import github, world

_HEADS = "refs/heads/"
_NO_PULL = frozenset({Outcome.ALREADY_THERE, Outcome.MISSING, Outcome.NOTHING_TO_PICK})


@dataclass(frozen=True, slots=True)
class KeptNote:
    """The note of one target: what its comment says, and how far it is.

    `pushed` is the commit that we put on the backport just now, empty where there is none; `onto`
    is where the backport forked from its branch.
    """

    branch: str
    body: str
    noted: Noted
    pushed: str = ""
    onto: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """The notes of all targets, and what other branches lack, each with its title."""

    notes: tuple[KeptNote, ...] = ()
    lacks: tuple[tuple[Lack, str], ...] = ()


async def keep(look: Look) -> Kept:
    """Look at every note, write those that are to be written, and bring them to other branches."""
    case, seen = look.case, look.seen
    asked = await noting.asked(case.repository, look.configuration, seen.comments)
    sources = case.checklist.sources
    async with world().mirrors.open(case.repository) as mirror:
        if not all([await mirror.has(sha) for sha in (*sources, *_commits(look))]):
            await mirror.fetch(await github(case.repository).token(), _refs(look))
        what = await noting.told(mirror, look.configuration, seen.source, sources, asked)
        bench = Bench(mirror, what, sources)
        looks = [
            await note_looking.look(bench, row, seen.target(row.branch))
            for row in case.checklist.rows
        ]
        standings = [one for one in looks if one]
        notes = await _written(bench, look, standings)
        return Kept(notes, await _shared(bench, look, notes))


def _commits(look: Look) -> list[str]:
    """List the commits that were seen, and that another machine's mirror may not have."""
    seen = look.seen
    return [sha for sha in (seen.main, *(one.tip for one in seen.targets)) if sha]


def _refs(look: Look) -> list[str]:
    branches = (look.seen.source.default_branch, *(one.branch for one in look.seen.targets))
    pulls = (one.pull.number for one in look.seen.targets if one.pull)
    named = (*(_HEADS + name for name in branches), *(f"refs/pull/{n}/head" for n in pulls))
    return list(dict.fromkeys(named))


async def _written(bench: Bench, look: Look, standings: list[Standing]) -> tuple[KeptNote, ...]:
    """Write what is to be written, in one push, and say of each note how far it is then."""
    made = {one.row.branch: await _make(bench, one) for one in standings if one.to_be_written}
    moved = [one for one in standings if _moves(one, made.get(one.row.branch))]
    heads = {_head_branch(one): made[one.row.branch] for one in moved}
    wanted = {name: new.sha for name, new in heads.items() if new}
    expected = {_head_branch(one): one.head for one in moved}
    pushes: Mapping[str, Push] = {}
    if wanted:
        pushes = await note_writing.push(bench, look.case.repository, wanted, expected)
    return tuple(
        _kept(one, made.get(one.row.branch), pushes.get(_head_branch(one))) for one in standings
    )


async def _make(bench: Bench, one: Standing) -> Made | None:
    ours = Ours(one.head, one.base, one.seen.tip, one.row.series)
    subjects = note_looking.subjects(bench, one)
    return await note_writing.make(bench, ours, (one.note.place.version,), subjects)


def _moves(one: Standing, made: Made | None) -> bool:
    return made is not None and made.sha != one.head


def _head_branch(one: Standing) -> str:
    return one.seen.pull.head_branch if one.seen.pull else ""


def _kept(one: Standing, made: Made | None, push: Push | None) -> KeptNote:
    """Say how far a note is after the push, if there was one."""
    note, on, pushed = one.note, "", ""
    if made and (made.sha == one.head or note_writing.stands(push)):
        note, on = _committed(note, made), made.on
        pushed = made.sha if made.sha != one.head else ""
    elif one.to_be_written:
        note = replace(note, remarks=(*note.remarks, _why_not(made, push)))
    body = note_text.release_note(note, one.target)
    now = noted.of(note, body, on)
    if one.landed and note.picked:
        now = replace(now, stand=Stand.WRITTEN)
    opened_for = one.row.noted.opened_for if one.row.noted else one.row.version
    now = replace(now, opened_for=opened_for or "")
    return KeptNote(one.row.branch, body, now, pushed, made.onto if made else "")


def _committed(note: Note, made: Made) -> Note:
    return replace(note, commit=made.sha, changes=made.draft.changes)


def _why_not(made: Made | None, push: Push | None) -> str:
    """Say why the note was not written on the backport."""
    if made is None:
        return note_text.BEHIND
    if push and push.state is PushState.REFUSED:
        return f"GitHub refused the push: {push.detail}"
    return note_text.LEFT_ALONE


async def _shared(
    bench: Bench, look: Look, notes: tuple[KeptNote, ...]
) -> tuple[tuple[Lack, str], ...]:
    """Find what other branches lack, and bring it once every backport is there."""
    refs = await note_sharing.tips(bench, look)
    known = {one.branch: one.noted for one in notes}
    lacks = await note_sharing.look(bench, look, known, refs)
    if bench.what.to_be_committed and _all_opened(look.case.checklist):
        lacks = tuple([await note_sharing.bring(bench, look, one, refs) for one in lacks])
    return tuple((one, note_sharing.title(bench, one)) for one in lacks)


def _all_opened(checklist: Checklist) -> bool:
    """Tell whether each target that gets a backport has its pull request, or the fix itself."""
    return all(
        row.pull is not None or row.merged or row.outcome in _NO_PULL for row in checklist.rows
    )
