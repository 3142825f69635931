"""Which release holds a commit, and which steps of a release a branch shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.git.mirror import GitMirror, GitMirrors, Home
from bot.adapters.git.objects import objects_of
from bot.adapters.git.partial_mirror import PartialMirror
from bot.adapters.git.run import Git
from bot.core.model import Repository
from bot.core.release_order import belongs, version
from bot.core.release_steps import next_of, stated
from tests.git_server import TOKEN, serving
from tests.git_toys import BOT, File, Toy, ToyCommit, make_toy
from tests.mirrored import HEAD, REPOSITORY, serve_toy

BRANCH, OLDER = "stable/4.1.x", "stable/3.2.x"
START = 1_672_642_619
MODULE, MAN = b"django/__init__.py", b"docs/man/django-admin.1"
STUB = b"*Expected January 2, 2023*\n\nDjango fixes several bugs.\n"
DATED = b"*January 2, 2023*\n\nDjango fixes a bug.\n"
TAGS = "refs/tags/*"
SUBJECTS = {"claims": "[4.1.x] Bumped version for 4.1.5 release."}

Files = dict[bytes, bytes]


def module(*parts: int | str) -> bytes:
    """Give a module that states a version."""
    return f"from x import y\n\nVERSION = {parts!r}\n__version__ = y(VERSION)\n".encode()


def notes(text: str) -> bytes:
    """Give the path of a version's notes."""
    return f"docs/releases/{text}.txt".encode()


def line(*steps: tuple[str, Files], branch: str = BRANCH) -> Iterator[ToyCommit]:
    """Give a line of commits of which each changes files; an empty content deletes one."""
    files: Files = {b"f": b"1\n"}
    parents: tuple[str, ...] = ()
    for number, (name, changed) in enumerate(steps):
        files = {path: content for path, content in (files | changed).items() if content}
        tree = {path: File(content) for path, content in files.items()}
        who = f"Carl <c@x.test> {START + 60 * number} +0100".encode()
        yield ToyCommit(name, tree, parents, SUBJECTS.get(name, name).encode(), who, who)
        parents = (name,)
    yield ToyCommit(branch, tree, parents, b"Tip", who, who)


# As it was for 4.1.5, in one push: the tag stands two commits below the tip.
RELEASED = (
    ("old", {MODULE: module(4, 1, 4, "final", 0), notes("4.1.4"): DATED}),
    ("post-4.1.4", {MODULE: module(4, 1, 5, "alpha", 0)}),
    ("stub-4.1.5", {notes("4.1.5"): STUB}),
    ("fix", {b"f": b"2\n"}),
    ("dated", {notes("4.1.5"): DATED}),
    ("bump", {MODULE: module(4, 1, 5, "final", 0)}),
    ("post", {MODULE: module(4, 1, 6, "alpha", 0)}),
    ("stub", {notes("4.1.6"): STUB}),
)
ALL = [("dated", "dated"), ("bumped", "bump"), ("tagged", "bump")]
ALL += [("post_bumped", "post"), ("stubbed", "stub")]


def tag(toy: Toy, name: str, commit: str, at: int = START) -> None:
    """Put a signed-off tag on a commit, as releasers do."""
    text = f"object {toy.shas[commit]}\ntype commit\ntag {name}\ntagger R <r@x.test> {at} +0100\n\n"
    made = toy.git("mktag", stdin=f"{text}Tag {name}\n".encode()).decode().strip()
    toy.git("update-ref", f"refs/tags/{name}", made)


@contextmanager
def opened(toy: Toy) -> Iterator[GitMirror]:
    """Open a mirror that holds the toy."""
    with objects_of(Git(toy.git_dir)) as objects:
        home = Home(toy.folder, "http://127.0.0.1:9", BOT)
        yield GitMirror(objects, home, Repository(1, 2, "django", "django"))


async def steps(toy: Toy, wanted: str, branch: str = BRANCH) -> list[tuple[str, str]]:
    """Give the steps towards a version, with the names of the commits that show them."""
    names = {sha: name for name, sha in toy.shas.items()}
    with opened(toy) as mirror:
        return [(one.step.value, names[one.sha]) for one in await mirror.steps(branch, wanted)]


async def held_by(toy: Toy, commit: str) -> list[str]:
    """Give the releases that hold a commit."""
    with opened(toy) as mirror:
        return [one.version for one in await mirror.releases(toy.shas[commit])]


NAMES = ["3.2.25", "4.1.dev1", "4.1a1", "4.1b1", "4.1rc1", "4.1", "4.1.5", "4.1.10", "4.2a1"]
NAMES += ["4.2", "4.10", "2028.0rc1", "2028.0", "2028.1", "2028.10"]


@given(st.permutations(NAMES))
def test_releases_sort_as_they_come(names: list[str]) -> None:
    """Numbers count as numbers, and what comes before a release is before it."""
    assert sorted(names, key=lambda name: (version(name) is None, version(name))) == NAMES


def test_what_is_a_release() -> None:
    """A `v` may lead, a zero may end it; a name of anything else is none."""
    assert version("v4.1.0") == version("4.1")
    assert version("3.13.0rc2") == version("v3.13.0-rc.2")
    for name in ("archive/attic/gis", "4", "20230101", "stable/4.1.x", "4.1.x", "", "4.1-final"):
        assert version(name) is None


@pytest.mark.parametrize(
    ("name", "series", "is_of"),
    [
        ("4.1.5", "4.1", True),
        ("4.1", "4.1.x", True),
        ("4.1rc1", "4.1", True),
        ("4.10.1", "4.1", False),
        ("4.0", "4.0.x", True),
        ("2028.1", "2028.x", True),
        ("3.1.4", "v3-1-test", True),
        ("x", "4.1", False),
        ("4.1", "main", False),
    ],
)
def test_a_version_is_of_a_series(name: str, series: str, *, is_of: bool) -> None:
    """Series of one, two or three numbers have their versions, however branches write them."""
    assert belongs(name, series) is is_of


def test_the_version_that_comes_next() -> None:
    """Years have two numbers, series three."""
    assert [next_of(one) for one in ("4.1.9", "4.1", "2028.0")] == ["4.1.10", "4.1.1", "2028.1"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"VERSION = (4, 1, 6, 'final', 0)\n", "4.1.6"),
        (b'VERSION: tuple[object, ...] = (4, 1, 0, "rc", 1)\n', "4.1rc1"),
        (b"VERSION = (\n    2028,\n    1,\n    'final',\n    0,\n)\n", "2028.1"),
        (b'[project]\nname = "x"\nversion = "8.0.1"\n', "8.0.1"),
        (b'__version__ = "3.9.0rc0"\n', "3.9.0rc0"),
        (b"2.1.4\n", "2.1.4"),
    ],
)
def test_where_a_version_is_stated(content: bytes, said: str) -> None:
    """A tuple as Django's, an assignment, and a file of nothing else are read."""
    assert stated(content) == version(said)


@pytest.mark.parametrize(
    "content",
    [None, b"", b"VERSION = (4, 1, 6\n", b"VERSION = get()\n", b"VERSION = (4,)\n", b"\xff\0",
     b"VERSION = (4, 1, 6, 'gold', 0)\n", b"VERSION = (a, b, c)\n", b"version = attr: x.y\n"],
)  # fmt: skip
def test_what_states_no_version(content: bytes | None) -> None:
    """Whatever cannot be read says nothing."""
    assert stated(content) is None


async def test_a_whole_release_in_one_push(tmp_path: Path) -> None:
    """Every step is found by what files say, though the tip is past the tag."""
    toy = make_toy(tmp_path, *line(*RELEASED))
    tag(toy, "4.1.4", "old")
    tag(toy, "4.1.5", "bump")
    assert await steps(toy, "4.1.5") == ALL
    assert await steps(toy, "4.1.6") == []
    assert await held_by(toy, "fix") == ["4.1.5"]
    assert await held_by(toy, "post") == []


async def test_what_a_repository_began_with_is_no_step(tmp_path: Path) -> None:
    """A history that was imported as a whole, before any release, shows what came after alone."""
    whole = {MODULE: module(4, 1, 4, "final", 0), MAN: b"4.1.5", notes("4.1.5"): DATED}
    bumped = {MODULE: module(4, 1, 5, "final", 0)}
    toy = make_toy(tmp_path, *line(("import", whole), ("bump", bumped)))
    assert await steps(toy, "4.1.5") == [("bumped", "bump")]


async def test_a_branch_that_is_gone(tmp_path: Path) -> None:
    """When a series has ended and its branch is deleted, its last release still shows the steps."""
    toy = make_toy(tmp_path, *line(*RELEASED))
    for name, commit in (("4.1.4", "old"), ("4.1.5", "bump"), ("4.1.6", "stub")):
        tag(toy, name, commit)
    toy.git("update-ref", "-d", HEAD + BRANCH)
    assert await steps(toy, "4.1.5") == ALL


async def test_steps_in_another_order_are_the_same_steps(tmp_path: Path) -> None:
    """The stub may come first, the date last; no tag yet means that it is not tagged."""
    first, *_, fix, dated, bump, post, stub = RELEASED
    toy = make_toy(tmp_path, *line(first, RELEASED[1], RELEASED[2], stub, bump, fix, post, dated))
    tag(toy, "4.1.4", "old")
    assert await steps(toy, "4.1.5") == [one for one in ALL if one[0] != "tagged"]


async def test_a_release_squashed_into_one_commit(tmp_path: Path) -> None:
    """One commit can show several steps; a bump that was passed over is none."""
    both = {notes("4.1.5"): DATED, MODULE: module(4, 1, 6, "alpha", 0), notes("4.1.6"): STUB}
    toy = make_toy(tmp_path, *line(*RELEASED[:3], ("all", both)))
    tag(toy, "4.1.4", "old")
    assert await steps(toy, "4.1.5") == [
        ("dated", "all"),
        ("post_bumped", "all"),
        ("stubbed", "all"),
    ]


async def test_a_step_that_was_taken_back_is_not_done(tmp_path: Path) -> None:
    """A release that was put off leaves nothing behind."""
    back = {MODULE: module(4, 1, 5, "alpha", 0), notes("4.1.5"): STUB, notes("4.1.6"): b""}
    toy = make_toy(tmp_path, *line(*RELEASED, ("back", back)))
    tag(toy, "4.1.4", "old")
    assert await steps(toy, "4.1.5") == []


async def test_words_alone_are_no_step(tmp_path: Path) -> None:
    """A subject that claims a bump changes nothing."""
    claims = ("claims", {b"f": b"3\n"})
    toy = make_toy(tmp_path, *line(*RELEASED[:3], claims))
    tag(toy, "4.1.4", "old")
    assert await steps(toy, "4.1.5") == []


async def test_the_man_page_of_a_release(tmp_path: Path) -> None:
    """The page's title line has to change, and before the next version begins."""
    page = b'.TH "DJANGO-ADMIN" "1" "%s" "4.2" "Django"\nWords%s\n'
    toy = make_toy(
        tmp_path,
        *line(
            ("old", {MODULE: module(4, 2, 0, "rc", 1), MAN: page % (b"March 20, 2023", b"")}),
            ("words", {MAN: page % (b"March 20, 2023", b".")}),
            ("page", {MAN: page % (b"April 03, 2023", b".")}),
            ("bump", {MODULE: module(4, 2, 0, "final", 0)}),
            ("post", {MODULE: module(4, 2, 1, "alpha", 0)}),
            ("later", {MAN: page % (b"May 3, 2023", b".")}),
        ),
    )
    tag(toy, "4.2rc1", "old")
    tag(toy, "4.2", "bump")
    done = [("man_page", "page"), ("bumped", "bump"), ("tagged", "bump"), ("post_bumped", "post")]
    assert await steps(toy, "4.2") == done


async def test_versions_of_two_parts(tmp_path: Path) -> None:
    """Versions of a year are released like others."""
    toy = make_toy(
        tmp_path,
        *line(
            ("old", {MODULE: module(2028, 0, "final", 0)}),
            ("fix", {b"f": b"2\n"}),
            ("bump", {MODULE: module(2028, 1, "final", 0), notes("2028.1"): DATED}),
            ("post", {MODULE: module(2028, 2, "alpha", 0), notes("2028.2"): STUB}),
            branch="stable/2028.x",
        ),
    )
    tag(toy, "2028.0", "old")
    tag(toy, "2028.1", "bump")
    found = await steps(toy, "2028.1", "stable/2028.x")
    assert [name for _, name in found] == ["bump", "bump", "bump", "post", "post"]
    assert await held_by(toy, "fix") == ["2028.1"]
    with opened(toy) as mirror:
        assert [one.version for one in await mirror.tags("2028.x")] == ["2028.0", "2028.1"]


async def test_a_branch_without_a_version(tmp_path: Path) -> None:
    """A project that states none shows no bumps, only its tag and its notes."""
    toy = make_toy(tmp_path, *line(("old", {}), ("dated", {notes("1.0.1"): DATED})))
    tag(toy, "v1.0.0", "old")
    tag(toy, "v1.0.1", "dated")
    assert await steps(toy, "1.0.1") == [("dated", "dated"), ("tagged", "dated")]
    assert await steps(toy, "what ever") == []


async def test_tags_that_are_no_releases_are_left_out(tmp_path: Path) -> None:
    """Tags of files and trees, odd names and tags of tags do not disturb."""
    toy = make_toy(tmp_path, *line(*RELEASED))
    for name, what in (("9.9", "old:f"), ("9.8", "old^{tree}"), ("archive/attic/gis", "old")):
        toy.git("update-ref", f"refs/tags/{name}", toy.line("rev-parse", what))
    toy.git("update-ref", "refs/tags/4.1.10", toy.shas["bump"])
    tag(toy, "4.1.9", "bump", START + 5)
    with opened(toy) as mirror:
        found = await mirror.releases(toy.shas["fix"])
        assert await mirror.releases("1" * 40) == ()
        assert [one.version for one in await mirror.tags("9.9")] == []
    assert [(one.tag, one.sha) for one in found] == [
        ("4.1.9", toy.shas["bump"]),
        ("4.1.10", toy.shas["bump"]),
    ]
    assert found[0].at == datetime.fromtimestamp(START + 5, UTC)


@pytest.mark.parametrize("kind", [GitMirror, PartialMirror])
async def test_tags_that_move_or_go_are_followed(tmp_path: Path, kind: type[GitMirror]) -> None:
    """What the last fetch saw counts, in both kinds of mirrors, which see the same steps."""
    toy = serve_toy(tmp_path, *line(*RELEASED))
    tag(toy, "4.1.4", "old")
    tag(toy, "4.1.5", "bump")
    refs, fix = [f"{HEAD}stable/*", TAGS], toy.shas["fix"]
    seen: list[list[str]] = []
    with serving(tmp_path / "served") as server:
        mirrors = GitMirrors(Home(tmp_path / "data", server.url, BOT), kind)
        async with mirrors.open(REPOSITORY) as mirror:
            await mirror.fetch(TOKEN, refs)
            done = [one.step.value for one in await mirror.steps(BRANCH, "4.1.5")]
            seen.append([one.version for one in await mirror.releases(fix)])
            tag(toy, "4.1.5", "stub-4.1.5")
            tag(toy, "4.1.6", "bump")
            await mirror.fetch(TOKEN, refs)
            seen.append([one.version for one in await mirror.releases(fix)])
        toy.git("update-ref", "-d", "refs/tags/4.1.6")
        async with mirrors.open(REPOSITORY) as mirror:
            await mirror.fetch(TOKEN, refs)
            seen.append([one.version for one in await mirror.releases(fix)])
    assert done == [step for step, _ in ALL]
    assert seen == [["4.1.5"], ["4.1.6"], []]
