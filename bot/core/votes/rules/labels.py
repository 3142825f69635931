"""Labels as ballots: the practice of Kubernetes, OpenShift, Rust and Go, one table row each.

Only people of the roster can set a label that decides; `free` labels count whoever set them,
because a project's own automation does. Whether the checks of a pull request pass is no ballot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.core.votes.ballots import Means
from bot.core.votes.poll import Count, Form
from bot.core.votes.rule import About, Outcome, Rule, RuleRef, Timing
from bot.core.votes.wording import Choice

VERSION = "1"
REVIEW = "an approving review"
"""Stands for a review beside the names of labels."""


@dataclass(frozen=True, slots=True)
class Row:
    """Which labels decide; `{series}` in them is the target's.

    One of the sets in `accepts` must be complete. One label of `refuses` rejects; so does the lack
    of one of `keeps`, as long as nothing accepts.
    """

    name: str
    accepts: tuple[frozenset[str], ...]
    about: About
    free: frozenset[str] = frozenset()
    refuses: frozenset[str] = frozenset()
    keeps: frozenset[str] = frozenset()

    def decide(self, count: Count) -> Outcome:
        """Give the outcome of the labels that stand."""
        have = _have(count)
        if _filled(self.refuses, count) & have:
            return Outcome.REJECTED
        if any(_filled(labels, count) <= have for labels in self.accepts):
            return Outcome.ACCEPTED
        return Outcome.OPEN if _filled(self.keeps, count) <= have else Outcome.REJECTED

    def reason(self, count: Count) -> str:
        """Say which labels are missing, or that none is."""
        have = _have(count)
        if against := sorted(_filled(self.refuses, count) & have):
            return f"{_listed(against)} refuses it"
        missing = [sorted(_filled(labels, count) - have) for labels in self.accepts]
        if not all(missing):
            return "every label that is needed is there"
        gone = sorted(_filled(self.keeps, count) - have)
        lost = f"{_listed(gone)} was taken off and " if gone else ""
        return f"{lost}{' (or '.join(map(_listed, missing))}{')' * (len(missing) - 1)} is missing"

    def rule(self, _: Mapping[str, str]) -> Rule:
        """Make the rule of this row."""
        means = {Means.LABEL, Means.REVIEW} if self._reviewed else {Means.LABEL}
        return Rule(
            ref=RuleRef(self.name, VERSION),
            form=Form(frozenset(means), frozenset({Choice.FOR, Choice.AGAINST}), self.free),
            timing=Timing(early=True),
            about=self.about,
            decide=self.decide,
            reason=self.reason,
        )

    @property
    def _reviewed(self) -> bool:
        return any(REVIEW in labels for labels in self.accepts)


def _have(count: Count) -> frozenset[str]:
    said = [vote for vote in count.votes if vote.choice is Choice.FOR]
    return frozenset(vote.label or REVIEW for vote in said)


def _filled(labels: frozenset[str], count: Count) -> frozenset[str]:
    return frozenset(label.replace("{series}", count.target) for label in labels)


def _listed(labels: list[str]) -> str:
    return " + ".join(label if label == REVIEW else f"`{label}`" for label in labels)


_KUBERNETES = Row(
    name="k8s-cherry-pick",
    accepts=(frozenset({"cherry-pick-approved"}), frozenset({REVIEW, "lgtm", "approved"})),
    free=frozenset({"lgtm", "approved"}),
    about=About(
        passes="a release manager sets `cherry-pick-approved`, or approves in a review while "
        "`lgtm` and `approved` are set",
        close="it passes, or the deadline of the patch release is over",
        fails="rejected for this release",
        again="with the next patch release",
        asks="the author of the pull request",
        venue="the pull request",
        source="kubernetes/community, cherry-picks.md; prow's plugins for it",
    ),
)
_OPENSHIFT = Row(
    name="openshift",
    accepts=(
        frozenset(
            {
                "backport-risk-assessed",
                "cherry-pick-approved",
                "jira/valid-bug",
                "lgtm",
                "approved",
                "verified",
            }
        ),
    ),
    free=frozenset({"jira/valid-bug", "jira/invalid-bug", "lgtm", "approved"}),
    refuses=frozenset({"jira/invalid-bug"}),
    about=About(
        passes="`backport-risk-assessed`, `cherry-pick-approved`, `verified`, `jira/valid-bug`, "
        "`lgtm` and `approved` are all set, the first three by people of the named teams",
        close="it passes",
        fails="`jira/invalid-bug`: rejected",
        again="at any time",
        asks="the author of the pull request",
        venue="the pull request",
        source="openshift/microshift, pull requests 5742 and 5654",
    ),
)
_RUST = Row(
    name="rust-backport",
    accepts=(frozenset({"{series}-accepted"}),),
    keeps=frozenset({"{series}-nominated"}),
    free=frozenset({"beta-nominated", "stable-nominated"}),
    about=About(
        passes="a member of the team sets `beta-accepted` or `stable-accepted`",
        close="it passes; the poll before it does not bind",
        fails="`beta-nominated` or `stable-nominated` is taken off: rejected",
        again="nominate again",
        asks="anybody with triage rights",
        venue="the pull request, and Zulip",
        source="rust-forge, backporting.md; triagebot.toml",
    ),
)
_GO = Row(
    name="go-minor",
    accepts=(frozenset({"CherryPickApproved"}),),
    about=About(
        passes="a member of the team sets `CherryPickApproved`",
        close="it passes",
        fails="stays open for the next minor release",
        again="not needed",
        asks="any interested party",
        venue="the child issue of the release",
        source="the Go wiki, MinorReleases",
    ),
)

FACTORIES: tuple[Callable[[Mapping[str, str]], Rule], ...] = tuple(
    row.rule for row in (_KUBERNETES, _OPENSHIFT, _RUST, _GO)
)
