"""What makes cherry-picks without a work tree go wrong, each met once and held here."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.adapters.git.merge import merge, plan
from bot.adapters.git.merge_output import parse_merge_output
from bot.adapters.git.mirror import GitMirrors
from bot.adapters.git.pick import pick
from bot.adapters.git.run import Call, Git, GitFailedError
from bot.core.message import backport_message
from bot.core.model import Outcome, PushState
from bot.core.resolution import Settled, ThreeWay
from tests.git_server import AUTHORIZATION, TOKEN, GitServer
from tests.git_toys import (
    BASE,
    EXECUTABLE,
    LINES,
    LINK,
    RECIPE,
    SUBMODULE,
    File,
    Toy,
    ToyCommit,
    conflicts,
    history,
    make_toy,
    opened,
    picked,
    ruled,
    text,
)
from tests.mirrored import HEAD, REPOSITORY, pick_on


def files(folder: Path) -> list[Path]:
    """Give every file below a folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


class TakesTheirs:
    """A resolver that settles whatever it is shown, and remembers it."""

    name = "theirs"

    def __init__(self) -> None:
        self.shown: list[str] = []

    async def resolve(self, conflict: ThreeWay) -> Settled:
        """Take the source's version."""
        self.shown.append(conflict.path)
        return Settled(conflict.path, conflict.theirs, self.name)


async def test_trap_01_history_is_not_walked(tmp_path: Path) -> None:
    """A stand-in older than the fix would have git walk to the first commit: ours never is."""
    names = ["c0", "c1", "c2", "c3", "c4", "c5"]
    first, *chain = (
        ToyCommit(name, BASE, names[max(i - 1, 0) : i], committer=b"C <c@c.test> %d +0000" % i)
        for i, name in enumerate(names)
    )
    late = b"C <c@c.test> 4000000000 +0000"
    fix = ToyCommit("fix", {**BASE, b"f": text(l9=b"new")}, ("c5",), committer=late)
    toy = make_toy(tmp_path, first, *chain, fix)
    gone = toy.shas["c0"]
    (toy.git_dir / "objects" / gone[:2] / gone[2:]).unlink()
    with opened(toy) as clone:
        source, onto = (clone.objects.commit(toy.shas[name]) for name in ("fix", "c1"))
        assert source is not None
        assert onto is not None
        merged = await merge(clone.objects, source, onto, [b"f"])
        assert merged.output.clean
        stand_in = clone.objects.commit(plan(clone.objects, source, onto)[-2])
        assert stand_in is not None
        assert stand_in.date > source.date


async def test_trap_02_a_bad_object_is_no_conflict(tmp_path: Path) -> None:
    """Git's exit code for both is the same; without a tree in the output it is a failure."""
    toy = make_toy(tmp_path, *history(BASE, BASE))
    names = (toy.shas["target"], "1" * 40)
    call = Call(accept=(0, 1, 128))
    result = await Git(toy.git_dir)("merge-tree", "--write-tree", "-z", *names, call=call)
    with pytest.raises(GitFailedError):
        parse_merge_output(result)


async def test_trap_03_a_huge_text_is_not_merged(tmp_path: Path) -> None:
    """150 MB that both sides changed are a conflict before git is asked to read them."""
    huge = b"one line of a long text\n" * 6_300_000
    toy = make_toy(
        tmp_path,
        ToyCommit("base", {b"big": File(huge)}),
        ToyCommit("target", {b"big": File(b"old\n" + huge)}, ("base",)),
        ToyCommit("fix", {b"big": File(b"short\n")}, ("base",)),
    )
    made = await picked(toy)
    assert made.outcome is Outcome.CONFLICT
    (conflict,) = made.conflicts
    assert conflict.reason == "too large to merge: 144 MiB, and the limit is 8 MiB"
    assert files(toy.quarantine) == []


async def test_trap_04_line_ends_are_never_changed(tmp_path: Path) -> None:
    """A target with CRLF conflicts as a whole, also where a repository asks to renormalize."""
    toy = make_toy(
        tmp_path,
        *history(
            {b"f": File(b"".join(LINES).replace(b"\n", b"\r\n"))},
            {b"f": text(l3=b"new")},
            {b"f": text()},
        ),
    )
    toy.git("config", "merge.renormalize", "true")
    toy.git("config", "core.autocrlf", "true")
    made = await picked(toy)
    assert [(c.path, c.reason) for c in made.conflicts] == [("f", "contents: 1 hunk")]
    marked = toy.git("show", f"{made.partial}:f")
    assert marked.count(b"\r\n") >= len(LINES)


@pytest.mark.parametrize("where", [b".gitattributes", b"d/.gitattributes"])
async def test_trap_05_attributes_of_the_tree_hold(tmp_path: Path, where: bytes) -> None:
    """`merge=union` is done as in a clean clone, though git reads no such file in a bare one."""
    rules = {where: File(b"g merge=union\n")}
    toy = make_toy(
        tmp_path,
        *history(
            {b"d/g": text(l1=b"a"), **rules},
            {b"d/g": text(l1=b"b"), **rules},
            {b"d/g": text(), **rules},
        ),
    )
    made = await picked(toy)
    assert toy.git("show", f"{made.commit}:d/g") == text(l1=b"a\nb").data


async def test_trap_05_attributes_hold_under_the_targets_name(tmp_path: Path) -> None:
    """Where the target has the file in another folder, it is that folder's attributes."""
    rules = {b"d/.gitattributes": File(b"g merge=union\n")}
    toy = make_toy(
        tmp_path,
        *history({b"d/g": text(l1=b"a"), **rules}, {b"new/g": text(l1=b"b")}, {b"new/g": text()}),
    )
    made = await picked(toy)
    assert toy.git("show", f"{made.commit}:d/g") == text(l1=b"a\nb").data


async def test_trap_05_no_command_of_a_repository_runs(tmp_path: Path) -> None:
    """A merge driver that a tree asks for and a repository defines is not run."""
    rules = {b".gitattributes": File(b"* merge=evil\n")}
    toy = make_toy(
        tmp_path,
        *history(
            {b"f": text(l1=b"a"), **rules}, {b"f": text(l9=b"b"), **rules}, {b"f": text(), **rules}
        ),
    )
    ran = tmp_path / "ran"
    made = await picked(toy)
    assert toy.git("show", f"{made.commit}:f") == text(l1=b"a", l9=b"b").data
    assert not ran.exists()


async def test_trap_06_a_file_for_a_renamed_directory_is_for_a_person(tmp_path: Path) -> None:
    """Git's guess at the place of a new file is shown, not taken, whatever is configured."""
    base = {b"old/a": text(), b"old/b": text(l1=b"b")}
    new = {b"new/a": text(), b"new/b": text(l1=b"b")}
    toy = make_toy(tmp_path, *history(base, {**new, b"new/c": File(b"new\n")}, new))
    toy.git("config", "merge.directoryRenames", "false")
    said = [(c.path, c.reason) for c in (await picked(toy)).conflicts]
    assert said == [("old/c", "file location: its directory was renamed on one side")]


async def test_trap_07_rules_are_not_asked_about_names_that_git_made_up(tmp_path: Path) -> None:
    """A file against a directory, a link against a file, and a binary one are for people."""
    toy = make_toy(
        tmp_path,
        *history(
            {b"n/x": text(), b"link": File(b"f", LINK), b"bin": File(b"\0a")},
            {b"n": text(l1=b"y"), b"link": text(l1=b"x"), b"bin": File(b"\0b")},
            {b"link": text(), b"bin": File(b"\0")},
        ),
    )
    resolver = TakesTheirs()
    made = await picked(toy, settlers=ruled(resolver))
    assert resolver.shown == []
    assert [conflict.path for conflict in made.conflicts] == ["bin", "link", "n"]
    listed = toy.line("ls-tree", "-r", "--name-only", str(made.partial)).splitlines()
    assert f"n~{toy.shas['fix'][:12]}" in listed


async def test_trap_08_a_merge_is_picked_against_its_first_parent(tmp_path: Path) -> None:
    """What the merge brought to its branch is what is picked."""
    toy = make_toy(
        tmp_path,
        ToyCommit("base", BASE),
        ToyCommit("target", {b"f": text(l1=b"old"), b"d/g": text()}, ("base",)),
        ToyCommit("main", {b"f": text(l9=b"main"), b"d/g": text()}, ("base",)),
        ToyCommit("side", {b"f": text(l15=b"side"), b"d/g": text()}, ("base",)),
        ToyCommit("merge", {b"f": text(l9=b"main", l15=b"side"), b"d/g": text()}, ("main", "side")),
    )
    made = await picked(toy, "merge")
    assert toy.git("show", f"{made.commit}:f") == text(l1=b"old", l15=b"side").data
    assert toy.line("rev-parse", f"{made.commit}^@") == toy.shas["target"]


async def test_trap_08_a_root_commit_is_picked_against_nothing(tmp_path: Path) -> None:
    """All that a first commit holds is added."""
    toy = make_toy(tmp_path, ToyCommit("target", BASE), ToyCommit("fix", {b"new": File(b"new\n")}))
    made = await picked(toy)
    listed = toy.line("ls-tree", "-r", "--name-only", str(made.commit)).splitlines()
    assert listed == ["d/g", "f", "new"]


async def test_trap_09_nothing_left_to_change_makes_no_commit(tmp_path: Path) -> None:
    """A result equal to the target, and a target that names the source, are already there."""
    new = {**BASE, b"f": text(l3=b"new")}
    toy = make_toy(tmp_path, *history(new, new))
    words = f"Otherwise\n\n(cherry picked from commit {toy.shas['fix']})\n".encode()
    toy.add(ToyCommit("hand", {**BASE, b"f": text(l3=b"other")}, ("target",), message=words))
    for onto in ("target", "hand"):
        made = await picked(toy, onto=onto)
        assert (made.outcome, made.commit) == (Outcome.ALREADY_THERE, toy.shas[onto])


async def test_trap_10_changes_follow_a_rename(tmp_path: Path) -> None:
    """A file that main renamed is changed under the name that the target knows."""
    toy = make_toy(
        tmp_path,
        ToyCommit("base", {b"f": text()}),
        ToyCommit("main", {b"new/f": text()}, ("base",)),
        ToyCommit("target", {b"f": text(l1=b"old")}, ("base",)),
        ToyCommit("fix", {b"new/f": text(l9=b"new")}, ("main",)),
    )
    made = await picked(toy)
    assert toy.line("ls-tree", "-r", "--name-only", str(made.tree)) == "f"
    assert toy.git("show", f"{made.tree}:f") == text(l1=b"old", l9=b"new").data


async def test_trap_11_what_is_no_plain_file_is_told_apart(tmp_path: Path) -> None:
    """Links against files and submodules that both moved conflict; a mode merges beside text."""
    one, two, three = (File(bytes([c]) * 40, SUBMODULE) for c in b"123")
    toy = make_toy(
        tmp_path,
        *history(
            {b"link": File(b"f", LINK), b"mod": two, b"run": text(l1=b"old")},
            {b"link": text(l1=b"x"), b"mod": three, b"run": File(text().data, EXECUTABLE)},
            {b"link": text(), b"mod": one, b"run": text()},
        ),
    )
    made = await picked(toy)
    assert {conflict.path: conflict.reason for conflict in made.conflicts} == {
        "link": "distinct types: a file, a link or a submodule on either side",
        "mod": "submodule: moved on both sides",
    }
    form = "--format=%(objectmode)"
    assert toy.line("ls-tree", form, str(made.partial), "run") == EXECUTABLE
    assert toy.git("show", f"{made.partial}:run") == text(l1=b"old").data


async def test_trap_12_odd_paths_are_fit_for_json(tmp_path: Path) -> None:
    """Line breaks and quotes stay, bytes that are no UTF-8 are shown by their code."""
    odd, base, ours, theirs = b'a\n"\xff"\\', text(), text(l1=b"a"), text(l1=b"b")
    said = await conflicts(tmp_path, {odd: ours}, {odd: theirs}, {odd: base})
    assert said == [('a\n"\\xff"\\', "contents: 1 hunk")]


async def test_trap_13_a_picked_commit_is_the_source_with_our_frame(tmp_path: Path) -> None:
    """Author, date, zone, encoding and bytes of the message are the source's, the rest is ours.

    The committer's date is the source's too, and signatures are dropped.
    """
    toy = make_toy(tmp_path, *history({b"f": text(l1=b"old"), b"d/g": text()}, {b"f": text()}))
    tree = toy.line("rev-parse", "fix^{tree}")
    raw = (
        f"tree {tree}\nparent {toy.shas['base']}\n".encode()
        + b"author J\xf6rg <j@example.test> 1667906399 -0330\n"
        + b"committer Carl <carl@example.test> 1667912014 +0545\n"
        + b"encoding ISO-8859-1\n"
        + b"gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----\n"
        + b"\nFixed #1 -- Caf\xe9.\n\nCo-authored-by: B <b@example.test>\n"
        + b"Co-authored-by: B <b@example.test>\n\n\n"
    )
    name = toy.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw).decode().strip()
    toy.shas["signed"] = name
    made = await picked(toy, "signed")
    assert made.outcome is Outcome.PICKED
    assert toy.git("cat-file", "commit", str(made.commit)) == (
        f"tree {made.tree}\nparent {toy.shas['target']}\n".encode()
        + b"author J\xf6rg <j@example.test> 1667906399 -0330\n"
        + b"committer Hand Bot <hand@bot.test> 1667912014 +0545\n"
        + b"encoding ISO-8859-1\n"
        + b"\n[4.1.x] Fixed #1 -- Caf\xe9.\n\nCo-authored-by: B <b@example.test>\n"
        + b"Co-authored-by: B <b@example.test>\n\n"
        + f"Backport of {name} from main.\n".encode()
    )
    toy.git("fsck", "--strict", str(made.commit))


async def test_trap_14_nobody_clears_up_under_a_pick(mirrors: GitMirrors) -> None:
    """Git touches packs that a pick could do without: so the nightly order waits for the lock."""
    async with mirrors.open(REPOSITORY):
        upkeep = asyncio.create_task(mirrors.maintain())
        await asyncio.sleep(0.1)
        assert not upkeep.done()
    await upkeep


async def test_trap_15_a_mirror_grows_by_what_was_pushed_alone(
    mirrors: GitMirrors, toy: Toy, tmp_path: Path
) -> None:
    """Picks leave nothing; a push leaves its commits, whole, and no stand-in or marked file."""
    objects = tmp_path / "data" / "mirrors" / "django" / "django.git" / "objects"
    toy.add(ToyCommit("stable/clash", {b"f": File(b"other\n")}, ("main",)))
    async with mirrors.open(REPOSITORY) as mirror:
        heads = await pick_on(mirror, toy, "4.1.x", "4.0.x")
        before = files(objects)
        clash = await mirror.pick([toy.shas["fix"]], toy.shas["stable/clash"], RECIPE)
        assert clash.partial is not None
        assert files(objects) == before
        await mirror.push(TOKEN, {"x": heads["backport/4.1.x"]})
        # The tree is main's own, so the commit alone is new.
        assert len(files(objects)) == len(before) + 1
        await mirror.push(TOKEN, {"draft": clash.partial})
    async with mirrors.open(REPOSITORY) as mirror:
        assert await mirror.has(heads["backport/4.1.x"])
        assert not await mirror.has(heads["backport/4.0.x"])
        assert b"<<<<<<< HEAD\n" in (await mirror.read(clash.partial, "f") or b"")


async def test_trap_16_talking_to_github_tidies_nothing_up(
    mirrors: GitMirrors, toy: Toy, server: GitServer, tmp_path: Path
) -> None:
    """Neither fetch nor push packs objects, and a branch that is there is never pushed again."""
    place = tmp_path / "data" / "mirrors" / "django" / "django.git"
    async with mirrors.open(REPOSITORY) as mirror:
        await Git(place)("config", "gc.auto", "1")
        heads = await pick_on(mirror, toy, "4.1.x")
        before = set(files(place / "objects" / "pack"))
        toy.git("update-ref", HEAD + "backport/4.1.x", toy.shas["maintenance"])
        done = await mirror.push(TOKEN, heads)
        assert done["backport/4.1.x"].state is PushState.FOREIGN
        await mirror.fetch(TOKEN, [f"{HEAD}*"])
    assert toy.line("rev-parse", HEAD + "backport/4.1.x") == toy.shas["maintenance"]
    assert before <= set(files(place / "objects" / "pack"))
    assert server.count("POST /django/django.git/git-receive-pack") == 0


async def test_trap_17_what_is_missing_is_never_fetched_behind_our_back(
    toy: Toy, server: GitServer, tmp_path: Path
) -> None:
    """In a partial clone a pick fails and says so; no git of it reaches out for the rest."""
    toy.git("config", "uploadpack.allowFilter", "true")
    toy.add(ToyCommit("stable/clash", {b"f": File(b"other\n")}, ("main",)))
    partial = Git(tmp_path / "partial.git")
    await Git(None)("init", "--bare", "--quiet", str(partial.directory))
    header = f"http.extraHeader=Authorization: {AUTHORIZATION}"
    await partial(
        *("-c", header, "-c", "protocol.http.allow=always", "fetch", "--quiet"),
        *("--filter=blob:none", f"{server.url}/django/django.git", "+refs/*:refs/*"),
    )
    asked = len(server.requests)
    partly = Toy(tmp_path, toy.shas)
    (tmp_path / "toy.git").symlink_to("partial.git")
    with opened(partly) as clone, pytest.raises(GitFailedError):
        await pick(clone.objects, [toy.shas["fix"]], toy.shas["stable/clash"], RECIPE)
    assert len(server.requests) == asked


async def test_trap_18_messages_are_not_always_in_order(tmp_path: Path) -> None:
    """One backport may name several commits, from whatever branch; an odd prefix is just text."""
    toy = make_toy(tmp_path, *history(BASE, {**BASE, b"f": text(l3=b"new")}))
    words = f"Both\n\nBackport of {'a' * 40} and backport of {toy.shas['fix']} from stable/5.x"
    toy.add(ToyCommit("both", {b"f": text(l3=b"x")}, ("target",), message=words.encode()))
    assert (await picked(toy, onto="both")).outcome is Outcome.ALREADY_THERE
    assert backport_message(b"[1.7x.] Fix", prefix=b"[4.1.x] ", trailer=b"") == (
        b"[4.1.x] [1.7x.] Fix\n"
    )


async def test_trap_19_files_that_merge_cleanly_are_gated_too(tmp_path: Path) -> None:
    """A clean pick that uses a name which only main imports has a finding."""
    base = b"import os\n\n" + b"".join(b"x%d = 1\n" % i for i in range(20))
    old = base.replace(b"import os\n", b"")
    toy = make_toy(
        tmp_path,
        *history(
            {b"m.py": File(old)}, {b"m.py": File(base + b"y = os.sep\n")}, {b"m.py": File(base)}
        ),
    )
    with opened(toy) as clone:
        made = await clone.pick([toy.shas["fix"]], toy.shas["target"], RECIPE)
    assert made.outcome is Outcome.PICKED
    assert [finding.path for finding in made.findings] == ["m.py"]


async def test_trap_20_an_addition_that_a_person_made_already_is_not_doubled(
    tmp_path: Path,
) -> None:
    """People leave bullets twice when they pick by hand; what both sides add alike stands once."""
    both, more = text(l9=b"line 9\n* Fixed it."), text(l9=b"line 9\n* Fixed it.", l15=b"new")
    toy = make_toy(tmp_path, *history({b"f": both}, {b"f": more}, {b"f": text()}))
    made = await picked(toy)
    assert toy.git("show", f"{made.commit}:f") == more.data
