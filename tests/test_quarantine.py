"""What surrounds a pick: who writes where, how large git may grow, and what keeps mirrors well."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.adapters.git import loose
from bot.adapters.git.merge import plan
from bot.adapters.git.mirror import GitMirrors
from bot.adapters.git.objects import objects_of
from bot.adapters.git.run import Call, Git, GitFailedError
from bot.core.model import Push, PushState
from tests.git_server import TOKEN, GitServer
from tests.git_toys import BASE, RECIPE, File, Toy, ToyCommit, history, make_toy, opened, text
from tests.mirrored import HEAD, REPOSITORY, pick_on


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give the folder of the mirror."""
    return tmp_path / "data" / "mirrors" / "django" / "django.git"


@pytest.mark.parametrize(
    ("version", "option"),
    [((2, 38), "--allow-unrelated-histories"), ((2, 40), "--merge-base={base}")],
)
async def test_the_base_is_named_where_git_can_be_told(
    tmp_path: Path, version: tuple[int, int], option: str
) -> None:
    """Newer gits get the base as an option, older ones a stand-in whose parent it is."""
    toy = make_toy(tmp_path, *history(BASE, {**BASE, b"f": text(l1=b"b")}))
    with objects_of(Git(toy.git_dir, version=version)) as objects:
        source, onto = (objects.commit(toy.shas[name]) for name in ("fix", "target"))
        assert source is not None
        assert onto is not None
        first, ours, theirs = plan(objects, source, onto)
        assert first == option.format(base=toy.shas["base"])
        assert theirs == source.sha
        stand_in = objects.commit(ours)
        assert stand_in is not None
        assert stand_in.tree == onto.tree
        assert (stand_in == onto) is (version >= (2, 40))


async def test_a_root_has_no_base_to_name(tmp_path: Path) -> None:
    """Any git gets a stand-in without a parent for it."""
    toy = make_toy(tmp_path, ToyCommit("fix", BASE), ToyCommit("target", {b"x": text()}))
    with objects_of(Git(toy.git_dir, version=(2, 50))) as objects:
        source, onto = (objects.commit(toy.shas[name]) for name in ("fix", "target"))
        assert source is not None
        assert onto is not None
        stand_in = objects.commit(plan(objects, source, onto)[1])
        assert stand_in is not None
        assert (stand_in.tree, stand_in.parents) == (onto.tree, ())


async def test_git_gets_no_more_memory_than_it_may_have(tmp_path: Path) -> None:
    """A git that asks for more than its bound ends with an error, and nothing else does."""
    git, much = Git(make_toy(tmp_path).git_dir), b"x" * (64 << 20)
    assert await git.line("hash-object", "--stdin", call=Call(much, memory=1 << 30))
    with pytest.raises(GitFailedError):
        await git("hash-object", "--stdin", call=Call(much, memory=32 << 20))


async def test_a_living_git_that_dies_is_started_again(tmp_path: Path) -> None:
    """What it was asked fails; the next question is answered."""
    toy = make_toy(tmp_path, *history(BASE, BASE))
    fix = toy.shas["fix"]
    tree = toy.line("rev-parse", "fix^{tree}")
    broken = toy.git_dir / "objects" / tree[:2] / tree[2:]
    with opened(toy) as clone:
        content = broken.read_bytes()
        broken.chmod(0o644)
        broken.write_bytes(b"\x78\x9cnonsense")
        with pytest.raises(GitFailedError):
            clone.objects.trees([tree])
        broken.write_bytes(content)
        assert clone.objects.commit(fix) is not None
        assert tree in clone.objects.trees([tree])


async def test_names_with_line_breaks_are_told_from_answers(tmp_path: Path) -> None:
    """A missing path that looks like an answer is missing; its neighbours are found."""
    toy = make_toy(tmp_path, ToyCommit("one", {b"a\nb": File(b"1"), b"c": File(b"2")}))
    one = toy.shas["one"].encode()
    names = [b"a\nb", b"a\nx", b"\n", b"c", b"a"]
    with opened(toy) as clone:
        found = [clone.objects.read(one + b":" + name) for name in names]
    assert [stored.data if stored else None for stored in found] == [b"1", None, None, b"2", None]


async def test_what_was_pushed_need_not_be_fetched(
    mirrors: GitMirrors, toy: Toy, server: GitServer, tmp_path: Path
) -> None:
    """Another task of this machine finds the pushed commit and its files in the mirror."""
    toy.add(ToyCommit("stable/clash", {b"f": File(b"other\n")}, ("main",)))
    async with mirrors.open(REPOSITORY) as mirror:
        await pick_on(mirror, toy)
        draft = (await mirror.pick([toy.shas["fix"]], toy.shas["stable/clash"], RECIPE)).partial
        assert draft is not None
        await mirror.push(TOKEN, {"draft": draft})
    asked = len(server.requests)
    into = tmp_path / "into"
    into.mkdir()
    async with mirrors.open(REPOSITORY) as mirror:
        assert await mirror.has(draft)
        await mirror.export(draft, into)
    assert b"<<<<<<<" in (into / "f").read_bytes()
    assert len(server.requests) == asked


async def test_a_target_that_moves_meanwhile_changes_nothing(mirrors: GitMirrors, toy: Toy) -> None:
    """The pick is on the commit that was seen, and is pushed; the target itself is not touched."""
    async with mirrors.open(REPOSITORY) as mirror:
        heads = await pick_on(mirror, toy, "4.1.x")
        toy.add(ToyCommit("moved", {b"f": File(b"moved\n")}, ("stable/4.1.x",)))
        toy.git("update-ref", f"{HEAD}stable/4.1.x", toy.shas["moved"])
        done = await mirror.push(TOKEN, heads)
    assert done == {name: Push(PushState.CREATED, sha) for name, sha in heads.items()}
    assert toy.line("rev-parse", f"{HEAD}stable/4.1.x") == toy.shas["moved"]
    assert toy.line("rev-parse", f"{heads['backport/4.1.x']}^") == toy.shas["stable/4.1.x"]


async def test_locks_of_a_killed_git_are_taken_away(
    mirrors: GitMirrors, toy: Toy, place: Path
) -> None:
    """Whoever holds the mirror knows that nobody else is in it: what is locked there is stale."""
    async with mirrors.open(REPOSITORY) as mirror:
        await mirror.fetch(TOKEN, [f"{HEAD}*"])
    for name in ("packed-refs.lock", "refs/heads/main.lock", "shallow.lock", "gc.pid.lock"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).touch()
    toy.add(ToyCommit("more", {b"f": File(b"more\n")}, ("fix",)))
    toy.git("update-ref", f"{HEAD}main", toy.shas["more"])
    async with mirrors.open(REPOSITORY) as mirror:
        refs = await mirror.fetch(TOKEN, [f"{HEAD}*"])
    assert refs[f"{HEAD}main"] == toy.shas["more"]


async def test_mirrors_are_packed_in_time(mirrors: GitMirrors, place: Path) -> None:
    """A mirror with few single objects is left, one full of them is packed; refs stay."""
    async with mirrors.open(REPOSITORY) as mirror:
        refs = await mirror.fetch(TOKEN, [f"{HEAD}*"])
    await mirrors.maintain()
    assert packs(place) == []
    many = full_of_objects(place / "objects", 3000)
    await Git(place)("update-ref", f"{HEAD}many", many)
    await mirrors.maintain()
    assert len(packs(place)) == 1
    async with mirrors.open(REPOSITORY) as mirror:
        assert await mirror.has(many)
        assert await mirror.fetch(TOKEN, [f"{HEAD}*"]) == refs


def packs(place: Path) -> list[Path]:
    """Give the packs of a repository."""
    return list((place / "objects" / "pack").glob("*.pack"))


def full_of_objects(objects: Path, count: int) -> str:
    """Write a commit of many files, each object by itself."""
    names = [b"%06d" % i for i in range(count)]
    shas = [bytes.fromhex(loose.write(objects, "blob", name)) for name in names]
    entries = (b"100644 %s\0%s" % entry for entry in zip(names, shas, strict=True))
    tree = loose.write(objects, "tree", b"".join(entries))
    person = "A <a@a.test> 0 +0000"
    raw = f"tree {tree}\nauthor {person}\ncommitter {person}\n\nMany\n"
    return loose.write(objects, "commit", raw.encode())


async def test_a_broken_mirror_does_not_keep_others_from_upkeep(
    mirrors: GitMirrors, place: Path
) -> None:
    """Its failure is raised, after all had their turn."""
    async with mirrors.open(REPOSITORY):
        pass
    broken = place.with_name("a-first.git")
    broken.mkdir()
    (place / "refs" / "heads" / "x.lock").touch()
    with pytest.raises(GitFailedError):
        await mirrors.maintain()
    assert not (place / "refs" / "heads" / "x.lock").exists()
