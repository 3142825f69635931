"""How a fix came to a branch: recognised by what commits say and by what they change."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.adapters.git.mirror import GitMirror, GitMirrors, Home
from bot.adapters.git.objects import objects_of
from bot.adapters.git.partial_mirror import PartialMirror
from bot.adapters.git.run import Git
from bot.core.landing import Landing, Way
from bot.core.landing_search import copies
from bot.core.model import Repository
from tests.git_server import TOKEN, serving
from tests.git_toys import BOT, File, Toy, ToyCommit, make_toy
from tests.mirrored import HEAD, REPOSITORY, serve_toy

BRANCH = "stable/4.1.x"
LINES = [b"%d\n" % i for i in range(30)]
START = 1_600_000_000
FIXED = "Fixed #34063 -- Fixed reading request body. (#16210)"


def tree(*changed: int, other: bytes = b"") -> dict[bytes, File]:
    """Give a tree with some lines of a file changed, and another file."""
    text = b"".join(b"new %d\n" % i if i in changed else LINES[i] for i in range(30))
    return {b"f": File(text), b"g": File(b"g\n" + other)}


def commit(
    name: str, parent: str, message: str, *changed: int, at: int = 0, by: str = "Ann"
) -> ToyCommit:
    """Give a commit whose author's time is told by `at`; the committer is always Carl."""
    return ToyCommit(
        name,
        tree(*changed),
        (parent,) if parent else (),
        message.encode(),
        author=f"{by} <{by.lower()}@example.test> {START + at} +0200".encode(),
        committer=b"Carl <carl@example.test> %d +0000" % (START + 1000 + at),
    )


BASE = (
    commit("base", "", "Base"),
    commit("fix", "base", FIXED, 3, at=1),
    commit("own", "base", "[4.1.x] Something else", 20, at=2),
)


def project(folder: Path, *commits: ToyCommit) -> Toy:
    """Make a repository in which main has the fix, and the given commits are made too."""
    made = make_toy(folder, *BASE)
    for one in commits:  # one by one, so that a message can name an earlier commit
        message = one.message.decode().format(
            **{n.replace("/", "_"): s for n, s in made.shas.items()}
        )
        made.add(
            ToyCommit(one.name, one.tree, one.parents, message.encode(), one.author, one.committer)
        )
    return made


async def landing(toy: Toy, *sources: str, ours: str | None = None) -> Landing | None:
    """Look for commits of a toy on its stable branch."""
    with objects_of(Git(toy.git_dir)) as objects:
        home = Home(toy.folder, "http://127.0.0.1:9", BOT)
        mirror = GitMirror(objects, home, Repository(1, 2, "django", "django"))
        shas = [toy.shas[name] for name in sources or ("fix",)]
        return await mirror.landing(BRANCH, shas, toy.shas[ours] if ours else None)


async def place(toy: Toy, *sources: str, ours: str | None = None) -> tuple[str, str, str] | None:
    """Give where it landed, in which way it was seen, and what took it back, by names."""
    found = await landing(toy, *sources, ours=ours)
    names = {sha: name for name, sha in toy.shas.items()} | {"": ""}
    return (names[found.sha], found.way.value, names[found.reverted_by]) if found else None


async def test_a_commit_that_names_the_source_is_its_backport(tmp_path: Path) -> None:
    """Whoever picked it, resolved it otherwise and reworded it; who committed it when is told."""
    toy = project(
        tmp_path,
        commit(
            "pick",
            "own",
            "[4.1.x] Reworded.\n\nBackport of {fix} from main.",
            4,
            20,
            at=3,
            by="Eve",
        ),
        commit(BRANCH, "pick", "[4.1.x] More", 5, at=4),
    )
    assert await landing(toy) == Landing(
        toy.shas["pick"], Way.MENTION, "Carl", at=datetime.fromtimestamp(START + 1003, UTC)
    )


async def test_a_trailer_in_the_projects_own_words(tmp_path: Path) -> None:
    """What our pick says of its source is known again, whatever a project configured."""
    trailer = "[ Upstream {fix} ]"
    toy = project(
        tmp_path,
        commit("pick", "own", f"Ours\n\n{trailer}", 3, 20, at=5),
        commit(BRANCH, "own", f"Resolved\n\n{trailer}", 4, 20, at=9, by="Eve"),
    )
    assert await place(toy) is None
    assert await place(toy, ours="pick") == (BRANCH, "mention", "")


@pytest.mark.parametrize(
    "words",
    [
        "Fixed #34318 -- Added release note for {fix}.",
        "Fixed it again.\n\nRegression in {fix}.",
        "Fixed.\n\nFollow-up to the backport of {fix} from main.",
        "Backport of 0123456789012345678901234567890123456789 from main.",
    ],
)
async def test_a_commit_that_only_speaks_of_the_source_is_none(tmp_path: Path, words: str) -> None:
    """A regression's cause, a note and a follow-up name a commit too."""
    toy = project(tmp_path, commit(BRANCH, "own", f"[4.1.x] {words}", 9, 20, at=3))
    assert await landing(toy) is None


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ("Backport of 1111111 from main.", ["1111111"]),
        ("Backport of 1111111 and\n2222222 from main", ["1111111", "2222222"]),
        ("Backport of 1111111 from main Backport of 2222222 from main", ["1111111", "2222222"]),
        ("(cherry picked from commit 1111111)", ["1111111"]),
        ("Backported-from: https://github.com/o/r/commit/1111111", ["1111111"]),
        ("* Backport of 1111111, 2222222 from main", ["1111111", "2222222"]),
        ("Forwardport of 1111111 from stable/6.0.x.", ["1111111"]),
        ("Regression in 1111111.", []),
        ("This backport of 1111111 is odd.", []),
        ("Backport of 111 from main", []),
    ],
)
def test_what_a_message_copies(message: str, named: list[str]) -> None:
    """All ways of Django's history and git's own are read, and only what claims to copy."""
    assert list(copies(f"Subject\n\n{message}")) == named


async def test_the_same_patch_is_the_same_fix(tmp_path: Path) -> None:
    """A commit that says nothing and is by somebody else is known by what it changes."""
    toy = project(tmp_path, commit(BRANCH, "own", "Cleaned up", 3, 20, at=9, by="Eve"))
    assert await place(toy) == (BRANCH, "patch", "")


async def test_our_pick_is_known_by_its_patch(tmp_path: Path) -> None:
    """Where the branch needs another change than main, it is our pick that is looked for."""
    toy = project(
        tmp_path,
        commit("pick", "own", "Ours", 3, 4, 20, at=5),
        commit("more", "own", "More", 11, 20, at=6),
        commit(BRANCH, "more", "Pushed by hand", 3, 4, 11, 20, at=9, by="Eve"),
    )
    assert await place(toy) is None
    assert await place(toy, ours="pick") == (BRANCH, "patch", "")


async def test_the_same_author_on_the_same_ticket_is_the_same_fix(tmp_path: Path) -> None:
    """Author and moment survive a pick that had to be resolved, as does the subject."""
    same = commit(BRANCH, "own", "[4.1.x] Fixed #34063 -- Other words.", 4, 20, at=1)
    assert await place(project(tmp_path, same)) == (BRANCH, "ticket", "")


async def test_a_later_commit_on_the_ticket_has_to_be_called_the_same(tmp_path: Path) -> None:
    """With another moment the subject decides; other work on the ticket is not the fix."""
    toy = project(
        tmp_path,
        commit("refs", "own", "[4.1.x] Refs #34063 -- Added a test.", 6, 20, at=7),
        commit(BRANCH, "refs", f"[4.1.x] {FIXED} (#17)", 4, 6, 20, at=8),
    )
    assert await place(toy) == (BRANCH, "ticket", "")
    (tmp_path / "b").mkdir()
    other = commit(BRANCH, "own", "[4.1.x] Refs #34063 -- Added a test.", 6, 20, at=7)
    assert await place(project(tmp_path / "b", other)) is None


async def test_somebody_elses_work_is_not_taken_for_the_fix(tmp_path: Path) -> None:
    """Neither ticket nor subject nor moment alone makes a backport, nor a copy of another one."""
    toy = project(
        tmp_path,
        commit("eve", "own", f"[4.1.x] {FIXED}", 6, 20, at=1, by="Eve"),
        commit("else", "eve", "[4.1.x] Fixed #1 -- Else.", 7, 20, at=1),
        commit(
            BRANCH,
            "else",
            "[4.1.x] Refs #34063 -- It.\n\nBackport of {own} from main.",
            8,
            20,
            at=1,
        ),
    )
    assert await place(toy) is None


async def test_two_tickets_in_one_commit(tmp_path: Path) -> None:
    """A pick for two tickets is the backport of a fix of either."""
    both = commit(BRANCH, "own", "[4.1.x] Fixed #35344, Refs #34063 -- Both.", 4, 20, at=1)
    assert await place(project(tmp_path, both)) == (BRANCH, "ticket", "")


async def test_two_that_may_be_it_are_for_a_person(tmp_path: Path) -> None:
    """A fix that was split in two parts is not guessed at."""
    toy = project(
        tmp_path,
        commit("a", "own", "[4.1.x] Refs #34063 -- One part.", 4, 20, at=1),
        commit(BRANCH, "a", "[4.1.x] Refs #34063 -- Another part.", 4, 5, 20, at=1),
    )
    assert await place(toy) is None


async def test_a_squashed_backport_is_known_as_a_whole(tmp_path: Path) -> None:
    """Several commits of main that are one on the branch are compared as one change."""
    toy = project(
        tmp_path,
        commit("second", "fix", "Refs #34063 -- Second.", 3, 8, at=5),
        commit(BRANCH, "own", "[4.1.x] All of it", 3, 8, 20, at=9, by="Eve"),
    )
    assert await place(toy, "fix", "second") == (BRANCH, "patch", "")
    assert await place(toy, "second") is None


async def test_of_several_commits_the_last_one_tells(tmp_path: Path) -> None:
    """As long as only the first came to the branch, the fix is not there."""
    toy = project(
        tmp_path,
        commit("second", "fix", "Refs #34063 -- Second.", 3, 8, at=5),
        commit(BRANCH, "own", "[4.1.x] First.\n\nBackport of {fix} from main.", 3, 20, at=6),
    )
    assert await place(toy, "fix", "second") is None
    toy.add(
        commit(
            "next",
            BRANCH,
            f"[4.1.x] Second.\n\nBackport of {toy.shas['second']} from main.",
            3,
            8,
            20,
        )
    )
    toy.git("update-ref", HEAD + BRANCH, toy.shas["next"])
    assert await place(toy, "fix", "second") == ("next", "mention", "")


MENTION = "[4.1.x] " + FIXED + "\n\nBackport of {fix} from main."
REVERTS = {
    "by name": "[4.1.x] Took it out.\n\nThis reverts commit {pick}.",
    "by a short name": "Took it out.\n\nThis reverts {pick:.12}.",
    "by its source": "Reverted it.\n\nThis reverts commit {fix}.\n\nBackport of {own} from main.",
    "by its subject": '[4.1.x] Fixed #1 -- Reverted "Fixed #34063 -- Fixed reading request body.".',
    "without a word": "[4.1.x] Tidied up",
}


@pytest.mark.parametrize("way", REVERTS)
async def test_a_revert_undoes_it(tmp_path: Path, way: str) -> None:
    """It is told by its words or by what it changes, and named."""
    toy = project(
        tmp_path,
        commit("pick", "own", MENTION, 3, 20, at=3),
        commit("between", "pick", "Between", 3, 9, 20, at=4),
        commit("undo", "between", REVERTS[way], 9, 20, at=5),
        commit(BRANCH, "undo", "After", 9, 10, 20, at=6),
    )
    assert await place(toy) == ("pick", "mention", "undo")


async def test_a_revert_of_the_revert_brings_it_back(tmp_path: Path) -> None:
    """The fix stands by the later commit then, whose release is the one that counts."""
    toy = project(
        tmp_path,
        commit("pick", "own", MENTION, 3, 20, at=3),
        commit("undo", "pick", REVERTS["by name"], 20, at=4),
        commit(BRANCH, "undo", "Back.\n\nThis reverts commit {undo}.", 3, 4, 20, at=5),
    )
    assert await place(toy) == (BRANCH, "mention", "")


async def test_a_second_application_stands_after_a_revert(tmp_path: Path) -> None:
    """What was reverted and picked again is there, also if only its patch tells so."""
    toy = project(
        tmp_path,
        commit("pick", "own", MENTION, 3, 20, at=3),
        commit("undo", "pick", REVERTS["by name"], 20, at=4),
        commit("again", "undo", "Tried again", 3, 20, at=5, by="Eve"),
        commit(BRANCH, "again", "More", 3, 4, 20, at=6),
    )
    assert await place(toy) == ("again", "patch", "")
    toy.add(commit("gone", BRANCH, "No.\n\nThis reverts commit " + toy.shas["again"], 4, 20, at=7))
    toy.git("update-ref", HEAD + BRANCH, toy.shas["gone"])
    found = await landing(toy)
    assert found is not None
    assert not found.stands


async def test_a_revert_before_it_says_nothing_of_it(tmp_path: Path) -> None:
    """A fix that comes to the branch after main took back an earlier attempt stands."""
    toy = project(
        tmp_path,
        commit("early", "own", "Earlier.\n\nThis reverts commit {fix}.", 5, 20, at=3),
        commit(BRANCH, "early", MENTION, 3, 5, 20, at=4),
    )
    assert await place(toy) == (BRANCH, "mention", "")


async def test_a_branch_that_has_the_source_itself(tmp_path: Path) -> None:
    """A branch that was made after the fix holds it as it is, until a revert."""
    toy = project(tmp_path, commit(BRANCH, "fix", "[4.1.x] Bumped", 3, 9, at=3))
    assert await place(toy) == ("fix", "patch", "")
    toy.add(commit("undo", BRANCH, f"Out.\n\nThis reverts commit {toy.shas['fix']}.", 9, at=4))
    toy.git("update-ref", HEAD + BRANCH, toy.shas["undo"])
    assert await place(toy) == ("fix", "patch", "undo")


async def test_what_is_not_there_has_no_landing(tmp_path: Path) -> None:
    """A branch that is gone, a commit that nobody has, and no commit at all are no error."""
    toy = project(tmp_path)
    assert await place(toy) is None
    toy.git("update-ref", HEAD + BRANCH, toy.shas["own"])
    assert await place(toy) is None
    toy.shas["ghost"] = "1" * 40
    assert await place(toy, "ghost") is None
    assert await place(toy, ours="ghost") is None


@pytest.mark.parametrize("kind", [GitMirror, PartialMirror])
async def test_both_kinds_of_mirror_answer_alike(tmp_path: Path, kind: type[GitMirror]) -> None:
    """A mirror without contents fetches those that it compares, and no others."""
    served = serve_toy(
        tmp_path,
        *BASE,
        commit("pick", "own", "Cleaned up", 3, 20, at=9, by="Eve"),
        commit(BRANCH, "pick", "Out again", 20, at=10, by="Eve"),
    )
    served.git("update-ref", "refs/heads/main", served.shas["fix"])
    with serving(tmp_path / "served") as server:
        async with GitMirrors(Home(tmp_path / "data", server.url, BOT), kind).open(
            REPOSITORY
        ) as mirror:
            await mirror.fetch(TOKEN, [f"{HEAD}main", f"{HEAD}stable/*"])
            found = await mirror.landing(BRANCH, [served.shas["fix"]])
    assert found is not None
    assert (found.sha, found.reverted_by) == (served.shas["pick"], served.shas[BRANCH])
