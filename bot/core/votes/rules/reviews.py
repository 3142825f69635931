"""Reviews as ballots: so many approvals and no changes requested, or a share of all seats.

The latter is conda's rule for its enhancement proposals: approval is yea, a request for changes
nay, and 60 % of the council must approve by the end that the pull request states.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.core.votes.ballots import Means
from bot.core.votes.poll import Count, Form
from bot.core.votes.rule import About, Outcome, Rule, RuleRef, Timing
from bot.core.votes.wording import Choice

VERSION = "1"
_CONDA_PERCENT = 60
_FORM = Form(frozenset({Means.REVIEW}), frozenset({Choice.FOR, Choice.AGAINST}))


@dataclass(frozen=True, slots=True)
class _Needed:
    approvals: int

    def decide(self, count: Count) -> Outcome:
        """Accept what is approved often enough, and in which nobody requests changes."""
        enough = count.number(Choice.FOR) >= self.approvals
        return Outcome.ACCEPTED if enough and not count.number(Choice.AGAINST) else Outcome.OPEN

    def reason(self, count: Count) -> str:
        """Say how many approve and who asks for changes."""
        opposed = sorted(vote.voter for vote in count.votes if vote.choice is Choice.AGAINST)
        against = ", ".join(opposed)
        blocked = f"; {against} requested changes, which blocks" if against else ""
        return f"{count.number(Choice.FOR)} of {self.approvals} approvals are there{blocked}"


@dataclass(frozen=True, slots=True)
class _Share:
    percent: int

    def decide(self, count: Count) -> Outcome:
        """Accept what so many in a hundred of the seats approve."""
        enough = count.seats and 100 * count.number(Choice.FOR) >= self.percent * count.seats
        return Outcome.ACCEPTED if enough else Outcome.OPEN

    def reason(self, count: Count) -> str:
        """Say how many approve and how many must."""
        least = -(-self.percent * count.seats // 100)
        return f"{count.number(Choice.FOR)} of {count.seats} approve; {least} are needed"


def approvals(options: Mapping[str, str]) -> Rule:
    """Make the rule of `n` approvals, one where `n` is not given."""
    needed = _Needed(int(options.get("n", 1)))
    return Rule(
        ref=RuleRef("approvals", VERSION, tuple(sorted(options.items()))),
        form=_FORM,
        timing=Timing(early=True),
        about=About(
            passes="`n` members approve and none requests changes",
            close="it passes, or the deadline is over where one is named",
            fails="rejected at the deadline",
            again="with the next release",
            asks="the author",
            venue="reviews of the pull request",
            source="common practice of release managers",
        ),
        decide=needed.decide,
        reason=needed.reason,
    )


def conda(_: Mapping[str, str]) -> Rule:
    """Make conda's rule; the asker must name its end."""
    share = _Share(_CONDA_PERCENT)
    return Rule(
        ref=RuleRef("conda-cep", "2023"),
        form=_FORM,
        timing=Timing(),
        about=About(
            passes="60 % of the council approve",
            close="the end that the pull request states",
            fails="rejected",
            again="not stated",
            asks="not stated",
            venue="reviews of the pull request",
            source="conda's governance, votes of the council (2023)",
        ),
        decide=share.decide,
        reason=share.reason,
    )


FACTORIES: tuple[Callable[[Mapping[str, str]], Rule], ...] = (approvals, conda)
