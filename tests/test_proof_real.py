"""The case of ticket 34063, proved on the real trees as the service would."""

from __future__ import annotations

from pathlib import Path

import pytest

from devkit import django
from devkit.django import DjangoRepository
from devkit.history import git
from tests.local_calls import PROOF_ALONE, Json, Ran, bot, clone_of

PROVING = [
    "test_client.tests.AsyncClientTest.test_body_read_on_get_data",
    "test_client.tests.AsyncClientTest.test_post_data",
    "test_client.tests.AsyncRequestFactoryTest.test_request_limited_read",
]
VIEWS = "tests/test_client/views.py"
VIEWS_LINE = "        request.read(200)\n"


@pytest.fixture
def source(tmp_path: Path) -> DjangoRepository:
    """Give the real trees, in a bare repository."""
    return django.build(django.CACHE, tmp_path / "django.git")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Give Django's configuration without its wider set of tests."""
    file = tmp_path / "stablehand.toml"
    file.write_text(PROOF_ALONE)
    return file


def backported(source: DjangoRepository, series: str) -> str:
    """Have the fix brought to a series, and name its head branch."""
    ask = ("--repository", source.git_dir, "--commit", "main", "--onto", f"stable/{series}")
    assert bot("backport", *ask).code == 0
    return f"backport/{series}/{source.fix_sha[:12]}"


def prove(repository: Path, config: Path, *more: str) -> Ran:
    """Prove a commit and answer in JSON."""
    return bot("prove", "--repository", repository, "--config", config, "--json", *more)


def runs(answer: Json) -> list[tuple[str, int, int]]:
    """Give each run with how many tests ran and how many failed."""
    return [(row["stage"], row["ran"], row["failed"]) for row in answer["rows"]]


@pytest.mark.parametrize(
    ("series", "before", "after"), [("3.2.x", 5, 8), ("4.0.x", 8, 11), ("4.1.x", 8, 11)]
)
def test_the_fix_is_proved_on_each_branch(
    source: DjangoRepository, config: Path, series: str, before: int, after: int
) -> None:
    """The same three tests fail without the fix and pass with it; on 3.2 a rule settled it."""
    ran = prove(source.git_dir, config, "--commit", backported(source, series))
    assert ran.code == 0, ran
    answer = ran.answer
    assert runs(answer) == [("base", before, 0), ("red", after, 3), ("green", after, 0)]
    assert answer["proving"] == PROVING
    assert answer["title"] == "3 tests fail without the fix and pass with it"
    assert answer["branch"] == f"stable/{series}"
    assert (answer["idle"], answer["regressions"], answer["before"]) == ([], [], [])


def test_a_resolution_that_forgets_a_line_leaves_a_test_unproved(
    source: DjangoRepository, config: Path, tmp_path: Path
) -> None:
    """Without the view's line the test that needs it passes without the fix too, and is named."""
    head = backported(source, "3.2.x")
    clone = clone_of(source, tmp_path / "clone")
    git(clone, "switch", "--quiet", head)
    text = (clone / VIEWS).read_text()
    assert text.count(VIEWS_LINE) == 1
    (clone / VIEWS).write_text(text.replace(VIEWS_LINE, ""))
    git(clone, "commit", "--quiet", "--all", "--amend", "--no-edit")
    ran = prove(clone, config, "--commit", "HEAD")
    assert ran.code == 0, ran
    answer = ran.answer
    assert runs(answer) == [("base", 5, 0), ("red", 8, 2), ("green", 8, 0)]
    assert (answer["proving"], answer["idle"]) == (PROVING[1:], PROVING[:1])
    assert "1 new test passes without it too" in answer["title"]


def test_taking_our_side_of_the_conflicts_is_a_regression(
    source: DjangoRepository, config: Path, tmp_path: Path
) -> None:
    """`git cherry-pick -X ours` on 3.2 brings the tests and half of the fix; they fail with it."""
    clone = clone_of(source, tmp_path / "clone")
    git(clone, "switch", "--quiet", "--detach", "origin/stable/3.2.x")
    git(clone, "cherry-pick", "-X", "ours", "origin/main")
    ran = prove(clone, config, "--commit", "HEAD", "--base", "origin/stable/3.2.x")
    assert ran.code == 1, ran
    answer = ran.answer
    assert answer["conclusion"] == "failure"
    assert answer["title"].startswith("Regression: ")
    assert answer["regressions"]
    assert set(answer["regressions"]) <= set(PROVING)
