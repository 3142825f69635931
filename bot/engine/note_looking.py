"""Where the release note of each target stands now: on its branch, on its backport, or nowhere."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core import note_text
from bot.core.checklist import Row
from bot.core.model import Outcome, Target
from bot.core.noted import Noted, Stand
from bot.core.release_notes import Held, Note, Place, Shape
from bot.core.sighting import SeenTarget
from bot.engine import noting
from bot.engine.noting import Draft, Told
from bot.mirror_ports import Mirror

_WANTS_NONE = frozenset({Outcome.ALREADY_THERE, Outcome.MISSING, Outcome.NOTHING_TO_PICK})
_REWORDED = "It reads otherwise than the sentence that was given; that is left as it is."
_FORGOTTEN = "The fix is in, its note is not."


@dataclass(frozen=True, slots=True)
class Bench:
    """What lies ready while the mirror is locked: what is to be told of the fix, whose sources."""

    mirror: Mirror
    what: Told
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """One target and its note; `to_be_written` tells that the note shall come on its backport."""

    row: Row
    seen: SeenTarget
    note: Note
    landed: bool = False
    to_be_written: bool = False

    @property
    def target(self) -> Target:
        """Give the target."""
        return Target(self.row.branch, self.row.series)

    @property
    def head(self) -> str:
        """Give the commit at which the backport stands, empty where there is none."""
        return self.seen.pull.head_sha if self.seen.pull else ""

    @property
    def base(self) -> str:
        """Give the backport without the commits by which we wrote its note."""
        noted = self.row.noted
        return noted.on if noted and is_ours(noted, self.head) else self.head


def is_ours(noted: Noted | None, head: str) -> bool:
    """Tell whether a backport ends in the commit by which we wrote its note."""
    return noted is not None and noted.commit == head and bool(noted.on)


async def look(bench: Bench, row: Row, seen: SeenTarget | None) -> Standing | None:
    """Look at one target; None where there is nothing to tell of its note, or no more to learn."""
    if seen is None or not seen.tip or row.outcome in _WANTS_NONE:
        return None
    if row.merged:
        return await _landed(bench, row, seen)
    if row.closed:
        return None
    return await _proposed(bench, row, seen)


async def _landed(bench: Bench, row: Row, seen: SeenTarget) -> Standing | None:
    """Look at the branch alone: the fix is there, so its note has to be."""
    place = await noting.place_at(bench.what, bench.mirror, seen.tip)
    if place is None or place.shape is Shape.FIRST:
        return None
    place = replace(place, version=seen.version or place.version)
    held = await standing_note(bench, seen.tip, place.version)
    if held:
        return Standing(row, seen, _as_held(bench, row, place, held), landed=True)
    if row.noted and not row.noted.commit and row.noted.stand in {Stand.PROPOSED, Stand.WRITTEN}:
        place = replace(place, path=row.noted.path)
        return Standing(row, seen, Note(place, picked=True), landed=True)
    if seen.releases:
        said = f"{seen.releases[0].version} is out without it."
        return Standing(row, seen, Note(place, picked=False, remarks=(said,)), landed=True)
    draft = await _draft(bench, seen.tip, place.version)
    note = replace(_offered(bench, row, place, draft), remarks=(_FORGOTTEN, *draft.remarks))
    return Standing(row, seen, note, landed=True)


async def _proposed(bench: Bench, row: Row, seen: SeenTarget) -> Standing | None:
    """Look at the branch and at the backport that is to be merged into it."""
    place = await noting.place_at(bench.what, bench.mirror, seen.tip)
    if place is None or place.shape is Shape.FIRST:
        return None
    if held := await standing_note(bench, seen.tip, place.version):
        return Standing(row, seen, _as_held(bench, row, place, held))
    pull = seen.pull
    if pull is None or not pull.is_open or not await bench.mirror.has(pull.head_sha):
        draft = await _draft(bench, seen.tip, place.version)
        return Standing(row, seen, _offered(bench, row, place, draft))
    ours = is_ours(row.noted, pull.head_sha)
    if not ours and (path := await _picked(bench, seen, place, pull.head_sha)):
        wording = bench.what.style.wording
        note = Note(replace(place, path=path), picked=True, wording=wording)
        return Standing(row, seen, replace(note, moved_from=_before(row, place)))
    draft = await _draft(bench, seen.tip, place.version)
    wanted = ours or (bench.what.to_be_committed and row.outcome is Outcome.PICKED)
    wanted = wanted and bool(draft.changes)
    return Standing(row, seen, _offered(bench, row, place, draft), to_be_written=wanted)


async def standing_note(bench: Bench, commit: str, version: str) -> Held | None:
    """Find the note in the files of a commit."""
    style, fix, read = bench.what.style, bench.what.worded, noting.reads(bench.mirror, commit)
    return style.holds(fix, await noting.gather(style, fix, read, version), version)


async def _draft(bench: Bench, commit: str, version: str) -> Draft:
    return await noting.compose(bench.what, noting.reads(bench.mirror, commit), (version,))


async def _picked(bench: Bench, seen: SeenTarget, place: Place, head: str) -> str | None:
    """Give the file of the note where the backport itself changes it."""
    style, fix = bench.what.style, bench.what.worded
    fork = await bench.mirror.merge_base(seen.tip, head) or seen.tip
    changed = [one.path for one in await bench.mirror.difference(fork, head)]
    files = await noting.gather(style, fix, noting.reads(bench.mirror, seen.tip))
    return style.picked(place, changed, files)


def _as_held(bench: Bench, row: Row, place: Place, held: Held) -> Note:
    """Show the note that the branch has; other words than the given ones are only told."""
    given = bool(bench.what.fix.sentence)
    remarks = (*((_REWORDED,) if given and not held.same else ()), *held.remarks)
    if row.shipped:
        remarks = ()
    return Note(
        place=replace(place, path=held.path),
        picked=False,
        remarks=remarks,
        moved_from=_before(row, place),
        held=held,
    )


def _offered(bench: Bench, row: Row, place: Place, draft: Draft) -> Note:
    """Show the text that has to be put in."""
    what = bench.what
    path = draft.changes[0].path if draft.changes else place.path
    remarks = (*what.remarks, *draft.remarks)
    return Note(
        place=replace(place, path=path),
        picked=False,
        changes=draft.changes,
        remarks=remarks,
        wording=what.style.wording,
        moved_from=_before(row, place),
    )


def _before(row: Row, place: Place) -> str:
    """Give the version that the note was for at first, where it is for another one now."""
    first = row.noted.opened_for if row.noted else row.version or ""
    return first if first != place.version else ""


def subjects(bench: Bench, standing: Standing) -> tuple[str, str]:
    """Name the commit that writes the note, and one that moves it or gives it other words."""
    configuration, version = bench.what.configuration, standing.note.place.version
    series, known = standing.row.series, standing.row.noted
    first = note_text.subject(configuration, series, (version,))
    if known and known.version != version:
        return first, note_text.moved(configuration, series, known.version, version)
    return first, note_text.reworded(configuration, series, (version,))
