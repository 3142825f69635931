"""What holds for all release notes, whatever three branches made of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from bot.core.notes import STYLES
from bot.core.resolution import ThreeWay

DJANGO = STYLES["django"]
NOTE, INDEX, ARCHIVE = (f"docs/releases/{name}.txt" for name in ("3.2.24", "index", "security"))
SERIES = ("5.0", "4.2", "3.2", "2.2", "1.11")

odd = st.lists(
    st.sampled_from(
        [b"====", b"----", b"4.2 release", b"   4.2.1", b"May 4, 2021 - x", b"* a", b"* ...", b""]
    )
).map(b"\n".join)
runs = st.lists(st.sampled_from([f"* Fixed {name}.\n  More." for name in "abcdefgh"]), unique=True)
paths = st.sampled_from([NOTE, INDEX, ARCHIVE])
known = st.sets(st.sampled_from(SERIES))
entries = st.dictionaries(
    st.sampled_from(SERIES), st.sets(st.integers(1, 12), max_size=4), min_size=1
)
days = st.sets(st.dates(date(2007, 1, 1), date(2024, 1, 1)), max_size=6)


def has(series: set[str]) -> frozenset[str]:
    """List the files that open these series."""
    return frozenset(f"docs/releases/{name}.txt" for name in series)


def settle(path: str, base: bytes, ours: bytes, theirs: bytes, series: set[str]) -> bytes | None:
    """Settle a path that all sides have on a target with these series."""
    settled = DJANGO.settle(ThreeWay(path, base, ours, theirs), has(series).__contains__)
    return settled.content if settled else None


def note(bullets: Sequence[str]) -> bytes:
    """Write a note."""
    return "\n\n".join(["3.2.24\n======", *(bullets or ["* ..."])]).encode() + b"\n"


def index(series: dict[str, set[int]]) -> bytes:
    """Write an index, newest first."""
    text = "Final releases\n==============\n"
    for name in sorted(series, key=SERIES.index):
        text += f"\n{name} release\n-----------\n.. toctree::\n\n"
        text += "".join(f"   {name}.{patch}\n" for patch in sorted(series[name], reverse=True))
        text += f"   {name}\n"
    return text.encode()


def archive(of: Sequence[date]) -> bytes:
    """Write an archive with one issue for each day."""
    issues = (f"{day:%B} {day.day}, {day.year} - {day:%Y-%m%d}\n-----\n\n{day}.\n" for day in of)
    return "\n".join(["Issues\n======\n", *issues]).encode()


def lines(content: bytes) -> set[bytes]:
    """Give the lines that say something."""
    return {line for line in content.split(b"\n") if line.strip()}


@given(paths, odd, odd, odd, known)
def test_no_word_is_invented(
    path: str, base: bytes, ours: bytes, theirs: bytes, series: set[str]
) -> None:
    """Every line of a result stands in the target's file or in the fix's."""
    result = settle(path, base, ours, theirs, series)
    assert result is None or lines(result) <= lines(ours) | lines(theirs)


@given(paths, odd, odd, known)
def test_no_change_changes_nothing(path: str, base: bytes, ours: bytes, series: set[str]) -> None:
    """A fix that leaves a file as it was leaves the target's as it is, where it can be settled."""
    assert settle(path, base, ours, base, series) in (ours, None)


@given(paths, odd, odd)
def test_a_target_like_main_becomes_like_main(path: str, base: bytes, theirs: bytes) -> None:
    """Where the target has main's file and all of its series, it gets main's new one."""
    assert settle(path, base, base, theirs, set(SERIES)) in (theirs, None)


@given(runs, runs, runs)
def test_bullets_are_neither_lost_nor_doubled(
    base: list[str], ours: list[str], theirs: list[str]
) -> None:
    """With additions on both sides each bullet stands once, and each side's order stays."""
    ours = base + [entry for entry in ours if entry not in base]
    theirs = base + [entry for entry in theirs if entry not in base]
    result = settle(NOTE, note(base), note(ours), note(theirs), set())
    merged = ours + [entry for entry in theirs if entry not in ours]
    assert result == note(merged)


@given(entries, entries, entries, known)
def test_the_index_tells_what_the_target_has(
    base: dict[str, set[int]],
    ours: dict[str, set[int]],
    added: dict[str, set[int]],
    series: set[str],
) -> None:
    """Each series that the target has gets the versions that the fix adds, and no other does."""
    theirs = {name: base.get(name, set()) | added.get(name, set()) for name in {*base, *added}}
    ours = {name: versions for name, versions in ours.items() if name in base}
    expected = dict(ours)
    for name in series & theirs.keys():
        if name in ours or name not in base:
            expected[name] = ours.get(name, set()) | (theirs[name] - base.get(name, set()))
    result = settle(INDEX, index(base), index(ours), index(theirs), series)
    assert result == index(expected)


@given(days, days, days, st.sampled_from(["up", "down"]))
def test_the_archive_keeps_its_direction(
    base: set[date], ours: set[date], added: set[date], way: str
) -> None:
    """New issues stand by date among those that the target has, in the target's own order."""
    theirs = archive(sorted(base | added, reverse=True))
    was = archive(sorted(base, reverse=True))
    down = way == "down" or len(ours) <= 1
    result = settle(ARCHIVE, was, archive(sorted(ours, reverse=down)), theirs, set())
    assert result == archive(sorted(ours | (added - base), reverse=down))
