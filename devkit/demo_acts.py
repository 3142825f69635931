"""What people do in the demo, day by day, and what has to stand on GitHub when each day is over."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from bot.core.errors import UserError
from devkit import demo_end, demo_verdict, django_release, hand_push, scenario
from devkit.demo_scene import Scene
from devkit.demo_stage import Stage
from devkit.github.merging import MergeConflict, StillDraft
from devkit.github.state import Pull
from devkit.scenario import IN_THE_MIDDLE, SEATS, THREE

_BUTTON = ("stable/4.1.x", "stable/3.2.x")
_BY_HAND = "stable/4.0.x"


@dataclass(frozen=True, slots=True)
class Act:
    """One day: a line about it, what is done, and what is not as it must be at its end."""

    title: str
    play: Callable[[Stage], Coroutine[None, None, None]]
    differences: Callable[[Scene], tuple[str, ...]]


async def _ask(stage: Stage) -> None:
    stage.at(30, 12, 2022)
    scenario.ask(stage.github, stage.case)


async def _vote(stage: Stage) -> None:
    who = stage.at(2, 1)
    scenario.vote(stage.github, stage.case)
    scenario.word(stage.github, stage.case)
    await django_release.publish(stage.github, stage.case.repository, (IN_THE_MIDDLE,), who)


async def _wait(stage: Stage) -> None:
    stage.at(7, 1)


async def _merge(stage: Stage) -> None:
    who, repository = stage.at(10, 1), stage.case.repository
    pulls = {one.base: one for one in _open(stage) if one.head.startswith(demo_verdict.HEADS)}
    for branch in _BUTTON:
        await _press(stage, pulls[branch])
    await hand_push.land(stage.github, repository, pulls[_BY_HAND], who)


async def _share(stage: Stage) -> None:
    stage.at(16, 1)
    for pull in _open(stage):
        await _press(stage, pull)


async def _release(stage: Stage) -> None:
    who = stage.at(1, 2)
    await django_release.publish(stage.github, stage.case.repository, THREE, who)


async def _close(stage: Stage) -> None:
    stage.at(6, 2)
    for issue in stage.policy.issues.values():
        stage.github.close_issue(stage.policy, issue, by=SEATS[0])


def _open(stage: Stage) -> list[Pull]:
    return [one for one in stage.case.repository.pulls.values() if one.state == "open"]


async def _press(stage: Stage, pull: Pull) -> None:
    """Press GitHub's button; raises UserError where that says that it cannot be."""
    who = stage.now()
    try:
        await stage.github.merge(stage.case.repository, pull, by=who, method="rebase")
    except (MergeConflict, StillDraft) as error:
        raise UserError(f"#{pull.number} cannot be merged: {error}") from error


ACTS = (
    Act("30 December 2022: somebody asks the council", _ask, demo_verdict.of_question),
    Act(
        "2 January 2023: the council votes, a merger words the release note, 4.1.5 is released",
        _vote,
        demo_verdict.of_vote,
    ),
    Act("7 January 2023: the vote is over", _wait, demo_verdict.differences),
    Act(
        "10 January 2023: two backports are merged, one is pushed by hand", _merge, demo_end.merged
    ),
    Act("16 January 2023: the notes are merged on the other branches", _share, demo_end.shared),
    Act("1 February 2023: 4.1.6, 4.0.9 and 3.2.17 are released", _release, demo_end.shipped),
    Act("6 February 2023: the policy was talked over", _close, demo_end.closed),
)
"""The whole story; whatever the council members and mergers say and do in it is made up."""
