"""Every word that is said in a story, compared with a file beside the tests.

`SNAPSHOTS=write` writes the files anew; the difference is then for a person to read.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

_FOLDER = Path(__file__).parent / "snapshots"
_HIDDEN = re.compile(r"<!-- stablehand:(?:state|vote|decision)\b.*?-->", re.DOTALL)


def same(name: str, said: Iterable[str], known: Mapping[str, str]) -> None:
    """Expect what was said to be what the file holds; `known` gives names to what varies."""
    text = "\n\n---\n\n".join(_HIDDEN.sub("", one).strip() for one in said)
    for value, shown in known.items():
        text = text.replace(value, shown)
    file = _FOLDER / f"{name}.md"
    if os.environ.get("SNAPSHOTS") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n")
    known_lines, lines = file.read_text().splitlines(), text.splitlines()
    differing = "\n".join(
        difflib.unified_diff(known_lines, lines, "known", "said", n=1, lineterm="")
    )
    assert not differing, differing
