"""Whether the fix was brought to every branch as it must be: in one sentence each, none if well."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bot.core import checklist, comments, gate_text, marker, vote_record
from bot.core.checklist import Row
from bot.core.model import Outcome
from devkit.demo_scene import CheckSeen, CommentSeen, PullSeen, Scene
from devkit.scenario import IN_THE_MIDDLE, NOTE, SEATS

OPENED = ("stable/4.1.x", "stable/4.0.x", "stable/3.2.x")
SHARED = {"main", "stable/4.1.x", "stable/4.0.x"}
"""The branches that keep notes of older series too."""

RESOLVED = {
    "stable/3.2.x": {
        "django/test/client.py": "formatter",
        "tests/test_client/views.py": "formatter",
    }
}
"""Where git finds conflicts: the files in which a rule must settle them, and its name."""

IDENTICAL = "identical to main"
SIZE = "3 files, +27 \N{MINUS SIGN}3"
TEST_LABEL = "test_client.tests.AsyncClientTest"
HEADS = "backport/"
SENTENCE = "Fixed a bug in Django 3.1 where the body of a request"
SOURCE = 1
"""The number of the pull request that is backported: the first of a fresh repository."""

_RAN = re.compile(r"^\| green: [^|]*\| (\d+) \|", re.MULTILINE)
_NOTE = re.compile(r"^- Note: (.+)$", re.MULTILINE)
_BY_RULE = re.compile(r"^- `([^`]+)`: ([\w-]+)$", re.MULTILINE)
_ASKING = 3  # comments: the question, what the note lacks, and the decision
_INSTALL = (
    "Without a sandbox no tests are run. Install one with"
    " `sudo apt-get install bubblewrap` (Debian, Ubuntu)"
    " or `sudo dnf install bubblewrap` (Fedora), and start again."
)


def of_question(scene: Scene) -> tuple[str, ...]:
    """Tell what is not as it must be once the question was asked."""
    return tuple(_once(scene, vote_record.KIND))


def of_vote(scene: Scene) -> tuple[str, ...]:
    """Tell what is not as it must be once votes are in, the note is worded and 4.1.5 out."""
    found = [*_once(scene, vote_record.KIND)]
    for text, answer, times in (("+1", "eyes", len(SEATS)), (NOTE, "+1", 1)):
        answers = [one.reactions for one in scene.comments if one.body == text]
        if answers != [(answer,)] * times:
            found.append(f"“{text}” was answered by {answers}.")
    if IN_THE_MIDDLE.version not in dict(scene.tags):
        found.append(f"There is no tag {IN_THE_MIDDLE.version}.")
    return tuple(found)


def differences(scene: Scene) -> tuple[str, ...]:
    """Tell what is not as it must be once the fix is brought to every branch."""
    found = [one for branch in OPENED for one in _of_opened(scene, branch)]
    found += [*_of_comments(scene), *_of_notes(scene), *_of_sandbox(scene)]
    found += [f"Wrong use of GitHub's API: {complaint}." for complaint in scene.complaints]
    return tuple(found)


def said(scene: Scene, pull: int) -> list[CommentSeen]:
    """Give what the App wrote on a pull request."""
    return [one for one in scene.comments if one.by_app and one.pull == pull]


def is_checklist(comment: CommentSeen) -> bool:
    """Tell whether a comment is the living checklist."""
    return marker.mark(checklist.KIND) in comment.body


def backports(scene: Scene, branch: str) -> list[PullSeen]:
    """Give the pull requests by which the App brings the fix to a branch."""
    ours = [pull for pull in scene.pulls if pull.by_app and pull.head.startswith(HEADS)]
    return [pull for pull in ours if pull.base == branch]


def check_of(scene: Scene, pull: PullSeen) -> CheckSeen | None:
    """Give the last proof on the head of a pull request."""
    return next(iter(_on(scene, pull, policy=False)[::-1]), None)


def _on(scene: Scene, pull: PullSeen, *, policy: bool) -> list[CheckSeen]:
    """Give the check runs of the policy, or all others, on the head of a pull request."""
    here = [one for one in scene.checks if one.head_sha == pull.head_sha]
    return [one for one in here if (one.name == gate_text.NAME) is policy]


def row_of(scene: Scene, branch: str) -> Row | None:
    """Give the line of the checklist about a branch."""
    lists = filter(None, (checklist.read(one.body) for one in said(scene, SOURCE)))
    rows = [row for one in lists for row in one.rows if row.branch == branch]
    return rows[0] if rows else None


def resolved(pull: PullSeen) -> dict[str, str]:
    """Give the files that a pull request says a rule settled, with the name of the rule."""
    _, _, after = pull.body.partition("#### Resolved by rule\n")
    return dict(_BY_RULE.findall(after.partition("<details>")[0]))


def _of_opened(scene: Scene, branch: str) -> Iterator[str]:
    pulls = [pull for pull in backports(scene, branch) if pull.is_open]
    if len(pulls) != 1:
        yield f"{branch}: {len(pulls)} open backport pull requests stand where 1 must."
        return
    pull, row = pulls[0], row_of(scene, branch)
    checks = _on(scene, pull, policy=False)
    if [check.conclusion for check in _on(scene, pull, policy=True)] != ["success"]:
        yield f"{branch}: no check run on #{pull.number} says that the policy allows it."
    if len(checks) != 1:
        yield f"{branch}: {len(checks)} check runs stand on #{pull.number} where 1 must."
    yield from (f"{branch}: {problem}" for check in checks for problem in _of_tests(check))
    if row is None or row.pull != pull.number or not row.tests.startswith("✅"):
        yield f"{branch}: the checklist does not show #{pull.number} with its tests passed."
    if row is not None:
        yield from (f"{branch}: {problem}" for problem in _of_pick(branch, pull, row))
    stubs = [one for one in said(scene, pull.number) if marker.mark(comments.STUB) in one.body]
    if len(stubs) != 1:
        yield f"{branch}: {len(stubs)} release-note stubs stand on #{pull.number} where 1 must."
    elif SENTENCE not in " ".join(stubs[0].body.split()):
        yield f"{branch}: the note on #{pull.number} is not the one that was given."


def _of_tests(check: CheckSeen) -> Iterator[str]:
    ran = _RAN.search(check.summary)
    if (check.status, check.conclusion) != ("completed", "success"):
        yield f"the check is {check.conclusion or check.status} ({check.title or 'no title'})."
    elif not ran or int(ran[1]) == 0:
        yield "the check is green, but no test was run."
    elif TEST_LABEL not in check.summary:
        yield f"the check is green, but not of {TEST_LABEL}."


def _of_pick(branch: str, pull: PullSeen, row: Row) -> Iterator[str]:
    by_rule, must = resolved(pull), RESOLVED.get(branch, {})
    if row.outcome is not Outcome.PICKED or pull.draft:
        state = "a draft" if pull.draft else "ready"
        yield f"#{pull.number} is {state}, its pick “{row.outcome}”; it must be ready and picked."
    if by_rule != must:
        yield f"#{pull.number} says of rules: {_rules(by_rule)}; it must say: {_rules(must)}."
    if "resolved by" not in row.pick and must:
        yield "the checklist does not say that a rule settled it."
    if SIZE not in row.pick or (not must and IDENTICAL not in row.pick):
        yield f"the checklist compares it with main as “{row.pick}”."


def _rules(by_rule: Mapping[str, str]) -> str:
    return ", ".join(f"{path} by {rule}" for path, rule in by_rule.items()) or "none"


def _of_comments(scene: Scene) -> Iterator[str]:
    written = said(scene, SOURCE)
    lists = list(filter(is_checklist, written))
    if len(lists) != 1:
        yield f"{len(lists)} checklists stand on #{SOURCE} where 1 must."
    for kind in (vote_record.KIND, vote_record.DECISION):
        yield from _once(scene, kind)
    if others := len(written) - len(lists) - _ASKING:
        yield f"{others} more comments stand on #{SOURCE} than those that must."


def _once(scene: Scene, kind: str) -> Iterator[str]:
    told = [one for one in said(scene, SOURCE) if f"<!-- stablehand:{kind}=" in one.body]
    if len(told) != 1:
        yield f"{len(told)} comments on #{SOURCE} hold the {kind} where 1 must."


def _of_notes(scene: Scene) -> Iterator[str]:
    """Look for the pull requests that bring the notes to main and to newer branches."""
    bases = {one.base for one in scene.pulls if one.by_app and not one.head.startswith(HEADS)}
    yield from (f"{name}: no pull request brings the notes." for name in SHARED - bases)


def _of_sandbox(scene: Scene) -> Iterator[str]:
    without = [check for check in scene.checks if "sandbox" in check.title]
    if without:
        yield from dict.fromkeys(
            f"{note}." for one in without for note in _NOTE.findall(one.summary)
        )
        yield _INSTALL
