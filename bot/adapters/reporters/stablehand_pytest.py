"""A pytest plugin that reports each test; it runs inside the sandbox, on Python 3.6 and newer."""

import contextlib

import stablehand_results


def pytest_configure(config) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - pytest's, whichever is there
    """Report from the process that hears of all tests, which is not one of its workers."""
    if hasattr(config, "workerinput"):
        return
    results = stablehand_results.take()
    if results is not None:
        config.pluginmanager.register(_Reporter(results), "stablehand-reporter")


class _Reporter:
    def __init__(self, results: stablehand_results.Results) -> None:
        self._results = results

    def pytest_runtest_logreport(self, report) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - pytest's
        outcome = _outcome(report)
        if outcome:
            self._add(report, outcome)

    def pytest_collectreport(self, report) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - pytest's
        if report.failed:
            self._add(report, "error", unloadable=True)
        elif report.skipped:
            self._add(report, "skipped")

    def _add(self, report, outcome: str, **more: object) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - pytest's
        if outcome in {"failed", "error"}:
            more.update(self._told(report.longrepr))
        self._results.add(report.nodeid, outcome, **more)

    def _told(self, shown: object) -> "dict[str, object]":
        """Give message, path and line, as far as pytest's words for an error hold them."""
        told = {"message": str(shown).strip().split("\n")[-1][:500]}  # type: dict[str, object]
        with contextlib.suppress(AttributeError):
            told["message"] = shown.reprcrash.message[:500]  # type: ignore[attr-defined]
        with contextlib.suppress(AttributeError):
            for entry in shown.reprtraceback.reprentries:  # type: ignore[attr-defined]
                place = entry.reprfileloc
                told.update(self._results.place(place.path, place.lineno) if place else {})
        return told


def _outcome(report) -> "str | None":  # type: ignore[no-untyped-def]  # noqa: ANN001 - pytest's
    """Give the outcome that one phase of a test adds; set-up and tear-down that went well add none.

    A failure that was expected is a success, as it is in unittest.
    """
    if report.failed:
        return "failed" if report.when == "call" else "error"
    if report.skipped:
        return "passed" if hasattr(report, "wasxfail") else "skipped"
    return "passed" if report.passed and report.when == "call" else None
