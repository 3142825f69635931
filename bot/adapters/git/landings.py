"""Find how a fix came to a branch, whoever put it there, and whether it still stands.

Three looks, from the surest to the least sure; the next is taken where the one before it found
nothing that stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.adapters.git.history import Entry, log
from bot.adapters.git.objects import Objects
from bot.adapters.git.run import Call
from bot.adapters.git.same_change import Change, change_of, making
from bot.core.landing import Landing, Way
from bot.core.landing_search import by_mention, by_ticket, standing

COMMITTED = "--format=%cn %ct"


async def landing(
    objects: Objects, branch: str, sources: Sequence[str], ours: str | None
) -> Landing | None:
    """Find how the sources (oldest first) came to a branch, None where they did not.

    A branch that holds the last source itself has it as that commit. A branch or a source that is
    not here has nothing.
    """
    ref = f"refs/heads/{branch}"
    call = Call(accept=(0, 1, 128))
    tip = await objects.git.line("rev-parse", "--verify", "--quiet", ref, call=call)
    if not tip or not sources or None in objects.commits(sources):
        return None
    search = await _Search.begin(objects, tip, sources, ours)
    best: Landing | None = None
    for way in (Way.MENTION, Way.PATCH, Way.TICKET):
        found = [await search.judged(sha, way) for sha in await search.candidates(way)]
        best = next((one for one in found if one.stands), best or next(iter(found), None))
        if best and best.stands:
            break
    return best


@dataclass(slots=True)
class _Search:
    """A search on one branch; `history` are its commits since the source, oldest first."""

    objects: Objects
    tip: str
    sources: Sequence[str]
    ours: str | None
    source: Entry
    history: tuple[Entry, ...]
    is_there: bool

    @classmethod
    async def begin(
        cls, objects: Objects, tip: str, sources: Sequence[str], ours: str | None
    ) -> _Search:
        """Read what the branch has and the source has not."""
        (source,) = await log(objects.git, "--max-count=1", sources[-1])
        newest_first = await log(objects.git, "--topo-order", tip, f"^{source.sha}")
        call = Call(accept=(0, 1))
        there = await objects.git("merge-base", "--is-ancestor", source.sha, tip, call=call)
        history = (*([] if there.code else [source]), *newest_first[::-1])
        return cls(objects, tip, sources, ours, source, history, not there.code)

    async def candidates(self, way: Way) -> list[str]:
        """Give what looks like the backport in one way, newest first."""
        if way is Way.MENTION:
            pick = self.objects.commit(self.ours) if self.ours else None
            words = pick.message.decode(errors="replace") if pick else ""
            found = set(by_mention(self.history, self.source.sha, words))
        elif way is Way.PATCH:
            found = await self._same_change()
        else:
            found = set(by_ticket(self.history, self.source))
        return [entry.sha for entry in reversed(self.history) if entry.sha in found]

    async def judged(self, sha: str, way: Way) -> Landing:
        """See whether a candidate stands."""
        at = next(i for i, entry in enumerate(self.history) if entry.sha == sha)
        change = change_of(self.objects, sha)
        contrary = await making(self.objects, (self.tip, f"^{sha}"), change.reversed())
        last, undone = standing(self.history[at + 1 :], self.history[at], self.source.sha, contrary)
        by, _, time = (await self.objects.git.line("log", "-1", COMMITTED, last)).rpartition(" ")
        when = datetime.fromtimestamp(int(time), UTC)
        return Landing(last, way, by, reverted_by=undone, at=when)

    async def _same_change(self) -> set[str]:
        found = {self.source.sha} if self.is_there else set[str]()
        span = (self.tip, f"^{self.source.sha}")
        for change in await self._wanted():
            found |= await making(self.objects, span, change)
        return found

    async def _wanted(self) -> set[Change]:
        """Give the changes to look for: the last source, our pick, and each of them as a whole."""
        last = change_of(self.objects, self.source.sha)
        wanted = {last, Change(change_of(self.objects, self.sources[0]).old, last.new)}
        if self.ours and self.objects.commit(self.ours):
            call = Call(accept=(0, 1))
            fork = await self.objects.git.line("merge-base", self.ours, self.tip, call=call)
            wanted |= {change_of(self.objects, self.ours), Change(fork or None, self.ours)}
        return wanted
