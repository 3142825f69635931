"""Files that list one section for each release or date: a section is merged by itself, in order.

git sees only lines. Such a file has fewer sections on an old branch than on main, and may have
them in the other order, so a line that fits cleanly may still stand in the wrong place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Protocol

from bot.core.notes import three_way
from bot.core.notes.blocks import Block, Text, words

Key = tuple[tuple[int, ...], bytes]
"""Where a section stands among the others (a version, a date), and its name."""

Blocks = tuple[Block, ...]


class Listing(Protocol):
    """What one file lists."""

    def key(self, title: bytes) -> Key | None:
        """Give the key of a section by its title, None where another kind of heading stands."""

    def merge(self, base: Blocks, ours: Blocks, theirs: Blocks) -> Blocks | None:
        """Merge a section that both sides changed, None where that is a person's to do."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A section, or (without a key) the blocks between two sections."""

    key: Key | None
    blocks: Blocks


def restricted(text: Text, listing: Listing, wants: Callable[[Key], bool]) -> Text:
    """Leave out the sections that are not wanted."""
    parts = _parts(text.blocks, listing)
    return replace(text, blocks=_flat(part for part in parts if not part.key or wants(part.key)))


def merge(base: Text, ours: Text, theirs: Text, listing: Listing) -> Text | None:
    """Bring what theirs did to each section on to ours, None where that is a person's to do."""
    if base in (ours, theirs):
        return theirs if base == ours else ours
    was, target, now = (list(_parts(text.blocks, listing)) for text in (base, ours, theirs))
    if _frame(was) != _frame(now) or not all(map(_regular, (was, target, now))):
        return three_way.merge(base, ours, theirs)
    parts = _merged(was, target, now, listing)
    if parts is None:
        return None
    for key, added in _fresh(was, target, now):
        place = _place(key, parts, descends=_descends(target))
        parts.insert(place, _Part(key, added))
    ours_last = [part.key for part in parts[-1:]] == [part.key for part in target[-1:]]
    return Text(_flat(parts), three_way.end(base, ours, theirs, ours_last=ours_last))


def _parts(blocks: Sequence[Block], listing: Listing) -> Iterator[_Part]:
    """Cut a text at the headings that start or end a section."""
    levels: list[tuple[bytes, int]] = []
    key, depth, held = None, 0, list[Block]()
    for block in blocks:
        if block.title is not None:
            if block.level not in levels:
                levels.append(block.level)
            found, level = listing.key(block.title), levels.index(block.level)
            if found or (key and level <= depth):
                yield _Part(key, tuple(held))
                key, depth, held = found, level, []
        held.append(block)
    yield _Part(key, tuple(held))


def _frame(parts: Iterable[_Part]) -> Blocks:
    """Give what stands outside of all sections."""
    return _flat(part for part in parts if part.key is None)


def _flat(parts: Iterable[_Part]) -> Blocks:
    return tuple(block for part in parts for block in part.blocks)


def _sections(parts: Iterable[_Part]) -> dict[Key, Blocks]:
    return {part.key: part.blocks for part in parts if part.key}


def _regular(parts: Sequence[_Part]) -> bool:
    """Tell whether no two sections have the same key and all have the same kind of heading."""
    sections = _sections(parts)
    levels = {blocks[0].level for blocks in sections.values()}
    return len(levels) <= 1 and len(sections) == sum(part.key is not None for part in parts)


def _merged(
    was: Iterable[_Part], target: Iterable[_Part], now: Iterable[_Part], listing: Listing
) -> list[_Part] | None:
    """Bring changes and removals to the sections that the target has."""
    before, after = _sections(was), _sections(now)
    merged: list[_Part] = []
    for part in target:
        old, new = (side.get(part.key, ()) if part.key else () for side in (before, after))
        blocks = part.blocks if old == new else _settled(old, part.blocks, new, listing)
        if blocks is None:
            return None
        if blocks:
            merged.append(_Part(part.key, blocks))
    return merged


def _settled(old: Blocks, ours: Blocks, new: Blocks, listing: Listing) -> Blocks | None:
    """Settle one section; no blocks stand for no section."""
    if ours == old or (not new and words(ours) == words(old)):
        return new
    if words(ours) == words(new):
        return ours
    return listing.merge(old, ours, new) if old and new else None


def _fresh(
    was: Iterable[_Part], target: Iterable[_Part], now: Iterable[_Part]
) -> list[tuple[Key, Blocks]]:
    """Give the sections to be added to the target, in the order to add them in.

    Sections of one place (two issues of one day) keep the order of theirs, unless the target
    goes the other way.
    """
    known = _sections(was).keys() | _sections(target).keys()
    fresh = [(key, blocks) for key, blocks in _sections(now).items() if key not in known]
    if _descends(target) == _descends(now):
        return fresh
    return sorted(fresh, key=itemgetter(0), reverse=_descends(target))


def _place(fresh: Key, parts: Sequence[_Part], *, descends: bool) -> int:
    """Give where a new section goes: before the first that has to come after it."""
    sections = [(i, part.key[0]) for i, part in enumerate(parts) if part.key]
    for i, place in sections:
        if place < fresh[0] if descends else place > fresh[0]:
            return i
    return sections[-1][0] + 1 if sections else len(parts)


def _descends(parts: Iterable[_Part]) -> bool:
    """Tell whether the newest section comes first."""
    places = [place for place, _ in _sections(parts)]
    return not places or places[0] >= places[-1]
