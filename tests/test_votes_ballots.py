from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.votes import ballots
from bot.core.votes.ballots import Ballot, Means, Reading
from bot.core.votes.wording import CONTRADICTS, DEFAULT, UNCLEAR, Choice, Words, bare

FOR, AGAINST, NEUTRAL = Choice.FOR, Choice.AGAINST, Choice.NEUTRAL


def read(body: str) -> Reading:
    """Read a comment of a member."""
    return ballots.of_comment(body, "Member")


def vote(choice: Choice, *targets: str) -> Ballot:
    """Give the ballot that a member's own comment is expected to hold."""
    return Ballot("member", choice, Means.COMMENT, targets)


@pytest.mark.parametrize(
    ("body", "choice"),
    [
        ("+1", FOR),
        ("0", NEUTRAL),
        ("-1", AGAINST),
        ("+0", Choice.LEANING_FOR),
        ("-0", Choice.LEANING_AGAINST),
        ("\N{MINUS SIGN}1", AGAINST),
        ("\N{EN DASH}1.", AGAINST),
        ("\N{FULLWIDTH PLUS SIGN}1", FOR),
        ("+1/Accept", FOR),
        ("I vote +1/Accept.", FOR),
        ("I vote +1/Accept as well.", FOR),
        ("I vote +1/Accept, also.", FOR),
        ("I\N{RIGHT SINGLE QUOTATION MARK}d vote 0 / no action", NEUTRAL),
        ("0/No action", NEUTRAL),
        ("-1/Veto", AGAINST),
        ("My vote: -1 (see below)", AGAINST),
        ("**+1**", FOR),
        ("`-1`", AGAINST),
        ("  +1, because it is small.", FOR),
        ("+1 - it is small", FOR),
        ("+1!\n\nAnd a reason with -1 in it.", FOR),
        ("\n\n> shall it?\n\n+1 from me", FOR),
        ("abstain", Choice.ABSTAIN),
        ("I abstain: I was away.", Choice.ABSTAIN),
        ("Conflict of interest: my employer needs it.", Choice.CONFLICT),
        ("I recuse.", Choice.CONFLICT),
        ("0: no opinion", NEUTRAL),
        ("0 objections from me", None),
        ("+1 for the idea", None),
        ("+10", None),
        ("-1.5", None),
        ("0.5", None),
        ("1", None),
        ("+1+1", None),
        ("accept", None),
        ("> +1", None),
        ("> +1\nI agree", None),
        ("```\n+1\n```", None),
        ("~~~\n+1", None),
        ("I think +1", None),
        ("", None),
        ("Conflict in the tests, please rebase.", None),
    ],
)
def test_the_first_line_is_a_vote_or_none(body: str, choice: Choice | None) -> None:
    """A first line that is a vote and nothing else counts; reasons may follow."""
    assert read(body).ballots == ((vote(choice),) if choice else ())


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("+1 for the idea", UNCLEAR),
        ("-1 on 3.2", UNCLEAR),
        ("I vote 0 for now", UNCLEAR),
        ("+1, but -1 for 3.2", CONTRADICTS),
        ("+1/Veto", CONTRADICTS),
        ("+1/why not", CONTRADICTS),
        ("0 objections from me", ""),
        ("Conflict in the tests, please rebase.", ""),
        ("Thanks!", ""),
    ],
)
def test_what_looks_like_a_vote_is_said_to(body: str, problem: str) -> None:
    """A line that begins like a vote and is none is a problem; other talk is not."""
    assert read(body) == Reading(problem=problem)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("/vote +1", [vote(FOR)]),
        ("/vote +1 4.1 4.0", [vote(FOR, "4.1", "4.0")]),
        ("/vote +1 [4.1, 4.0]", [vote(FOR, "4.1", "4.0")]),
        ("/vote accept", [vote(FOR)]),
        ("/vote +1/Accept", [vote(FOR)]),
        ("/vote abstain", [vote(Choice.ABSTAIN)]),
        ("/vote conflict of interest 4.1", [vote(Choice.CONFLICT, "4.1")]),
        ("Reasons first.\n\n/vote +1 4.1\n/vote -1 3.2", [vote(FOR, "4.1"), vote(AGAINST, "3.2")]),
        ("+1\n/vote -1 3.2", [vote(FOR), vote(AGAINST, "3.2")]),
        ("> /vote +1", []),
        ("```\n/vote +1\n```", []),
        ("see /vote +1", []),
        ("/voters +1", []),
    ],
)
def test_commands_vote_on_single_targets(body: str, expected: list[Ballot]) -> None:
    """A line `/vote` may stand anywhere but in quotes and code, several times, with targets."""
    assert list(read(body).ballots) == expected


def test_a_recorder_enters_votes_from_elsewhere() -> None:
    """A recorded vote is the member's, with its link, its targets and who entered it."""
    link = "https://forum.djangoproject.com/t/17920/3"
    (found,) = read(f"/vote record @Carol +1 {link} 4.1").ballots
    assert found == Ballot("carol", FOR, Means.RECORD, ("4.1",), link, "member")


@pytest.mark.parametrize("verb", ["accept", "reject", "decline"])
def test_a_member_posts_the_answer_of_a_body(verb: str) -> None:
    """An answer is accept, reject or decline, with its link."""
    (found,) = read(f"/vote answer {verb} https://example.org/t/1").ballots
    choices = {"accept": FOR, "reject": AGAINST, "decline": Choice.DECLINE}
    assert found == Ballot("member", choices[verb], Means.ANSWER, (), "https://example.org/t/1")


@pytest.mark.parametrize(
    "body",
    [
        "/vote",
        "/vote maybe",
        "/vote +1/-1",
        "/vote record @carol +1",
        "/vote record @carol +1 by mail",
        "/vote record carol! +1 https://example.org",
        "/vote record @carol perhaps https://example.org",
        "/vote answer accept",
        "/vote answer +1 https://example.org",
    ],
)
def test_a_command_that_is_none_is_answered(body: str) -> None:
    """A `/vote` that cannot be read holds no ballot and is told how it is written."""
    reading = read(body)
    assert reading.ballots == ()
    assert reading.problem.startswith("this is no vote; write `/vote +1`")


@pytest.mark.parametrize(
    ("state", "choice"),
    [
        ("approved", FOR),
        ("APPROVED", FOR),
        ("changes_requested", AGAINST),
        ("commented", None),
        ("dismissed", None),
    ],
)
def test_reviews_are_ballots(state: str, choice: Choice | None) -> None:
    """Approval is for it, a request for changes against it, all else is no ballot."""
    expected = (Ballot("member", choice, Means.REVIEW),) if choice else ()
    assert ballots.of_review(state, "Member").ballots == expected


def test_words_are_configured() -> None:
    """A project may vote in its own words, and then only in them."""
    own = Words(alone=(("dafür", FOR), ("dagegen", AGAINST)))
    assert ballots.of_comment("Dafür!", "member", own).ballots == (vote(FOR),)
    assert ballots.of_comment("+1", "member", own) == Reading()
    assert ballots.of_comment("/vote dagegen 3.2", "member", own).ballots == (vote(AGAINST, "3.2"),)


@given(st.text())
def test_any_text_can_be_read(body: str) -> None:
    """No comment makes the reading fail, and no line is a vote and unclear at once."""
    ballots.of_comment(body, "member")
    line = bare(body, DEFAULT)
    assert line.choice is None or not line.problem
