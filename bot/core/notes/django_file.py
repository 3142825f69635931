"""One notes file of Django: its stub, its shape, and where in it a bullet goes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.core.errors import UserError
from bot.core.notes.blocks import Block, Text, parse
from bot.core.notes.django_version import previous
from bot.core.notes.sentences import wrapped
from bot.core.release_notes import Shape

HEADING = "Bugfixes"
WIDTH = 79
_PLACEHOLDER = (b"* ...",)
_REGRESSION = re.compile(r"\bregression\b")
_CLAIM = re.compile(
    r"\b(?:a|several|two|three|four|five|[2-9]) (?:bug|regression|data loss bug)s?\b"
)


def stub(version: str, sentence: str) -> Text:
    """Make the file of a version that has none yet; the day is a releaser's to fill in."""
    title = f"Django {version} release notes"
    rule = "=" * len(title)
    what = "a regression" if _REGRESSION.search(sentence) else "a bug"
    intro = "\n".join(wrapped(f"Django {version} fixes {what} in {previous(version)}.", WIDTH))
    return parse(
        f"{rule}\n{title}\n{rule}\n\n*Expected Month D, YYYY*\n\n{intro}\n\n"
        f"{HEADING}\n{'=' * len(HEADING)}\n\n* ...\n".encode()
    )


def shape(text: Text) -> Shape:
    """Tell whether a file is about security alone, as it stands."""
    if _heading(text) is not None:
        return Shape.BUGFIX
    return Shape.SECURITY if "security issue" in _intro(text) else Shape.BUGFIX


def with_bullet(text: Text, bullet: tuple[bytes, ...]) -> tuple[Text, str]:
    """Add a bullet as the last of the bug fixes, and say where in words.

    Raises UserError where the file has no place for bug fixes and is not about security.
    """
    heading = _heading(text)
    if heading is None:
        if shape(text) is not Shape.SECURITY:
            raise UserError(f"It has no heading “{HEADING}”; a person has to say where bugs go.")
        rule = HEADING.encode(), b"=" * len(HEADING)
        added = (Block((b"",), rule), Block((b"",), bullet))
        return replace(text, blocks=(*text.blocks, *added)), f"at the end, below a new “{HEADING}”"
    blocks = list(text.blocks)
    end = _end(text, heading)
    waiting = [i for i in range(heading, end) if blocks[i].lines == _PLACEHOLDER]
    if waiting:
        blocks[waiting[0]] = replace(blocks[waiting[0]], lines=bullet)
        return replace(text, blocks=tuple(blocks)), f"under “{HEADING}”, in place of the `* ...`"
    blocks.insert(end, Block((b"",), bullet))
    return replace(text, blocks=tuple(blocks)), f"under “{HEADING}”, as the last one"


def bullets(text: Text) -> tuple[str, ...]:
    """Give the words of each bug fix, without line breaks."""
    heading = _heading(text)
    if heading is None:
        return ()
    return _bullets(text.blocks[heading + 1 : _end(text, heading)])


def every_bullet(text: Text) -> tuple[str, ...]:
    """Give the words of each bullet, wherever somebody put it."""
    return _bullets(text.blocks)


def _bullets(blocks: Sequence[Block]) -> tuple[str, ...]:
    found = (block for block in blocks if block.lines[0].startswith(b"* "))
    return tuple(_words(block) for block in found if block.lines != _PLACEHOLDER)


def remarks(text: Text) -> tuple[str, ...]:
    """Say what a releaser has to look at; nothing of it is changed for them."""
    count, intro = len(bullets(text)), _intro(text)
    claim = _CLAIM.search(intro)
    found: list[str] = []
    if claim and count > 1 and claim[0].startswith("a ") and "CVE" not in intro:
        found.append(f"It says “{claim[0]}” and now lists {count}.")
    if claim and count == 1 and not claim[0].startswith("a "):
        found.append(f"It says “{claim[0]}” and now lists one.")
    if not claim and count:
        found.append("Its first sentence says nothing of the bugs that it lists.")
    if any(block.lines == _PLACEHOLDER for block in text.blocks):
        found.append("Another `* ...` is left in it.")
    if "Month D, YYYY" in _head(text):
        found.append("Its day is still to be filled in.")
    return tuple(found)


def _heading(text: Text) -> int | None:
    titles = (i for i, block in enumerate(text.blocks) if block.title == HEADING.encode())
    return next(titles, None)


def _end(text: Text, heading: int) -> int:
    """Give the block after the section that begins at a heading."""
    blocks = text.blocks
    others = (i for i in range(heading + 1, len(blocks)) if blocks[i].title is not None)
    return next(others, len(blocks))


def _head(text: Text) -> str:
    """Give the words above the first section."""
    return " ".join(_words(block) for block in text.blocks[1 : _end(text, 0)])


def _intro(text: Text) -> str:
    """Give the sentence on what the version fixes."""
    return _head(text).partition("* ")[2]


def _words(block: Block) -> str:
    return b" ".join(b" ".join(block.lines).split()).decode(errors="replace")
