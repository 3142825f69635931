from __future__ import annotations

from pathlib import Path

from bench.replay_notes.cases import Commit, Entry, cases, stable_commits, touched
from bench.replay_notes.contents import Contents
from bench.replay_notes.judge import indexed, judge
from tests.git_toys import File, Toy, ToyCommit, make_toy

HEAD = (
    "=\nDjango 4.1.1 release notes\n=\n\n*Expected*\n\nDjango 4.1.1 fixes several bugs in 4.1.\n\n"
)
STUB = f"{HEAD}Bugfixes\n========\n\n* ...\n"
ONE = STUB.replace("* ...", "* Fixed a crash (:ticket:`1`).")
TWO = ONE.replace("* Fixed", "* Made it last (:ticket:`2`).\n\n* Fixed")
INDEX = "===\nAll\n===\n\n4.1 release\n-----------\n\n.. toctree::\n\n   4.1\n"
LISTED = INDEX.replace("   4.1\n", "   4.1.1\n   4.1\n")


def tree(notes: str | None, index: str = LISTED) -> dict[bytes, File]:
    """Give the files of a commit on 4.1.x."""
    files = {
        "django/__init__.py": "VERSION = (4, 1, 1, 'alpha', 0)\n",
        "docs/releases/index.txt": index,
    }
    if notes is not None:
        files["docs/releases/4.1.1.txt"] = notes
    return {path.encode(): File(text.encode()) for path, text in files.items()}


def history(folder: Path) -> Toy:
    """Make a stable branch: a stub, a bullet at the end, one before it, and its first release."""
    toy = make_toy(
        folder,
        ToyCommit("root", tree(None, INDEX)),
        ToyCommit("stub", tree(STUB), ["root"], b"[4.1.x] Added stub release notes for 4.1.1.\n"),
        ToyCommit("one", tree(ONE), ["stub"], b"[4.1.x] Fixed #1 -- Fixed a crash.\n"),
        ToyCommit("two", tree(TWO), ["one"], b"[4.1.x] Fixed #2 -- Made it last.\n"),
    )
    toy.git("tag", "4.1a1", toy.shas["root"])
    toy.git("tag", "4.1.1", toy.shas["two"])
    return toy


def test_a_persons_notes_are_found_and_judged(tmp_path: Path) -> None:
    """The bot's file is the person's; a bullet that a person puts first is told as differing."""
    toy = history(tmp_path)
    commits = stable_commits(toy.git_dir, "4.1")
    assert commits[0].subject == "Added stub release notes for 4.1.1."
    with Contents(toy.git_dir) as contents:
        found = list(cases(toy.git_dir, contents, commits))
        judged = [judge(contents, case, {"4.1": commits}) for case in found]
    assert [case.commit.sha for case in found] == [toy.shas["one"], toy.shas["two"]]
    assert found[0].added == {
        "docs/releases/4.1.1.txt": (Entry("Bugfixes", "Fixed a crash (:ticket:`1`)."),)
    }
    assert all(one.right_files for one in judged)
    (good,), (bad,) = (one.placements for one in judged)
    assert (good.right, good.exact, good.why) == (True, True, "")
    assert (bad.right, bad.exact) == (False, False)
    assert bad.why == "the person put it as number 1 of 2"


def test_new_files_are_set_beside_the_index(tmp_path: Path) -> None:
    """A commit that adds notes is judged by the index; what a person lists beyond is named."""
    toy = history(tmp_path)
    more = LISTED.replace("   4.1.1\n", "   4.1.2\n   4.1.1\n")
    toy.add(ToyCommit("slip", tree(STUB, more), ["root"]))
    commits = stable_commits(toy.git_dir, "4.1")
    assert touched(toy.git_dir, commits, "A") == {toy.shas["stub"]: ["docs/releases/4.1.1.txt"]}
    slip = Commit(toy.shas["slip"], toy.shas["root"], 0, "4.1", "")
    with Contents(toy.git_dir) as contents:
        assert indexed(contents, commits[0], ["docs/releases/4.1.1.txt"]) == ""
        why = indexed(contents, slip, ["docs/releases/4.1.1.txt"])
    assert why == "the person's lists    4.1.2 too"
