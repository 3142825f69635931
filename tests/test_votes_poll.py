from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core import motion
from bot.core.motion import Motion
from bot.core.votes import register
from bot.core.votes.register import Event, Happening, Kind
from bot.core.votes.roster import Member, Roster, RosterChange
from bot.core.votes.rule import Outcome
from bot.core.votes.tally import Tally
from tests.vote_case import CLOSE, DAY, MINUTE, OPENED, asked, count, said, votes

SECOND = OPENED + 2 * DAY


def standing(tally: Tally) -> dict[str, str]:
    """Give who counts with what, for the first target."""
    return {vote.voter: str(vote.choice) for vote in tally.targets[0].votes}


def after(*happenings: Happening, of: Motion | None = None) -> dict[str, str]:
    """Give what counts after some happenings."""
    return standing(count(of or asked(), list(happenings)))


def why(*happenings: Happening) -> list[str]:
    """Give the reasons of what does not count."""
    return [note.why for note in count(asked(), list(happenings)).noted]


def test_the_latest_vote_counts() -> None:
    """Who votes again in another comment has changed the vote."""
    first, again = said("seat1", "+1"), said("seat1", "-1", SECOND, place="comment:2")
    assert after(first, again) == {"seat1": "-1"}
    assert after(again, first) == {"seat1": "-1"}


def test_an_edit_counts_from_when_it_is_seen() -> None:
    """An edited comment counts as it stands, and the edit makes it the latest."""
    first = said("seat1", "+1", place="comment:1")
    other = said("seat1", "0", SECOND, place="comment:2")
    edited = said("seat1", "-1", SECOND + MINUTE, "comment:1", Kind.EDITED)
    assert after(first, other, edited) == {"seat1": "-1"}
    assert standing(count(asked(), [first, other, edited], SECOND)) == {"seat1": "0"}


def test_an_edit_can_take_a_vote_back() -> None:
    """A comment that is edited into something else holds no vote any more."""
    edited = said("seat1", "Let me think.", SECOND, "comment:1", Kind.EDITED)
    assert after(said("seat1", "+1", place="comment:1"), edited) == {}


def test_a_deleted_vote_gives_way_to_the_one_before() -> None:
    """When a comment is deleted, an earlier one of the same voter counts again."""
    first, again = said("seat1", "+1"), said("seat1", "-1", SECOND, place="comment:2")
    gone = said("seat1", "", SECOND + MINUTE, "comment:2", Kind.DELETED)
    assert after(first, again, gone) == {"seat1": "+1"}


def test_nobody_changes_the_vote_of_another() -> None:
    """What somebody else edits or deletes goes on to count as its author wrote it."""
    first = said("seat1", "-1", place="comment:1")
    for kind, reason in ((Kind.EDITED, "somebody else changed its text"), (Kind.DELETED, "")):
        other = said("seat1", "+1", SECOND, "comment:1", kind)
        other = replace(other, seen=replace(other.seen, by_another=True))
        assert after(first, other) == {"seat1": "-1"}
        assert why(first, other) == [reason or "it was deleted by somebody else"]


def test_edits_after_the_close_are_noted() -> None:
    """Neither an edit nor a deletion after the close changes anything."""
    known = votes("+++++")
    edit = said("seat1", "-1", CLOSE + DAY, "comment:seat1", Kind.EDITED)
    gone = said("seat2", "", CLOSE + DAY, "comment:seat2", Kind.DELETED)
    tally = count(asked(), register.fold([edit, gone], known), CLOSE + 2 * DAY)
    assert tally.score == 5
    assert [note.why for note in tally.noted] == [
        "it came after the close",
        "it was deleted after the close",
    ]


def test_an_outsider_is_noted() -> None:
    """A vote of somebody who is not on the roster is noted with its link, and not counted."""
    tally = count(asked(), [said("guest", "+1")])
    (note,) = tally.noted
    assert (note.voter, note.why) == ("guest", "the voter is not on the roster of this vote")
    assert note.url == "https://example.org/comment:guest"
    assert standing(tally) == {}


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (said("seat1", "abstain"), "this rule knows no `abstain`"),
        (said("seat1", "/vote +1 5.0"), "it names a target that is not voted on"),
        (said("seat1", "/vote +1 4"), "it names a target that is not voted on"),
        (said("seat1", "+1", OPENED - MINUTE), "it came before the opening"),
        (said("seat1", "/vote answer accept https://x.org"), "this rule counts no answer"),
        (
            said("guest", "/vote record @seat1 +1 https://x.org"),
            "its writer may not record ballots",
        ),
        (said("clerk", "/vote record @guest +1 https://x.org"), "the voter is not on the roster"),
        (said("clerk", "+1"), "the voter is not on the roster"),
        (said("guest", "+1 for it"), "this begins like a vote and goes on"),
    ],
)
def test_what_does_not_count_has_its_reason(event: Event, reason: str) -> None:
    """Each ballot that does not count says why."""
    assert after(event) == {}
    assert [note.startswith(reason) for note in why(event)] == [True]


def test_recorded_votes_are_shown_as_such() -> None:
    """A vote cast elsewhere counts for its voter and leads to where it was cast."""
    recorded = said("clerk", "/vote record @Seat1 -1 https://forum.example.org/t/1")
    (vote,) = count(asked(), [recorded]).targets[0].votes
    assert (vote.voter, vote.recorded_by) == ("seat1", "clerk")
    assert vote.url == "https://forum.example.org/t/1"
    assert after(recorded, said("seat1", "+1", SECOND)) == {"seat1": "+1"}


def test_who_leaves_keeps_a_vote_that_was_cast() -> None:
    """A member who voted and left counts; what they write afterwards does not."""
    leaves = RosterChange("seat1", SECOND, joined=False)
    vote = said("seat1", "+1", place="comment:1")
    late = said("seat1", "-1", SECOND, "comment:1", Kind.EDITED)
    assert after(vote, leaves, late) == {"seat1": "+1"}
    assert why(vote, leaves, late) == ["the voter is not on the roster of this vote"]


def test_who_leaves_without_a_vote_is_not_waited_for() -> None:
    """A seat that is left empty is no seat of this vote any more."""
    leaves = RosterChange("Seat5", SECOND, joined=False)
    before, behind = votes("+++0"), register.fold([leaves], votes("+++0"))
    assert count(asked(), before).outcome is Outcome.OPEN
    assert count(asked(), behind).outcome is Outcome.ACCEPTED
    assert count(asked(), behind).targets[0].outstanding == ()


def test_who_joins_later_does_not_vote() -> None:
    """The electorate is that of the opening."""
    joins = RosterChange("newcomer", OPENED + MINUTE, joined=True)
    assert after(joins, said("newcomer", "+1", SECOND)) == {}
    early = RosterChange("newcomer", OPENED, joined=True)
    roster = Roster("council", ()).changed([early])
    of = replace(asked(), roster=Roster("council", (*asked().roster.members, *roster.members)))
    assert after(said("newcomer", "+1", SECOND), of=of) == {"newcomer": "+1"}


def test_a_roster_knows_terms() -> None:
    """A person may have several terms; repeating a change changes nothing."""
    council = Roster("council", (Member("Ada", OPENED, SECOND), Member("ada", CLOSE)))
    sits = [council.sitting(at) for at in (OPENED - MINUTE, OPENED, SECOND, CLOSE)]
    assert sits == [(), ("ada",), (), ("ada",)]
    back = RosterChange("@ADA", SECOND + MINUTE, joined=True)
    once = council.changed([back])
    assert once.sitting(SECOND + MINUTE) == ("ada",)
    assert once.changed([back]) == once


def test_a_decision_closes_a_rule_without_an_end() -> None:
    """After the decision was recorded nothing counts any more, and late votes are noted."""
    late = said("seat5", "-1", CLOSE + DAY)
    known = register.fold([late], votes("+++++"))
    tally = motion.tallied(asked(), known, CLOSE + 2 * DAY, decided_at=CLOSE + MINUTE)
    assert tally.outcome is Outcome.ACCEPTED
    assert tally.noted[0].why == "it came after the close"


def test_history_is_kept() -> None:
    """Every version stays in the register, with its link."""
    events = [said("seat1", "+1"), said("seat1", "-1", SECOND, "comment:seat1", Kind.EDITED)]
    known = register.fold(events)
    assert known.events == tuple(events)
    gone = said("seat1", "+1", SECOND + MINUTE, "comment:seat1", Kind.DELETED)
    assert register.fold([gone], known).events[-1].ballots == ()


def test_the_earlier_moment_of_a_repeated_sighting_counts() -> None:
    """The same state of a comment, seen twice, is one event from the first sighting on."""
    early, late = said("seat1", "+1"), said("seat1", "+1", SECOND)
    assert register.fold([early, late]) == register.fold([late, early]) == register.fold([early])
