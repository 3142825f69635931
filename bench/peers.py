"""What other backport tools ask of GitHub for the same case, counted in their code by hand.

One clean squash-merged fix, three branches, the plain path, reads of webhooks left out; each
figure is good to about two requests. None of these tools was run.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Peer:
    """One tool: `requests` are the fewest and the most, `network` its git operations."""

    name: str
    source: str
    requests: tuple[int, int]
    network: str

    def ratio(self, ours: int) -> str:
        """Give its requests as multiples of ours."""
        low, high = (f"{count / ours:.1f}" for count in self.requests)
        return low if low == high else f"{low} to {high}"


PEERS = (
    Peer("tibdex/backport", "tibdex/backport@7005ef8", (4, 7), "1 full clone, 3 pushes"),
    Peer(
        "miss-islington, cherry-picker",
        "python/miss-islington@387b8f9, python/cherry-picker@8d25dbc",
        (10, 12),
        "3 fetches, 3 pushes (kept clone)",
    ),
    Peer(
        "sorenlouv/backport",
        "sorenlouv/backport@77217f6",
        (10, 25),
        "9 (and a full clone once)",
    ),
    Peer("backport-action", "korthout/backport-action@553846e", (10, 33), "about 9, shallow"),
    Peer(
        "Prow cherrypicker",
        "kubernetes-sigs/prow@a61940897",
        (23, 23),
        "6 and an update of the mirror",
    ),
    Peer(
        "patchback",
        "sanitizers/patchback-github-app@5bd473a",
        (26, 26),
        "3 fetches of everything, 3 pushes",
    ),
    Peer(
        "Mergify, its engine of 2021",
        "Mergifyio/mergify-engine@cea68b0b",
        (27, 33),
        "12, a new repository each time",
    ),
    Peer("MeeseeksDev", "MeeseeksBox/MeeseeksDev@8d6db4c", (30, 33), "12 (and a clone)"),
    Peer(
        "miss-islington with bedevere",
        "the two above and python/bedevere@8f57a31",
        (31, 31),
        "3 fetches, 3 pushes (kept clone)",
    ),
    Peer("nextcloud/backportbot", "nextcloud/backportbot@f9c4053", (48, 50), "6"),
    Peer("trop", "electron/trop@666b47b", (60, 90), "9 fetches, commits made over the API"),
)
"""The fewest requests first."""
