"""reStructuredText cut into the pieces that people add and move: headings, bullets, paragraphs.

Cutting loses no byte: joining the blocks of a text gives it back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_ADORNMENT = re.compile(rb"([!-/:-@\[-`{-~])\1{2,}\s*")
_BULLET = re.compile(rb"\s*[*-] ")


@dataclass(frozen=True, slots=True)
class Block:
    """Some lines that belong together, without line feeds, and the blank lines before them."""

    gap: tuple[bytes, ...]
    lines: tuple[bytes, ...]

    @property
    def title(self) -> bytes | None:
        """Give the words of a heading, None for any other block."""
        return self.lines[-2].strip() if _heading(self.lines, 0) == len(self.lines) else None

    @property
    def level(self) -> tuple[bytes, int]:
        """Give what tells a heading's level: the character of its line, how many lines it takes."""
        return self.lines[-1][:1], len(self.lines)

    @property
    def stands_alone(self) -> bool:
        """Tell whether a reader takes this as a thing of its own: a heading or a bullet."""
        return self.title is not None or _BULLET.match(self.lines[0]) is not None


@dataclass(frozen=True, slots=True)
class Text:
    """A whole text: its blocks, and what follows the last one (blank lines, the line feed)."""

    blocks: tuple[Block, ...]
    tail: tuple[bytes, ...]


def parse(content: bytes) -> Text:
    """Cut a text into blocks."""
    blocks: list[Block] = []
    gap: list[bytes] = []
    for paragraph in _paragraphs(content.split(b"\n")):
        if not paragraph[0].strip():
            gap += paragraph
            continue
        for lines in _pieces(paragraph):
            blocks.append(Block(tuple(gap), tuple(lines)))
            gap = []
    return Text(tuple(blocks), tuple(gap))


def render(text: Text) -> bytes:
    """Join blocks into a text again."""
    lines = [line for block in text.blocks for line in (*block.gap, *block.lines)]
    return b"\n".join([*lines, *text.tail])


def words(blocks: Iterable[Block]) -> list[tuple[bytes, ...]]:
    """Give the lines of blocks, leaving out how far apart they stand."""
    return [block.lines for block in blocks]


def _paragraphs(lines: list[bytes]) -> Iterator[list[bytes]]:
    """Give runs of lines that are all blank or all not."""
    run: list[bytes] = []
    for line in lines:
        if run and bool(run[-1].strip()) != bool(line.strip()):
            yield run
            run = []
        run.append(line)
    yield run


def _pieces(lines: list[bytes]) -> Iterator[list[bytes]]:
    """Cut lines that stand together before each heading and bullet, and after each heading."""
    start = i = 0
    while i < len(lines):
        heading = _heading(lines, i)
        if i > start and (heading or _BULLET.match(lines[i])):
            yield lines[start:i]
            start = i
        i += heading or 1
        if heading:
            yield lines[start:i]
            start = i
    if start < i:
        yield lines[start:]


def _heading(lines: Sequence[bytes], i: int) -> int:
    """Tell how many lines the heading takes that starts at a line, 0 where none does."""
    if _is_line(lines, i):
        over = _is_line(lines, i + 2) and not _is_line(lines, i + 1)
        return 3 if over and lines[i].strip() == lines[i + 2].strip() else 0
    return 2 if _is_line(lines, i + 1) and not lines[i][:1].isspace() else 0


def _is_line(lines: Sequence[bytes], i: int) -> bool:
    """Tell whether a line is a heading's line, drawn with one character."""
    return i < len(lines) and _ADORNMENT.fullmatch(lines[i]) is not None
