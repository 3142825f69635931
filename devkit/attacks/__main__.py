"""`python -m devkit.attacks [--write]`: all attempts in both sandboxes, as tables.

As root it is done as root and as an ordinary user. `--write` puts the tables into
`docs/sandbox.md`. Exit code 1 where anything got through that should not have.
"""

from __future__ import annotations

import asyncio
import sys

from bot.adapters.job import Strength
from devkit.attacks.campaign import MOST_ADDED, ROOT, WEAK_LETS, Report, campaign, table, users

_PAGE = ROOT / "docs/sandbox.md"


def _holds(strength: Strength, report: Report) -> bool:
    lets = WEAK_LETS if strength is Strength.WEAK else frozenset()
    through = {one.name for one in report.outcomes if one.through}
    return (
        through <= lets and report.added < MOST_ADDED and not any(o.left for o in report.outcomes)
    )


async def _main(*, write: bool) -> int:
    good = True
    page = _PAGE.read_text()
    for strength in (Strength.STRONG, Strength.WEAK):
        reports = {who: await campaign(strength, user) for who, user in users().items()}
        good = good and all(_holds(strength, report) for report in reports.values())
        shown = table(reports)
        print(f"{strength}: {', '.join(report.mode for report in reports.values())}\n\n{shown}\n")
        before, begin, rest = page.partition(f"<!-- {strength}: begin -->\n")
        _, end, after = rest.partition(f"<!-- {strength}: end -->")
        page = f"{before}{begin}{shown}\n{end}{after}"
    if write:
        _PAGE.write_text(page)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(write="--write" in sys.argv[1:])))
