from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.core import defaults, phases
from bot.core.phases import ClassReading, FixClass, Life, Phase, Policy

ASKED = date(2022, 12, 30)
SUPPORTED = ("4.1.x", "4.0.x", "3.2.x")


def django() -> Policy:
    """Give the policy of Django's own configuration."""
    policy = defaults.django().policy_table()
    assert policy
    return policy


DJANGO = django()


@pytest.mark.parametrize(
    ("series", "phase", "day"),
    [
        ("main", Phase.DEVELOPMENT, ASKED),
        ("4.1.x", Phase.MAINSTREAM, ASKED),
        ("4.0.x", Phase.EXTENDED, ASKED),
        ("3.2.x", Phase.EXTENDED, ASKED),
        ("2.2.x", None, ASKED),
        ("4.1.x", Phase.MAINSTREAM, date(2023, 4, 30)),
        ("4.1.x", Phase.EXTENDED, date(2023, 5, 1)),
        ("4.1.x", Phase.ENDED, date(2024, 1, 1)),
        ("4.0.x", Phase.MAINSTREAM, date(2022, 8, 3)),
        ("4.0.x", Phase.EXTENDED, date(2022, 8, 4)),
        ("3.2.x", Phase.ENDED, date(2024, 5, 1)),
    ],
)
def test_djangos_phases(series: str, phase: Phase | None, day: date) -> None:
    """Each series is in the phase that Django announced; the last day still belongs to it."""
    assert DJANGO.phase(series, day) is phase


def test_ends_that_are_not_announced_lie_ahead() -> None:
    """A series without an end stays in its phase."""
    assert Life("1.x").phase(ASKED) is Phase.MAINSTREAM
    assert Life("1.x", date(2020, 1, 1)).phase(ASKED) is Phase.EXTENDED


@pytest.mark.parametrize("series", SUPPORTED)
def test_the_fix_of_34063_needs_an_exception(series: str) -> None:
    """A bug in major functionality that is not new may go into none of the three series."""
    verdict = phases.judge(DJANGO, series, FixClass.OLD_FEATURE, ASKED)
    assert not verdict.allowed
    assert "this fix is major-old-feature." in verdict.why
    assert verdict.rule


@pytest.mark.parametrize(
    ("fix_class", "allowed"),
    [
        (FixClass.SECURITY, SUPPORTED),
        (FixClass.DATA_LOSS, SUPPORTED),
        (FixClass.CRASH, ("4.1.x",)),
        (FixClass.NEW_FEATURE, ("4.1.x",)),
        (FixClass.REGRESSION, ("4.1.x",)),
        (FixClass.DOCS, ("4.1.x",)),
        (FixClass.OLD_FEATURE, ()),
        (FixClass.OTHER, ()),
        (None, ()),
    ],
)
def test_what_djangos_policy_allows(fix_class: FixClass | None, allowed: tuple[str, ...]) -> None:
    """Critical fixes go to the last series, security and data loss to all that are supported."""
    verdicts = [phases.judge(DJANGO, series, fix_class, ASKED) for series in SUPPORTED]
    assert tuple(verdict.series for verdict in verdicts if verdict.allowed) == allowed
    assert all(phases.judge(DJANGO, "main", one, ASKED).allowed for one in FixClass)


def test_the_rule_is_quoted() -> None:
    """A verdict quotes the sentence that allows a fix, or all that hold in the phase."""
    docs = phases.judge(DJANGO, "4.1.x", FixClass.DOCS, ASKED)
    assert docs.rule.startswith("Documentation fixes generally")
    assert docs.why == "4.1.x is in the phase mainstream, which takes fixes of the class docs."
    refused = phases.judge(DJANGO, "3.2.x", FixClass.CRASH, ASKED)
    assert refused.rule.startswith("Security fixes and data loss bugs")
    assert refused.why == (
        "3.2.x is in the phase security and data loss, which takes security, data-loss only; "
        "this fix is crash."
    )
    unclear = phases.judge(DJANGO, "3.2.x", None, ASKED)
    assert unclear.why.endswith("the fix names no class.")


def test_what_is_not_known_is_not_allowed() -> None:
    """A series that has ended or is not in the table takes nothing."""
    ended = phases.judge(DJANGO, "3.2.x", FixClass.SECURITY, date(2025, 1, 1))
    assert (ended.allowed, ended.rule) == (False, "")
    assert "which takes no fixes at all" in ended.why
    unknown = phases.judge(DJANGO, "2.2.x", FixClass.SECURITY, ASKED)
    assert not unknown.allowed
    assert "does not know 2.2.x; a maintainer has to add it" in unknown.why


def test_a_table_is_data() -> None:
    """Another project's series and dates take the place of Django's."""
    own = replace(DJANGO, lives=(Life("2028.x", date(2028, 12, 31), date(2030, 12, 31)),))
    assert own.phase("2028.x", date(2029, 1, 1)) is Phase.EXTENDED
    assert own.allowed(Phase.EXTENDED) == (FixClass.SECURITY, FixClass.DATA_LOSS)


@pytest.mark.parametrize(
    ("labels", "body", "expected"),
    [
        (("fix: data loss",), "", FixClass.DATA_LOSS),
        (("Fix: Data-Loss", "bug"), "", FixClass.DATA_LOSS),
        ((), "Text.\nFix class: major new feature.\nMore.", FixClass.NEW_FEATURE),
        ((), "fix class:   SECURITY", FixClass.SECURITY),
        (("fix: crash",), "Fix class: crash", FixClass.CRASH),
        (("fix: later",), "", None),
        ((), "<!-- Fix class: crash -->", None),
        ((), "The fix class: crash", None),
        ((), "", None),
    ],
)
def test_the_class_is_read(labels: tuple[str, ...], body: str, expected: FixClass | None) -> None:
    """A label or a line in the text names the class, in any spelling of it."""
    assert phases.read_class(labels, body) == ClassReading(expected)


def test_classes_that_disagree_are_a_problem() -> None:
    """Two different classes, or one that is none, are told and count as none."""
    two = phases.read_class(["fix: docs"], "Fix class: security")
    assert two == ClassReading(None, "Labels and text name different classes: docs and security.")
    wrong = phases.read_class((), "Fix class: urgent")
    assert wrong.fix_class is None
    assert wrong.problem.startswith("`urgent` is no class of fix; there are security, data-loss")


def test_labels_may_be_called_otherwise() -> None:
    """The prefix of the labels is the project's own."""
    reading = phases.read_class(["type/regression"], "", prefix="type/")
    assert reading.fix_class is FixClass.REGRESSION


def test_the_end_of_a_phase_is_seen() -> None:
    """A series has another phase from the day after the last one on."""
    assert DJANGO.changes("4.1.x", date(2023, 4, 30), date(2023, 5, 1))
    assert not DJANGO.changes("4.1.x", date(2023, 4, 27), date(2023, 4, 30))
    assert not DJANGO.changes("2.2.x", date(2023, 4, 27), date(2023, 5, 1))
