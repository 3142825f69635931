"""What the runs of a backport's tests prove: the sentence, the ids, the conclusion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.core.comparison import Harm, Ids, harm, ids_of, unsound
from bot.core.counts import quantity
from bot.core.model import Conclusion, TestReport
from bot.core.proof import MOST_IDS, Proof, Remark, Stage
from bot.core.split import Split

Runs = Mapping[Stage, TestReport]

NOT_APPLICABLE = "Not applicable"

_NONE: frozenset[str] = frozenset()
_NEEDED = (
    "Either the bug is not on this branch, or the tests do not reach it. Is the fix needed here?"
)
_STATUS_ALONE = "Single tests are not known; whole runs were compared by how they ended."


@dataclass(frozen=True, slots=True)
class _Found:
    """What red shows beside green."""

    conclusion: Conclusion
    title: str
    proving: frozenset[str] = _NONE
    idle: frozenset[str] = _NONE
    weak: bool = False
    notes: tuple[str, ...] = ()


def not_applicable(split: Split) -> Proof | None:
    """Say why nothing needs to be run for such changes; None where something does."""
    if split.tests or split.code:
        return None
    what = "documentation alone" if split.docs else "no file"
    return Proof(Conclusion.NEUTRAL, f"{NOT_APPLICABLE}: the backport changes {what}")


def no_labels(dropped: tuple[str, ...]) -> Proof:
    """Say that this branch has none of the configured tests."""
    title = "Tests not run: this branch has none of the tests that are configured for it"
    note = f"`tests.labels` has to be mended; it names {', '.join(dropped)}."
    return Proof(Conclusion.NEUTRAL, title, notes=(note,))


def kept_from_running(stage: Stage, report: TestReport) -> Proof | None:
    """End the proof where a run shows that no other can tell more; None where it does not."""
    if report.conclusion is Conclusion.NEUTRAL:
        return _with_facts(Proof(Conclusion.NEUTRAL, report.title), report)
    if stage is Stage.BASE and report.conclusion is Conclusion.TIMED_OUT:
        title = f"{report.title} on the branch as it stands; nothing can be compared"
        return _with_facts(Proof(Conclusion.TIMED_OUT, title), report)
    return None


def verdict(runs: Runs, split: Split) -> Proof:
    """Judge the runs that were made; green is one of them.

    Where there is harm, what red shows is not told: the backport has to change first.
    """
    green = runs[Stage.GREEN]
    done = harm(green, runs.get(Stage.BASE))
    if done.conclusion:
        return _harmful(done, green)
    wide = _wide(runs)
    if wide.conclusion:
        return _harmful(wide, runs[Stage.WIDE_GREEN])
    found = _proved(runs, split)
    before = done.before | wide.before
    failing = [one.title for one in (done, wide) if one.title]
    conclusion = found.conclusion
    if failing and not found.proving:
        conclusion = Conclusion.NEUTRAL
    unknown = runs.get(Stage.WIDE_GREEN)
    notes = found.notes
    if unknown and unknown.conclusion is Conclusion.NEUTRAL:
        notes += (f"Regression set: {unknown.title}",)
    said = f"; {_count(before)} failed before too" if before else "".join(f"; {t}" for t in failing)
    proof = Proof(
        conclusion=conclusion,
        title=f"{found.title}{said}",
        proving=_some(found.proving),
        before=_some(before),
        idle=_some(found.idle),
        weak=found.weak,
        notes=notes,
    )
    red = runs.get(Stage.RED)
    return _with_facts(proof, green, tail=red.tail if red and found.proving else green.tail)


def _wide(runs: Runs) -> Harm:
    green = runs.get(Stage.WIDE_GREEN)
    if green is None or green.conclusion is Conclusion.NEUTRAL:
        return Harm()
    return harm(green, runs.get(Stage.WIDE_BASE))


def _harmful(done: Harm, report: TestReport) -> Proof:
    failing = [result for result in report.results or () if result.id in done.regressions]
    remarks = tuple(
        Remark(result.path, result.line, f"{result.id}\n{result.message}".strip())
        for result in failing
        if result.path and result.line > 0
    )
    proof = Proof(
        conclusion=done.conclusion or Conclusion.FAILURE,
        title=done.title,
        regressions=_some(done.regressions),
        before=_some(done.before),
        remarks=remarks[:MOST_IDS],
    )
    return _with_facts(proof, report)


def _proved(runs: Runs, split: Split) -> _Found:
    """Compare red with green, where the backport has both tests and code."""
    green, red = runs[Stage.GREEN], runs.get(Stage.RED)
    if red is None:
        what = "changes tests alone" if split.tests else "brings no test"
        return _Found(Conclusion.SUCCESS, f"{green.title}; nothing to prove, the backport {what}")
    ours, without = ids_of(green), ids_of(red)
    if ours is None or without is None:
        return _by_ending(red)
    return _by_ids(ours, without, ids_of(runs.get(Stage.BASE)))


def _by_ids(green: Ids, red: Ids, base: Ids | None) -> _Found:
    new = green.passed - (base.passed | base.broken) if base else _NONE
    by_failure = green.passed & red.failed
    by_error = (green.passed & red.errors) | _unloadable(green, red, new)
    proving, idle = by_failure | by_error, new & red.passed
    if not proving:
        return _unproved(idle)
    also = f"; {_new(idle)} without it too" if idle else ""
    if not by_failure:
        verb = "ends" if len(proving) == 1 else "end"
        title = f"Weak proof: {_count(proving)} {verb} in an error without the fix and "
        note = "An error may come from what the tests need; a failure tells what they check."
        return _Found(
            Conclusion.SUCCESS,
            f"{title}{_verb('pass', proving)} with it{also}",
            *(proving, idle),
            weak=True,
            notes=(note,),
        )
    title = f"{_count(proving)} {_verb('fail', proving)} without the fix and "
    return _Found(
        Conclusion.SUCCESS, f"{title}{_verb('pass', proving)} with it{also}", proving, idle
    )


def _unloadable(green: Ids, red: Ids, new: frozenset[str]) -> frozenset[str]:
    """Give the tests that red lacks because their module could not be loaded there."""
    if red.broken <= green.passed | green.broken:
        return _NONE
    lost = green.passed - red.passed - red.broken
    return (lost & new) or lost


def _unproved(idle: frozenset[str]) -> _Found:
    if not idle:
        title = "Not proved: no test fails without the fix, and none is new"
        return _Found(Conclusion.NEUTRAL, title)
    title = f"Not proved: {_new(idle)} without the fix too"
    return _Found(Conclusion.NEUTRAL, title, idle=idle, notes=(_NEEDED,))


def _by_ending(red: TestReport) -> _Found:
    """Judge by how red ended; green has not failed."""
    notes = (_STATUS_ALONE,)
    if red.conclusion is Conclusion.SUCCESS and not unsound(red):
        title = "Not proved: the tests pass without the fix too"
        return _Found(Conclusion.NEUTRAL, title, notes=(*notes, _NEEDED))
    if unsound(red):
        return _Found(Conclusion.NEUTRAL, f"Not proved: without the fix: {red.title}", notes=notes)
    if not red.completed:
        title = f"Weak proof: the tests pass with the fix; without it: {red.title}"
        return _Found(Conclusion.SUCCESS, title, weak=True, notes=notes)
    return _Found(
        Conclusion.SUCCESS, "The tests fail without the fix and pass with it", notes=notes
    )


def _with_facts(proof: Proof, report: TestReport, tail: str | None = None) -> Proof:
    return replace(
        proof,
        notes=(*proof.notes, *report.notes),
        interpreter=report.interpreter,
        sandbox=report.sandbox,
        command=report.command,
        tail=report.tail if tail is None else tail,
    )


def _some(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(ids)[:MOST_IDS])


def _count(ids: frozenset[str]) -> str:
    return quantity(len(ids), "test")


def _new(idle: frozenset[str]) -> str:
    return f"{quantity(len(idle), 'new test')} {_verb('pass', idle)}"


def _verb(verb: str, ids: frozenset[str]) -> str:
    if len(ids) > 1:
        return verb
    return f"{verb}es" if verb.endswith("s") else f"{verb}s"
