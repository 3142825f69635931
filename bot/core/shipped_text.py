"""What is said on the source once its fix has been released wherever it was brought."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core import markdown, marker
from bot.core.checklist import Row

KIND = "shipped"


def shipped(rows: Sequence[Row], *, again: bool) -> str:
    """Word it; empty as long as a branch waits for its release, or has none to wait for.

    `again` says that all had shipped once, so that a branch without a release has to be told.
    """
    landed = [row for row in rows if row.merged]
    waiting = [row for row in landed if row.shipped is None]
    out = [row.shipped.version for row in landed if row.shipped]
    open_ = [row for row in rows if row.pull and not row.merged and not row.closed]
    if not again and (waiting or open_ or not out):
        return ""
    parts = [f"The fix has shipped in {_list(out)}."] if out else []
    without = [row for row in rows if row.landing and row.shipped is None]
    if without:
        names = _list([markdown.code(row.branch) for row in without])
        parts.append(f"No release of {names} holds it now.")
    return f"{marker.mark(KIND)}\n{' '.join(parts)}" if parts else ""


def _list(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
