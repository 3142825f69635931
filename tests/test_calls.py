from __future__ import annotations

from pathlib import Path

from bot.core import comments, marker
from bot.core.model import Outcome
from devkit import scenario
from devkit.clean_run import CleanRun, clean_run, result
from devkit.github.state import Check, Pull

MOST_REQUESTS = 28
NOTES = {
    "stable/4.1.x": "docs/releases/4.1.5.txt",
    "stable/4.0.x": "docs/releases/4.0.9.txt",
    "stable/3.2.x": "docs/releases/3.2.17.txt",
}


async def test_three_branches_cost_little(tmp_path: Path) -> None:
    """A clean fix for three branches takes at most 28 requests, one fetch and one push.

    The installation token is there from an earlier delivery. All that belongs on the three pull
    requests is there in the end.
    """
    async with clean_run(tmp_path) as run:
        assert run.requests.total() <= MOST_REQUESTS, run.requests
        assert not [request for request in run.requests if "access_tokens" in request]
        assert run.git_operations == {"fetch": 1, "push": 1}
        pulls = {pull.base: pull for pull in run.case.repository.pulls.values()}
        for branch, path in NOTES.items():
            check_pull(run, pulls[branch], path)
        check_checklist(run, pulls)


async def test_a_decision_costs_one_request_a_branch(tmp_path: Path) -> None:
    """Where decisions are asked for, the label costs one more: the check run of the policy."""
    async with clean_run(tmp_path, decided=True) as run:
        assert run.requests.total() <= MOST_REQUESTS + len(NOTES), run.requests
        assert run.git_operations == {"fetch": 1, "push": 1}
        names = [check.fields["name"] for check in run.case.repository.checks.values()]
        assert names.count("Backport policy") == len(NOTES)


def check_pull(run: CleanRun, pull: Pull, path: str) -> None:
    """See that a backport has its title, label, milestone, reviewer, stub and green check."""
    series, source = pull.base.removeprefix("stable/"), run.case.pull
    assert pull.title == f"[{series}] {scenario.CLEAN_TITLE}"
    assert (pull.labels, pull.milestone) == ([scenario.KIND], source.milestone)
    assert pull.milestone is not None
    assert pull.reviewers == [scenario.MERGER]
    (stub,) = pull.comments.values()
    assert marker.mark(comments.STUB) in stub.body
    assert path in stub.body
    (check,) = checks_on(run, pull)
    assert check.fields["name"] == f"Backport proof / {series}"
    assert (check.fields["status"], check.fields["conclusion"]) == ("completed", "success")
    assert "tests passed" in check.fields["output"]["title"]


def checks_on(run: CleanRun, pull: Pull) -> list[Check]:
    """Give the check runs of a pull request's head."""
    checks = run.case.repository.checks.values()
    return [check for check in checks if check.fields["head_sha"] == pull.head_sha]


def check_checklist(run: CleanRun, pulls: dict[str, Pull]) -> None:
    """See that the one comment tells of each pull request and its tests."""
    assert len(run.case.pull.comments) == 1
    checklist = result(run.case)
    assert checklist is not None
    assert [row.branch for row in checklist.rows] == list(NOTES)
    for row in checklist.rows:
        assert (row.outcome, row.pull) == (Outcome.PICKED, pulls[row.branch].number)
        assert "tests passed" in row.tests
