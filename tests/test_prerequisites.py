from __future__ import annotations

from pathlib import Path

from bot.adapters.git.objects import objects_of
from bot.adapters.git.owners import owners
from bot.adapters.git.pick import pick
from bot.adapters.git.prerequisites import prerequisites
from bot.adapters.git.run import Git
from bot.core.contested import contested, runs
from bot.core.model import Conflict, Outcome
from bot.core.prerequisites import Prerequisite, sentence
from tests.git_toys import RECIPE, File, Toy, ToyCommit, Tree, make_toy

LINES = [b"line %d" % i for i in range(30)]


def text(**changes: bytes) -> File:
    """Give thirty lines, some of them replaced: `text(l3=b"new")`."""
    lines = {f"l{i}": line for i, line in enumerate(LINES)} | changes
    return File(b"\n".join(lines.values()) + b"\n")


BASE: Tree = {b"f": text()}


def commit(name: str, tree: Tree, parent: str, author: str = "Ann") -> ToyCommit:
    """Make a commit whose subject is its name."""
    who = f"{author} <{author.lower()}@example.test> 1667906399 +0100".encode()
    return ToyCommit(name, tree, (parent,), message=f"{name.title()}\n".encode(), author=who)


async def found(toy: Toy, main: str = "fix", fix: str = "fix") -> list[tuple[str, int, bool]]:
    """Pick the fix, which must conflict, and give subject, lines and help of what is missing."""
    with objects_of(Git(toy.git_dir)) as objects:
        source, onto = toy.shas[fix], toy.shas["target"]
        made = await pick(objects, [source], onto, RECIPE)
        assert made.outcome is Outcome.CONFLICT
        given = await prerequisites(objects, source, onto, made.conflicts, toy.shas[main])
    return [(one.subject, one.lines, one.picks) for one in given]


async def people(toy: Toy) -> tuple[str, ...]:
    """Give whom to ask about the fix."""
    with objects_of(Git(toy.git_dir)) as objects:
        source, onto = toy.shas["fix"], toy.shas["target"]
        made = await pick(objects, [source], onto, RECIPE)
        return await owners(objects, source, onto, made.conflicts)


async def test_the_commit_that_is_missing_is_found_and_tried(tmp_path: Path) -> None:
    """With the commit that wrote the line first, the fix picks cleanly; others do not matter."""
    needed: Tree = {b"f": text(l9=b"needed")}
    toy = make_toy(
        tmp_path,
        ToyCommit("base", BASE),
        ToyCommit("target", BASE, ("base",)),
        commit("needed", needed, "base"),
        commit("elsewhere", {b"f": text(l9=b"needed", l25=b"else")}, "needed"),
        commit("fix", {b"f": text(l9=b"fixed", l25=b"else")}, "elsewhere"),
        commit("later", {b"f": text(l9=b"later", l25=b"else")}, "fix"),
    )
    assert await found(toy, main="later") == [("Needed", 1, True)]
    assert toy.line("for-each-ref", "--format=%(refname:short)", "refs/heads").split() == sorted(
        toy.shas
    )


async def test_what_does_not_help_is_named_after_what_does(tmp_path: Path) -> None:
    """One that wrote more of the lines, but with which the fix still conflicts, stands below."""
    later = {"l12": b"1", "l13": b"2", "l14": b"3"}
    toy = make_toy(
        tmp_path,
        ToyCommit("base", BASE),
        ToyCommit("target", BASE, ("base",)),
        commit("needed", {b"f": text(l9=b"needed")}, "base"),
        commit("later", {b"f": text(l9=b"needed", **later)}, "needed"),
        commit("fix", {b"f": text(l9=b"fixed")}, "later"),
    )
    assert await found(toy) == [("Needed", 1, True), ("Later", 3, False)]


async def test_what_the_target_has_in_another_form_is_no_prerequisite(tmp_path: Path) -> None:
    """A commit that was picked before counts as there, said or not, even if changed since."""
    first, second = text(l9=b"first"), text(l9=b"first", l10=b"second")
    toy = make_toy(
        tmp_path,
        ToyCommit("base", BASE),
        commit("first", {b"f": first}, "base"),
        commit("second", {b"f": second}, "first"),
        commit("third", {b"f": text(l9=b"first", l10=b"second", l11=b"third")}, "second"),
        commit("fix", {b"f": text(l9=b"x", l10=b"y", l11=b"z")}, "third"),
        commit("unsaid", {b"f": first}, "base"),
    )
    said = b"Other\n\nBackport of " + toy.shas["second"].encode() + b" from main.\n"
    toy.add(
        ToyCommit("said", {b"f": second}, ("unsaid",), message=said),
        ToyCommit("target", {b"f": text(l9=b"own", l10=b"own")}, ("said",)),
    )
    assert await found(toy) == [("Third", 1, False)]


async def test_what_was_reverted_on_the_target_is_missing_again(tmp_path: Path) -> None:
    """A backport that was taken back leaves its origin a prerequisite."""
    toy = make_toy(
        tmp_path,
        ToyCommit("base", BASE),
        commit("needed", {b"f": text(l9=b"needed")}, "base"),
        commit("fix", {b"f": text(l9=b"fixed")}, "needed"),
    )
    said = b"Needed\n\nBackport of " + toy.shas["needed"].encode() + b" from main.\n"
    # Picked with another line, so that its patch is not that of its origin.
    toy.add(ToyCommit("said", {b"f": text(l9=b"needed", l20=b"t")}, ("base",), message=said))
    back = b"Revert\n\nThis reverts commit " + toy.shas["said"].encode() + b".\n"
    toy.add(ToyCommit("target", BASE, ("said",), message=back))
    assert [subject for subject, _, _ in await found(toy)] == ["Needed"]


async def test_lines_older_than_the_branch_have_no_prerequisite(tmp_path: Path) -> None:
    """Where the target alone changed the line, nothing of main is missing."""
    toy = make_toy(
        tmp_path,
        ToyCommit("old", {b"f": text(l9=b"older")}),
        ToyCommit("base", BASE, ("old",)),
        ToyCommit("target", {b"f": text(l9=b"target")}, ("base",)),
        commit("fix", {b"f": text(l9=b"fixed")}, "base"),
    )
    assert await found(toy) == []


async def test_a_file_that_the_target_lacks_shows_who_made_it(tmp_path: Path) -> None:
    """The commit that brought the file is what the target needs first."""
    toy = make_toy(
        tmp_path,
        ToyCommit("base", BASE),
        ToyCommit("target", BASE, ("base",)),
        commit("made", {**BASE, b"odd \xff\n": text()}, "base"),
        commit("fix", {**BASE, b"odd \xff\n": text(l9=b"fixed")}, "made"),
    )
    assert [(subject, picks) for subject, _, picks in await found(toy)] == [("Made", True)]


async def test_a_file_that_was_renamed_on_main_is_followed(tmp_path: Path) -> None:
    """The conflict is in the target's name; the line was written under main's."""
    toy = make_toy(
        tmp_path,
        ToyCommit("base", BASE),
        ToyCommit("target", {b"f": text(l20=b"own")}, ("base",)),
        commit("renamed", {b"g": text()}, "base"),
        commit("needed", {b"g": text(l9=b"needed")}, "renamed"),
        commit("fix", {b"g": text(l9=b"fixed")}, "needed"),
    )
    assert "Needed" in [subject for subject, _, _ in await found(toy)]


async def test_at_most_five_are_given_those_first_that_wrote_most(tmp_path: Path) -> None:
    """Of many commits, the ones with most lines remain."""
    numbers = range(1, 8)
    commits = [ToyCommit("base", BASE), ToyCommit("target", {b"f": text(l2=b"own")}, ("base",))]
    written: dict[str, bytes] = {}
    for i in numbers:
        first = sum(range(i))
        written |= {f"l{first + k}": b"by %d" % i for k in range(i)}
        parent = f"c{i - 1}" if i > 1 else "base"
        commits.append(commit(f"c{i}", {b"f": text(**written)}, parent))
    fix = {b"f": text(**{name: b"fix " + line for name, line in written.items()})}
    toy = make_toy(tmp_path, *commits, commit("fix", fix, "c7"))
    assert [(subject, lines) for subject, lines, _ in await found(toy)] == [
        (f"C{i}", i) for i in (7, 6, 5, 4, 3)
    ]


async def test_a_commit_of_very_many_files_is_named_but_not_tried(tmp_path: Path) -> None:
    """A reformatting of everything explains the conflict; nobody would pick it first."""
    others = {b"o%d" % i: File(b"a") for i in range(101)}
    formatted = {b"o%d" % i: File(b"b") for i in range(101)}
    toy = make_toy(
        tmp_path,
        ToyCommit("base", {**BASE, **others}),
        ToyCommit("target", {**BASE, **others}, ("base",)),
        commit("reformatted", {b"f": text(l9=b"r"), **formatted}, "base"),
        commit("fix", {b"f": text(l9=b"x"), **formatted}, "reformatted"),
    )
    assert await found(toy) == [("Reformatted", 1, False)]


async def test_a_fix_without_history_has_no_prerequisites(tmp_path: Path) -> None:
    """A first commit, an unknown one and unrelated histories give an empty answer."""
    toy = make_toy(tmp_path, ToyCommit("target", BASE), ToyCommit("root", {b"f": text(l9=b"x")}))
    toy.add(commit("fix", {b"f": text(l9=b"y")}, "root"))
    assert await found(toy) == []
    assert await found(toy, fix="root") == []
    with objects_of(Git(toy.git_dir)) as objects:
        unknown, onto, conflict = "1" * 40, toy.shas["target"], (Conflict("f", "contents"),)
        assert await prerequisites(objects, unknown, onto, conflict, onto) == ()
        assert await owners(objects, unknown, onto, conflict) == ()
        assert await owners(objects, toy.shas["root"], onto, conflict) == ()


async def test_a_repository_that_lacks_objects_gives_no_answer(tmp_path: Path) -> None:
    """Advice is never a reason to fail: an old version that is gone leaves it empty."""
    toy = make_toy(
        tmp_path,
        ToyCommit("base", BASE),
        ToyCommit("target", {b"f": text(l9=b"t")}, ("base",)),
        commit("needed", {b"f": text(l9=b"needed")}, "base"),
        commit("again", {b"f": text(l9=b"again")}, "needed"),
        commit("fix", {b"f": text(l9=b"fixed")}, "again"),
    )
    gone = toy.line("rev-parse", "needed:f")
    (toy.git_dir / "objects" / gone[:2] / gone[2:]).unlink()
    assert await found(toy) == []
    assert await people(toy) == ()


async def test_the_people_who_wrote_the_lines_are_named(tmp_path: Path) -> None:
    """At most three, most lines first; neither bots nor reformatters, nor the fix's own author."""
    trees: list[tuple[str, Tree]] = []
    written: dict[str, bytes] = {}
    authors = {"Zoe": 5, "Bea": 4, "Cid": 3, "Dan": 1, "renovate[bot]": 6, "tidy-bot": 6}
    for author, count in authors.items():
        written |= {f"l{len(written) + k}": author.encode() for k in range(count)}
        trees.append((author, {b"f": text(**written)}))
    commits = [ToyCommit("base", BASE), ToyCommit("target", {b"f": text(l2=b"own")}, ("base",))]
    for i, (author, tree) in enumerate(trees):
        commits.append(commit(f"c{i}", tree, f"c{i - 1}" if i else "base", author))
    formatted = {name: line + b" ;" for name, line in written.items()}
    commits.append(commit("format", {b"f": text(**formatted)}, f"c{len(trees) - 1}", "Fay"))
    toy = make_toy(tmp_path, *commits)
    ignored = File(f"# Formatted.\n{toy.shas['format']}\n{'1' * 40}\nnonsense\n".encode())
    listed: Tree = {b"f": text(**formatted), b".git-blame-ignore-revs": ignored}
    fixed = {name: b"fix " + line for name, line in formatted.items()}
    toy.add(
        commit("listed", listed, "format", "Gil"),
        commit("fix", {**listed, b"f": text(**fixed)}, "listed", "Hal"),
    )
    assert await people(toy) == ("Zoe", "Bea", "Cid")


async def test_old_lines_have_their_people_too(tmp_path: Path) -> None:
    """Who wrote a line before the target branched off knows it as well."""
    toy = make_toy(
        tmp_path,
        ToyCommit("root", {}),
        commit("base", BASE, "root", "Zoe"),
        ToyCommit("target", {b"f": text(l9=b"target")}, ("base",)),
        commit("fix", {b"f": text(l9=b"fixed")}, "base", "Hal"),
    )
    assert await people(toy) == ("Zoe",)


def test_lines_that_only_the_fix_changes_are_not_contested() -> None:
    """A change of the fix far from any of the target's is no matter of dispute."""
    base = text().data
    ours, theirs = text(l3=b"own", l20=b"own").data, text(l3=b"fix", l12=b"fix").data
    assert contested(base, ours, theirs).missing == (4,)
    assert contested(base, ours, theirs).near == (1, 2, 3, 4, 5, 6, 7)
    assert contested(base, ours, base).near == ()


def test_near_by_lines_are_asked_where_none_is_touched_itself() -> None:
    """Where sides do not touch, or the target only added, lines up to three away count."""
    base = text().data
    theirs = text(l9=b"fix").data
    assert contested(base, text(l11=b"own").data, theirs).missing == (12,)
    assert contested(base, text(l9=b"line 9\nadded").data, theirs).missing == ()


def test_numbers_are_put_together_to_ranges() -> None:
    """Adjoining lines are asked for in one range."""
    assert list(runs((1, 2, 3, 7, 9, 10))) == [(1, 3), (7, 7), (9, 10)]
    assert list(runs(())) == []


def test_prerequisites_are_said_in_words() -> None:
    """Those that help come first, and markup or names in subjects do nothing."""
    helps = Prerequisite("a" * 40, "Fixed #1 -- Did *it*.", 3, picks=True)
    other = Prerequisite("b" * 40, "Thanked @someone", 2, picks=False)
    assert sentence([]) == ""
    assert sentence([helps]) == (
        r"with `aaaaaaaaaa` (Fixed #1 -- Did \*it\*.) first it picks cleanly"
    )
    assert sentence([other]) == "`bbbbbbbbbb` (Thanked @\u200bsomeone) touches the same lines"
    assert sentence([helps, helps, other, other]) == (
        r"with `aaaaaaaaaa` (Fixed #1 -- Did \*it\*.) or `aaaaaaaaaa` (Fixed #1 -- Did \*it\*.) "
        "first it picks cleanly; `bbbbbbbbbb` (Thanked @\u200bsomeone), `bbbbbbbbbb` "
        "(Thanked @\u200bsomeone) touch the same lines"
    )
