"""The time that a pick takes, and that of its gate apart: a check on top of the pick."""

from __future__ import annotations

import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bot.adapters.git.clone import Clone
from bot.core.model import Pick, Recipe, Rules
from bot.mirror_ports import NO_RULES


@dataclass(frozen=True, slots=True)
class Time:
    """Seconds of a pick by the clock, and of the processor, ours and that of git together."""

    clock: float
    processor: float

    @classmethod
    def now(cls) -> Time:
        """Give the time that has passed since some moment."""
        used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return cls(time.perf_counter(), sum(one.ru_utime + one.ru_stime for one in used))

    def since(self, began: Time) -> Time:
        """Give the time that has passed since another."""
        return Time(self.clock - began.clock, self.processor - began.processor)


NO_TIME = Time(0, 0)


class Timed(Clone):
    """A clone that tells what its gate took of the last pick."""

    gate = NO_TIME

    async def pick(
        self, commits: Sequence[str], onto: str, recipe: Recipe, rules: Rules = NO_RULES
    ) -> Pick:
        """Pick, with the time of the gate at naught before."""
        self.gate = NO_TIME
        return await super().pick(commits, onto, recipe, rules)

    async def gated(self, onto: str, picked: Pick) -> Pick:
        """Pass the gate; a guess that is taken back passes it twice."""
        began = Time.now()
        found = await super().gated(onto, picked)
        taken = Time.now().since(began)
        self.gate = Time(self.gate.clock + taken.clock, self.gate.processor + taken.processor)
        return found
