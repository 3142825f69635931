from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import reminder_text, reminders
from bot.core.checklist import Checklist, Reminded, Row
from bot.core.follow_config import Reminders
from bot.core.follow_up import FollowUp
from bot.core.landing import Landing, Way
from bot.core.model import Outcome, PullRequest
from bot.core.noted import Noted, Stand
from bot.core.reminders import LAST, Plan, Turn, Waiting
from bot.core.shipping import Release
from bot.core.sighting import SeenTarget, Sighting

MONDAY = datetime(2023, 1, 9, 10, tzinfo=UTC)
DAY, HOUR, WEEK = timedelta(days=1), timedelta(hours=1), timedelta(weeks=1)
RULES = Reminders(days=14, weekends=True)
PULL = Waiting("pull:2", Turn.MERGER, "#2 waits.", MONDAY)
LIST = Checklist(("a" * 40,), "ann", "council exception", ())


def pull(number: int = 2, *, is_open: bool = True, draft: bool = False) -> PullRequest:
    """Give a backport pull request that was opened on Monday."""
    return PullRequest(
        number=number,
        title="",
        body="",
        url=f"https://github.test/acme/tool/pull/{number}",
        is_open=is_open,
        draft=draft,
        merged=False,
        merge_commit_sha=None,
        created_at=MONDAY,
        commits=1,
        comments=0,
        labels=(),
        milestone=None,
        base_branch="main",
        default_branch="main",
        head_branch="b",
        head_sha="b" * 40,
        locked=False,
        archived=False,
    )


def seen(target: SeenTarget) -> Sighting:
    """Look at one target."""
    return Sighting(MONDAY, pull(1), (), "m" * 40, (target,))


def row(**changes: object) -> Row:
    """Give the row of one target."""
    made = Row("stable/2.x", "2.x", Outcome.PICKED, pull=2, version="2.1.1")
    return replace(made, **changes)  # type: ignore[arg-type]


LANDED = Landing("c" * 40, Way.PULL, "felix", at=MONDAY)
SHIPPED = Release("2.1.1", "2.1.1", "d" * 40, MONDAY)
NOTE = Noted("docs/2.1.1.txt", "2.1.1", Stand.OFFERED)
OPEN = SeenTarget("stable/2.x", "2.x", "t" * 40, pull())
GONE = replace(OPEN, tip="")
DRAFT = replace(OPEN, pull=pull(draft=True))


@pytest.mark.parametrize(
    ("state", "target", "expected"),
    [
        (row(), OPEN, ["pull:2 merger"]),
        (row(), DRAFT, ["pull:2 asker"]),
        (row(), GONE, []),
        (row(held_back=True), OPEN, []),
        (row(closed=True), replace(OPEN, pull=pull(is_open=False)), []),
        (row(landing=LANDED), OPEN, ["release:stable/2.x releaser"]),
        (
            row(landing=LANDED, noted=NOTE),
            OPEN,
            ["note:stable/2.x asker", "release:stable/2.x releaser"],
        ),
        (
            row(landing=LANDED, noted=replace(NOTE, stand=Stand.WRITTEN)),
            OPEN,
            ["release:stable/2.x releaser"],
        ),
        (row(landing=LANDED, noted=NOTE, shipped=SHIPPED), OPEN, []),
        (row(landing=replace(LANDED, reverted_by="e" * 40)), replace(OPEN, pull=None), []),
        (
            row(pull=None, outcome=Outcome.CONFLICT),
            replace(OPEN, pull=None),
            ["pick:stable/2.x asker"],
        ),
        (row(pull=None, outcome=Outcome.ALREADY_THERE), replace(OPEN, pull=None), []),
    ],
)
def test_what_waits_for_whom(state: Row, target: SeenTarget, expected: list[str]) -> None:
    """Each target waits for at most one person's next act; what is done or held back waits not."""
    found = reminders.waiting(replace(LIST, rows=(state,)), seen(target))
    assert [f"{one.key} {one.turn}" for one in found] == expected


def test_the_follow_up_waits_until_it_is_closed() -> None:
    """A follow-up that is open, or still to be posted, waits for the council."""
    for talk, waits in (
        (FollowUp(), 1),
        (FollowUp("https://f.test/1"), 1),
        (FollowUp(closed=True), 0),
    ):
        found = reminders.waiting(replace(LIST, follow_up=talk), seen(OPEN))
        assert [one.turn for one in found] == [Turn.COUNCIL] * waits
    assert reminders.waiting(replace(LIST, forecast=True, rows=(row(),)), seen(OPEN)) == ()


def sent(
    things: tuple[Waiting, ...], rules: Reminders, moments: list[datetime], state: Checklist = LIST
) -> list[tuple[datetime, Plan]]:
    """Look at each moment, and give when something was sent."""
    found = []
    for now in moments:
        plan = reminders.plan(things, state, rules, now)
        state = replace(state, reminded=plan.reminded)
        if plan.due:
            found.append((now, plan))
    return found


def test_after_the_configured_days_then_one_two_and_four_weeks() -> None:
    """Reminders are sent after fourteen days, then a week later, then two, then four."""
    hours = [MONDAY + HOUR * at for at in range(24 * 80)]
    days = [(now - MONDAY).days for now, _ in sent((PULL,), RULES, hours)]
    assert days == [14, 21, 35, 63]


def test_what_is_not_dated_waits_from_the_first_look() -> None:
    """Where neither git nor GitHub tells when it began, the first look does."""
    thing = replace(PULL, since=None)
    first = reminders.plan((thing,), LIST, RULES, MONDAY)
    assert first.reminded == (Reminded("pull:2", MONDAY, 0),)
    days = [MONDAY + DAY * at for at in range(20)]
    assert [now for now, _ in sent((thing,), RULES, days)] == [MONDAY + DAY * 14]


def test_what_waits_no_longer_is_forgotten() -> None:
    """When it waits again, it is new; the week between two comments is kept all the same."""
    state = replace(LIST, reminded=(Reminded(LAST, MONDAY, 3), Reminded("pull:9", MONDAY, 3)))
    plan = reminders.plan((), state, RULES, MONDAY + DAY)
    assert plan.reminded == (Reminded(LAST, MONDAY, 3),)
    old = replace(PULL, since=MONDAY - WEEK * 9)
    later = [MONDAY + HOUR * at for at in range(24 * 10)]
    ((now, next_one),) = sent((old,), RULES, later, replace(state, reminded=plan.reminded))
    assert (now, next_one.number) == (MONDAY + WEEK, 4)


@given(
    begun=st.lists(st.integers(0, 24 * 60), min_size=1, max_size=6),
    looks=st.lists(st.integers(0, 24 * 200), max_size=150),
    snoozed=st.none() | st.integers(0, 24 * 100),
    rules=st.builds(Reminders, days=st.integers(1, 60), weekends=st.booleans()),
)
def test_never_too_much(
    begun: list[int], looks: list[int], snoozed: int | None, rules: Reminders
) -> None:
    """However often it is looked: a week between comments, longer pauses, quiet where wanted."""
    things = tuple(
        Waiting(f"pull:{at}", Turn.MERGER, "It waits.", MONDAY + HOUR * hour)
        for at, hour in enumerate(begun)
    )
    until = None if snoozed is None else MONDAY + HOUR * snoozed
    moments = [MONDAY + HOUR * at for at in sorted(looks)]
    comments = sent(things, rules, moments, replace(LIST, snoozed_until=until))
    times = [now for now, _ in comments]
    assert all(late - early >= WEEK for early, late in pairwise(times))
    assert [plan.number for _, plan in comments] == list(range(1, len(comments) + 1))
    assert all(rules.weekends or now.weekday() < 5 for now in times)
    assert all(until is None or now >= until for now in times)
    for thing in things:
        own = [now for now, plan in comments if thing in plan.due]
        gaps = [late - early for early, late in pairwise(own)]
        assert all(gap >= WEEK * 2**at for at, gap in enumerate(gaps))
        assert all(now - (thing.since or now) >= DAY * rules.days for now in own)


@given(times=st.integers(0, 12), days=st.integers(1, 365))
def test_each_pause_is_twice_the_one_before(times: int, days: int) -> None:
    """The pause before the first reminder is the configured one; from the second on it doubles."""
    pause = reminders.pause(times, days)
    assert pause == (DAY * days if times == 0 else WEEK * 2 ** (times - 1))


def test_nothing_is_said_at_weekends() -> None:
    """What gets due on a Saturday is said on Monday, unless weekends are as good as any day."""
    thing = replace(PULL, since=MONDAY - DAY * 2)
    days = [MONDAY + DAY * at for at in range(20)]
    quiet = sent((thing,), Reminders(days=14), days)
    assert [now for now, _ in quiet] == [MONDAY + WEEK * 2]
    assert [now for now, _ in sent((thing,), RULES, days)] == [
        MONDAY + DAY * 12,
        MONDAY + DAY * 19,
    ]


def test_one_comment_says_it_to_each_by_name() -> None:
    """All that is due stands in one comment, person by person; who is not known is described."""
    checklist = replace(
        LIST,
        rows=(
            row(),
            row(branch="stable/1.x", series="1.x", pull=None, landing=LANDED, noted=NOTE),
        ),
        follow_up=FollowUp(),
    )
    looked = replace(
        seen(OPEN), targets=(OPEN, replace(OPEN, branch="stable/1.x", series="1.x", pull=None))
    )
    due = reminders.waiting(checklist, looked)
    names = {Turn.ASKER: "@ann", Turn.MERGER: "@felix", Turn.RELEASER: "@acme/releasers"}
    assert reminder_text.reminder(Plan(due, 3, ()), names) == (
        "<!-- stablehand:reminder-3 -->\n"
        "@felix, this waits for you:\n\n"
        "- #2 to `stable/2.x` is open since 2023-01-09, and waits to be merged.\n\n"
        "@ann, this waits for you:\n\n"
        "- `stable/1.x` has the fix, but not its release note for 2.1.1 in `docs/2.1.1.txt`.\n\n"
        "@acme/releasers, this waits for you:\n\n"
        "- `stable/1.x` has the fix, and 2.1.1 is not released yet.\n\n"
        "The council, this waits for you:\n\n"
        "- The follow-up waits to be posted; its text is ready above.\n\n"
        "The next reminder comes in a week at the soonest; `/backport snooze 2w` keeps it away "
        "for two."
    )
