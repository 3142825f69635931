from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import checklist as lists
from bot.core import checklist_text, marker
from bot.core.checklist import Checklist, Row, Tick
from bot.core.follow_up import FollowUp
from bot.core.landing import Landing, Way
from bot.core.model import Comment, Outcome
from bot.core.noted import Share
from bot.core.shipping import Release, Step, StepDone

SHA = "c4eaa67e2b880db778c9fe6d9854fbdfcc16ecd2"
NEW = Row(
    branch="stable/4.1.x",
    series="4.1.x",
    outcome=Outcome.PICKED,
    pull=101,
    tests="⏳ queued",
    note="☐ `docs/releases/4.1.5.txt`",
    version="4.1.5",
)
OLD = Row(
    branch="stable/3.2.x",
    series="3.2.x",
    outcome=Outcome.CONFLICT,
    pick="`django/test/client.py`",
    by_hand="the commands",
    version="3.2.17",
)
LIST = Checklist((SHA,), "felix", "council exception", (NEW, OLD))
_AFTERWARDS = ("uploaded", "announced")


def shown(checklist: Checklist, before: str = "") -> str:
    """Write a checklist without its state."""
    text = checklist_text.render(checklist, before)
    return text[: text.index("<!-- stablehand:state")]


def test_a_checklist_as_people_see_it() -> None:
    """One row per target, the commands for what is left, then releaser and policy."""
    assert shown(LIST) == (
        "### Backports\n\n"
        f"{SHA} is brought to the branches below (`council exception`, by felix).\n\n"
        "| target | pick | pull request | proof | release note | merged | release |\n"
        "|---|---|---|---|---|---|---|\n"
        "| `stable/4.1.x` | ✅ picked | #101 | ⏳ queued | ☐ `docs/releases/4.1.5.txt` | ☐ open "
        "| ☐ 4.1.5 |\n"
        "| `stable/3.2.x` | ❌ conflict: `django/test/client.py` | \N{EN DASH} | \N{EN DASH} | "
        "\N{EN DASH} | \N{EN DASH} | ☐ 3.2.17 |\n\n"
        "<details><summary>Finish stable/3.2.x by hand</summary>\n\n"
        "the commands\n\n</details>\n\n"
        "**For the releaser**\n\n"
        "4.1.5 from `stable/4.1.x`: Waits for #101 to be merged.\n\n"
        "3.2.17 from `stable/3.2.x`: Waits for a backport.\n\n"
        "**For the policy**\n\n"
        "- [ ] Decide whether the backport policy changes after this exception. "
        "<!-- stablehand:line=policy -->\n\n"
    )


def test_a_merged_target_has_its_release_step_by_step() -> None:
    """What evidence shows is filled with its link, what nobody can see is a box for a person."""
    steps = (StepDone(Step.DATED, "d" * 40), StepDone(Step.BUMPED, "e" * 40))
    row = replace(NEW, landing=Landing("a" * 40, Way.MENTION, "felix"), steps=steps)
    ticked = replace(LIST, rows=(row,), ticks=(Tick("4.1.5:blockers", "rel_easer"),))
    text = shown(ticked)
    assert f"| ✅ {'a' * 40} by felix, as proposed | ☐ 4.1.5 |" in text
    left, _, done = text.partition("<details><summary>3 done</summary>\n\n")
    assert left.count("- [ ] ") == 7
    assert "- [ ] Announce 4.1.5. <!-- stablehand:line=4.1.5:announced -->\n" in left
    assert "- [x] Make sure that nothing blocks 4.1.5: ticked by rel\\_easer." in done
    assert f"- [x] Set the date in the notes: {'d' * 40}." in done
    assert f"- [x] Bump the version to 4.1.5: {'e' * 40}." in done


def test_what_is_out_is_folded() -> None:
    """A release that is out folds its target, and asks only for what comes after the tag."""
    release = Release("4.1.5", "4.1.5", "f" * 40, datetime(2023, 1, 2, tzinfo=UTC))
    row = replace(NEW, landing=Landing("a" * 40, Way.PULL, "felix"), shipped=release)
    text = shown(replace(LIST, rows=(row, OLD)))
    table, _, folded = text.partition("<details><summary>✅ Shipped in 4.1.5</summary>")
    assert "stable/4.1.x" not in table
    assert f"| ✅ {'a' * 40} by felix | ✅ 4.1.5, 2023-01-02 |" in folded
    assert folded.count("- [ ] ") == len(("uploaded", "announced", "policy"))
    assert f"- [x] Tag 4.1.5: 2023-01-02, {'f' * 40}." in folded
    both = replace(row, branch="stable/4.0.x", series="4.0.x")
    both = replace(both, shipped=replace(release, version="4.0.9"))
    keys = [f"{version}:{end}" for version in ("4.1.5", "4.0.9") for end in _AFTERWARDS]
    ticks = tuple(Tick(key, "felix") for key in keys)
    talk = FollowUp("https://forum.example/1", closed=True)
    text = shown(replace(LIST, rows=(row, both), ticks=ticks, follow_up=talk))
    assert "<summary>✅ Shipped in 4.1.5 and 4.0.9</summary>" in text
    assert "<summary>✅ 4.0.9 from stable/4.0.x: all is done</summary>" in text
    assert "changes after this exception: settled in https://forum.example/1." in text
    assert "- [ ]" not in text


@pytest.mark.parametrize(
    ("row", "cell", "release"),
    [
        (replace(NEW, closed=True), "✖ closed | \N{EN DASH}", "#101 was closed, so nothing waits"),
        (replace(NEW, held_back=True), "⛔ held back | ☐ 4.1.5", "Waits for #101 to be merged."),
        (
            replace(NEW, landing=Landing("a" * 40, Way.PATCH, "", "", "b" * 40)),
            f"↩ taken back by {'b' * 40} | ☐ 4.1.5",
            f"The fix was taken back by {'b' * 40}, so nothing waits",
        ),
        (
            replace(NEW, steps=(StepDone(Step.DATED, "d" * 40),)),
            "☐ open | ☐ 4.1.5",
            f"⚠️ 4.1.5 is on its way without the fix: notes dated by {'d' * 40}. Waits for #101",
        ),
    ],
)
def test_what_a_release_waits_for(row: Row, cell: str, release: str) -> None:
    """Until the branch holds the fix, one sentence says what the release waits for."""
    text = shown(replace(LIST, rows=(row,)))
    assert f"| {cell} |" in text
    assert f"4.1.5 from `stable/4.1.x`: {release}" in text


def test_how_a_merge_differs_is_said_where_it_has_room() -> None:
    """A few words stand in the table, a patch below it."""
    row = replace(NEW, landing=Landing("a" * 40, Way.MENTION, "felix", "differs in `a.py`"))
    assert "by felix, differs in `a.py` |" in shown(replace(LIST, rows=(row,)))
    row = replace(NEW, landing=Landing("a" * 40, Way.MENTION, "felix", "```diff\n-a\n```"))
    text = shown(replace(LIST, rows=(row,)))
    assert "by felix, differs |" in text
    assert "How stable/4.1.x differs</summary>\n\n```diff\n-a\n```\n\n</details>" in text


def test_what_else_stands_in_a_checklist() -> None:
    """Notes that other branches lack, where the follow-up is, and how long reminders are off."""
    shares = (
        Share("main", ("4.1.5", "3.2.17"), 12),
        Share("stable/4.2.x", remarks=("Its index has no section 4.1.",)),
        Share("stable/5.0.x"),
    )
    until = datetime(2023, 2, 1, tzinfo=UTC)
    text = shown(replace(LIST, shares=shares, snoozed_until=until, follow_up=FollowUp()))
    assert "`main` lacks the notes of 4.1.5 and 3.2.17; #12 brings them.\n" in text
    assert "Notes on `stable/4.2.x`: Its index has no section 4.1.\n" in text
    assert "5.0.x" not in text
    assert "No reminders until 2023-02-01.\n" in text
    assert "post the text that is ready below, and say where by `/backport follow-up URL`" in text
    talk = FollowUp("https://forum.example/1")
    assert "it is talked over in https://forum.example/1." in shown(replace(LIST, follow_up=talk))


TEXT = st.text(max_size=20) | st.sampled_from((50, 3000)).map("--> `|\n<!--é".__mul__)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """Give a target in any state, with texts of any length."""
    number = draw(st.integers(1, 99))
    release = Release("t", f"{number}.0.1", "f" * 40, datetime(2023, 1, 2, tzinfo=UTC))
    landing = Landing("a" * 40, draw(st.sampled_from(Way)), draw(TEXT), draw(TEXT), draw(SHAS))
    return Row(
        branch=f"stable/{number}.0.x",
        series=f"{number}.0.x",
        outcome=draw(st.sampled_from(Outcome)),
        pick=draw(TEXT),
        by_hand=draw(TEXT),
        conflicts=tuple(draw(st.lists(TEXT, max_size=3))),
        pull=draw(st.none() | st.integers(1, 9999)),
        tests=draw(TEXT),
        note=draw(TEXT),
        version=draw(st.none() | st.just(f"{number}.0.1")),
        landing=draw(st.none() | st.just(landing)),
        closed=draw(st.booleans()),
        shipped=draw(st.none() | st.just(release)),
        steps=tuple(StepDone(step, "d" * 40) for step in draw(st.sets(st.sampled_from(Step)))),
    )


SHAS = st.sampled_from(("", "b" * 40))
LISTS = st.builds(
    lambda of, label, basis, forecast: Checklist(
        (SHA,), "felix", label, tuple({row.branch: row for row in of}.values()), forecast, basis
    ),
    st.lists(rows(), max_size=12),
    TEXT,
    TEXT,
    st.booleans(),
)


@given(LISTS)
@settings(max_examples=25, deadline=None)
def test_it_stays_within_what_github_takes(checklist: Checklist) -> None:
    """Whatever it holds, it is short enough, and its state is whole and names every target."""
    text = checklist_text.render(checklist)
    assert len(text) <= checklist_text.LIMIT
    assert checklist_text.render(checklist) == text
    section = marker.section(lists.KIND, text)
    assert section.count(marker.mark("/" + lists.KIND)) == 1
    kept = lists.read(section)
    assert kept is not None
    assert [row.branch for row in kept.rows] == [row.branch for row in checklist.rows]
    assert [row.merged for row in kept.rows] == [row.merged for row in checklist.rows]


def test_what_is_done_goes_before_what_is_left() -> None:
    """A text that is too long loses the done details first, then commands, oldest series first."""
    release = Release("4.1.5", "4.1.5", "f" * 40, datetime(2023, 1, 2, tzinfo=UTC))
    steps = (StepDone(Step.BUMPED, "e" * 40),)
    out = replace(NEW, landing=Landing(SHA, Way.PULL), shipped=release, steps=steps)
    room = checklist_text.LIMIT - len(checklist_text.render(replace(LIST, rows=(out, OLD))))
    large = replace(OLD, by_hand="x" * (len(OLD.by_hand) + room // 2 + 1))
    text = shown(replace(LIST, rows=(out, large)))
    assert "Bump the version" not in text
    assert large.by_hand in text
    larger = replace(large, by_hand="x" * 31_000)
    text = shown(replace(LIST, rows=(larger, replace(OLD, branch="stable/2.2.x"))))
    assert "x" * 100 not in text
    assert "the commands" not in text


@given(st.text(), st.text(), st.text())
def test_the_state_survives_whatever_it_holds(pick: str, note: str, label: str) -> None:
    """A checklist read back from its own text is the same, comment ends and all."""
    row = replace(NEW, pick=pick, note=note)
    before = Checklist((SHA,), "felix", label, (row,))
    state = checklist_text.render(before).rpartition("<!-- stablehand:state")
    assert state[2].count("-->") == 1
    assert lists.read(checklist_text.render(before)) == before


def test_a_spoilt_state_is_no_state() -> None:
    """Text that somebody broke gives None, not an error."""
    text = checklist_text.render(LIST)
    assert lists.read(text.replace('"sources"', '"sauces"')) is None
    assert lists.read("no state here") is None


def test_rows_are_replaced_by_branch_and_a_merge_stays_known() -> None:
    """A second claim's rows take the place of the first's, but no merge is forgotten."""
    merged = LIST.changed(
        lambda row: replace(row, landing=Landing(SHA, Way.PULL) if row.pull else None)
    )
    again = merged.with_rows((NEW, replace(OLD, branch="stable/2.2.x", series="2.2.x")))
    assert [row.branch for row in again.rows] == ["stable/4.1.x", "stable/3.2.x", "stable/2.2.x"]
    assert again.rows[0].merged == SHA


@given(st.text(), st.text())
def test_only_the_marked_section_changes(above: str, below: str) -> None:
    """What people write around the section stays as it is."""
    body = above + marker.section("checklist", "old") + below
    if "stablehand" in above + below:
        return
    new = marker.replace_section(body, "checklist", "new")
    assert new == above + marker.section("checklist", "new") + below


def test_a_section_that_was_deleted_comes_back_at_the_end() -> None:
    """A body that lost its section gets it again; its other text is kept."""
    body = marker.replace_section("my words", "checklist", "new")
    assert body == "my words\n\n" + marker.section("checklist", "new")


def test_a_section_whose_beginning_was_deleted() -> None:
    """What is left of it is a person's text, which stays, as does what they write below."""
    old, new = marker.section("checklist", "old"), marker.section("checklist", "new")
    left = old.removeprefix(marker.mark("checklist"))
    body = marker.replace_section(left, "checklist", "new")
    assert body == f"{left}\n\n{new}"
    body = marker.replace_section(f"{body}\n\nmine", "checklist", "newer")
    assert body == f"{left}\n\n{new.replace('new', 'newer')}\n\nmine"


def test_a_mark_in_a_persons_comment_does_not_count() -> None:
    """Nobody can keep the bot silent, or be edited by it, by copying its mark."""
    person = Comment(1, "mallory", by_bot=False, body=marker.mark("checklist"), url="")
    bot = Comment(2, "stablehand[bot]", by_bot=True, body=marker.mark("checklist"), url="")
    assert marker.find([person], "checklist") is None
    assert marker.find([person, bot], "checklist") == bot


def test_a_forecast_gives_way_to_what_was_done() -> None:
    """What was done replaces a forecast; a later forecast touches no row with a pull request."""
    forecast = replace(LIST, forecast=True)
    assert "once this pull request is merged" in checklist_text.render(forecast)
    assert "releaser" not in checklist_text.render(forecast)
    assert forecast.followed_by(LIST) == LIST
    later = forecast.changed(lambda row: replace(row, pick="other", pull=None))
    rows = LIST.followed_by(later).rows
    assert [row.pick for row in rows] == ["", "other"]
    assert not LIST.followed_by(later).forecast


def test_a_branch_that_was_left_alone_keeps_its_row() -> None:
    """A later claim that leaves a branch as it stands takes nothing back of what is known of it."""
    again = replace(NEW, outcome=Outcome.CONFLICT, pick="would conflict", standing=True)
    known = LIST.changed(lambda row: replace(row, tests="done"))
    assert known.with_rows((again,)).rows[0] == known.rows[0]


def test_tests_that_ended_meanwhile_are_taken_over() -> None:
    """A look that takes long does not put an older line of a test run back."""
    ended = LIST.changed(lambda row: replace(row, tests="✅ 8 passed"))
    looked = LIST.changed(lambda row: replace(row, closed=True))
    assert {(row.tests, row.closed) for row in looked.tested_as(ended).rows} == {
        ("✅ 8 passed", True)
    }
