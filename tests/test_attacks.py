from __future__ import annotations

import pytest

from bot.adapters.job import Strength
from devkit.attacks.campaign import MOST_ADDED, WEAK_LETS, UnfitError, campaign, users
from devkit.attacks.inside import ATTEMPTS

LETS = {Strength.STRONG: frozenset[str](), Strength.WEAK: WEAK_LETS}
"""What gets through; `docs/sandbox.md` says the same."""


@pytest.mark.parametrize("who", ["root", "user"])
@pytest.mark.parametrize("strength", list(LETS))
async def test_the_sandbox_holds(strength: Strength, who: str) -> None:
    """No attempt gets further than known; the service lives, does not grow, and nothing is left."""
    if who not in users():
        pytest.skip("only root can be root")
    try:
        report = await campaign(strength, users()[who])
    except UnfitError as error:
        if who == "user" and "no Python" in str(error):
            pytest.skip(str(error))
        raise
    assert [one.name for one in report.outcomes] == list(ATTEMPTS)
    assert {one.name: one.said for one in report.outcomes if one.through}.keys() == LETS[strength]
    assert [one for one in report.outcomes if one.left] == []
    assert report.added < MOST_ADDED
