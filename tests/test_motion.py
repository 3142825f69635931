from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import motion
from bot.core.errors import UserError
from bot.core.model import Target
from bot.core.motion import Request, Terms
from bot.core.votes import directives, seal
from bot.core.votes.directives import Directive, Duty
from bot.core.votes.normal import normalised
from bot.core.votes.roster import Roster
from tests.vote_case import CLOSE, COMMIT, DAY, OPENED, TARGETS, asked, rule

TEXT = """\
Shall the fix of ticket 34063 be backported?

1. The fix SHALL be allowed into 4.1, 4.0
   and 3.2.
2. Mergers MUST NOT refuse the backports on policy.
3. Releasers SHALL issue releases of these series.
4. The policy SHALL be revisited.
- This is only an explanation.

It MUST be said in a list.
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("/exception request 4.1 4.0 3.2\nPlease.", Request(("4.1", "4.0", "3.2"), "Please.")),
        (
            "/exception request [4.1, 4.0]\r\n\r\nOne \r\nTwo\r\n",
            Request(("4.1", "4.0"), "One\nTwo"),
        ),
        ("Reasons.\n\n/exception request 4.1 4.1", Request(("4.1",), "Reasons.")),
        ("/exception request", Request((), "")),
        ("  /exception  request 3.2 ", Request(("3.2",), "")),
        ("> /exception request 4.1", None),
        ("```\n/exception request 4.1\n```", None),
        ("```\n/exception request 4.1\n```\n/exception request 3.2", Request(("3.2",), "")),
        ("see /exception request 4.1", None),
        ("/exception requested 4.1", None),
        ("/exception", None),
    ],
)
def test_a_request_is_a_line_and_a_text(body: str, expected: Request | None) -> None:
    """The line names the series; the text below it, or else above it, is what is voted on."""
    found = motion.read_request(body)
    if expected and not expected.text and found:
        found = replace(found, text="")
    assert found == expected


@given(st.text(alphabet="ab \t\r\n"))
def test_the_normal_form_is_final(text: str) -> None:
    """Normalising twice changes nothing, and line ends and trailing spaces never matter."""
    once = normalised(text)
    assert normalised(once) == once
    assert normalised(once.replace("\n", "  \r\n") + "\n\n") == once


def test_the_text_is_hashed_in_its_normal_form() -> None:
    """The hash is that of the normalised text as UTF-8, which anybody can make."""
    of = asked(text="\r\nShall it?  \r\nYes or no. \r\n")
    expected = hashlib.sha256(b"Shall it?\nYes or no.").hexdigest()
    assert of.text_sha256 == expected
    assert of.question.text == "Shall it?\nYes or no."
    assert of.holds_text("Shall it?\t\nYes or no.\n\n\n")
    assert not of.holds_text("Shall it?\nYes or no?")


def test_the_case_of_34063() -> None:
    """The motion keeps commit, targets, rule with its version, voters and its first deadline."""
    of = asked(text=TEXT)
    assert of.question.commit == COMMIT
    assert of.series == ("4.1.x", "4.0.x", "3.2.x")
    assert (of.rule.id, of.rule.version) == ("django-dep10", "2020-03-12")
    assert (of.opened_at, of.deadline) == (OPENED, CLOSE)
    assert f"{of.deadline:%Y-%m-%d}" == "2023-01-06"
    assert of.recorders == ("clerk",)


def test_directives_are_read_from_the_text() -> None:
    """List items that say SHALL or MUST are directives, told apart by what they oblige to."""
    assert asked(text=TEXT).directives == (
        Directive(1, "The fix SHALL be allowed into 4.1, 4.0 and 3.2.", Duty.ALLOW),
        Directive(2, "Mergers MUST NOT refuse the backports on policy.", Duty.NOT_REFUSE),
        Directive(3, "Releasers SHALL issue releases of these series.", Duty.RELEASE),
        Directive(4, "The policy SHALL be revisited.", Duty.REVISIT),
    )


@pytest.mark.parametrize(
    ("item", "duty"),
    [
        ("* Backports SHALL be permitted.", Duty.ALLOW),
        ("(1) The fix MUST be backported.", Duty.ALLOW),
        ("a) Releases SHALL be issued by releasers.", Duty.RELEASE),
        ("- Everybody MUST be kind.", Duty.OTHER),
    ],
)
def test_forms_of_lists(item: str, duty: Duty) -> None:
    """Bullets, numbers and letters all make a list."""
    (found,) = directives.read(item)
    assert (found.number, found.duty) == (1, duty)


def test_a_text_without_directives_has_the_default() -> None:
    """Without directives the four usual ones hold, or those that the project has set."""
    assert [one.duty for one in asked(text="Shall it?\n- we shall see").directives] == [
        Duty.ALLOW,
        Duty.NOT_REFUSE,
        Duty.RELEASE,
        Duty.REVISIT,
    ]
    own = (Directive(1, "It SHALL be done.", Duty.OTHER),)
    of = asked()
    terms = Terms(of.roster, (), rule("django-dep10"), directives=own)
    assert motion.opened(of.question, terms, OPENED).directives == own


@pytest.mark.parametrize("name", ["django-dep10", "approvals", "go-minor"])
def test_a_motion_is_read_again(name: str) -> None:
    """What stands in the comment gives the same motion, also with other line ends."""
    of = asked(rule(name), text="Is -->it<!-- done -- or not?\n\n```\nx > y\n```\n\u2028 \N{BUG}")
    body = motion.render(of, "### A vote\n\nSay `+1`.")
    assert body.startswith("### A vote\n\nSay `+1`.\n\n<!-- stablehand:motion=")
    assert body.count("-->") == 1
    assert motion.read(body) == of
    assert motion.read(body.replace("\n", "\r\n") + "\r\n") == of


def test_other_comments_hold_no_motion() -> None:
    """A comment without a record of this kind is no motion."""
    assert motion.read("Shall it?") is None
    assert motion.read(seal.sealed("decision", "text", "{}")) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Say", "Do not say"),
        ("4.0.x", "5.0.x"),
        ('"seat1"', '"seat9"'),
        ("{", ""),
        (" -->", " --> and more"),
        ("stablehand:motion=", "stablehand:motion=0"),
    ],
)
def test_tampering_is_noticed(old: str, new: str) -> None:
    """A change of the words, of the record or behind it is noticed."""
    body = motion.render(asked(), "Say +1.")
    assert old in body
    with pytest.raises(seal.Broken, match=r"a maintainer has to|is damaged"):
        motion.read(body.replace(old, new, 1))


def test_a_second_record_is_noticed() -> None:
    """A comment into which another record was put is broken, whichever comes first."""
    body = motion.render(asked(), "Say +1.")
    for both in (body + "\n" + body, motion.render(asked(number=4), "x") + body):
        with pytest.raises(seal.Broken):
            motion.read(both)


def test_a_sealed_record_that_is_no_motion_is_refused() -> None:
    """A record that is sealed well and does not fit itself is refused too."""
    with pytest.raises(seal.Broken, match="none that this bot can read"):
        motion.read(seal.sealed("motion", "text", "{}"))
    forged = motion.dump(asked()).replace("Shall 34063", "Shall all")
    with pytest.raises(seal.Broken, match="not the one that was hashed"):
        motion.read(seal.sealed("motion", "text", forged))


def test_two_motions_on_one_commit() -> None:
    """Motions on the same commit meet in the series that both name."""
    of = asked()
    other = replace(of, question=replace(of.question, number=2, targets=TARGETS[1:]))
    assert of.shares_targets_with(other) == ("4.0.x", "3.2.x")
    elsewhere = replace(of, question=replace(of.question, commit="0" * 40))
    assert of.shares_targets_with(elsewhere) == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"text": " \n"}, "needs a text"),
        ({"commit": "c4eaa67"}, "full name of a merged commit"),
        ({"targets": ()}, "at least one target branch"),
    ],
)
def test_a_motion_needs_what_is_voted_on(change: dict[str, object], words: str) -> None:
    """Without text, commit or targets there is no vote."""
    of = asked()
    question = replace(of.question, **change)  # type: ignore[arg-type] # one field of any type
    with pytest.raises(UserError, match=words):
        motion.opened(question, Terms(of.roster, (), rule("django-dep10")), OPENED)


@pytest.mark.parametrize(
    ("name", "deadline", "words"),
    [
        ("conda-cep", None, "`conda-cep` needs a deadline"),
        ("conda-cep", timedelta(0), "must lie after its opening"),
        ("django-dep10", DAY, "sets its own deadline"),
    ],
)
def test_deadlines_fit_the_rule(name: str, deadline: timedelta | None, words: str) -> None:
    """Some rules need a deadline of the asker, others set their own."""
    with pytest.raises(UserError, match=words):
        asked(rule(name), deadline=OPENED + deadline if deadline is not None else None)


def test_somebody_must_be_able_to_vote() -> None:
    """A roster on which nobody sits opens no vote."""
    terms = Terms(Roster("council", ()), (), rule("django-dep10"))
    with pytest.raises(UserError, match="Nobody of `council` may vote"):
        motion.opened(asked().question, terms, OPENED)


def test_targets_are_not_numbers() -> None:
    """A series may have any name."""
    of = asked(targets=(Target("v3-1-test", "v3-1-test"), Target("stable/2028.x", "2028.x")))
    assert motion.read(motion.render(of, "x")) == of
