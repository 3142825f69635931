"""Which tests a command is to run on one tree: those that are configured and there, and touched."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from bot.core.imports import given
from bot.core.model import TestPlan
from bot.core.modules import Lookup
from bot.core.split import LINK, FileChange

Has = Callable[[str], bool]
"""Tells whether a path is a file or a folder of the tree."""

_MODULE = re.compile(r"(?:^|/)(?:test[^/]*|[^/]*_test)\.py$")


class Style(Enum):
    """How a command wants its tests named."""

    PATHS = auto()  # pytest: `tests/test_x.py::Class::test_y`
    DOTTED = auto()  # unittest and Django's runner: `package.module.Class.test_y`
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of one tree, as far as they are asked for."""

    has: Has
    read: Lookup


@dataclass(frozen=True, slots=True)
class Labels:
    """What to run, and which of the configured labels this tree lacks."""

    chosen: tuple[str, ...]
    dropped: tuple[str, ...] = ()


def choose(plan: TestPlan, tests: Sequence[FileChange], tree: Tree) -> Labels:
    """Choose what proves a backport: the configured labels, and the modules of tests it touches.

    A touched module is left to the configured labels that lie in it, if this tree has one.
    """
    there = present(plan.labels, plan, tree)
    if not takes_labels(plan):
        return there
    touched = (_label(plan, change.path) for change in tests if _is_module(change))
    new = (label for label in touched if label and not _overlaps(label, there.chosen))
    return Labels(tuple(dict.fromkeys((*there.chosen, *new))), there.dropped)


def takes_labels(plan: TestPlan) -> bool:
    """Tell whether labels change anything about what is run."""
    return any("{labels}" in word for word in plan.command)


def present(labels: Sequence[str], plan: TestPlan, tree: Tree) -> Labels:
    """Take the labels whose tests this tree has; where that cannot be told, all of them."""
    manner = style(plan.command)
    if manner is Style.UNKNOWN or any(label.startswith("-") for label in labels):
        return Labels(tuple(labels))
    found = {label: _is_there(label, manner, plan, tree) for label in labels}
    return Labels(
        tuple(label for label in found if found[label]),
        tuple(label for label in found if not found[label]),
    )


def with_changes(tree: Tree, changes: Iterable[FileChange]) -> Tree:
    """Give the tree as it will be with some changes."""
    files = {change.path: change.content for change in changes}
    added = [path for path, content in files.items() if content is not None]

    def has(path: str) -> bool:
        if path in files:
            return files[path] is not None
        return tree.has(path) or any(new.startswith(f"{path}/") for new in added)

    return Tree(has, lambda path: files[path] if path in files else tree.read(path))


def style(command: Iterable[str]) -> Style:
    """Tell by its words how a command wants its tests named."""
    words = {word.rpartition("/")[2] for word in command}
    if words & {"pytest", "py.test"}:
        return Style.PATHS
    known = {"unittest", "runtests.py", "manage.py", "django-admin", "django"}
    return Style.DOTTED if words & known else Style.UNKNOWN


def _is_module(change: FileChange) -> bool:
    there = change.content is not None and change.mode != LINK
    return there and _MODULE.search(change.path) is not None


def _label(plan: TestPlan, path: str) -> str | None:
    """Name a module of tests as the command wants it; None where that is not known."""
    manner = style(plan.command)
    if manner is not Style.DOTTED:
        return path if manner is Style.PATHS else None
    for root in _roots(plan):
        below = path.removeprefix(f"{root}/") if root else path
        parts = below.removesuffix(".py").split("/")
        if (below != path or not root) and all(part.isidentifier() for part in parts):
            return ".".join(parts)
    return None


def _roots(plan: TestPlan) -> list[str]:
    """Give the folders that dotted names may start from: the script's, PYTHONPATH's, the top."""
    scripts = [word for word in plan.command if word.endswith(".py")][:1]
    paths = dict(plan.env).get("PYTHONPATH", "").split(":")
    folders = [script.rpartition("/")[0] for script in scripts] + paths
    return list(dict.fromkeys([*map(_from_top, folders), ""]))


def _from_top(folder: str) -> str:
    return folder.removeprefix("{tree}").strip("/")


def _overlaps(module: str, labels: Iterable[str]) -> bool:
    """Tell whether a label chooses tests of a module, or the module is part of one."""
    return any(_within(label, module) or _within(module, label) for label in labels)


def _within(inner: str, outer: str) -> bool:
    return re.match(rf"{re.escape(outer.rstrip('/'))}(?:[./:]|$)", inner) is not None


def _is_there(label: str, manner: Style, plan: TestPlan, tree: Tree) -> bool:
    path, *names = label.split("::")
    if manner is Style.PATHS or "/" in path or path.endswith(".py"):
        return _has_path(path, names, tree)
    parts = path.split(".")
    if not all(part.isidentifier() for part in parts):
        return True  # no name that we understand: the command will tell
    return any(_has_dotted(root, parts, tree) for root in _roots(plan))


def _has_path(path: str, names: list[str], tree: Tree) -> bool:
    place = path.removeprefix("./").rstrip("/")
    if place in {"", "."}:
        return True
    return tree.has(place) and (not names or _gives(place, names[0].partition("[")[0], tree))


def _has_dotted(root: str, parts: list[str], tree: Tree) -> bool:
    place = root
    for number, part in enumerate(parts):
        inner = f"{place}/{part}" if place else part
        if tree.has(f"{inner}.py") and not tree.has(f"{inner}/__init__.py"):
            rest = parts[number + 1 :]
            return not rest or _gives(f"{inner}.py", rest[0], tree)
        if not tree.has(inner):
            return number > 0 and _gives(f"{place}/__init__.py", part, tree)
        place = inner
    return True


def _gives(path: str, name: str, tree: Tree) -> bool:
    """Tell whether a module binds a name; where that cannot be told, it does."""
    text = tree.read(path)
    if text is None:
        return False
    try:
        names = given(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return names is None or name in names
