from __future__ import annotations

import ast
import difflib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.adapters.formatter import Formatter, formatters
from bot.adapters.formatter_merge import FormatterMerge
from bot.core.code_style import CodeStyle, code_style
from bot.core.realign import realign
from bot.core.resolution import ThreeWay
from bot.core.texts import lines
from devkit.django import CACHE, build
from devkit.history import git

RUFF = formatters(CodeStyle(), {})

BASE = """\
import os


def first(name):
    return call("some argument", name, another="one that makes this line long")


def second(name):
    return [
        os.path.join(name, "one part of it"),
        os.path.join(name, "another part of it"),
        os.sep,
    ]
"""
OURS = """\
import os

def first(name):
    return call('some argument', name, another='one that makes this line long')

def second(name):
    return [os.path.join(name, 'one part of it'),
            os.path.join(name, 'another part of it'), os.sep]
"""
THEIRS = BASE.replace("import os\n", "import os\nimport re\n").replace(
    "        os.sep,\n", "        os.sep,\n        # and this\n        re.X,\n"
)
SETTLED = """\
import os
import re

def first(name):
    return call('some argument', name, another='one that makes this line long')

def second(name):
    return [
        os.path.join(name, "one part of it"),
        os.path.join(name, "another part of it"),
        os.sep,
        # and this
        re.X,
    ]
"""


def conflict(base: str, ours: str, theirs: str, path: str = "a.py") -> ThreeWay:
    """Give a path in conflict."""
    return ThreeWay(path, base.encode(), ours.encode(), theirs.encode())


async def settle(case: ThreeWay, by: Sequence[Formatter] = RUFF) -> str | None:
    """Let the rule settle a path."""
    settled = await FormatterMerge(by).resolve(case)
    return None if settled is None or settled.content is None else settled.content.decode()


async def test_the_target_keeps_its_lines() -> None:
    """Only the lines that the fix is about change, and those that hang together with them."""
    assert await settle(conflict(BASE, OURS, THEIRS)) == SETTLED


async def test_a_true_conflict_stays_one() -> None:
    """What conflicts whatever its format is not settled."""
    ours = BASE.replace('"some argument"', '"ours"')
    theirs = BASE.replace('"some argument"', '"theirs"')
    assert await settle(conflict(BASE, ours, theirs)) is None


async def test_docstrings_keep_their_spaces() -> None:
    """A docstring that a formatter would indent anew is no reason to refuse, and stays."""
    ours = OURS.replace("(name):\n", '(name):\n    """ One.\n       Two.  \n    """\n', 1)
    base = BASE.replace("(name):\n", '(name):\n    """One.\n    Two.\n    """\n', 1)
    theirs = THEIRS.replace("(name):\n", '(name):\n    """One.\n    Two.\n    """\n', 1)
    settled = await settle(conflict(base, ours, theirs))
    assert settled is not None
    assert '    """ One.\n       Two.  \n    """\n' in settled


@pytest.mark.parametrize(
    "case",
    [
        conflict(BASE, OURS, THEIRS, path="a.txt"),
        conflict(BASE.replace("\n", "\r\n"), OURS, THEIRS),
        conflict(BASE, f"\ufeff{OURS}", THEIRS),
        conflict(BASE, f"# -*- coding: latin-1 -*-\n{OURS}", THEIRS),
        conflict(BASE, OURS.removesuffix("\n"), THEIRS),
        conflict(BASE, f"{OURS}print 'two'\n", THEIRS),
        conflict(BASE, "x = 1\n" * 1_000_000, THEIRS),
        ThreeWay("a.py", BASE.encode(), f"# \xe9\n{OURS}".encode("latin-1"), THEIRS.encode()),
        ThreeWay("a.py", BASE.encode(), None, THEIRS.encode()),
    ],
    ids=["txt", "crlf", "bom", "cookie", "no end", "python 2", "huge", "latin-1", "deleted"],
)
async def test_what_is_left_alone(case: ThreeWay) -> None:
    """Other files, ends of lines, encodings and grammars than usual are for a person."""
    assert await settle(case) is None


@pytest.mark.parametrize(
    "formatter",
    [
        Formatter(("/bin/false",)),
        Formatter(("/bin/sh", "-c", "kill -9 $$")),
        Formatter(("/bin/sleep", "600"), seconds=0.2),
        Formatter(("/nonexistent/formatter",)),
        Formatter(("/usr/bin/printf", r"\377")),
    ],
    ids=["fails", "crashes", "hangs", "is not there", "writes no text"],
)
async def test_a_broken_formatter_settles_nothing(formatter: Formatter) -> None:
    """Whatever a formatter does, the path stays in conflict, and the next one is asked."""
    case = conflict(BASE, OURS, THEIRS)
    assert await settle(case, [formatter]) is None
    assert await settle(case, [formatter, *RUFF]) == SETTLED


async def test_a_formatter_that_changes_the_program_is_refused() -> None:
    """A result with another meaning than the merged text is not taken."""
    changing = Formatter(("/bin/sed", "s/another/other/; s/'/\"/g"))
    assert await settle(conflict(BASE, OURS, THEIRS), [changing]) is None


async def test_a_pinned_black_is_asked_first(tmp_path: Path) -> None:
    """The Black of the branch comes from the package index; without one ours settles the path."""
    environ = {"UV_OFFLINE": "1", "UV_CACHE_DIR": str(tmp_path), "HOME": str(tmp_path)}
    black, own = formatters(CodeStyle(black="22.6.0"), environ)
    assert "black==22.6.0" in black.argv
    assert await black.format("x = 1\n") is None
    assert await settle(conflict(BASE, OURS, THEIRS), [black, own]) == SETTLED


async def test_lines_are_as_long_as_the_branch_has_them() -> None:
    """The formatter breaks lines where the branch does."""
    (short,) = formatters(CodeStyle(line_length=20), {})
    assert await short.format("x = call(one, two, three)\n") == (
        "x = call(\n    one, two, three\n)\n"
    )


@pytest.mark.parametrize(
    ("pyproject", "hooks", "style"),
    [
        (None, None, CodeStyle()),
        ("[tool.black]\nline-length = 79\n", None, CodeStyle(79)),
        ("[tool.ruff]\nline-length = 100\n", None, CodeStyle(100)),
        ("[tool.black]\nline-length = true\n", None, CodeStyle()),
        ("[tool.ruff]\nline-length = 100000\n", None, CodeStyle()),
        ("tool = 1\n", None, CodeStyle()),
        ("[tool]\nblack = 1\n", None, CodeStyle()),
        ("[broken\n", "\xff", CodeStyle()),
        (
            None,
            "repos:\n  - repo: https://github.com/psf/black\n    rev: 22.6.0\n",
            CodeStyle(black="22.6.0"),
        ),
        (
            None,
            "- repo: 'https://github.com/psf/black-pre-commit-mirror'\n  rev: 'v23.1'\n",
            CodeStyle(black="23.1"),
        ),
        (None, "- repo: https://github.com/psf/black\n  rev: stable\n", CodeStyle()),
        (None, "- repo: https://github.com/other/black\n  rev: 22.6.0\n", CodeStyle()),
    ],
)
def test_the_style_of_a_branch(pyproject: str | None, hooks: str | None, style: CodeStyle) -> None:
    """Length and Black are read from the branch's files; what makes no sense is as usual."""
    found = code_style(
        None if pyproject is None else pyproject.encode(),
        None if hooks is None else hooks.encode("latin-1"),
    )
    assert found == style


def statement(number: int, *, is_formatted: bool, changed: bool = False) -> str:
    """Give a statement in the target's own style or as formatted."""
    value, f = ("changed", "g") if changed else ("value", "f")
    other = f"item {number} of a list that is much and far too long to be written on one line"
    if number % 3 == 0:
        return f'x{number} = "{value}"\n' if is_formatted else f"x{number} = '{value}'\n"
    if is_formatted:
        items = f'        "{value}",\n        "{other}",\n'
        return f"\n\ndef {f}{number}():\n    return [\n{items}    ]\n"
    return f"\ndef {f}{number}( ):\n    return ['{value}', '{other}']\n"


@example(["keep", "keep", "new", "keep", "change"])
@given(st.lists(st.sampled_from(["keep", "change", "drop", "new"]), max_size=8))
def test_untouched_lines_keep_their_bytes(fates: list[str]) -> None:
    """Statements stay as the target wrote them, but for changed ones and what is next to these."""
    own = [statement(n, is_formatted=False) for n, fate in enumerate(fates) if fate != "new"]
    formatted = [statement(n, is_formatted=True) for n, fate in enumerate(fates) if fate != "new"]
    around = ["keep", *fates, "keep"]
    wanted, rest = [], []
    for n, fate in enumerate(fates):
        if fate != "drop":
            wanted.append(statement(n, is_formatted=True, changed=fate == "change"))
            untouched = {*around[n : n + 3]} == {"keep"}
            own_style = [statement(n, is_formatted=False)] if fate == "keep" else []
            rest.append(own_style if untouched else [*own_style, wanted[-1]])
    result = solid("".join(realign(*(lines("".join(text)) for text in (own, formatted, wanted)))))
    for styles in rest:
        fitting = next((one for one in map(solid, styles) if result[: len(one)] == one), None)
        assert fitting is not None, (styles, result)
        result = result[len(fitting) :]
    assert not result


def solid(text: str) -> list[str]:
    """Give the lines of a text that are not empty."""
    return [line for line in text.split("\n") if line]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(["keep", "ours", "theirs", "drop"]), min_size=1, max_size=6))
async def test_settled_texts_mean_what_was_merged(fates: list[str]) -> None:
    """With real formatting the result parses, and has all changes of both sides and no other."""
    numbers = range(len(fates))
    base = "".join(statement(n, is_formatted=True) for n in numbers)
    ours = "".join(
        statement(n, is_formatted=False, changed=fate == "ours") for n, fate in enumerate(fates)
    )
    theirs = "".join(
        statement(n, is_formatted=True, changed=fate == "theirs")
        for n, fate in enumerate(fates)
        if fate != "drop"
    )
    expected = "".join(
        statement(n, is_formatted=True, changed=fate in {"ours", "theirs"})
        for n, fate in enumerate(fates)
        if fate != "drop"
    )
    settled = await settle(conflict(base, ours, theirs))
    if settled is not None:
        assert ast.dump(ast.parse(settled)) == ast.dump(ast.parse(expected))
    elif "ours" not in fates and "theirs" not in fates:
        raise AssertionError("one side changed nothing but the format, and that is a conflict")


async def test_ticket_34063_on_3_2(tmp_path: Path) -> None:
    """The fix that started it all: two files of 3.2 settled, four lines of them rewritten."""
    django = build(CACHE, tmp_path / "django.git")

    def stored(commit: str, path: str) -> bytes:
        return f"{git(django.git_dir, 'show', f'{commit}:{path}')}\n".encode()

    changed: dict[str, tuple[int, int]] = {}
    for path in ("django/test/client.py", "tests/test_client/views.py"):
        before, after = stored(f"{django.fix_sha}^", path), stored(django.fix_sha, path)
        ours = stored(django.branches["stable/3.2.x"], path)
        settled = await FormatterMerge(RUFF).resolve(ThreeWay(path, before, ours, after))
        assert settled is not None
        assert settled.content is not None
        assert settled.by == "formatter"
        texts = (lines(ours.decode()), lines(settled.content.decode()))
        marks = [line[0] for line in difflib.ndiff(*texts)]
        changed[path] = marks.count("+"), marks.count("-")
    assert changed == {"django/test/client.py": (7, 3), "tests/test_client/views.py": (2, 0)}
