"""The merged fixes that a merger wants on the stable branches of the real Django trees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from devkit.django import STABLE, DjangoRepository
from devkit.django_past import NEWEST
from devkit.django_release import Release
from devkit.github import LocalGitHub
from devkit.github.state import Pull, Repository

POLICY = "django/policy"
"""The repository in which the policy is talked over; made up too."""

ASKED = datetime(2022, 12, 30, 8, tzinfo=UTC)
"""The day on which the council was asked."""

LABEL = "council exception"
MERGER = "felixxm"
CONTRIBUTOR = "shalgrim"
ASKER, COUNCIL_MEMBER = "asker", "council-member"
SEATS = ("seat1", "seat2", "seat3", "seat4", "seat5")
"""Made up, as is all that they say: what was really answered is not known."""

REQUEST = """\
/exception request 4.1 4.0 3.2

Shall this fix be backported to 4.1, 4.0 and 3.2? Tests of async views cannot read a request's body
without it."""
NOTE = """\
/note Fixed a bug in Django 3.1 where the body of a request made by the async client or request \
factory could not be read."""
ANSWER = "/exception decide accept https://forum.example.org/t/34063"
TARGETS = tuple(reversed(STABLE))
"""The target branches, newest first."""

IN_THE_MIDDLE = Release(NEWEST, "4.1.5", "4.1.6", stub=True)
"""What was released while the question stood."""

THREE = (
    Release(NEWEST, "4.1.6", "4.1.7", stub=True, man_page=True),
    Release("stable/4.0.x", "4.0.9", "4.0.10"),
    Release("stable/3.2.x", "3.2.17", "3.2.18"),
)
"""What was released together after that."""

TITLE = "Fixed #34063 -- Fixed reading request body with async request factory and client."

CLEAN_TITLE = "Refs #34462 -- Fixed queryset antipattern when processing object deletion."
CLEAN_FILE = "django/contrib/admin/actions.py"
CLEAN_CONTRIBUTOR = "nessita"
KIND = "type: bug"
MILESTONE = "4.2"


@dataclass(frozen=True, slots=True)
class Case:
    """A repository with the fix merged and its pull request closed, and not claimed yet."""

    repository: Repository
    pull: Pull
    fix: str


async def merged_fix(github: LocalGitHub, source: DjangoRepository) -> Case:
    """Play ticket 34063, which started it all, as it went: rebased, pushed by hand, merged.

    It goes cleanly on to 4.1 and 4.0; on 3.2 git meets conflicts that are only of format.
    """
    repository = await opened_fix(github, source)
    pull = next(iter(repository.pulls.values()))
    await github.push(repository, {"refs/heads/main": source.fix_sha}, by=MERGER)
    if not pull.merged:
        github.mark_merged(repository, pull, source.fix_sha, by=MERGER)
    return Case(repository, pull, source.fix_sha)


def ask(github: LocalGitHub, case: Case) -> None:
    """Have somebody ask the council for an exception."""
    github.comment(case.repository, case.pull, REQUEST, by=ASKER)


def vote(github: LocalGitHub, case: Case) -> None:
    """Have every member of a council of five vote for it."""
    for seat in SEATS:
        github.comment(case.repository, case.pull, "+1", by=seat)


def word(github: LocalGitHub, case: Case) -> None:
    """Have a merger word the release note, once for all branches."""
    github.comment(case.repository, case.pull, NOTE, by=MERGER)


def answer(github: LocalGitHub, case: Case) -> None:
    """Have a member of the council record that it accepts; the bot then sets the label itself."""
    github.comment(case.repository, case.pull, ANSWER, by=COUNCIL_MEMBER)


def is_asked(case: Case) -> bool:
    """Tell whether the bot has put the question, so that it can be answered."""
    return any(one.by_app for one in case.pull.comments.values())


async def opened_fix(github: LocalGitHub, source: DjangoRepository) -> Repository:
    """Play ticket 34063 up to the open pull request."""
    repository = await _django(github, source)
    before = await repository.git.resolve(f"{source.fix_sha}^")
    heads = {"refs/heads/ticket_34063": source.fix_sha, "refs/heads/main": before}
    await github.push(repository, heads, by=CONTRIBUTOR)
    await github.open_pull(repository, "ticket_34063", "main", by=CONTRIBUTOR, text=TITLE)
    return repository


async def clean_fix(github: LocalGitHub, source: DjangoRepository) -> Case:
    """Play a fix of one line that goes cleanly on to all three branches, rebased on merge.

    Its pull request has a label of its own and a milestone.
    """
    repository = await _django(github, source)
    text = await repository.git.text("show", f"main:{CLEAN_FILE}")
    files = {CLEAN_FILE: text.replace("n = queryset.count()", "n = len(queryset)") + "\n"}
    await github.commit(repository, "ticket_34462", files, message=CLEAN_TITLE)
    by, base = CLEAN_CONTRIBUTOR, repository.default_branch
    pull = await github.open_pull(repository, "ticket_34462", base, by=by, text=CLEAN_TITLE)
    pull.milestone = github.add_milestone(repository, MILESTONE).number
    github.label(repository, pull, KIND, by=MERGER)
    fix = await github.merge(repository, pull, by=MERGER, method="rebase")
    return Case(repository, pull, fix)


async def _django(github: LocalGitHub, source: DjangoRepository) -> Repository:
    repository = await github.add_repository("django", "django", source=source.git_dir)
    github.add_team("django", "mergers", [MERGER])
    github.add_team("django", "steering-council", [COUNCIL_MEMBER])
    github.grant(repository, MERGER, "maintain")
    return repository
