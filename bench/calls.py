"""Count what three clean backports ask of GitHub: `python -m bench.calls`.

The real service runs beside the local GitHub on real Django trees; the peers' figures stand
beside it.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from pathlib import Path

from bench.peers import PEERS
from devkit.clean_run import clean_run


async def main() -> None:
    """Play the case once and print the counts."""
    with tempfile.TemporaryDirectory(prefix="stablehand-bench-") as folder:
        async with clean_run(Path(folder)) as run:
            requests, operations = run.requests, run.git_operations
    _print_ours(requests, operations)
    _print_peers(requests.total())


def _print_ours(requests: Counter[str], operations: Counter[str]) -> None:
    print("One clean fix, three branches; the installation token was there already.\n")
    print("| request | times |\n|---|---:|")
    for request, times in sorted(requests.items(), key=lambda item: (-item[1], item[0])):
        print(f"| `{request.replace('/repos/{owner}/{repo}', '…')}` | {times} |")
    print(f"| **together** | **{requests.total()}** |\n")
    shown = ", ".join(f"{operations[name]} {name}" for name in ("fetch", "push"))
    print(f"git over the network: {shown}\n")


def _print_peers(ours: int) -> None:
    print("| tool | requests | times ours | git over the network | counted in |")
    print("|---|---:|---:|---|---|")
    print(f"| **Stablehand** (measured) | **{ours}** | **1** | **1 fetch, 1 push** | this run |")
    for peer in PEERS:
        low, high = peer.requests
        span = f"{low}" if low == high else f"{low} to {high}"
        cells = (peer.name, span, peer.ratio(ours), peer.network, peer.source)
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    asyncio.run(main())
