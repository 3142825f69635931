from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core import claim_text, comments, config
from devkit.github import Fault
from tests import snapshot
from tests.claim_case import CONFIGURATION, LABEL, ClaimCase, claim_case
from tests.waiting import until


@pytest.fixture
async def case(tmp_path: Path) -> AsyncIterator[ClaimCase]:
    """Set the scene of a project where a label needs a decision."""
    async with claim_case(tmp_path) as found:
        yield found


def _same(case: ClaimCase, name: str, *said: str) -> None:
    known = {case.github.url: "GITHUB", case.commit: "COMMIT", case.commit[:12]: "COMMIT"}
    known |= {f"issuecomment-{one}": "issuecomment-N" for one in case.pull.comments}
    snapshot.same(f"claim-{name}", said, known)


async def test_by_an_outsider(case: ClaimCase) -> None:
    """A label of somebody who may not comes off, whatever was decided, with the whole tree."""
    await case.decide()
    case.label(by="mallory")
    _same(case, "outsider", await case.refused())
    assert case.backports() == {}


async def test_by_a_merger_without_a_decision(case: ClaimCase) -> None:
    """A merger's label comes off while nothing is decided."""
    case.label()
    _same(case, "undecided", await case.refused())
    assert case.backports() == {}


async def test_with_a_decision(case: ClaimCase) -> None:
    """A merger's label on what was decided goes through; the backports name the decision."""
    await case.decide()
    await case.opened()
    assert LABEL in case.pull.labels
    assert not case.said(kind=claim_text.REFUSED)
    assert all("[exception 7](" in pull.body for pull in case.backports().values())


async def test_for_a_target_outside_of_the_decision(case: ClaimCase) -> None:
    """A target that was not decided on is refused by name while the other goes."""
    await case.decide(("2.x",))
    case.label()
    await until(lambda: len(case.said(kind="checklist")) == 1)
    (said,) = case.said(kind=claim_text.PARTLY)
    _same(case, "partly", said)
    assert set(case.backports()) == {"2.x"}
    assert LABEL in case.pull.labels


async def test_on_another_commit_than_voted(case: ClaimCase) -> None:
    """A decision on another commit backs nothing."""
    await case.decide(commit="c4eaa67e2b880db778c9fe6d9854fbdfcc16ecd2")
    case.label()
    _same(case, "other-commit", await case.refused())


async def test_a_forged_decision(case: ClaimCase) -> None:
    """A person's comment with our marks is named, and decides nothing."""
    _, comment = await case.decide(("2.x",))
    forged = case.github.comment(case.repository, case.pull, comment.body, by="mallory")
    del case.pull.comments[comment.id]
    case.pull.timeline[:] = [
        event for event in case.pull.timeline if event.facts.get("comment") is not comment
    ]
    case.label()
    said = await case.refused()
    _same(case, "forged", said.replace(str(forged.id), "N"))


async def test_a_decision_that_was_edited(case: ClaimCase) -> None:
    """A record that was changed is tampered with, and decides nothing."""
    _, comment = await case.decide(("2.x",))
    comment.body = comment.body.replace("2.x", "1.x")
    case.label()
    _same(case, "tampered", await case.refused())
    assert case.backports() == {}


async def test_the_bot_sets_the_label_after_a_decision(case: ClaimCase) -> None:
    """Our own label is backed by the decision that we announced, and by nothing else."""
    case.label(by=case.github.app.login)
    await case.refused()
    case.pull.comments.clear()
    await case.decide()
    case.label(by=case.github.app.login)
    await until(lambda: len(case.said(kind="checklist")) == 1)
    assert set(case.backports()) == {"2.x", "1.x"}


async def test_a_command_is_bound_too(case: ClaimCase) -> None:
    """`/backport to` brings what was decided, and is refused the rest."""
    await case.decide(("2.x",))
    case.github.comment(case.repository, case.pull, "/backport to 1", by="maintainer")
    await until(lambda: bool(case.said(kind=claim_text.REFUSED)))
    _same(case, "command", *case.said(kind=claim_text.REFUSED))
    case.github.comment(case.repository, case.pull, "/backport to 2.x", by="maintainer")
    await until(lambda: len(case.said(kind="checklist")) == 1)
    assert set(case.backports()) == {"2.x"}


async def test_github_is_out_of_reach(case: ClaimCase) -> None:
    """What cannot be checked for long is not let through, and that is said."""
    await case.decide()
    case.github.faults.add(Fault.SECONDARY_403, method="GET", path="/permission$", times=12)
    case.label()
    _same(case, "unread", await case.refused())
    assert case.backports() == {}


async def test_a_broken_configuration(case: ClaimCase) -> None:
    """With a configuration that cannot be used nothing is allowed, and the label comes off."""
    await case.decide()
    files = {config.PATH: CONFIGURATION.replace("django-spokesperson", "a coin")}
    await case.github.commit(case.repository, "main", files, message="Broke it.")
    case.label()
    await until(lambda: LABEL not in case.pull.labels)
    _same(case, "broken", *case.said(kind=comments.CONFIGURATION))
    assert case.backports() == {}


async def test_a_team_that_cannot_be_read(tmp_path: Path) -> None:
    """A team that is not there makes nobody a member, and the refusal says that it is not."""
    text = CONFIGURATION.replace('permission = "maintain"', 'team = "nobody"\npermission = "admin"')
    async with claim_case(tmp_path, text) as case:
        await case.decide()
        case.label()
        _same(case, "team", await case.refused())
