"""Writing TOML: the standard library reads it and does not write it.

Only what records need: text, whole numbers, truth, moments, lists and inline tables of these, and
tables and lists of tables one level deep.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

Scalar = str | int | bool | datetime
Value = Scalar | list[str] | Mapping[str, str]
Table = Mapping[str, Value]


def document(top: Table, tables: Mapping[str, Table], lists: Mapping[str, Sequence[Table]]) -> str:
    """Write keys, then tables, then lists of tables, each in its order."""
    blocks = [_block("", top)]
    blocks += [_block(f"[{name}]\n", table) for name, table in tables.items()]
    blocks += [_block(f"[[{name}]]\n", table) for name, many in lists.items() for table in many]
    return "\n".join(blocks)


def _block(head: str, table: Table) -> str:
    return head + "".join(f"{key} = {_value(value)}\n" for key, value in table.items())


def _value(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case str():
            return _text(value)
        case list():
            return f"[{', '.join(map(_text, value))}]"
        case _:
            pairs = (f"{_text(key)} = {_text(one)}" for key, one in value.items())
            return f"{{{', '.join(pairs)}}}"


def _text(text: str) -> str:
    """Quote a text; JSON's escapes are TOML's, but TOML wants DEL escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
