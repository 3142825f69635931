"""Votes and decisions come back from GitHub alone, and what was tampered with does not."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.core import vote_record
from bot.core.vote_record import Recorded, Vote
from bot.engine import register
from tests.recorded_vote import Case, recorded_vote
from tests.test_replay import Ran, bot, settings

Json = dict[str, Any]


@pytest.fixture
async def case(tmp_path: Path) -> AsyncIterator[Case]:
    """Set the scene."""
    async with recorded_vote(tmp_path) as case:
        yield case


async def rebuilt(case: Case, data: Path, *names: str) -> Ran:
    """Run the command against a database in this folder."""
    given = settings(case.github, data)
    return await bot("rebuild", *names, "--json", environment=given)


async def kept(case: Case, data: Path) -> tuple[tuple[Vote, ...], tuple[Recorded, ...]]:
    """Give all that the database holds of the repository."""
    async with register.opened(f"sqlite:///{data}/stablehand.sqlite"):
        return await register.everything(case.repository.id)


def one(ran: Ran) -> Json:
    """Give what was said of the one repository."""
    (said,) = json.loads(ran.out)
    assert isinstance(said, dict)
    return said


async def test_votes_and_decisions_come_back(case: Case, tmp_path: Path) -> None:
    """From an empty database all records are as they were, twice the same, for all repositories."""
    vote, made = case.decide(case.vote("++++-"))
    for _ in range(120):  # more than a page
        case.github.comment(case.repository, case.pull, "hello", by="ann")
    ran = await rebuilt(case, tmp_path)
    assert (ran.code, one(ran)["problems"]) == (0, []), ran.err
    assert [one(ran)[what] for what in ("votes", "ballots", "decisions", "restored")] == [
        1,
        5,
        1,
        2,
    ]
    before = await kept(case, tmp_path)
    ((found,), (recorded,)) = before
    assert found == replace(
        vote, comment=found.comment, comment_url=found.comment_url, author=case.bot
    )
    assert (recorded.decision, recorded.pull) == (made, case.pull.number)
    again = await rebuilt(case, tmp_path, "django/django")
    assert (again.code, one(again)["restored"]) == (0, 0)
    assert await kept(case, tmp_path) == before


async def test_a_tampered_vote_is_not_trusted(case: Case, tmp_path: Path) -> None:
    """A changed comment, even with a hash made anew, is listed with its address and left out."""
    case.decide(case.vote("++++-"))
    vote, decided = case.pull.comments.values()
    for comment, old, new in ((vote, '"+1"', '"-1"'), (decided, "Decided.", "Refused.")):
        body = comment.body.replace(old, new)
        assert body != comment.body
        case.github.edit_comment(case.repository, case.pull, comment, body, by="merger")
    ran = await rebuilt(case, tmp_path)
    assert ran.code == 1
    addresses = [problem["url"] for problem in one(ran)["problems"]]
    assert [address.rpartition("-")[2] for address in addresses] == [str(vote.id), str(decided.id)]
    assert await kept(case, tmp_path) == ((), ())


async def test_a_record_with_another_key_is_not_trusted(case: Case, tmp_path: Path) -> None:
    """Whoever seals a record without the App's key is not believed."""
    case.say(vote_record.render(case.vote("+++++"), "The question.", lambda _: "0" * 64))
    ran = await rebuilt(case, tmp_path)
    assert ran.code == 1
    assert "signature" in one(ran)["problems"][0]["why"]


async def test_only_our_own_comments_are_read(case: Case, tmp_path: Path) -> None:
    """A true record in a person's comment, or a copy of one elsewhere, is no record."""
    comment = case.open(case.vote("+"))
    case.github.comment(case.repository, case.pull, comment.body, by="ann")
    other = await case.github.open_pull(case.repository, "fix", "stable/4.1.x", by="ann", text="X")
    case.github.comment(case.repository, other, comment.body, by=case.bot)
    ran = await rebuilt(case, tmp_path)
    said = one(ran)
    assert (ran.code, said["votes"]) == (1, 1)
    assert [problem["why"] for problem in said["problems"]] == [
        "This is a copy of a vote that stands elsewhere."
    ]


async def test_what_the_database_knows_is_kept(case: Case, tmp_path: Path) -> None:
    """Where the comment differs from the database, or is gone, the database stays as it was."""
    earlier = case.open(case.vote("+")).body
    (comment,) = case.pull.comments.values()
    comment.body = vote_record.render(case.vote("+-"), "The question.", case.sign)
    assert (await rebuilt(case, tmp_path)).code == 0
    before = await kept(case, tmp_path)
    comment.body = earlier  # put back as it once was, signature and all
    ran = await rebuilt(case, tmp_path)
    assert (ran.code, len(one(ran)["problems"])) == (1, 1)
    case.pull.comments.clear()
    ran = await rebuilt(case, tmp_path)
    assert "is gone" in one(ran)["problems"][0]["why"]
    assert await kept(case, tmp_path) == before


async def test_records_are_written_anew_on_request(case: Case, tmp_path: Path) -> None:
    """With `--mend` a changed record is again as the database has it, and so is another key's."""
    vote, made = case.decide(case.vote("++++-"))
    assert (await rebuilt(case, tmp_path)).code == 0
    before = await kept(case, tmp_path)
    voted, decided = case.pull.comments.values()
    voted.body = voted.body.replace('"+1"', '"-1"')
    decided.body = vote_record.render_decision(made, "Decided.", lambda _: "0" * 64)
    assert (await rebuilt(case, tmp_path)).code == 1
    ran = await rebuilt(case, tmp_path, "--mend")
    assert (ran.code, one(ran)["problems"]) == (0, []), ran.err
    found = vote_record.read(voted.body, case.sign)
    assert found is not None
    assert found.seen == vote.seen
    assert vote_record.read_decision(decided.body, case.sign) == made
    assert await kept(case, tmp_path) == before


@pytest.mark.parametrize("name", ["django", "other/where"])
async def test_a_wrong_name_is_wrong_input(case: Case, tmp_path: Path, name: str) -> None:
    """A name that is none, or that the App is not installed on, ends with 2 and one line."""
    ran = await rebuilt(case, tmp_path, name)
    assert (ran.code, ran.out) == (2, "")
    assert name in ran.err
