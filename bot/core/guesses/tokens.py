"""The guess "tokens": changes of both sides within a line are both wanted if they do not touch."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.core.merge3 import Region, merge
from bot.core.texts import lines

_TOKEN = re.compile(r"\w+|\n|[^\S\n]+|[^\w\s]")


def tokens(region: Region[str]) -> Sequence[str] | None:
    """Merge a region word by word; None where both sides change one word or neighbours."""
    base, ours, theirs = (
        _TOKEN.findall("".join(side)) for side in (region.base, region.ours, region.theirs)
    )
    merged = merge(base, ours, theirs)
    return None if merged is None else lines("".join(merged))
