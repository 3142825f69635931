from __future__ import annotations

import pytest

from bot.adapters.formatter import formatters
from bot.adapters.guessing import guesses
from bot.core.code_style import CodeStyle
from bot.core.guesses.adjacent import adjacent
from bot.core.guesses.import_sets import import_sets, items
from bot.core.guesses.tokens import tokens
from bot.core.merge3 import Region
from bot.core.resolution import Settled, ThreeWay
from bot.core.texts import lines

RUFF = formatters(CodeStyle(), {})


def region(base: str, ours: str, theirs: str) -> Region[str]:
    """Give a region that both sides changed, in lines."""
    return Region(lines(base), lines(ours), lines(theirs))


def imports(base: str, ours: str, theirs: str) -> str | None:
    """Merge a region of imports."""
    merged = import_sets(Region(items(base), items(ours), items(theirs)))
    return None if merged is None else "".join(merged)


async def settle(
    base: str, ours: str, theirs: str, path: str = "a.py", *, same_python: bool = True
) -> Settled | None:
    """Let the guesses settle a path in their order."""
    conflict = ThreeWay(path, base.encode(), ours.encode(), theirs.encode())
    for guess in guesses(RUFF, same_python=same_python):
        if settled := await guess.resolve(conflict):
            return settled
    return None


def test_neighbours_may_change_apart() -> None:
    """Lines next to each other, changed on either side, are both taken."""
    assert adjacent(region("a\nb\n", "A\nb\n", "a\nB\n")) == ["A\n", "B\n"]
    assert adjacent(region("a\n", "x\na\n", "A\n")) == ["x\n", "A\n"]


def test_context_that_the_target_never_had() -> None:
    """A line is changed although the target has not the line above it."""
    assert adjacent(region("new\na\n", "a\n", "new\nA\n")) == ["A\n"]


@pytest.mark.parametrize(("ours", "theirs"), [("x\n", "y\n"), ("a\nx\n", "a\ny\n"), ("", "A\n")])
def test_overlap_is_no_neighbourhood(ours: str, theirs: str) -> None:
    """One line changed twice, or two insertions in one place, have no order to guess."""
    assert adjacent(region("a\n", ours, theirs)) is None


def test_words_of_one_line_may_change_apart() -> None:
    """Changes in a line are both taken where something between them stays."""
    merged = tokens(region("f(one, two, three)\n", "f(1, two, three)\n", "f(one, two, 3)\n"))
    assert merged == ["f(1, two, 3)\n"]


def test_words_that_touch_are_a_conflict() -> None:
    """One word changed twice is not guessed, nor are neighbours."""
    assert tokens(region("a b\n", "x b\n", "y b\n")) is None
    assert tokens(region("a.b\n", "x.b\n", "a:c\n")) is None


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        (
            "from a import b, d\n",
            "from a import b\n",
            "from a import b, c, d\n",
            "from a import b, c\n",
        ),
        (
            "import a\n",
            "import a\nimport d\n",
            "import a\nimport c\n",
            "import a\nimport c\nimport d\n",
        ),
        ("", "from b import x\n", "from a import y\n", "from a import y\nfrom b import x\n"),
        ("import a\nimport b\n", "import b\nimport c\n", "import b\n", "import b\nimport c\n"),
        ("from a import b\n", "from a import b, c\n", "", "from a import c\n"),
        ("", "    import a\n", "    from a import b\n", "    import a\n    from a import b\n"),
        (
            "from .a import (\n    One, Two,\n)\n",
            "from .a import One\n",
            "from .a import (\n    One, Three, Two,\n)\n",
            "from .a import One, Three\n",
        ),
        (
            "from a import b as c\n",
            "from a import b as c, d as e\n",
            "from a import b as c, CONSTANT, Class\n",
            "from a import CONSTANT, Class, b as c, d as e\n",
        ),
        ("", "import z\n", "import a, y\n", "import a, y\nimport z\n"),
        ("", "import y\n", "import a, y\n", "import a\nimport y\n"),
    ],
)
def test_imports_are_sets(base: str, ours: str, theirs: str, merged: str) -> None:
    """What either side adds is there, what either takes away is not."""
    assert imports(base, ours, theirs) == merged


def test_many_names_stand_below_each_other() -> None:
    """A statement that grows too long for a line is broken as formatters do."""
    names = [f"quite_a_long_name_{i}" for i in range(4)]
    base, ours = f"from a import {names[0]}\n", f"from a import {', '.join(names[:2])}\n"
    theirs = f"from a import {names[0]}, {', '.join(names[2:])}\n"
    expected = "".join(["from a import (\n", *(f"    {name},\n" for name in names), ")\n"])
    assert imports(base, ours, theirs) == expected


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("import a  # why\n", "import b\n"),
        ("import a\nx = 1\n", "import b\n"),
        ("import a\n\n", "import b\n"),
        ("import (\n", "import b\n"),
    ],
)
def test_only_imports_are_sets(ours: str, theirs: str) -> None:
    """A region with a comment, an empty line or any other code is not theirs to merge."""
    assert imports("", ours, theirs) is None


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged", "by"),
    [
        ("a = 1\nb = 1\n", "a = 2\nb = 1\n", "a = 1\nb = 2\n", "a = 2\nb = 2\n", "adjacent"),
        (
            'a = [1]\nb = "1"\n',
            "a = [2]\nb = '1'\n",
            'a = [1]\nb = "2"\n',
            'a = [2]\nb = "2"\n',
            "adjacent",
        ),
        (
            "import a\n\n\nb = 1\nc = 1\n",
            "import a\nimport x\n\n\nb = 2\nc = 1\n",
            "import a\nimport y\n\n\nb = 1\nc = 2\n",
            "import a\nimport x\nimport y\n\n\nb = 2\nc = 2\n",
            "imports",
        ),
        ("f(a, b, c)\n", "f(1, b, c)\n", "f(a, b, 3)\n", "f(1, b, 3)\n", "tokens"),
    ],
)
async def test_a_guess_goes_by_its_name(
    base: str, ours: str, theirs: str, merged: str, by: str
) -> None:
    """A file is settled by the first guess that, with those before it, settles all of it."""
    assert await settle(base, ours, theirs) == Settled("a.py", merged.encode(), by)


async def test_prose_is_guessed_too() -> None:
    """Documentation has neighbouring edits like code, and no syntax to obey."""
    settled = await settle("a\nb\n", "A\nb\n", "a\nB\n", "docs/ref/a.txt")
    assert settled == Settled("docs/ref/a.txt", b"A\nB\n", "adjacent")


@pytest.mark.parametrize("path", ["a.cfg", "a.js", "a", "docs/releases/4.1.5.txt"])
async def test_other_kinds_are_not_guessed(path: str) -> None:
    """Kinds of text without figures of their own, and release notes, are for a person."""
    assert await settle("a\nb\n", "A\nb\n", "a\nB\n", path) is None


async def test_what_does_not_parse_is_no_guess() -> None:
    """Python that is broken by a merge is not offered."""
    base = "f(\n    a,\n    b,\n)\n"
    assert await settle(base, base.replace("f(", "f(["), base.replace("    a", "    [a")) is None
    broken = await settle("a = (1,\n2)\n", "a = 1\n2\n", "a = (1,\n2, 3)\n")
    assert broken is None


async def test_no_guess_across_pythons() -> None:
    """Where source and target are not of one major version of Python nothing is guessed."""
    assert await settle("a\nb\n", "A\nb\n", "a\nB\n", "a.txt", same_python=False) is None
