"""Other people's text in our own sentences: shown as itself, whatever it holds."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.core import markdown


def test_a_remark_keeps_its_code_spans() -> None:
    """A file's name is shown as code, and all around it as itself."""
    said = markdown.remark("`docs/releases/4.1.6_a.txt`: It says “*several* bugs”, @ann.")
    assert said == "`docs/releases/4.1.6_a.txt`: It says “\\*several\\* bugs”, @\u200bann."


@given(st.text(alphabet="`ab <[@\\_|\n"))
def test_nothing_in_a_remark_becomes_markup(text: str) -> None:
    """Beside code spans no tag, no link, no mention and no table cell begins, nor a new line."""
    said = markdown.remark(text)
    outside = re.sub(r"(?<!\\)((?:\\\\)*)(`+)(?!`).*?(?<!`)\2(?!`)", r"\1 ", said)
    assert re.search(r"(?<!\\)(?:\\\\)*[<\[|]|@\w|\n", outside) is None
