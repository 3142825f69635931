from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.core.notes.blocks import parse, render, words

ODD = st.lists(
    st.sampled_from(
        [b"====", b"----", b"Title", b" * a", b"* b", b"* ...", b"words", b"", b" ", b"\r", b"\xff"]
    )
).map(b"\n".join)


@given(st.binary() | ODD)
def test_cutting_loses_nothing(content: bytes) -> None:
    """Joining the blocks of any text gives its bytes again."""
    assert render(parse(content)) == content


def test_a_note_is_cut_at_headings_bullets_and_paragraphs() -> None:
    """Headings, bullets and paragraphs are blocks, with or without blank lines between."""
    text = parse(b"====\nName\n====\nWords\nof two lines.\n\nMore\n----\n* One\n  bullet\n* Two\n")
    assert words(text.blocks) == [
        (b"====", b"Name", b"===="),
        (b"Words", b"of two lines."),
        (b"More", b"----"),
        (b"* One", b"  bullet"),
        (b"* Two",),
    ]
    assert [block.title for block in text.blocks] == [b"Name", None, b"More", None, None]
    assert [block.stands_alone for block in text.blocks] == [True, False, True, True, True]
    assert text.blocks[0].level != text.blocks[2].level


def test_what_only_looks_like_a_heading_is_none() -> None:
    """Indented text above a line, a line alone and a table are no headings."""
    for content in (b"  code\n----\n", b"====\n", b"===  ===\na    b\n===  ===\n", b"ab\n==\n"):
        assert [block.title for block in parse(content).blocks] == [None]
