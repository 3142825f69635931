"""The benchmark of shipped backports, on a history of a few commits."""

from __future__ import annotations

from pathlib import Path

from bench.replay_ships.judge import recognise, strangers
from bench.replay_ships.places import hidden, place
from bench.replay_ships.truth import branch, commits, without_words
from bot.core.landing import Way
from tests.git_toys import File, Toy, ToyCommit, make_toy


def tree(*changed: int) -> dict[bytes, File]:
    """Give a file with some lines changed."""
    lines = (b"new %d\n" % n if n in changed else b"%d\n" % n for n in range(30))
    return {b"f": File(b"".join(lines))}


def history(folder: Path) -> Toy:
    """Make main with two fixes, and a stable branch that has one of them, in a release."""
    ann, eve = b"Ann <a@x.test> 1660000000 +0000", b"Eve <e@x.test> 1660000500 +0000"
    toy = make_toy(
        folder,
        ToyCommit("base", tree(), message=b"Base\n"),
        ToyCommit("fix", tree(3), ("base",), b"Fixed #34063 -- It.\n", ann),
        ToyCommit("main", tree(3, 9), ("fix",), b"Refs #34063 -- More.\n", eve),
        ToyCommit("alpha", tree(20), ("base",), b"[4.1.x] Bumped version.\n"),
    )
    message = f"[4.1.x] Fixed #34063 -- It.\n\nBackport of {toy.shas['fix']} from main.\n"
    toy.add(ToyCommit("stable", tree(3, 20), ("alpha",), message.encode(), ann))
    toy.git("tag", "4.1a1", toy.shas["alpha"])
    toy.git("tag", "4.1.1", toy.shas["stable"])
    return toy


async def test_a_backport_is_found_with_and_without_its_words(tmp_path: Path) -> None:
    """What is found among rewritten commits is told by the names that people know."""
    toy = history(tmp_path)
    stable = branch(toy.git_dir, "4.1")
    fix, copy = toy.shas["fix"], toy.shas["stable"]
    assert stable.copying() == {fix: {copy}}
    with place(toy.git_dir, [stable]) as made:
        named = await recognise(made, stable, stable.name, fix)
        bare = await recognise(made, stable, hidden(stable), fix)
    assert (named.way, named.found, named.is_wrong) == (Way.MENTION, copy, False)
    assert (bare.way, bare.found, bare.is_wrong) == (Way.PATCH, copy, False)


async def test_others_on_the_ticket_are_asked_for_too(tmp_path: Path) -> None:
    """A commit of main on the same ticket that was not brought over is not found."""
    toy = history(tmp_path)
    stable = branch(toy.git_dir, "4.1")
    later = list(strangers(stable, list(commits(toy.git_dir, f"{stable.fork}..main"))))
    assert [one.sha for one in later] == [toy.shas["main"]]
    with place(toy.git_dir, [stable]) as made:
        taken = await recognise(made, stable, hidden(stable), later[0].sha)
    assert taken.way is None


def test_no_word_of_the_source_is_left() -> None:
    """Prefix and trailer go, in all their forms; the rest stays."""
    sha = "a" * 40
    for trailer in (f"Backport of {sha} from main", f"Backport of {sha} and\n{sha} from master."):
        bare = without_words(f"[4.1.x] Fixed #1 -- It.\n\nThanks.\n\n{trailer}\n".encode())
        assert bare.startswith(b"Fixed #1 -- It.\n\nThanks.")
        assert sha.encode() not in bare
