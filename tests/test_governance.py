"""The page for members of a council says what the code does."""

from __future__ import annotations

import re

import pytest

from bot.core import exception_command
from bot.core.exception_command import Verb
from bot.core.votes import ballots
from bot.core.votes.rules import catalogue
from devkit import governance

TEXT = governance.PAGE.read_text()


def test_the_tables_are_those_of_the_code() -> None:
    """The page shows each rule as the catalogue describes it; `python -m devkit.governance`."""
    assert governance.page(TEXT) == TEXT
    assert all(f"### {name}\n" in TEXT for name in catalogue.IDS)


def test_a_page_without_a_place_for_them_is_refused() -> None:
    """A page that lost its mark is not overwritten."""
    with pytest.raises(ValueError, match="lacks the line"):
        governance.page("# Deciding")


def test_the_commands_on_the_page_are_understood() -> None:
    """Each `/exception` and `/vote` command of the page is one."""
    commands = re.findall(r"(?:`|^ {4})(/(?:exception|vote) [^`\n]+)", TEXT, re.MULTILINE)
    written = [one.replace("URL", "https://example.org/1") for one in commands]
    asked = [exception_command.read(one) for one in written if one.startswith("/exception")]
    assert {one.verb for one in asked if one} == set(Verb) - {Verb.HELP}
    said = [ballots.of_comment(one, "me") for one in written if one.startswith("/vote")]
    assert said
    assert all(reading.ballots and not reading.problem for reading in said)
