"""What two runs of the same tests differ in: by test ids where they are known, else as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.counts import quantity
from bot.core.model import Conclusion, TestOutcome, TestReport

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ids:
    """The tests of a run by what became of them; in no set are those that were skipped."""

    passed: frozenset[str] = _NONE
    failed: frozenset[str] = _NONE
    errors: frozenset[str] = _NONE

    @property
    def broken(self) -> frozenset[str]:
        """Give what failed or ended in an error."""
        return self.failed | self.errors


@dataclass(frozen=True, slots=True)
class Harm:
    """What is wrong with the tests under a backport; no conclusion where it did no harm.

    `regressions` and `before` are the failing tests that passed or were not there without it, and
    those that failed already. `title` says what is wrong, also where ids are unknown.
    """

    conclusion: Conclusion | None = None
    title: str = ""
    regressions: frozenset[str] = _NONE
    before: frozenset[str] = _NONE


def ids_of(report: TestReport | None) -> Ids | None:
    """Sort the tests of a run; None where its ids are unknown, or not to be relied on."""
    if report is None:
        return None
    if report.ran == 0:
        return Ids()
    if report.results is None or not report.completed or unsound(report):
        return None
    sets: dict[TestOutcome, set[str]] = {outcome: set() for outcome in TestOutcome}
    for result in report.results:
        sets[result.outcome].add(result.id)
    # A test that is reported twice has failed if one of the reports says so.
    broken = sets[TestOutcome.FAILED] | sets[TestOutcome.ERROR]
    return Ids(
        passed=frozenset(sets[TestOutcome.PASSED] - broken),
        failed=frozenset(sets[TestOutcome.FAILED]),
        errors=frozenset(sets[TestOutcome.ERROR] - sets[TestOutcome.FAILED]),
    )


def unsound(report: TestReport) -> bool:
    """Tell whether a run says nothing about the tests: none ran, or its ids contradict its end."""
    if report.unsound or report.ran == 0:
        return True
    if report.results is None or not report.completed:
        return False
    bad = {TestOutcome.FAILED, TestOutcome.ERROR}
    failing = any(result.outcome in bad for result in report.results)
    return failing == (report.conclusion is Conclusion.SUCCESS)


def harm(green: TestReport, base: TestReport | None) -> Harm:
    """Compare the run under the backport with the one before, where the first did not succeed."""
    if unsound(green):
        return Harm(Conclusion.FAILURE, green.title)
    if green.conclusion is Conclusion.SUCCESS:
        return Harm()
    ours = ids_of(green)
    if ours is None:
        return _as_a_whole(green, base)
    return _by_ids(ours, base)


def _by_ids(ours: Ids, base: TestReport | None) -> Harm:
    theirs = ids_of(base)
    if theirs is None:
        count = quantity(len(ours.broken), "test")
        return Harm(
            Conclusion.FAILURE,
            f"{count} failed; which failed before is not known",
            regressions=ours.broken,
        )
    new, old = ours.broken - theirs.broken, ours.broken & theirs.broken
    if new:
        verb = "fails" if len(new) == 1 else "fail"
        title = f"Regression: {quantity(len(new), 'test')} {verb} with the backport alone"
        return Harm(Conclusion.FAILURE, title, new, old)
    return Harm(None, f"{quantity(len(old), 'test')} failed before too", before=old)


def _as_a_whole(green: TestReport, base: TestReport | None) -> Harm:
    """Compare two runs whose single tests are not known."""
    if base is None or base.conclusion is Conclusion.NEUTRAL:
        return Harm(green.conclusion, green.title)
    if base.conclusion is Conclusion.SUCCESS:
        return Harm(green.conclusion, f"Regression with the backport alone: {green.title}")
    if unsound(base):
        return Harm(green.conclusion, green.title)
    return Harm(None, f"The run failed before too: {green.title}")
