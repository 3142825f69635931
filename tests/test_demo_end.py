"""What the demo finds wrong with the end of its story."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.core import checklist, checklist_text, landing_text, marker, shipped_text
from bot.core.checklist import Checklist, Row
from bot.core.follow_up import FollowUp
from bot.core.landing import Landing, Way
from bot.core.model import Outcome
from bot.core.noted import Noted, Share, Stand
from bot.core.shipping import Release
from devkit.demo_end import SHIPPED, VERSIONS, closed, merged, shared, shipped
from devkit.demo_scene import CommentSeen, IssueSeen, PullSeen, Scene
from devkit.demo_verdict import SOURCE
from devkit.scenario import MERGER

AT = datetime(2023, 2, 1, tzinfo=UTC)
BY_HAND = "stable/4.0.x"


def row(number: int, branch: str) -> Row:
    """Give the line of a branch on which all is done."""
    version = VERSIONS[branch]
    return Row(
        branch,
        branch.removeprefix("stable/"),
        Outcome.PICKED,
        pull=number,
        landing=Landing("a" * 40, Way.PATCH if branch == BY_HAND else Way.PULL, MERGER),
        shipped=Release(version, version, "b" * 40, AT),
        noted=Noted(f"docs/releases/{version}.txt", version, Stand.WRITTEN),
    )


def pull(number: int, branch: str) -> PullSeen:
    """Give the pull request of a backport that is over."""
    done = PullSeen(
        number, "x", branch, "backport/x", "c", is_open=False, draft=False, by_app=True, body=""
    )
    return done if branch == BY_HAND else replace(done, merged_by=MERGER)


def said(number: int, on: int, body: str) -> CommentSeen:
    """Give a comment of the App."""
    return CommentSeen(number, on, "stablehand[bot]", by_app=True, body=body)


ROWS = tuple(row(number, branch) for number, branch in enumerate(VERSIONS, 2))
SHARES = tuple(Share(branch) for branch in ("main", "stable/4.1.x", "stable/4.0.x"))
DONE = Checklist(
    ("d3",), MERGER, "x", ROWS, follow_up=FollowUp("u", "o/r", 1, closed=True), shares=SHARES
)
TOLD = said(2, SOURCE, f"{marker.mark(shipped_text.KIND)}\n{SHIPPED}")
THANKS = said(3, 3, f"{marker.mark(landing_text.ENDED)}\nThank you!")
ISSUE = IssueSeen(1, "Revisit", by_app=True, is_open=True)


def listed(state: Checklist) -> CommentSeen:
    """Give the comment that holds a checklist."""
    return said(1, SOURCE, marker.section(checklist.KIND, checklist_text.render(state)))


def with_row(**changes: object) -> Scene:
    """Give the good scene with another first line in the checklist."""
    first = replace(ROWS[0], **changes)  # type: ignore[arg-type]  # whatever a row has
    return with_list(replace(DONE, rows=(first, *ROWS[1:])))


def with_list(state: Checklist) -> Scene:
    """Give the good scene with another checklist."""
    return replace(GOOD, comments=(listed(state), TOLD, THANKS))


GOOD = Scene(
    pulls=tuple(pull(number, branch) for number, branch in enumerate(VERSIONS, 2)),
    comments=(listed(DONE), TOLD, THANKS),
    checks=(),
    entries=(),
    deliveries=(),
    branches=(),
    tags=tuple((version, "d") for version in VERSIONS.values()),
    issues=(replace(ISSUE, is_open=False),),
    calls=0,
    fetches=0,
    pushes=0,
    complaints=(),
)
TALKED_OVER = replace(GOOD, issues=(ISSUE,))
OLD = Landing("a" * 40, Way.PULL, "somebody")


def test_good_end() -> None:
    """Nothing is found wrong with any day of a story that came to its end."""
    assert (merged(TALKED_OVER), shared(GOOD), shipped(GOOD), closed(GOOD)) == ((), (), (), ())


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (merged(GOOD), "0 open issues on the policy"),
        (merged(replace(GOOD, comments=GOOD.comments[:2])), "4.0.x: 0 comments thank"),
        (
            merged(replace(GOOD, pulls=GOOD.pulls[1:])),
            "stable/4.1.x: its pull request is not merged",
        ),
        (
            merged(replace(GOOD, pulls=GOOD.pulls[:1])),
            "stable/4.0.x: its pull request is not closed",
        ),
        (merged(with_row(landing=None)), "stable/4.1.x: the checklist does not say that it was"),
        (merged(with_row(landing=OLD)), "the checklist says that somebody merged it"),
        (merged(replace(GOOD, comments=())), "0 checklists stand on #1"),
        (merged(replace(GOOD, complaints=("GET /x is not served",))), "GET /x is not served"),
        (shared(replace(GOOD, pulls=(replace(GOOD.pulls[0], is_open=True),))), "#2 is still open"),
        (
            shared(with_list(replace(DONE, shares=(Share("main", ("4.0.9",)), *SHARES[1:])))),
            "main lacks the notes of 4.0.9",
        ),
        (shared(with_list(replace(DONE, shares=()))), "the notes of 0 other branches"),
        (shared(with_row(noted=None)), "does not say that the note of 4.1.6 is written"),
        (shipped(replace(GOOD, tags=())), "There is no tag 4.0.9"),
        (shipped(with_row(shipped=None)), "stable/4.1.x: the checklist says “None”, not 4.1.6"),
        (shipped(replace(GOOD, comments=GOOD.comments[:1])), "#1 does not say once"),
        (closed(TALKED_OVER), "The issue “Revisit” is still open"),
        (closed(with_list(replace(DONE, follow_up=None))), "does not say that the policy was"),
    ],
)
def test_other_end_is_named(found: tuple[str, ...], sentence: str) -> None:
    """Each way in which the end is another one is said in a sentence."""
    assert sentence in "\n".join(found)
