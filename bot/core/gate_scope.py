"""Where the policy gate stands: in which projects, and on which branches.

A project has the gate once its configuration has one of the tables `[exception]` and `[policy]`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.core import config, defaults, series
from bot.core.config import Configuration, ConfigurationError, TargetPattern
from bot.core.gate_policy import Standard

_TABLES = ("exception", "policy")
_USUAL = "stable/{series}"


@dataclass(frozen=True, slots=True)
class Broken:
    """A configuration that wants the gate and cannot be used, with one sentence for a mistake."""

    problems: tuple[str, ...]


def standard(text: str | None, full_name: str, day: date) -> Standard | Broken | None:
    """Read by what is judged in a repository, None where there is no gate."""
    if text is None:
        found = defaults.built_in(full_name)
        return Standard(found, day) if found and _wanted(found) else None
    try:
        found = config.parse(text)
    except ConfigurationError as error:
        return Broken(error.problems) if _wanted_by(text) else None
    return Standard(found, day) if _wanted(found) else None


def of(configuration: Configuration, day: date) -> Standard | None:
    """Give by what is judged under a configuration, None where there is no gate."""
    return Standard(configuration, day) if _wanted(configuration) else None


def is_target(configuration: Configuration, branch: str) -> bool:
    """Tell whether a branch is one that fixes are brought to."""
    targets = configuration.targets
    if isinstance(targets, TargetPattern):
        return series.match(targets.pattern, branch) is not None
    return branch in targets


def may_be_target(text: str, branch: str) -> bool:
    """Tell whether a branch is meant by the targets of a configuration that cannot be used."""
    targets = _tables(text).get("targets")
    if isinstance(targets, list):
        return branch in targets
    pattern = targets.get("pattern") if isinstance(targets, dict) else None
    wanted = pattern if isinstance(pattern, str) and "{series}" in pattern else _USUAL
    return series.match(wanted, branch) is not None


def _wanted(configuration: Configuration) -> bool:
    return configuration.exception is not None or configuration.policy is not None


def _wanted_by(text: str) -> bool:
    """Tell whether a file that cannot be used asks for the gate; of no TOML at all, its words."""
    found = _tables(text)
    return any(name in found if found else f"[{name}]" in text for name in _TABLES)


def _tables(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
