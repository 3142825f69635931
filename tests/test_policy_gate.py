"""The verdict of the policy gate, without any GitHub."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.core import (
    config,
    decision,
    defaults,
    gate_form,
    gate_scope,
    gate_text,
    gate_verdict,
    hand_push,
)
from bot.core.decision import Entry
from bot.core.gate_policy import Known, Standard
from bot.core.gate_scope import Broken
from bot.core.gate_verdict import Evidence, GateVerdict, Proposal
from bot.core.hand_push import PushedCommit
from bot.core.model import CommitSummary
from bot.core.phases import FixClass
from tests import vote_case
from tests.snapshot import same
from tests.vote_case import COMMIT

ASKED = date(2022, 12, 30)
DJANGO = Standard(defaults.django(), ASKED)
OTHER = "b" * 40
TRAILER = "Backport of SHA from main."
FIX = "Fixed #34063 -- Fixed reading request body."


def commit(
    series: str = "4.1.x", source: str = COMMIT, *, subject: str = "", more: str = ""
) -> CommitSummary:
    """Make a commit of a backport."""
    body = f"\n\nBackport of {source} from main." if source else ""
    message = f"{subject or f'[{series}] {FIX}'}{more}{body}\n"
    return CommitSummary("d" * 40, "A", "a@example.org", datetime(2023, 1, 1, tzinfo=UTC), message)


def proposal(series: str = "4.1.x", **changes: object) -> Proposal:
    """Make a person's pull request of good form."""
    made = Proposal(
        pull=7,
        branch=f"stable/{series}",
        default_branch="main",
        head_sha="d" * 40,
        title=f"[{series}] {FIX}",
        body="",
        labels=(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def accepted(*series: str, of: str = COMMIT, name: str = "34063") -> Known:
    """Make a decision that lets a commit into some series."""
    asked = vote_case.asked(targets=tuple(t for t in vote_case.TARGETS if t.series in series))
    tally = vote_case.count(asked, vote_case.votes("+++++"))
    made = decision.recorded(asked, tally, Entry(name, "clerk", vote_case.CLOSE))
    return Known(replace(made, commit=of), "https://example.org/decision")


def judged(
    at: Proposal,
    *commits: CommitSummary,
    decisions: tuple[Known, ...] = (),
    by: Standard = DJANGO,
    claim: str = "",
    withdrawn: str = "",
) -> GateVerdict:
    """Judge a pull request."""
    commits = commits or (commit(at.branch.removeprefix("stable/")),)
    evidence = Evidence(commits, decisions, claim=claim, withdrawn=withdrawn)
    return gate_verdict.judge(at, evidence, by)


def failing(verdict: GateVerdict) -> list[str]:
    """Name the lines that do not hold."""
    return [line.name for line in verdict.lines if not line.holds]


@pytest.mark.parametrize(
    ("series", "fix_class", "day", "passes"),
    [
        ("4.1.x", "crash", ASKED, True),
        ("4.1.x", "docs", ASKED, True),
        ("4.1.x", "major-old-feature", ASKED, False),
        ("4.0.x", "crash", ASKED, False),
        ("4.0.x", "data loss", ASKED, True),
        ("3.2.x", "security", ASKED, True),
        ("4.1.x", "crash", date(2023, 4, 30), True),
        ("4.1.x", "crash", date(2023, 5, 1), False),
        ("3.2.x", "security", date(2024, 5, 1), False),
    ],
)
def test_phase_and_class_decide(series: str, fix_class: str, day: date, passes: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """The policy lets a class of fix in as long as the series is in a phase that takes it."""
    by_line = judged(proposal(series, body=f"Fix class: {fix_class}"), by=replace(DJANGO, day=day))
    by_label = judged(proposal(series, labels=(f"fix: {fix_class}",)), by=replace(DJANGO, day=day))
    assert by_line.passed is by_label.passed is passes
    assert failing(by_line) == ([] if passes else ["Policy"])


def test_a_success_says_its_reason() -> None:
    """The check's title names class and series, its text quotes the rule that allows it."""
    verdict = judged(proposal(body="Fix class: crash"))
    assert gate_text.title(verdict) == "4.1.x takes fixes of the class crash"
    summary = gate_text.summary(verdict, DJANGO)
    assert "✅ **Policy**: 4.1.x is in the phase mainstream" in summary
    assert "> Patches applied to the main branch must also be applied" in summary
    assert "#supported-versions" in summary
    assert "Policy is no reason to refuse this pull request." in summary
    assert summary.endswith("Judged on 2022-12-30, by the phases as announced on 2022-12-30.")


def test_a_failure_quotes_the_rule_and_says_how_to_ask() -> None:
    """Who is refused reads the rule, what classes there are, and the command."""
    verdict = judged(proposal("4.0.x"))
    assert failing(verdict) == ["Policy"]
    assert gate_text.title(verdict) == "The policy does not let it into 4.0.x"
    summary = gate_text.summary(verdict, DJANGO)
    assert "the fix names no class" in summary
    assert "> Security fixes and data loss bugs will be applied" in summary
    assert "`Fix class: data-loss`" in summary
    assert "`/exception request 4.0.x`" in summary
    assert "no reason to refuse" not in summary


def test_a_named_class_is_not_asked_for_again() -> None:
    """Where the class is known, only an exception helps."""
    (line, *_) = judged(proposal("3.2.x", body="Fix class: crash")).lines
    assert [("/exception" in fix) for fix in line.fixes] == [True]


def test_an_exception_lets_in_what_the_policy_does_not() -> None:
    """The line names the number and links the decision."""
    verdict = judged(proposal("3.2.x"), decisions=(accepted("3.2.x"),))
    assert verdict.passed
    assert gate_text.title(verdict) == "Exception no. 34063 lets it in"
    assert "[Exception no. 34063](https://example.org/decision)" in verdict.lines[0].said


@pytest.mark.parametrize(
    "known",
    [(), (accepted("4.1.x", "4.0.x"),), (accepted("3.2.x", of=OTHER),)],
    ids=["none", "another series", "another commit"],
)
def test_an_exception_is_for_its_commit_and_series(known: tuple[Known, ...]) -> None:
    """A decision on another commit or for other targets lets nothing in."""
    assert failing(judged(proposal("3.2.x"), decisions=known)) == ["Policy"]


def test_a_short_source_is_enough() -> None:
    """Seven digits of the commit name it."""
    short = commit("3.2.x", COMMIT[:7])
    assert judged(proposal("3.2.x"), short, decisions=(accepted("3.2.x"),)).passed


def test_each_commit_of_a_person_must_be_decided_on() -> None:
    """Beside the fix that was voted on nothing else slips in."""
    both = commit("3.2.x"), commit("3.2.x", OTHER)
    known = (accepted("3.2.x"),)
    assert failing(judged(proposal("3.2.x"), *both, decisions=known)) == ["Policy"]
    ours = judged(proposal("3.2.x", source=5, ours=True), *both, decisions=known)
    assert ours.passed
    assert f"`{OTHER[:12]}` as well" in ours.lines[0].said


def test_what_is_withdrawn_fails_whatever_allows_it() -> None:
    """A backport that is held back is red, with the sentence why."""
    verdict = judged(
        proposal(body="Fix class: crash"), decisions=(accepted("4.1.x"),), withdrawn="Overturned."
    )
    assert failing(verdict) == ["Policy"]
    assert "Overturned." in verdict.lines[0].said


LABEL_ONLY = Standard(defaults.django().model_copy(update={"exception": None}), ASKED)


def test_a_label_is_the_decision_where_none_is_asked_for() -> None:
    """Without `[exception]` the label that let a backport in counts, and is what is asked for."""
    ours = proposal("3.2.x", source=16210, ours=True)
    assert judged(ours, by=LABEL_ONLY, claim="the label `x`, set by ann").passed
    assert failing(judged(ours, by=DJANGO, claim="the label `x`, set by ann")) == ["Policy"]
    (line, *_) = judged(ours, by=LABEL_ONLY).lines
    assert line.fixes[-1] == (
        "Or have somebody who may set the label `council exception` on #16210."
    )


def test_without_phases_only_an_exception_counts() -> None:
    """With no table of phases no class can be judged; the form is checked all the same."""
    bare = Standard(defaults.django().model_copy(update={"policy": None, "phases": {}}), ASKED)
    named = proposal(body="Fix class: security")
    assert failing(judged(named, by=bare)) == ["Policy"]
    assert "no table of phases" in judged(named, by=bare).lines[0].said
    assert judged(named, by=bare, decisions=(accepted("4.1.x"),)).passed
    assert failing(judged(proposal(title=FIX), by=bare)) == ["Policy", "Title"]


def test_classes_that_disagree_count_as_none() -> None:
    """The line says what is wrong with them, and asks for one."""
    (line, *_) = judged(proposal(body="Fix class: crash", labels=("fix: docs",))).lines
    assert not line.holds
    assert "different classes: crash and docs" in line.said
    assert line.fixes[0].startswith("Name the class")


def test_the_labels_may_have_another_prefix() -> None:
    """The project's own prefix is read, and proposed."""
    table = defaults.django().policy
    assert table is not None
    own = table.model_copy(update={"label_prefix": "kind/"})
    by = Standard(defaults.django().model_copy(update={"policy": own}), ASKED)
    assert judged(proposal(labels=("kind/crash",)), by=by).passed
    assert "`kind/data-loss`" in judged(proposal(), by=by).lines[0].fixes[0]


FORMED = proposal(body="Fix class: crash")


@pytest.mark.parametrize(
    ("at", "one", "name", "fix"),
    [
        (
            replace(FORMED, title=FIX),
            commit(),
            "Title",
            f"Call this pull request `[4.1.x] {FIX}`.",
        ),
        (
            replace(FORMED, title=f"[4.0.x] {FIX}"),
            commit(),
            "Title",
            f"Call this pull request `[4.1.x] {FIX}`.",
        ),
        (
            FORMED,
            commit(subject=FIX),
            "Commits",
            f"Give `dddddddddddd` the subject `[4.1.x] {FIX}`.",
        ),
        (
            FORMED,
            commit(source=""),
            "Source",
            f"Give `dddddddddddd` the last paragraph `{TRAILER}`, with the commit's full name.",
        ),
        (
            replace(FORMED, title="[4.1.x] Fixed #1 -- Fixed reading."),
            commit(),
            "Ticket",
            "Name the same in both.",
        ),
        (
            replace(FORMED, title="[4.1.x] Fixed reading."),
            commit(),
            "Ticket",
            "Begin the title, after the series, with `Fixed #34063 -- `.",
        ),
        (
            FORMED,
            commit(subject="[4.1.x] Fixed reading."),
            "Ticket",
            "Begin the commit's subject, after the series, with `Fixed #34063 -- `.",
        ),
    ],
)
def test_form_is_checked_with_the_exact_fix(
    at: Proposal, one: CommitSummary, name: str, fix: str
) -> None:
    """What is wrong with title, commits, source or ticket fails alone, and says what would do."""
    verdict = judged(at, one)
    assert failing(verdict) == [name]
    (line,) = [line for line in verdict.lines if not line.holds]
    assert line.fixes[0] == fix


@pytest.mark.parametrize(
    ("body", "labels"),
    [("Fix class: security", ()), ("Fix class: crash\nBranch only: main has no such view.", ())],
)
def test_what_needs_no_source(body: str, labels: tuple[str, ...]) -> None:
    """A security fix is made on each branch at once, and some fixes belong to one branch alone."""
    verdict = judged(proposal(body=body, labels=labels), commit(source=""))
    assert verdict.passed
    hidden = judged(proposal(body="Fix class: crash\n<!-- Branch only: x -->"), commit(source=""))
    assert failing(hidden) == ["Source"]


@pytest.mark.parametrize(
    ("message", "sources"),
    [
        (f"S\n\nBackport of {COMMIT} from main.", (COMMIT,)),
        (f"S\n\nBackport of {COMMIT} from main", (COMMIT,)),
        (f"S\n\nBackport of {COMMIT} from stable/5.0.x.\r", (COMMIT,)),
        (f"S\n\n(cherry picked from commit {COMMIT})", (COMMIT,)),
        (
            f"S\n\nBackport of {OTHER} from main.\n\nBackport of {COMMIT} from main.",
            (OTHER, COMMIT),
        ),
        ("S\n\nForwardport of f9b820f8 from stable/6.0.x.", ()),
        ("S\n\nBackport of f9b82 from main.", ()),
    ],
)
def test_sources_are_read(message: str, sources: tuple[str, ...]) -> None:
    """The configured words, with or without their period, and git's own."""
    assert gate_form.sources(message, defaults.django()) == sources


def test_another_trailer_is_asked_for_in_its_own_words() -> None:
    """The trailer of the configuration is what is read and proposed."""
    own = config.parse('targets = ["stable/4.1.x"]\ntrailer = "(from {branch}: {sha})"\n')
    assert gate_form.sources(f"S\n\n(from main: {COMMIT})", own) == (COMMIT,)
    line = gate_form.sourced([commit(source="")], own, "main", "")
    assert "`(from main: SHA)`" in line.fixes[0]


@pytest.mark.parametrize(
    ("line", "tickets"),
    [
        ("[6.0.x] Fixed #36934, Refs #35972 -- Stopped it.", ("36934", "35972")),
        ('[6.0.x] Fixed #36843, #36793 -- Reverted "Fixed #27489 -- x".', ("36843", "36793")),
        ("Refs #34462 -- Fixed it (#123)", ("34462",)),
        ("Corrected a typo (#123)", ()),
        ("[4.1.x] Added stub release notes for 4.1.5.", ()),
    ],
)
def test_tickets_are_read(line: str, tickets: tuple[str, ...]) -> None:
    """Those before the dashes count; not those in quoted subjects, nor pull requests."""
    assert gate_form.tickets(line) == tickets


def test_documentation_needs_no_ticket() -> None:
    """A correction of the documentation passes without one, other fixes do not."""
    subject = "[4.1.x] Corrected a typo."
    plain = proposal(title=subject, body="Fix class: docs")
    assert judged(plain, commit(subject=subject)).passed
    assert failing(judged(replace(plain, body="Fix class: crash"), commit(subject=subject))) == [
        "Ticket"
    ]


def test_a_project_without_tickets_has_no_such_line() -> None:
    """Where no ticket can be linked, none is asked for."""
    by = Standard(defaults.django().model_copy(update={"ticket_url": None}), ASKED)
    assert [line.name for line in judged(FORMED, by=by).lines][-1] == "Source"


def test_several_mistakes_are_all_told() -> None:
    """The title counts them, the text has each."""
    verdict = judged(proposal("3.2.x", title=FIX), commit(source="", subject=FIX))
    assert failing(verdict) == ["Policy", "Title", "Commits", "Source"]
    assert gate_text.title(verdict).endswith(", and 3 more")


def test_other_peoples_words_are_no_markup() -> None:
    """What stands in titles and bodies notifies nobody and breaks nothing."""
    verdict = judged(proposal(title="@django/mergers ` | <b>", body="Fix class: @everyone <b>"))
    summary = gate_text.summary(verdict, DJANGO)
    assert "<b>" not in summary.replace("`` [4.1.x] @django/mergers ` | <b> ``", "")
    assert "@everyone" not in summary


WITHOUT = 'targets = ["stable/4.1.x"]\n'
BROKEN = WITHOUT + '[exception]\nrule = "none such"\n'


def test_where_the_gate_stands() -> None:
    """It takes one of two tables; Django has it built in, others without a file have none."""
    assert isinstance(gate_scope.standard(None, "django/django", ASKED), Standard)
    assert gate_scope.standard(None, "acme/tool", ASKED) is None
    assert gate_scope.standard(WITHOUT, "acme/tool", ASKED) is None
    assert gate_scope.standard("targets = [", "acme/tool", ASKED) is None
    assert gate_scope.standard("targets = 7", "acme/tool", ASKED) is None
    assert isinstance(gate_scope.standard(BROKEN, "acme/tool", ASKED), Broken)
    assert isinstance(gate_scope.standard("[exception]\nrule = [", "acme/tool", ASKED), Broken)


@pytest.mark.parametrize(
    ("targets", "branch", "target"),
    [
        ('["stable/4.1.x"]', "stable/4.1.x", True),
        ('["stable/4.1.x"]', "stable/4.0.x", False),
        ('{ pattern = "v{series}" }', "v1", True),
        ('{ pattern = "v{series}" }', "main", False),
    ],
)
def test_which_branches_are_targets(targets: str, branch: str, target: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A list or a pattern says so, in a file that cannot be used as well."""
    text = f'targets = {targets}\nbranch = "x{{series}}"\n'
    assert gate_scope.is_target(config.parse(text), branch) is target
    assert gate_scope.may_be_target(f"{text}wrong = 1\n", branch) is target


def test_a_file_that_says_no_targets_speaks_of_the_usual() -> None:
    """Where even the targets cannot be read, stable branches are taken to be meant."""
    assert gate_scope.may_be_target("targets = [", "stable/1.x")
    assert not gate_scope.may_be_target("targets = [", "feature")


def test_every_class_is_listed() -> None:
    """Who is to name a class finds all of them."""
    (line, *_) = judged(proposal()).lines
    assert all(f"`{one}`" in line.fixes[0] for one in FixClass)


def pushed(message: str, *paths: str) -> PushedCommit:
    """Make a commit that was pushed to a branch."""
    return PushedCommit("e" * 40, message, paths or ("django/test/client.py",))


@pytest.mark.parametrize(
    ("message", "paths"),
    [
        ("[4.1.x] Bumped version for 4.1.5 release.", ("django/__init__.py",)),
        ("[4.1.x] Added release date for 4.1.5.", ("docs/releases/4.1.5.txt",)),
        ("[4.1.x] Updated man page for Django 4.1.5.", ("docs/man/django-admin.1",)),
        (
            "[4.1.x] Updated translations.",
            ("django/contrib/admin/locale/de/LC_MESSAGES/django.po",),
        ),
        ("[4.1.x] Corrected a typo.", ("docs/topics/http/urls.txt",)),
        ("[4.1.x] Fixed it.\n\nFix class: crash", ("django/http/request.py",)),
        (f"[4.1.x] {FIX}\n\nBackport of {COMMIT} from main.", ("django/test/client.py",)),
    ],
)
def test_pushes_that_are_no_news(message: str, paths: tuple[str, ...]) -> None:
    """Releases, documentation, what the policy allows and what was decided on are left alone."""
    known = (accepted("4.1.x"),)
    commits = (pushed(message, *paths),)
    assert hand_push.strange(commits, "stable/4.1.x", DJANGO, known) == ()


def test_a_push_that_nothing_allows_is_told_once() -> None:
    """One note has each commit, the rule, and what can be done; the labels of the source count."""
    commits = (
        pushed(f"[4.0.x] {FIX}\n\nBackport of {OTHER} from main."),
        pushed("[4.0.x] Corrected a typo.", "docs/topics/http/urls.txt"),
    )
    found = hand_push.strange(commits, "stable/4.0.x", DJANGO, (accepted("4.0.x"),))
    assert [one.source for one in found] == [OTHER, ""]
    note = hand_push.note(found, "stable/4.0.x", "django/mergers", "felix")
    assert note.startswith(
        f"<!-- stablehand:hand-push={'e' * 40} -->\n@django/mergers: felix pushed"
    )
    assert "2 commits to `stable/4.0.x` by hand" in note
    assert note.count("> Security fixes and data loss bugs") == 1
    assert "- Or revert it, if it should not be there." in note
    labelled = hand_push.strange(commits[:1], "stable/4.0.x", DJANGO, (), ("fix: security",))
    assert labelled == ()


def test_what_the_check_says() -> None:
    """Every word of the check run, in the cases that people meet."""
    label_less = proposal("3.2.x", title=FIX)
    cases = (
        judged(proposal(body="Fix class: crash")),
        judged(proposal("4.0.x")),
        judged(proposal("3.2.x"), decisions=(accepted("3.2.x"),)),
        judged(label_less, commit(source="", subject="Fixed it.")),
        judged(proposal("3.2.x", source=16210, ours=True), withdrawn="It was overturned."),
    )
    said = [f"# {gate_text.title(one)}\n\n{gate_text.summary(one, DJANGO)}" for one in cases]
    same("policy-gate", [*said, gate_text.broken(["`woh`: unknown key"])], {})
