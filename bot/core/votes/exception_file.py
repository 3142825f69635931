"""The file of a decision: TOML that a person can read, with the digest of the record in it.

`docs/exceptions.md` explains its keys.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.core.decision import Decision
from bot.core.votes import seal, toml_text

FORMAT = 1
_ADAPTER = TypeAdapter(Decision)


def path(decision: Decision, folder: str = "exceptions") -> str:
    """Name the file of a decision; one that overturns has its own, with the start of its digest."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", decision.name).strip("-") or "unnamed"
    behind = f"-overturned-{decision.digest[:12]}" if decision.overturns else ""
    return f"{folder}/{name}{behind}.toml"


def text(decision: Decision) -> str:
    """Write the file of a decision."""
    record = asdict(decision)
    rule, scope, votes = record.pop("rule"), record.pop("scope"), record.pop("votes")
    top = {"format": FORMAT, "digest": decision.digest, **_plain(record)}
    tables = {"rule": rule | {"options": dict(rule["options"])}}
    lists = {"target": [_plain(one) for one in scope], "vote": [_plain(one) for one in votes]}
    return toml_text.document(top, tables, lists)


def read(content: str) -> Decision:
    """Read again what `text` gave; raises `seal.Broken` where it was changed."""
    try:
        record: dict[str, Any] = tomllib.loads(content)
        version, digest = record.pop("format"), record.pop("digest")
        record["scope"], record["votes"] = record.pop("target"), record.pop("vote", [])
        record["rule"]["options"] = list(record["rule"]["options"].items())
        decision = _ADAPTER.validate_python(record)
    except (tomllib.TOMLDecodeError, ValidationError, KeyError, TypeError, AttributeError):
        raise seal.Broken("The file of this decision is none that this bot can read.") from None
    if version != FORMAT or digest != decision.digest:
        raise seal.Broken(
            "The file of this decision was changed after it was written; a maintainer has to "
            "restore it from the history of the repository."
        )
    return decision


def _plain(record: Mapping[str, Any]) -> dict[str, Any]:
    """Give lists for tuples, and leave out texts that are empty."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in record.items()
        if value != ""
    }
