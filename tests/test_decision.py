from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import decision
from bot.core.decision import Decision, Entry
from bot.core.errors import UserError
from bot.core.motion import Motion
from bot.core.votes import exception_file, register, seal, toml_text
from bot.core.votes.rule import Outcome
from tests.vote_case import CLOSE, COMMIT, DAY, OPENED, asked, count, rule, said, seats, votes

PAGE = Path(__file__).parents[1] / "docs" / "exceptions.md"
ENTRY = Entry("34063", "stablehand[bot]", CLOSE, "https://example.org/t/1")
NASTY = 'a "quote", a \\ and\n\ta \x7f, \x01, [x] # \N{BUG} --> \u2028'


def accepted(of: Motion | None = None) -> Decision:
    """Record the vote of the case: four in favour, one against 3.2, one entered by the clerk."""
    of = of or asked()
    cast = [said(who, "+1") for who in seats(3)]
    cast.append(said("seat4", "/vote +1 4.1 4.0\n/vote -1 3.2"))
    cast.append(said("clerk", "/vote record @seat5 0 https://example.org/t/1/5"))
    return decision.recorded(of, count(of, register.fold(cast)), ENTRY)


def test_a_decision_records_everything() -> None:
    """Outcome, targets, votes with links, rule, text, commit, recorder and times are in it."""
    made = accepted()
    assert made.outcome is Outcome.ACCEPTED
    assert [(one.branch, one.outcome, one.score) for one in made.scope] == [
        ("stable/4.1.x", Outcome.ACCEPTED, 4),
        ("stable/4.0.x", Outcome.ACCEPTED, 4),
        ("stable/3.2.x", Outcome.NO_ACTION, 2),
    ]
    assert {(one.voter, one.choice.value, one.series) for one in made.votes} >= {
        ("seat1", "+1", ("4.1.x", "4.0.x", "3.2.x")),
        ("seat4", "+1", ("4.1.x", "4.0.x")),
        ("seat4", "-1", ("3.2.x",)),
    }
    (recorded,) = (one for one in made.votes if one.recorded_by)
    assert (recorded.voter, recorded.recorded_by) == ("seat5", "clerk")
    assert recorded.url == "https://example.org/t/1/5"
    assert (made.text_sha256, made.commit) == (asked().text_sha256, COMMIT)
    assert (made.rule.id, made.rule.version) == ("django-dep10", "2020-03-12")
    assert (made.opened_at, made.closed_at, made.recorded_at) == (OPENED, CLOSE, CLOSE)


def test_a_decision_lets_in_what_was_accepted() -> None:
    """Only the commit that was voted on, and only into the series that were accepted."""
    made = accepted()
    assert [made.allows(COMMIT, series) for series in ("4.1.x", "4.0.x", "3.2.x", "5.0.x")] == [
        True,
        True,
        False,
        False,
    ]
    assert not made.allows("0" * 40, "4.1.x")


def test_an_open_vote_is_not_recorded() -> None:
    """While a vote is open there is nothing to record, and the refusal says how it stands."""
    with pytest.raises(UserError, match=r"Nothing can be recorded yet. Open until 2023-01-13"):
        decision.recorded(asked(), count(asked(), votes("+++")), ENTRY)


@pytest.mark.parametrize(
    ("signs", "outcome"), [("---++", Outcome.VETO), ("00000", Outcome.NO_ACTION)]
)
def test_a_no_is_recorded_too(signs: str, outcome: Outcome) -> None:
    """A veto and no action are decisions, which let nothing in."""
    made = decision.recorded(asked(), count(asked(), votes(signs)), ENTRY)
    assert made.outcome is outcome
    assert not made.allows(COMMIT, "4.1.x")
    assert exception_file.read(exception_file.text(made)) == made


def test_a_motion_can_be_declined() -> None:
    """That a body takes no decision is recorded with its reason."""
    made = decision.declined(asked(), ENTRY, "The mergers decide this.")
    assert (made.outcome, made.reason) == (Outcome.DECLINED, "The mergers decide this.")
    assert not made.allows(COMMIT, "4.1.x")
    assert made.votes == ()
    assert exception_file.read(exception_file.text(made)) == made


def test_overturning_names_the_old_decision() -> None:
    """A decision is taken back by a new one that names its digest; the old stays as it was."""
    old = accepted()
    new = decision.overturned(old, Entry("34063", "merger", CLOSE + DAY), "It broke 4.1.")
    assert (new.outcome, new.overturns, new.reason) == (
        Outcome.OVERTURNED,
        old.digest,
        "It broke 4.1.",
    )
    assert not new.allows(COMMIT, "4.1.x")
    assert decision.in_force([old, new]) == ()
    other = replace(old, name="35000")
    assert decision.in_force([new, other, old]) == (other,)
    assert exception_file.path(old) == "exceptions/34063.toml"
    assert exception_file.path(new) == f"exceptions/34063-overturned-{new.digest[:12]}.toml"
    with pytest.raises(UserError, match="Only a decision on a motion"):
        decision.overturned(new, ENTRY, "again")


def test_a_decision_is_read_again() -> None:
    """Comment and file both give the same decision, whatever is in its words."""
    made = replace(accepted(asked(rule("django-dep10", no_majority="open"))), reason=NASTY)
    assert decision.read(decision.render(made, "### Accepted\n\nBy the council.")) == made
    assert exception_file.read(exception_file.text(made)) == made
    assert exception_file.read(exception_file.text(made)).digest == made.digest


def test_times_of_other_zones_are_the_same_moment() -> None:
    """A record is in UTC, so that it has one digest wherever it is made."""
    there = timezone(timedelta(hours=1))
    entry = replace(ENTRY, at=CLOSE.astimezone(there))
    tally = count(asked(), votes("+++++"))
    first, second = (decision.recorded(asked(), tally, one) for one in (ENTRY, entry))
    assert first.digest == second.digest


@pytest.mark.parametrize(
    ("old", "new"),
    [("By the", "Against the"), ("no action", "accepted"), (COMMIT, "0" * 40)],
)
def test_a_changed_comment_is_noticed(old: str, new: str) -> None:
    """A change of the words or of the record is noticed and reported."""
    body = decision.render(accepted(), "By the council.")
    assert old in body
    with pytest.raises(seal.Broken, match="was changed after it was written"):
        decision.read(body.replace(old, new))


def test_other_comments_hold_no_decision() -> None:
    """A comment without a record is no decision, and one with nonsense is broken."""
    assert decision.read("Accepted!") is None
    with pytest.raises(seal.Broken, match="none that this bot can read"):
        decision.read(seal.sealed("decision", "text", '{"name": "x"}'))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"no action"', '"accepted"', "was changed"),
        ("format = 1", "format = 2", "was changed"),
        ("digest = ", "hash = ", "none that this bot can read"),
        ('outcome = "accepted"', 'outcome = "perhaps"', "none that this bot can read"),
        ("[rule]", "[rules]", "none that this bot can read"),
        ("[rule]", "[rule", "none that this bot can read"),
    ],
)
def test_a_changed_file_is_noticed(old: str, new: str, words: str) -> None:
    """A file that was changed by hand is refused."""
    text = exception_file.text(accepted())
    assert old in text
    with pytest.raises(seal.Broken, match=words):
        exception_file.read(text.replace(old, new))


@pytest.mark.parametrize(
    ("name", "path"),
    [("34063", "34063"), ("../../x", "x"), ("a b/c", "a-b-c"), ("..", "unnamed"), ("#12", "12")],
)
def test_a_file_stays_in_its_folder(name: str, path: str) -> None:
    """Whatever a decision is called, its file lies in the folder."""
    assert exception_file.path(replace(accepted(), name=name), "x/y") == f"x/y/{path}.toml"


@given(st.dictionaries(st.text(), st.text(st.characters(codec="utf-8"))), st.datetimes())
def test_toml_is_what_was_written(texts: dict[str, str], at: datetime) -> None:
    """Any text and any moment is read again as it was written."""
    moment = at.replace(tzinfo=CLOSE.tzinfo)
    plain = {f"k{number}": text for number, text in enumerate(texts.values())}
    top: dict[str, toml_text.Value] = {
        "at": moment,
        "yes": True,
        "many": list(texts),
        "deep": texts,
        **plain,
    }
    written = toml_text.document(top, {"one": plain}, {"many2": [plain, plain]})
    assert tomllib.loads(written) == top | {"one": plain, "many2": [plain, plain]}


def test_the_page_shows_a_real_file() -> None:
    """The example in the documentation is the file of the case, and every key is explained."""
    text = PAGE.read_text()
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert example == exception_file.text(accepted())
    keys = set(re.findall(r"^(\w+) = ", example, re.MULTILINE))
    explained = set(re.findall(r"`(?:rule\.|target\.|vote\.)?(\w+)`", text))
    assert keys | {"overturns", "reason", "recorded_by", "label"} <= explained
