"""The words of the checklist: how far each target is, then what is left; what is done is folded.

It stays within what GitHub takes: what is long or done goes first, and the state is never cut off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bot.core import checklist as lists
from bot.core import checklist_lines as lines
from bot.core import checklist_table as tables
from bot.core import checklist_ticks as ticks
from bot.core import markdown
from bot.core.checklist import Checklist, Row
from bot.core.checklist_lines import Line, Release
from bot.core.checklist_table import fold, harmless
from bot.core.noted import Share

LIMIT = 60_000
"""Characters; GitHub takes 65,536, and people's own words may stand beside ours."""

_LENGTHS = (2000, 300, 40)  # characters of a text that is cut, one try after the other
_PATHS = 20  # of those in conflict, in a state that is cut
_TOO_LONG = "This is too long to be shown here."


def render(checklist: Checklist, before: str = "") -> str:
    """Write the section; `before` is the comment as it stands.

    Boxes that people changed there stay as they left them until they are judged.
    """
    text = ""
    for text in _tries(checklist):
        if len(text) <= LIMIT:
            break
    for change in ticks.changes(checklist, before):
        text = ticks.with_box(text, change)
    return text


def _tries(checklist: Checklist) -> Iterator[str]:
    """Write it whole, then ever shorter, the oldest series first."""
    shown = checklist
    yield _write(shown, checklist)
    for row in reversed(checklist.rows):
        if row.shipped:
            shown = shown.with_row(replace(row, steps=()))
            yield _write(shown, checklist)
    for row in reversed(checklist.rows):
        if row.by_hand:
            shown = shown.with_row(replace(row, by_hand=_TOO_LONG))
            yield _write(shown, checklist)
    for length in _LENGTHS:
        yield _write(_cut(shown, length), checklist)
    for length in _LENGTHS:
        yield _write(_cut(shown, length), _cut(checklist, length))
    least = _cut(checklist, _LENGTHS[-1])
    yield _write(replace(least, rows=(), basis=_TOO_LONG), least)


def _cut(checklist: Checklist, length: int) -> Checklist:
    """Shorten every text that somebody may have made long."""
    return replace(
        checklist,
        claimed_by=_words(checklist.claimed_by, length),
        label=_words(checklist.label, length),
        basis=_words(checklist.basis, length),
        rows=tuple(_cut_row(row, length) for row in checklist.rows),
        shares=tuple(replace(share, remarks=()) for share in checklist.shares),
    )


def _cut_row(row: Row, length: int) -> Row:
    landing = row.landing
    if landing:
        differs = landing.differs if len(landing.differs) <= length else _TOO_LONG
        landing = replace(landing, by=_words(landing.by, length), differs=differs)
    return replace(
        row,
        pick=_words(row.pick, length),
        by_hand=row.by_hand if len(row.by_hand) <= length else _TOO_LONG,
        conflicts=tuple(path for path in row.conflicts if len(path) <= length)[:_PATHS],
        tests=_words(row.tests, length),
        note=_words(row.note, length),
        landing=landing,
        noted=replace(row.noted, remarks=()) if row.noted else None,
    )


def _words(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"


def _write(shown: Checklist, kept: Checklist) -> str:
    """Write what is shown, and the state that is kept."""
    parts = [_head(shown), *_targets(shown.rows), *map(_share, shown.shares)]
    if not shown.forecast:
        parts += [*_releaser(shown), _policy(shown)]
    if shown.snoozed_until:
        parts.append(f"No reminders until {shown.snoozed_until:%Y-%m-%d}.")
    return "\n\n".join(part for part in (*parts, lists.dump(kept)) if part)


def _head(checklist: Checklist) -> str:
    shas = ", ".join(checklist.sources)
    asked = f"{markdown.code(checklist.label)}, by {markdown.plain(checklist.claimed_by)}"
    if checklist.forecast:
        said = (
            f"### Backports: a forecast\n\nThis is how {shas} would pick now ({asked}). The "
            "backports are made once this pull request is merged; nothing else needs to be done."
        )
    else:
        basis = f" {checklist.basis}" if checklist.basis else ""
        said = f"### Backports\n\n{shas} is brought to the branches below ({asked}).{basis}"
    return harmless(said)


def _targets(rows: tuple[Row, ...]) -> Iterator[str]:
    """Show the targets that are under way, then those whose release is out, folded."""
    going = tuple(row for row in rows if not row.shipped)
    yield tables.table(going)
    yield from map(tables.details, going)
    out = tuple(row for row in rows if row.shipped)
    if out:
        parts = [tables.table(out), *map(tables.details, out)]
        versions = _listed([row.shipped.version for row in out if row.shipped])
        yield fold(f"✅ Shipped in {versions}", "\n\n".join(part for part in parts if part))


def _share(share: Share) -> str:
    """Say which notes of other series a branch lacks still."""
    branch = markdown.code(share.branch)
    remarks = " ".join(map(markdown.remark, share.remarks))
    if not share.lacking:
        return f"Notes on {branch}: {remarks}" if remarks else ""
    by = f"; #{share.pull} brings them" if share.pull else ""
    said = f"{branch} lacks the notes of {_listed(share.lacking)}{by}."
    return f"{said} {remarks}" if remarks else said


def _releaser(checklist: Checklist) -> Iterator[str]:
    releases = lines.releases(checklist)
    if releases:
        yield "**For the releaser**"
        yield from map(_release, releases)


def _release(release: Release) -> str:
    name = f"{release.version} from {markdown.code(release.branch)}"
    if release.waits:
        return f"{name}: {release.waits}"
    done = [line for line in release.lines if line.done]
    if len(done) == len(release.lines):
        return fold(f"✅ {release.version} from {release.branch}: all is done", _lines(done))
    left = f"{name}, to be done:\n\n" + _lines(line for line in release.lines if not line.done)
    return f"{left}\n\n{fold(f'{len(done)} done', _lines(done))}" if done else left


def _policy(checklist: Checklist) -> str:
    line = lines.council(checklist)
    if line.done:
        return fold("✅ For the policy", _lines([line]))
    return f"**For the policy**\n\n{_lines([line])}"


def _lines(of: Iterable[Line]) -> str:
    return "\n".join(map(_line, of))


def _line(line: Line) -> str:
    said = line.evidence or (f"ticked by {markdown.plain(line.by)}" if line.by else "")
    box, rest = ("x", f": {said}") if said else (" ", "")
    return f"- [{box}] {harmless(line.text + rest)}. {ticks.anchor(line.key)}"


def _listed(words: Sequence[str]) -> str:
    return " and ".join([part for part in (", ".join(words[:-1]), words[-1]) if part])
