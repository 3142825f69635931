import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

LAYERS = {
    "bot/core/": ("bot.core", "pydantic", "pydantic_core"),
    "bot/engine/": (
        "bot.core",
        "bot.machine_ports",
        "bot.mirror_ports",
        "bot.ports",
        "bot.engine",
        "dbos",
        # DBOS keeps its tables through these two, and its settings are in their terms.
        "sqlalchemy",
        "psycopg",
        "pydantic",
        "typing_extensions",
    ),
    "bot/adapters/": (
        "bot.core",
        "bot.mirror_ports",
        "bot.ports",
        "bot.adapters",
        "aiohttp",
        "cachetools",
        "gidgethub",
        "jwt",
        "pyflakes",
        "ruff",
        "stablehand_results",  # of the reporters, which are on a path of their own in the sandbox
        "uv",
    ),
    "bot/web/": (
        "bot.core",
        "bot.ports",
        "bot.engine",
        "bot.web",
        "aiohttp",
        "cachetools",
        "gidgethub",
        "jinja2",
        "pydantic",
    ),
    "handlers/": ("bot.core", "handlers", "gidgethub"),
}
"""What each layer may import beside the standard library: a module and all below it."""

PURE = frozenset(
    {
        "__future__",
        "ast",
        "bisect",
        "collections",
        "dataclasses",
        "datetime",
        "decimal",
        "difflib",
        "enum",
        "functools",
        "hashlib",
        "html",
        "itertools",
        "json",
        "math",
        "operator",
        "re",
        "shlex",
        "string",
        "textwrap",
        "tomllib",
        "types",
        "typing",
        "unicodedata",
        "fnmatch",  # compares names; it looks at no file
        "xml",  # for its parser, fed with what an adapter has read
        "signal",  # only for the names of the signals
    }
)
"""What the core may use of the standard library: nothing that reaches the outside."""

OUTSIDE = frozenset(
    {"breakpoint", "compile", "eval", "exec", "input", "open", "print", "__import__"}
)
CLOCK = frozenset({"now", "utcnow", "today"})
ENVIRONMENT = ("os.environ", "os.environb", "os.getenv", "os.getenvb", "os.putenv", "os.unsetenv")

READS_ENVIRONMENT = {
    "bot/settings.py",
    "bot/adapters/reporters/stablehand_results.py",  # that of the sandbox, where it runs
}
COMPOSES = {"bot/main.py"}
"""The one module that may know the handlers."""


def sources(*folders: str) -> list[str]:
    """List the modules under some folders, relative to the project."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def parse(module: str) -> ast.Module:
    """Read one of the project's modules."""
    return ast.parse((ROOT / module).read_bytes())


def imports(tree: ast.Module) -> Iterator[str]:
    """Give the full name of everything imported, `.` for a relative import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{a.name}" if not node.level else "." for a in node.names)


def forbidden(tree: ast.Module, allowed: tuple[str, ...]) -> list[str]:
    """Give the imports that neither are allowed nor come with Python."""
    return [
        name
        for name in imports(tree)
        if name.split(".")[0] not in sys.stdlib_module_names and not within(name, allowed)
    ]


def within(name: str, allowed: tuple[str, ...]) -> bool:
    """Tell whether a name is one of the allowed modules or lies below one."""
    return any(f"{name}.".startswith(f"{module}.") for module in allowed)


def waits(tree: ast.Module) -> list[int]:
    """Give the lines that make or await coroutines."""
    kinds = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    return [node.lineno for node in ast.walk(tree) if isinstance(node, kinds)]


def reaches_out(tree: ast.Module) -> list[str]:
    """Give the calls that read a file, a clock or a person, or run text as code."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = [call.id for call in calls if isinstance(call, ast.Name) and call.id in OUTSIDE]
    return names + [c.attr for c in calls if isinstance(c, ast.Attribute) and c.attr in CLOCK]


def reads_environment(tree: ast.Module) -> list[str]:
    """Give the uses of the process's environment."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    used = [f"os.{node.attr}" for node in nodes if ast.unparse(node.value) == "os"]
    return [name for name in [*used, *imports(tree)] if within(name, ENVIRONMENT)]


def lengths(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Give each function's name and how many lines it has."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("module", sources(*LAYERS))
def test_a_layer_imports_what_it_may(module: str) -> None:
    """Each layer knows only those that it stands on."""
    (layer,) = (layer for layer in LAYERS if module.startswith(layer))
    assert forbidden(parse(module), LAYERS[layer]) == []


@pytest.mark.parametrize("module", sources("bot", "handlers"))
def test_the_product_knows_no_tools(module: str) -> None:
    """Neither the bot nor the handlers know the development kit, the tests or the benchmarks."""
    tools = ("devkit", "tests", "bench")
    assert [name for name in imports(parse(module)) if within(name, tools)] == []


def test_ports_know_only_the_core() -> None:
    """The ports are written in the terms of the core alone."""
    assert forbidden(parse("bot/ports.py"), ("bot.core",)) == []
    assert forbidden(parse("bot/machine_ports.py"), ("bot.core", "bot.mirror_ports")) == []
    assert forbidden(parse("bot/mirror_ports.py"), ("bot.core",)) == []


@pytest.mark.parametrize("module", sorted({*sources("bot")} - COMPOSES))
def test_only_the_composition_root_knows_the_handlers(module: str) -> None:
    """Handlers are handed in; no other module of the bot imports them."""
    assert [name for name in imports(parse(module)) if within(name, ("handlers",))] == []


@pytest.mark.parametrize("module", sources("bot/core"))
def test_the_core_only_decides(module: str) -> None:
    """The core has no I/O, no clock and no chance, and waits for nothing."""
    tree = parse(module)
    standard = {name.split(".")[0] for name in imports(tree)} & set(sys.stdlib_module_names)
    assert standard <= PURE
    assert reaches_out(tree) == []
    assert waits(tree) == []


@pytest.mark.parametrize("module", sources("handlers"))
def test_handlers_only_translate(module: str) -> None:
    """A handler waits for nothing and is short."""
    tree = parse(module)
    assert waits(tree) == []
    assert [(name, lines) for name, lines in lengths(tree) if lines > 15] == []


@pytest.mark.parametrize("module", sources("bot", "handlers"))
def test_only_the_settings_read_the_environment(module: str) -> None:
    """What comes by environment is read in one place."""
    assert module in READS_ENVIRONMENT or reads_environment(parse(module)) == []


@pytest.mark.parametrize("module", sources("bot", "handlers", "devkit", "bench"))
def test_modules_and_functions_keep_short(module: str) -> None:
    """No module has more than 350 lines, no function more than 50."""
    assert len((ROOT / module).read_text().splitlines()) <= 350
    assert [(name, lines) for name, lines in lengths(parse(module)) if lines > 50] == []


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import bot.adapters.git", ["bot.adapters.git"]),
        ("from bot import adapters", ["bot.adapters"]),
        ("def f():\n    from aiohttp import web", ["aiohttp.web"]),
        ("from .model import Pick", ["."]),
        ("import bot.corelike", ["bot.corelike"]),
        ("import json\nfrom bot.core import model", []),
    ],
)
def test_imports_are_seen(code: str, names: list[str]) -> None:
    """The check sees every form of import, in functions too."""
    assert forbidden(ast.parse(code), ("bot.core",)) == names


def test_waiting_and_reaching_out_are_seen() -> None:
    """The checks see coroutines, files, clocks and the environment."""
    assert waits(ast.parse("async def f():\n    await g()")) == [1, 2]
    assert reaches_out(ast.parse("open('x')\ndatetime.now(UTC)")) == ["open", "now"]
    assert reads_environment(ast.parse("os.environ['A']\nfrom os import getenv")) == [
        "os.environ",
        "os.getenv",
    ]
