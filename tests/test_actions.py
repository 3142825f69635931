"""Tests that run on GitHub Actions: told with the local GitHub and the real service."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from gidgethub.sansio import Event

from bot.core import checklist as lists
from bot.core import workflow_file
from bot.core.commands import Command, Malformed, RunChanged
from bot.core.config import parse
from bot.core.model import Repository
from devkit.github import Fault
from devkit.github.state import Check, Run
from handlers import translate
from tests.scene import Scene
from tests.waiting import until

DISPATCH = "POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches"
SERIES = ("2.x", "1.x")
LONG = 600.0  # seconds; no test waits for it
SHORT = 4.0  # seconds


def configuration(deadline: float, series: tuple[str, ...]) -> str:
    """Write a configuration with Actions as its back end."""
    targets = ", ".join(f'"stable/{one}"' for one in series)
    return f"""\
targets = [{targets}]
[who]
permission = "maintain"
[tests]
command = ["{{python}}", "-m", "unittest", "{{labels}}"]
labels = ["test_a"]
regression = ["test_b"]
python = ["3.11"]
backend = "actions"
deadline = {deadline}
"""


async def prepare(
    scene: Scene,
    deadline: float = LONG,
    series: tuple[str, ...] = ("2.x",),
    change: Callable[[str], str] = str,
) -> None:
    """Configure the project, with the workflow file on its default branch; `test_b` is new in 2."""
    for one in series:
        tests = {"test_a.py": "", **({"test_b.py": ""} if one == "2.x" else {})}
        branch = f"stable/{one}"
        await scene.github.commit(scene.repository, branch, tests, message="Tests.", by="ann")
    text = configuration(deadline, series)
    plan = parse(text).test_plan("stable/2.x")
    assert plan is not None
    if workflow := change(workflow_file.text(plan)):
        files = {workflow_file.path(plan): workflow}
        await scene.github.commit(scene.repository, "main", files, message="Tested there.")
    await scene.configure(text)


def runs(scene: Scene) -> dict[str, Run]:
    """Give the runs that were ordered by the commit that they test; the last of several."""
    return {run.inputs["ref"]: run for run in scene.repository.runs.values()}


async def run_of(scene: Scene, series: str = "2.x") -> Run:
    """Wait for the run that tests the backport to a series."""

    def there() -> bool:
        pull = scene.backports().get(f"stable/{series}")
        return pull is not None and pull.head_sha in runs(scene)

    await until(there)
    return runs(scene)[scene.backports()[f"stable/{series}"].head_sha]


def check_of(scene: Scene, series: str = "2.x") -> Check:
    """Give the one check run of a backport."""
    sha = scene.backports()[f"stable/{series}"].head_sha
    (found,) = (one for one in scene.repository.checks.values() if one.fields["head_sha"] == sha)
    return found


def row(scene: Scene, series: str = "2.x") -> str:
    """Give what the checklist says of the tests of a series, as far as it is written."""
    found = lists.read(scene.said()[0]) if scene.said() else None
    rows = found.rows if found else ()
    return next((one.tests for one in rows if one.series == series), "")


async def shown(scene: Scene, words: str, series: str = "2.x") -> Check:
    """Wait until the checklist says these words, and give the check run, which says them too."""
    await until(lambda: words in row(scene, series), 90)
    found = check_of(scene, series)
    assert found.fields["status"] == "completed"
    assert words in found.fields["output"]["title"]
    return found


def summary(check: Check) -> str:
    """Give the summary of a check run without what keeps it from being read as Markdown."""
    text: str = check.fields["output"]["summary"]
    return text.replace("\\", "")


def orders(scene: Scene) -> int:
    """Count the orders that GitHub got."""
    return scene.github.count()[DISPATCH]


async def test_green_and_red(scene: Scene) -> None:
    """What passes there is green, what fails there is red, each by one order and one check run."""
    await prepare(scene, series=SERIES)
    scene.label()
    new, old = await run_of(scene, "2.x"), await run_of(scene, "1.x")
    for run, conclusion in ((new, "success"), (old, "failure")):
        scene.github.actions.start(scene.repository, run)
        scene.github.actions.complete(scene.repository, run, conclusion)
    green = await shown(scene, "The tests passed on GitHub Actions", "2.x")
    red = await shown(scene, "The tests failed on GitHub Actions", "1.x")
    assert (green.fields["conclusion"], red.fields["conclusion"]) == ("success", "failure")
    assert green.fields["name"] == "Backport proof / 2.x"
    assert green.fields["details_url"].endswith(f"/acme/tool/actions/runs/{new.id}")
    assert "not without the fix" in summary(green)
    assert "Python 3.11" in summary(green)
    assert (new.inputs["labels"], new.inputs["python"]) == ("test_a test_b", "3.11")
    assert old.inputs["labels"] == "test_a"
    assert "not run: test_b" in summary(red)
    assert orders(scene) == len(SERIES)


@pytest.mark.parametrize(
    ("conclusion", "words"), [("cancelled", "was cancelled"), ("action_required", "for approval")]
)
async def test_ends_that_show_nothing(scene: Scene, conclusion: str, words: str) -> None:
    """A run that was cancelled, or needs an approval, is neither green nor red."""
    await prepare(scene)
    scene.label()
    scene.github.actions.complete(scene.repository, await run_of(scene), conclusion)
    assert (await shown(scene, words)).fields["conclusion"] == "neutral"


async def test_never_starts(scene: Scene) -> None:
    """A run that no machine takes is given up at the deadline."""
    await prepare(scene, SHORT)
    scene.label()
    found = await shown(scene, "never started")
    assert found.fields["conclusion"] == "timed_out"
    assert "`queued`" in summary(found)


async def test_no_ci_appears(scene: Scene) -> None:
    """An order of which nothing comes is its own result, and no success."""
    scene.github.actions.loses_orders = True
    await prepare(scene, SHORT)
    scene.label()
    assert (await shown(scene, "No CI appeared")).fields["conclusion"] == "timed_out"


async def test_starts_twice(scene: Scene) -> None:
    """Of two runs for one order the first counts, in its newest attempt, and both are said."""
    scene.github.actions.doubles_orders = True
    await prepare(scene)
    scene.label()
    second = await run_of(scene)
    await until(lambda: len(scene.repository.runs) > 1)
    first = next(run for run in scene.repository.runs.values() if run is not second)
    actions = scene.github.actions
    actions.complete(scene.repository, second, "failure")
    actions.again(scene.repository, first)
    actions.complete(scene.repository, first, "success")
    found = await shown(scene, "The tests passed on GitHub Actions")
    assert "2 runs" in summary(found)
    assert "attempt 2 counts" in summary(found)


async def test_the_webhook_is_lost(scene: Scene) -> None:
    """A run whose end nobody told is found by looking."""
    await prepare(scene, 30)
    scene.label()
    run = await run_of(scene)
    await scene.github.webhooks.idle()
    scene.github.webhooks.lose()
    scene.github.actions.complete(scene.repository, run)
    found = await shown(scene, "The tests passed on GitHub Actions")
    assert found.fields["conclusion"] == "success"


async def test_killed_while_it_waits(scene: Scene) -> None:
    """The next start waits on, for the same run, though that ended while nobody was there."""
    await prepare(scene, 30)
    scene.label()
    run = await run_of(scene)
    await scene.github.webhooks.idle()
    scene.service.kill()
    await scene.service.ended()
    scene.github.actions.complete(scene.repository, run)
    await scene.service.start()
    await shown(scene, "The tests passed on GitHub Actions")
    assert orders(scene) == 1


@pytest.mark.parametrize("tells_ids", [True, False])
async def test_killed_while_it_orders(scene: Scene, tells_ids: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """An order whose answer nobody heard is not given again."""
    scene.github.actions.tells_ids = tells_ids
    await prepare(scene)
    nth = 1 if tells_ids else 2  # such a server refuses the first, which asks for the id
    scene.github.faults.add(Fault.DROP_AFTER, method="POST", path="/dispatches$", nth=nth)
    scene.github.faults.when_struck = scene.service.kill
    scene.label()
    await scene.service.ended()
    await scene.service.start()
    scene.github.actions.complete(scene.repository, await run_of(scene))
    await shown(scene, "The tests passed on GitHub Actions")
    assert len(scene.repository.runs) == 1


async def test_the_workflow_is_missing(scene: Scene) -> None:
    """Without the file on the default branch no test runs, and it is said who must act."""
    await prepare(scene, change=lambda _: "")
    scene.label()
    found = await shown(scene, "Tests not run")
    assert found.fields["conclusion"] == "neutral"
    assert "stablehand-tests.yml" in summary(found)
    assert "A committer must" in summary(found)


async def test_the_workflow_is_another(scene: Scene) -> None:
    """A file that takes no order with our inputs is said in GitHub's own words."""
    await prepare(scene, change=lambda text: re.sub(r" {6}nonce:\n( {8}.*\n)+", "", text))
    scene.label()
    found = await shown(scene, "Tests not run")
    assert "Unexpected inputs provided" in summary(found)


async def test_the_app_may_not(scene: Scene) -> None:
    """Without the permission no test runs, and it is said who must grant it."""
    del scene.github.installation("acme").permissions["actions"]
    await prepare(scene)
    scene.label()
    found = await shown(scene, "Tests not run")
    assert "An owner of the organisation must grant it" in summary(found)


def said(**changes: object) -> tuple[Command, ...]:
    """Translate the end of a run."""
    run = {"event": "workflow_dispatch", "display_title": "Stablehand [test:7:stable/2.x:abc]"}
    payload = {
        "action": "completed",
        "installation": {"id": 5},
        "repository": {"id": 7, "name": "tool", "owner": {"login": "acme"}},
        "workflow_run": {**run, **changes},
    }
    return translate(Event(payload, event="workflow_run", delivery_id="1"))


def test_the_end_of_our_run_wakes_who_waits() -> None:
    """The nonce in its title names the workflow that waits."""
    here = Repository(5, 7, "acme", "tool")
    assert said() == (RunChanged(here, "test:7:stable/2.x:abc"),)


@pytest.mark.parametrize(
    "changes",
    [
        {"event": "pull_request"},
        {"display_title": "Fixed it"},
        {"display_title": None},
        {"display_title": "Stablehand [test:8:stable/2.x:abc]"},
    ],
)
def test_other_runs_are_nothing(changes: dict[str, object]) -> None:
    """Runs that we did not order ask for nothing, whatever their title is."""
    assert said(**changes) == ()


def test_a_run_without_an_event_is_malformed() -> None:
    """What each run has must be there."""
    with pytest.raises(Malformed, match=r"`workflow_run\.event` is missing"):
        said(event=None)
