"""Which resolvers may settle the conflicts of one pick, in their order, and how notes are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from bot.adapters.formatter import formatters
from bot.adapters.formatter_merge import FormatterMerge
from bot.adapters.git.settling import Settlers
from bot.adapters.guessing import guesses
from bot.core.code_style import code_style
from bot.core.model import Rules
from bot.core.notes import STYLES
from bot.core.resolution import Resolver

Read = Callable[[str], bytes | None]
"""Reads a file of a tree by its path; None where there is none."""

_PYTHON_2 = b"Programming Language :: Python :: 2"
_SETUP = ("setup.cfg", "setup.py", "pyproject.toml")


def settlers(rules: Rules, source: Read, target: Read, environ: Mapping[str, str]) -> Settlers:
    """Give those that the rules allow, for a pick from one tree on to another.

    `environ` is for the tool that fetches the Black which a branch keeps to.
    """
    resolvers = partial(_resolvers, rules, source, target, environ)
    return Settlers(resolvers, STYLES.get(rules.notes))


def _resolvers(
    rules: Rules, source: Read, target: Read, environ: Mapping[str, str]
) -> tuple[Resolver, ...]:
    if not rules.enabled:
        return ()
    style = code_style(target("pyproject.toml"), target(".pre-commit-config.yaml"))
    tools = formatters(style, environ)
    same_python = _has_python_2(source) == _has_python_2(target)
    known = (FormatterMerge(tools), *guesses(tools, same_python=same_python))
    return tuple(one for one in known if one.name in rules.enabled)


def _has_python_2(read: Read) -> bool:
    """Tell whether a tree says that it still runs on Python 2."""
    return any(_PYTHON_2 in (read(path) or b"") for path in _SETUP)
