"""The policy gate on the local GitHub, by the real service."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.core import config, gate_text
from bot.engine import gate_book, register
from devkit.github.state import Check, Pull
from tests import claim_case
from tests.claim_case import ClaimCase
from tests.waiting import until

POLICY = """
[phases."2.x"]
mainstream_until = 2999-12-31

[phases."1.x"]
mainstream_until = 2020-01-01
security_until = 2999-12-31

[policy]
source = "https://example.org/policy"
as_of = 2026-01-01
team = "mergers"
release_paths = ["docs/releases/", "version.txt"]

[[policy.clauses]]
phase = "mainstream"
classes = ["crash", "docs", "security"]
text = "Crashes are mended in the last series."

[[policy.clauses]]
phase = "security"
classes = ["security"]
text = "Older series get security fixes alone."
"""
CONFIGURATION = claim_case.CONFIGURATION + POLICY
PLAIN = claim_case.CONFIGURATION.partition("[exception]")[0]
MOST_REQUESTS = 3
_REPOSITORY = "/repos/{owner}/{repo}"
CHECKS = f"{_REPOSITORY}/check-runs"
CONTENTS = f"GET {_REPOSITORY}/contents/{{path}}"
COMMITS = f"GET {_REPOSITORY}/pulls/{{pull_number}}/commits"


@pytest.fixture
async def case(tmp_path: Path) -> AsyncIterator[ClaimCase]:
    """Set the scene with phases, a policy, and decisions."""
    async with claim_case.claim_case(tmp_path, CONFIGURATION) as case:
        yield case


async def proposed(
    case: ClaimCase, series: str = "1.x", body: str = "", *, message: str = "", by: str = "ann"
) -> Pull:
    """Have a person open a pull request of good form to a stable branch."""
    subject = f"[{series}] Fixed #7 -- It."
    head = f"by-hand-{series}"
    target = f"stable/{series}"
    base = case.repository.branch(target)
    await case.github.push(case.repository, {f"refs/heads/{head}": base}, by=by)
    message = message or f"{subject}\n\nBackport of {case.commit} from main."
    files = {"a.txt": "1\ntwo\n3\n"}
    await case.github.commit(case.repository, head, files, message=message, by=by)
    text = f"{subject}\n{body}"
    return await case.github.open_pull(case.repository, head, target, by=by, text=text)


def verdicts(case: ClaimCase, pull: Pull) -> list[Check]:
    """Give the check runs of the gate on a pull request's head."""
    return [
        one
        for one in case.repository.checks.values()
        if one.fields["name"] == gate_text.NAME and one.fields["head_sha"] == pull.head_sha
    ]


async def ended(case: ClaimCase, pull: Pull, conclusion: str) -> Check:
    """Wait until the one check run of the gate ended so."""

    def so() -> bool:
        return [one.fields.get("conclusion") for one in verdicts(case, pull)] == [conclusion]

    await until(so)
    (check,) = verdicts(case, pull)
    return check


def asked(case: ClaimCase) -> Counter[str]:
    """Count the requests since the last reset, without the sweep's and those for a token."""
    other = ("/app/hook", "access_tokens")
    count = case.github.count().items()
    return +Counter({at: n for at, n in count if not any(one in at for one in other)})


async def test_a_person_is_refused_with_the_rule_and_the_way(case: ClaimCase) -> None:
    """A fix that nothing lets in fails with the words of the rule; three requests say so."""
    pull = await proposed(case, body="Fix class: crash")
    check = await ended(case, pull, "failure")
    assert check.fields["output"]["title"] == "The policy does not let it into 1.x"
    summary = check.fields["output"]["summary"]
    assert (
        "> Older series get security fixes alone. [Policy](https://example.org/policy)" in summary
    )
    assert "`/exception request 1.x`" in summary
    await forgotten(case, pull)
    edited = await costs(case, pull, body="Fix class: docs", count=2)
    assert edited == {CONTENTS: 1, COMMITS: 1, f"POST {CHECKS}": 1}
    assert sum(edited.values()) <= MOST_REQUESTS
    assert await costs(case, pull, body="Fix class: security", count=2) == {
        CONTENTS: 1,
        f"PATCH {CHECKS}/{{check_run_id}}": 1,
    }
    assert verdicts(case, pull)[-1].fields["conclusion"] == "success"


async def forgotten(case: ClaimCase, pull: Pull) -> None:
    """Empty what the gate knows: it is a copy, and the next event is judged as the first."""
    async with register.opened(f"sqlite:///{case.service.data / 'stablehand.sqlite'}"):
        assert await gate_book.find(case.repository.id, pull.number)
        await register.ask(lambda connection: connection.execute(gate_book.GATES.delete()))


async def costs(case: ClaimCase, pull: Pull, *, body: str, count: int) -> Counter[str]:
    """Edit a pull request, and count what it takes until its newest check is another."""
    await settled(case)
    case.github.reset_counts()
    checks = verdicts(case, pull)
    before = checks[-1].fields["output"]
    case.github.edit(case.repository, pull, by="ann", body=body)
    await until(lambda: verdicts(case, pull)[-1].fields["output"] != before)
    assert len(verdicts(case, pull)) == count
    await settled(case)
    return asked(case)


async def settled(case: ClaimCase) -> None:
    """Wait until no webhook is on its way and no command is under way."""
    query = (
        "SELECT 1 FROM workflow_status WHERE name IN ('delivery', 'command', 'gate')"
        " AND status IN ('ENQUEUED', 'PENDING')"
    )
    await case.github.webhooks.idle()
    file = f"file:{case.service.data / 'stablehand.sqlite'}?mode=ro"
    with closing(sqlite3.connect(file, uri=True)) as database:
        await until(lambda: database.execute(query).fetchone() is None)


async def test_a_decision_turns_it_green_and_its_end_red(case: ClaimCase) -> None:
    """By itself, with number and link, and only where it was decided on."""
    pull, other = await proposed(case), await proposed(case, "2.x")
    await ended(case, pull, "failure")
    await ended(case, other, "failure")
    say(case, "ann", "/exception request 1.x\nThe fix is needed there.")
    await until(lambda: bool(case.said()))
    say(case, "carol", "/exception decide accept https://forum.example.org/t/1")
    check = await ended(case, pull, "success")
    assert check.fields["output"]["title"] == "Exception no. 7 lets it in"
    assert "#issuecomment-" in check.fields["output"]["summary"]
    say(case, claim_case.MERGER, "/exception overturn A better fix is found.")
    await ended(case, pull, "failure")
    await ended(case, other, "failure")


def say(case: ClaimCase, by: str, body: str) -> None:
    """Comment on the source pull request."""
    case.github.comment(case.repository, case.pull, body, by=by)


async def test_the_button_judges_once_more(case: ClaimCase) -> None:
    """A decision that came unseen, as after a rebuild, is found when somebody asks."""
    pull = await proposed(case)
    await ended(case, pull, "failure")
    await case.decide(("1.x",))
    (check,) = verdicts(case, pull)
    case.github.run_again(case.repository, check, by="ann")
    await ended(case, pull, "success")


async def test_our_own_backports_are_judged_when_they_are_opened(case: ClaimCase) -> None:
    """Each gets its check at once, by the decision that its label claimed."""
    await case.decide()
    await case.opened()
    for pull in case.backports().values():
        check = await ended(case, pull, "success")
        assert check.fields["output"]["title"] == "Exception no. 7 lets it in"
    pull = case.backports()["1.x"]
    case.github.edit(case.repository, pull, by=claim_case.MERGER, title="Fixed #7 -- It.")
    red = await ended(case, pull, "failure")
    assert "`[1.x] Fixed #7 -- It.`" in red.fields["output"]["summary"]


async def test_a_new_head_is_judged_anew(case: ClaimCase) -> None:
    """Commits that a person adds must have their form too; away from targets it is neutral."""
    pull = await proposed(case, "2.x", "Fix class: crash")
    await ended(case, pull, "success")
    await case.github.commit(case.repository, pull.head, {"b.txt": "b"}, message="More.", by="ann")
    check = await ended(case, pull, "failure")
    assert "`[2.x] More.`" in check.fields["output"]["summary"]
    case.github.edit(case.repository, pull, by="ann", base="main")
    await ended(case, pull, "neutral")


async def test_a_broken_configuration_is_red_with_its_mistakes(case: ClaimCase) -> None:
    """Nothing is allowed while nobody can read the rules."""
    files = {config.PATH: CONFIGURATION.replace("[who]", "[woh]")}
    await case.github.commit(case.repository, "main", files, message="Configured.")
    check = await ended(case, await proposed(case, body="Fix class: security"), "failure")
    assert check.fields["output"]["title"] == "The configuration is broken"
    assert "`woh`: unknown key" in check.fields["output"]["summary"]


async def test_a_project_without_tables_has_no_gate(tmp_path: Path) -> None:
    """With neither `[exception]` nor `[policy]` there is no check run, and none is looked for."""
    async with claim_case.claim_case(tmp_path, PLAIN) as case:
        pull = await proposed(case)
        await until(lambda: any("/contents/" in call.path for call in case.github.calls))
        await case.opened()
        assert verdicts(case, pull) == []
        assert [name for name in asked(case) if "check-runs" in name] == []


async def pushed(case: ClaimCase, files: dict[str, str], message: str, series: str = "1.x") -> str:
    """Have a person push a commit to a stable branch."""
    return await case.github.commit(
        case.repository, f"stable/{series}", files, message=message, by=claim_case.MERGER
    )


async def test_a_push_that_nothing_allows_is_told_to_the_team(case: ClaimCase) -> None:
    """One note for a push, on the commit or where the fix came from; what is allowed is no news."""
    pull = await proposed(case, "2.x", "Fix class: crash")
    await ended(case, pull, "success")
    await case.github.merge(case.repository, pull, by=claim_case.MERGER, method="rebase")
    await pushed(case, {"version.txt": "1"}, "[1.x] Bumped version.")
    await pushed(case, {"a.txt": "x"}, "[1.x] Fixed #9 -- It.\n\nFix class: security")
    sha = await pushed(case, {"a.txt": "y"}, "[1.x] Fixed #8 -- It.")
    await until(lambda: bool(case.repository.commit_comments))
    assert set(case.repository.commit_comments) == {sha}
    (note,) = case.repository.commit_comments[sha]
    assert "@acme/mergers: maintainer pushed a commit to `stable/1.x` by hand" in note.body
    assert "> Older series get security fixes alone." in note.body
    assert case.said() == []
    await pushed(case, {"a.txt": "z"}, f"[1.x] Fixed.\n\nBackport of {case.commit} from main.")
    await until(lambda: any("by hand" in body for body in case.said()))
    assert set(case.repository.commit_comments) == {sha}
