from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.council import ASKER, MERGER, OUTSIDER, Council, council, moment

MOST = 3
RECORD = "/vote record @seat5 +1 https://forum.example.org/1"


async def test_a_ballot_costs_little(tmp_path: Path) -> None:
    """Each way of voting takes at most three requests, and talk takes none."""
    async with council(tmp_path) as case:
        github, at = case.github, (case.repository, case.pull)
        await case.ask()
        case.service.clock.set(moment(2))
        costs = {}
        github.reset_counts()
        vote = case.say("seat1", "+1")
        costs["a vote"] = await spent(case)
        github.edit_comment(*at, vote, "-1", by="seat1")
        costs["a changed vote"] = await spent(case)
        github.delete_comment(*at, vote, by="seat1")
        costs["a vote taken back"] = await spent(case)
        case.say("seat2", "/vote +1 4.1")
        costs["a vote for one target"] = await spent(case)
        case.say(OUTSIDER, "+1")
        costs["a vote of somebody else"] = await spent(case)
        case.say(OUTSIDER, RECORD)
        costs["a record of somebody else"] = await spent(case)
        case.say(MERGER, RECORD)
        costs["the first record of a recorder"] = await spent(case)
        case.say(MERGER, RECORD.replace("seat5", "seat4"))
        costs["another record"] = await spent(case)
        assert {what: cost for what, cost in costs.items() if not 0 < cost.total() <= MOST} == {}
        case.say(ASKER, "Thanks for voting!")
        assert (await spent(case)).total() == 0


async def spent(case: Council) -> Counter[str]:
    """Count the requests since the last time, those that come by the clock left out."""
    await case.settled()
    calls = Counter({at: n for at, n in case.github.count().items() if "/app/" not in at})
    case.github.reset_counts()
    return calls
