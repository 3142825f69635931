from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.core import checklist as lists
from bot.core import checklist_lines as lines
from bot.core import checklist_text, marker
from bot.core import checklist_ticks as ticks
from bot.core.checklist import Checklist, Row, Tick
from bot.core.checklist_ticks import Change
from bot.core.follow_up import FollowUp
from bot.core.landing import Landing, Way
from bot.core.model import Outcome
from bot.core.shipping import Release, Step, StepDone

SHA = "c4eaa67e2b880db778c9fe6d9854fbdfcc16ecd2"
ROW = Row(
    branch="stable/4.1.x",
    series="4.1.x",
    outcome=Outcome.PICKED,
    pull=101,
    version="4.1.6",
    landing=Landing("a" * 40, Way.PULL, "felix"),
    steps=(StepDone(Step.DATED, "d" * 40),),
)
LIST = Checklist((SHA,), "felix", "council exception", (ROW,))
OPEN = tuple(line.key for line in lines.all_lines(LIST) if not line.done)
ANNOUNCED, DATED, POLICY = "4.1.6:announced", "4.1.6:dated", "policy"


def body(checklist: Checklist = LIST) -> str:
    """Give the comment as we write it."""
    return marker.section(lists.KIND, checklist_text.render(checklist))


def with_boxes(text: str, boxes: dict[str, bool]) -> str:
    """Click on boxes as a person does on GitHub, which changes one character each."""
    for key, ticked in boxes.items():
        before, anchor, after = text.partition(ticks.anchor(key))
        place = before.rindex("- [") + len("- [")
        text = before[:place] + ("x" if ticked else " ") + before[place + 1 :] + anchor + after
    return text


def again(checklist: Checklist, standing: str) -> str:
    """Give the comment after we brought it up to date."""
    text = checklist_text.render(checklist, standing)
    return marker.replace_section(standing, lists.KIND, text)


def test_what_was_not_touched_has_no_changes() -> None:
    """Our own words, ticked lines and evidence in them, ask for no judgement."""
    ticked = replace(LIST, ticks=(Tick(ANNOUNCED, "felix"),))
    assert ticks.changes(LIST, body()) == ticks.changes(ticked, body(ticked)) == ()
    assert ticks.changes(LIST, "") == ()


@given(st.sets(st.sampled_from(OPEN)), st.sampled_from(("\n", "\r\n")))
def test_every_tick_of_a_person_is_found(clicked: set[str], end: str) -> None:
    """Whatever boxes are clicked, in whatever line ends, each is one change."""
    boxes = dict.fromkeys(clicked, True)
    text = with_boxes(body(), boxes).replace("\n", end)
    assert {one.key: one.ticked for one in ticks.changes(LIST, text)} == boxes


@given(st.sets(st.sampled_from(OPEN)), st.data())
def test_what_counts_is_kept_and_the_rest_is_set_back(
    clicked: set[str], data: st.DataObject
) -> None:
    """Accepted ticks are in the state with who set them; one edit later no change is left."""
    standing = with_boxes(body(), dict.fromkeys(clicked, True))
    found = ticks.changes(LIST, standing)
    accepted = data.draw(st.sets(st.sampled_from(found))) if found else set()
    judged = ticks.judged(LIST, standing, accepted, "felix")
    assert {tick.key for tick in judged.ticks} == {change.key for change in accepted}
    written = again(judged, standing)
    assert ticks.changes(judged, written) == ()
    assert written.count("- [x]") == len(accepted) + len(ROW.steps)
    assert again(judged, written) == written


def test_a_tick_that_nobody_has_judged_yet_stays() -> None:
    """Bringing other lines up to date takes no fresh tick away, and does not make it count."""
    standing = with_boxes(body(), {ANNOUNCED: True})
    newer = LIST.changed(lambda row: replace(row, tests="done"))
    written = again(newer, standing)
    assert ticks.changes(newer, written) == (Change(ANNOUNCED, ticked=True),)
    assert lists.read(written) == newer


def test_a_tick_that_was_set_back_can_be_set_again() -> None:
    """What an outsider was refused is judged anew when it is ticked once more."""
    standing = with_boxes(body(), {ANNOUNCED: True})
    refused = ticks.judged(LIST, standing, (), "outsider")
    assert ticks.changes(refused, standing) == ()
    written = with_boxes(again(refused, standing), {ANNOUNCED: True})
    assert ticks.changes(refused, written) == (Change(ANNOUNCED, ticked=True),)


def test_a_tick_is_taken_back() -> None:
    """Unticking is a change like ticking, and takes the name away."""
    ticked = replace(LIST, ticks=(Tick(ANNOUNCED, "felix"), Tick(POLICY, "seat1")))
    standing = with_boxes(body(ticked), {ANNOUNCED: False})
    (change,) = ticks.changes(ticked, standing)
    assert change == Change(ANNOUNCED, ticked=False)
    assert ticks.judged(ticked, standing, (change,), "felix").ticks == (Tick(POLICY, "seat1"),)


def test_evidence_is_nobodys_to_change() -> None:
    """A box that a commit fills is filled again, with no judgement, also when the commit goes."""
    standing = with_boxes(body(), {DATED: False})
    assert ticks.changes(LIST, standing) == ()
    assert f"- [x] Set the date in the notes: {'d' * 40}." in again(LIST, standing)
    without = LIST.changed(lambda row: replace(row, steps=()))
    assert ticks.changes(without, body()) == ()
    assert "- [ ] Set the date in the notes." in again(without, body())


def test_a_tick_survives_other_words() -> None:
    """A line is known by its key: a tick stays when its words or its neighbours change."""
    standing = with_boxes(body(), {"4.1.6:uploaded": True, ANNOUNCED: True})
    found = ticks.changes(LIST, standing.replace("Announce 4.1.6.", "Tell everybody!"))
    ticked = ticks.judged(LIST, standing, found, "felix")
    release = Release("4.1.6", "4.1.6", "f" * 40, datetime(2023, 2, 1, tzinfo=UTC))
    out = ticked.changed(lambda row: replace(row, shipped=release))
    assert "- [x] Announce 4.1.6: ticked by felix." in checklist_text.render(out)


def test_text_around_the_section_stays_and_its_boxes_do_not_count() -> None:
    """People may write outside the marks; what they write inside is ours again."""
    mine = f"My words.\n- [x] Mine {ticks.anchor(POLICY)}\n\n"
    after = f"\n\n- [x] Also mine {ticks.anchor(POLICY)}\n{lists.dump(replace(LIST, label='no'))}"
    standing = mine + body().replace("### Backports", "### Nonsense\n\nreally") + after
    assert ticks.changes(LIST, standing) == ()
    assert again(LIST, standing) == mine + body() + after


def test_a_state_that_somebody_changed_is_not_believed() -> None:
    """Whoever writes a tick into the hidden state changes nothing; a spoilt one does no harm."""
    forged = body(replace(LIST, ticks=(Tick(ANNOUNCED, "felix"),)))
    assert ticks.changes(LIST, forged) == ()
    assert again(LIST, forged) == body()
    spoilt = with_boxes(body().replace('"sources"', '"sauces"'), {POLICY: True})
    assert ticks.changes(LIST, spoilt) == (Change(POLICY, ticked=True),)


def test_the_policy_is_ticked_or_talked_over() -> None:
    """A tick settles the follow-up, and can be taken back; a talk that is closed cannot."""
    talk = FollowUp("https://forum.example/1", closed=True)
    ticked = replace(LIST, ticks=(Tick(POLICY, "seat1"),), follow_up=talk)
    standing = body(ticked)
    assert "after this exception: ticked by seat1." in standing
    taken_back = Change(POLICY, ticked=False)
    assert ticks.changes(ticked, with_boxes(standing, {POLICY: False})) == (taken_back,)
    closed = replace(LIST, follow_up=talk)
    assert ticks.changes(closed, with_boxes(body(closed), {POLICY: False})) == ()
    nowhere = replace(LIST, follow_up=FollowUp(closed=True))
    assert "after this exception: not asked for in this project." in body(nowhere)


def test_a_forecast_has_no_boxes() -> None:
    """Before the merge there is nothing to tick."""
    assert lines.all_lines(replace(LIST, forecast=True)) == ()


def test_who_is_told() -> None:
    """One sentence for each person, found again by the login; of nobody it says just that."""
    said = "\nA box of the checklist was set back: "
    told = ticks.undone("mallory", "mallory may not.")
    assert told == f"<!-- stablehand:ticked:mallory -->{said}mallory may not."
    told = ticks.undone("", "")
    assert told == f"<!-- stablehand:ticked: -->{said}GitHub does not tell who changed it."
    assert ticks.undone_kind("a>b") == "ticked:a_b"
