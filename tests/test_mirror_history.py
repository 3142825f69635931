from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.adapters.git.mirror import GitMirror, Home
from bot.adapters.git.objects import objects_of
from bot.adapters.git.run import Git
from bot.core.model import CommitSummary, Repository
from tests.git_toys import BOT, File, Toy, ToyCommit, make_toy

LINES = [b"%d\n" % i for i in range(30)]
START = 1_600_000_000


def content(*changed: int) -> dict[bytes, File]:
    """Give a tree whose file has some lines changed."""
    return {b"f": File(b"".join(b"new %d\n" % i if i in changed else LINES[i] for i in range(30)))}


def commit(
    name: str, parents: Sequence[str], *changed: int, message: str = "", at: int = 0
) -> ToyCommit:
    """Give a commit; its author's time tells it from others and survives a rebase."""
    return ToyCommit(
        name,
        content(*changed),
        parents,
        (message or name).encode(),
        author=b"Ann \xc3\x84 <ann@example.test> %d +0200" % (START + at),
        committer=b"Carl <carl@example.test> %d +0000" % (START + 1000 + at),
    )


async def sources(toy: Toy, merge: str, pull: list[CommitSummary]) -> tuple[str, ...]:
    """Find the source commits in a mirror that holds the toy."""
    with mirror(toy) as opened:
        return await opened.source_commits(merge, pull)


async def landed(
    toy: Toy, pull: list[CommitSummary], mentioned: Sequence[str] = ()
) -> tuple[tuple[str, ...], ...]:
    """Find what landed on main in a mirror that holds the toy."""
    with mirror(toy) as opened:
        return await opened.landed("main", pull, mentioned)


@contextmanager
def mirror(toy: Toy) -> Iterator[GitMirror]:
    """Open a mirror that holds the toy."""
    with objects_of(Git(toy.git_dir)) as objects:
        home = Home(toy.folder, "http://127.0.0.1:9", BOT)
        yield GitMirror(objects, home, Repository(1, 2, "django", "django"))


def as_pull(toy: Toy, *commits: ToyCommit) -> list[CommitSummary]:
    """Give commits as GitHub lists them on a pull request."""
    return [
        CommitSummary(
            sha=toy.shas.get(made.name, "0" * 40),
            author_name="Ann Ä",
            author_email="ann@example.test",
            author_date=datetime.fromtimestamp(int(made.author.split(b" ")[-2]), UTC),
            message=made.message.decode(),
        )
        for made in commits
    ]


PULL = [
    commit("p1", ["base"], 3, message="Refs #7 -- One", at=1),
    commit("p2", ["p1"], 3, 9, message="Refs #7 -- Two", at=2),
    commit("p3", ["p2"], 3, 9, 15, message="Fixed #7 -- Three", at=3),
]
REBASED = [
    commit("base", []),
    *PULL,
    commit("main", ["base"], 20, at=50),
    commit("r1", ["main"], 20, 3, message="Refs #7 -- One", at=1),
    commit("r2", ["r1"], 20, 3, 9, message="Refs #7 -- Two", at=2),
    commit("r3", ["r2"], 20, 3, 9, 15, message="Fixed #7 -- Three", at=3),
]


async def test_a_rebase_is_all_its_commits_in_order(tmp_path: Path) -> None:
    """Author, address and date find them; the branch's own commit before them is left out."""
    toy = make_toy(tmp_path, *REBASED)
    found = await sources(toy, toy.shas["r3"], as_pull(toy, *PULL))
    assert found == tuple(toy.shas[name] for name in ("r1", "r2", "r3"))


async def test_a_rebase_that_dropped_a_commit(tmp_path: Path) -> None:
    """A commit that the branch had already is missing, and so is not guessed."""
    toy = make_toy(
        tmp_path,
        *REBASED[:5],
        commit("r1", ["main"], 20, 3, at=1),
        commit("r3", ["r1"], 20, 3, 15, at=3),
    )
    found = await sources(toy, toy.shas["r3"], as_pull(toy, *PULL))
    assert found == (toy.shas["r1"], toy.shas["r3"])


async def test_a_squash_is_one_commit(tmp_path: Path) -> None:
    """A commit with a date of its own stands for the whole pull request."""
    toy = make_toy(tmp_path, *REBASED[:5], commit("squash", ["main"], 20, 3, 9, 15, at=99))
    found = await sources(toy, toy.shas["squash"], as_pull(toy, *PULL))
    assert found == (toy.shas["squash"],)


async def test_a_merge_is_its_second_side(tmp_path: Path) -> None:
    """The commits of the pull request, oldest first, not the merge."""
    toy = make_toy(tmp_path, *REBASED[:5], commit("merge", ["main", "p3"], 20, 3, 9, 15, at=99))
    found = await sources(toy, toy.shas["merge"], as_pull(toy, *PULL))
    assert found == tuple(toy.shas[name] for name in ("p1", "p2", "p3"))


async def test_a_merge_of_a_side_with_merges_is_taken_whole(tmp_path: Path) -> None:
    """Where the side is no straight line, the merge itself is the change."""
    toy = make_toy(
        tmp_path,
        *REBASED[:5],
        commit("update", ["p3", "main"], 20, 3, 9, 15, at=60),
        commit("merge", ["main", "update"], 20, 3, 9, 15, at=99),
    )
    found = await sources(toy, toy.shas["merge"], as_pull(toy, *PULL))
    assert found == (toy.shas["merge"],)


async def test_an_unknown_merge_has_no_commits(tmp_path: Path) -> None:
    """What the mirror does not hold is nothing."""
    toy = make_toy(tmp_path, *REBASED)
    assert await sources(toy, "1" * 40, as_pull(toy, *PULL)) == ()


FIX = commit("p1", ["base"], 3, message="Fixed #7 -- One", at=10)
LANDED = [
    commit("base", []),
    commit("cause", ["base"], 20, at=-5000),
    FIX,
    commit("m1", ["cause"], 20, 21, at=11),
]


@pytest.mark.parametrize("mention", [40, 12, 7])
async def test_a_mentioned_commit_is_the_merge(tmp_path: Path, mention: int) -> None:
    """A sha on the branch counts, in full or shortened; the cause, older than the fix, does not."""
    toy = make_toy(
        tmp_path,
        *LANDED,
        commit("main", ["m1"], 20, 21, 3, 4, message="Fixed #7 -- Reworked", at=90),
    )
    names = [toy.shas["main"][:mention], toy.shas["cause"], "abcdef1"]
    found = await landed(toy, as_pull(toy, FIX), names)
    assert found == ((toy.shas["main"],),)


async def test_an_equal_patch_is_the_merge(tmp_path: Path) -> None:
    """The same change by another author at another time, in another place of the file, counts."""
    toy = make_toy(tmp_path, *LANDED, commit("main", ["m1"], 20, 21, 3, message="Applied", at=90))
    assert await landed(toy, as_pull(toy, FIX), []) == ((toy.shas["main"],),)


async def test_a_pull_request_squashed_by_hand_is_found(tmp_path: Path) -> None:
    """The patch of the whole pull request is compared too."""
    toy = make_toy(
        tmp_path,
        *REBASED[:4],
        commit("m1", ["base"], 25, at=50),
        commit("main", ["m1"], 25, 3, 9, 15, message="Applied", at=90),
    )
    assert await landed(toy, as_pull(toy, *PULL), []) == ((toy.shas["main"],),)


async def test_commits_applied_one_by_one_are_one_candidate(tmp_path: Path) -> None:
    """Several commits of one pull request belong together, oldest first."""
    toy = make_toy(tmp_path, *REBASED)
    toy.git("update-ref", "refs/heads/main", toy.shas["r3"])
    wanted = tuple(toy.shas[name] for name in ("r1", "r2", "r3"))
    assert await landed(toy, as_pull(toy, *PULL), []) == (wanted,)
    assert await landed(toy, as_pull(toy, *PULL), wanted) == (wanted,)


async def test_author_date_and_ticket_find_what_was_edited(tmp_path: Path) -> None:
    """A fix touched up by the merger keeps who wrote it and when, and its ticket."""
    toy = make_toy(
        tmp_path,
        *LANDED,
        commit("other", ["m1"], 20, 21, 5, message="Fixed #8 -- Same minute", at=10),
        commit("main", ["other"], 20, 21, 5, 3, 4, message="Fixed #7 -- Edited", at=10),
    )
    assert await landed(toy, as_pull(toy, FIX), []) == ((toy.shas["main"],),)


async def test_two_that_could_be_it_are_for_a_person(tmp_path: Path) -> None:
    """Applied, reverted and applied again: each is a candidate of its own."""
    toy = make_toy(
        tmp_path,
        *LANDED,
        commit("first", ["m1"], 20, 21, 3, message="Applied", at=90),
        commit("revert", ["first"], 20, 21, message="Reverted", at=91),
        commit("main", ["revert"], 20, 21, 3, message="Applied again", at=92),
    )
    found = await landed(toy, as_pull(toy, FIX), [])
    assert found == ((toy.shas["first"],), (toy.shas["main"],))


async def test_nothing_landed(tmp_path: Path) -> None:
    """A branch without the change has no candidates, mentioned or not."""
    toy = make_toy(tmp_path, *LANDED, commit("main", ["m1"], 20, 21, 22, at=90))
    assert await landed(toy, as_pull(toy, FIX), [toy.shas["p1"]]) == ()
    assert await landed(toy, [], []) == ()
