"""A three-way merge of blocks that takes additions from both sides and guesses at nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import takewhile

from bot.core.notes.blocks import Block, Text, words

_PLACEHOLDERS = ((b"* ...",), (b"...",))
"""What holds the place of the first real entry."""

_COMPARABLE = 4_000_000
"""Pairs of differing blocks beyond which texts are not searched for what they share: seconds."""

_Three = tuple[Sequence[Block], Sequence[Block], Sequence[Block]]


def merge(base: Text | None, ours: Text, theirs: Text) -> Text | None:
    """Bring what theirs did to the base on to ours, None where both changed the same thing.

    Without a base (both sides added the file) what they share takes its place.
    """
    if base is None:
        shared = _matches(ours.blocks, theirs.blocks)
        base = Text(tuple(block for i, block in enumerate(ours.blocks) if i in shared), ours.tail)
    blocks = merge_blocks(base.blocks, ours.blocks, theirs.blocks)
    if blocks is None:
        return None
    ours_last = words(blocks[-1:]) == words(ours.blocks[-1:])
    return Text(blocks, end(base, ours, theirs, ours_last=ours_last))


def end(base: Text, ours: Text, theirs: Text, *, ours_last: bool) -> tuple[bytes, ...]:
    """Give the tail of a merged text, by the side whose block comes last."""
    return ours.tail if ours_last and ours.tail != base.tail else theirs.tail


def merge_blocks(
    base: Sequence[Block], ours: Sequence[Block], theirs: Sequence[Block]
) -> tuple[Block, ...] | None:
    """Merge runs of blocks as `merge` does."""
    merged: list[Block] = []
    for region in _regions(base, ours, theirs):
        settled = _settle(*region)
        if settled is None:
            return None
        merged += settled
    return tuple(merged)


def _regions(
    base: Sequence[Block], ours: Sequence[Block], theirs: Sequence[Block]
) -> Iterator[_Three]:
    """Cut three texts at the blocks that all have; what lies between is a region too."""
    in_ours, in_theirs = _matches(base, ours), _matches(base, theirs)
    b = o = t = 0
    for i, block in enumerate(base):
        if i in in_ours and i in in_theirs:
            j, k = in_ours[i], in_theirs[i]
            yield base[b:i], ours[o:j], theirs[t:k]
            yield [block], [_spaced(block, ours[j], theirs[k])], [block]
            b, o, t = i + 1, j + 1, k + 1
    yield base[b:], ours[o:], theirs[t:]


def _matches(one: Sequence[Block], other: Sequence[Block]) -> dict[int, int]:
    """Give the place in the other text of each block that both have in the same order."""
    a, b = words(one), words(other)
    head = _shared(a, b)
    foot = _shared(a[head:][::-1], b[head:][::-1])
    pairs = {i: i for i in range(head)} | {len(a) - i: len(b) - i for i in range(1, foot + 1)}
    a, b = a[head : len(a) - foot], b[head : len(b) - foot]
    if len(a) * len(b) > _COMPARABLE:
        return pairs
    for start, there, size in SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks():
        pairs |= {head + start + i: head + there + i for i in range(size)}
    return pairs


def _shared(one: Sequence[object], other: Sequence[object]) -> int:
    """Tell how many elements at the start are the same."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _spaced(base: Block, ours: Block, theirs: Block) -> Block:
    """Give a block that has the same words everywhere, as far from the last as theirs wants."""
    return theirs if ours.gap == base.gap else ours


def _settle(
    base: Sequence[Block], ours: Sequence[Block], theirs: Sequence[Block]
) -> Sequence[Block] | None:
    """Settle one region: one side left it alone, or one side only added beside it."""
    if words(theirs) in (words(base), words(ours)):
        return ours
    if words(ours) == words(base):
        return theirs
    base, ours, theirs = _real(base), _real(ours), _real(theirs)
    added = _beside(base, ours, theirs)
    return added if added is not None or not base else _beside(base, theirs, ours)


def _real(blocks: Sequence[Block]) -> list[Block]:
    """Leave out placeholders."""
    return [block for block in blocks if block.lines not in _PLACEHOLDERS]


def _beside(
    base: Sequence[Block], kept: Sequence[Block], adding: Sequence[Block]
) -> Sequence[Block] | None:
    """Hang what one side adds before and after the base around what the other made of the base.

    None where it did more than that, or where the addition leans on its neighbours.
    """
    runs = (words(adding[i : i + len(base)]) for i in range(len(adding) - len(base) + 1))
    start = next((i for i, run in enumerate(runs) if run == words(base)), None)
    if start is None:
        return None
    before, after = _fresh(adding[:start], kept), _fresh(adding[start + len(base) :], kept)
    if all(_independent(run, kept) for run in (before, after)):
        return [*before, *kept, *after]
    return None


def _fresh(blocks: Sequence[Block], kept: Sequence[Block]) -> list[Block]:
    """Leave out what stands there already."""
    return [block for block in blocks if block.lines not in words(kept)]


def _independent(added: Sequence[Block], kept: Sequence[Block]) -> bool:
    """Tell whether an addition means the same beside other blocks than those it was written for."""
    if not added or not kept:
        return True
    if any(block.title for block in kept) and not added[0].title:
        return False
    return added[0].stands_alone and kept[0].stands_alone
