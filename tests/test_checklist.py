from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.core import checklist as lists
from bot.core import checklist_text, marker
from bot.core.checklist import Checklist, Row
from bot.core.landing import Landing, Way
from bot.core.model import Comment, Outcome

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


def test_a_checklist_as_people_see_it() -> None:
    """One row per target, the commands for what is left, then releaser and policy."""
    text = checklist_text.render(LIST)
    shown = text[: text.index("<!-- stablehand:state")]
    assert shown == (
        "### Backports\n\n"
        f"{SHA} is brought to the branches below (`council exception`, by felix).\n\n"
        "| target | pick | pull request | tests | release note | merged |\n"
        "|---|---|---|---|---|---|\n"
        "| `stable/4.1.x` | ✅ picked | #101 | ⏳ queued | ☐ `docs/releases/4.1.5.txt` | ☐ open |\n"
        "| `stable/3.2.x` | ❌ conflict: `django/test/client.py` | \N{EN DASH} | \N{EN DASH} | "
        "\N{EN DASH} | \N{EN DASH} |\n\n"
        "<details><summary>Finish `stable/3.2.x` by hand</summary>\n\n"
        "the commands\n\n</details>\n\n"
        "**For the releaser**\n\n"
        "- [ ] Release 4.1.5 from `stable/4.1.x` with this fix.\n"
        "- [ ] Release 3.2.17 from `stable/3.2.x` with this fix.\n\n\n"
        "**For the policy**\n\n"
        "- [ ] Decide whether the backport policy changes after this exception.\n\n\n"
    )


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


def test_what_people_ticked_stays_ticked() -> None:
    """A refresh keeps the ticks of boxes that are still there."""
    before = checklist_text.render(LIST).replace("- [ ] Release 4.1.5", "- [x] Release 4.1.5")
    after = checklist_text.render(LIST.changed(lambda row: replace(row, tests="done")), before)
    assert "- [x] Release 4.1.5 from" in after
    assert "- [ ] Release 3.2.17 from" in after


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
