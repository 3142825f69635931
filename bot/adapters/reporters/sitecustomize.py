"""Having unittest, and whatever builds on it, report each test; Python imports this when it starts.

It runs inside the sandbox, on Python 3.6 and newer.
"""

import contextlib
import os
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from types import ModuleType

import stablehand_results

_HERE = os.path.dirname(os.path.abspath(__file__))


class _Watch:
    """Hears what results are told; those of a run inside of a test are that test's own affair."""

    def __init__(self) -> None:
        self._results = None  # type: stablehand_results.Results | None
        self._asked = False
        self._outer = None  # type: object

    def started(self, result: object, _test: object) -> None:
        self._ask()
        if self._outer is None:
            self._outer = result

    def stopped(self, result: object, _test: object) -> None:
        if self._outer is result:
            self._outer = None

    def passed(self, result: object, test: object, *_: object) -> None:
        self._add(result, test, "passed")

    def failed(self, result: object, test: object, error: object = None) -> None:
        self._add(result, test, "failed", error)

    def erred(self, result: object, test: object, error: object = None) -> None:
        self._add(result, test, "error", error)

    def skipped(self, result: object, test: object, *_: object) -> None:
        self._add(result, test, "skipped")

    def part(self, result: object, test: object, _part: object, error: object) -> None:
        """Hear of a sub-test; one that passed is no news of its test."""
        if isinstance(error, tuple):
            failed = issubclass(error[0], test.failureException)  # type: ignore[attr-defined]
            self._add(result, test, "failed" if failed else "error", error)

    def _add(self, result: object, test: object, outcome: str, error: object = None) -> None:
        self._ask()
        if self._results is None or self._outer not in (None, result):
            return
        test = getattr(test, "test_case", test)  # a sub-test is part of its test
        more = self._results.told(error) if error else {}
        if type(test).__name__ == "_FailedTest":
            more["unloadable"] = True
        self._results.add(test.id(), outcome, **more)  # type: ignore[attr-defined]

    def _ask(self) -> None:
        if not self._asked:
            self._asked = True
            self._results = stablehand_results.take()


_EVENTS = {
    "startTest": "started",
    "stopTest": "stopped",
    "addSuccess": "passed",
    "addFailure": "failed",
    "addError": "erred",
    "addSkip": "skipped",
    "addExpectedFailure": "passed",
    "addUnexpectedSuccess": "failed",
    "addSubTest": "part",
}


def _overhear(kind: type) -> None:
    """Tell a watch of every event that results of this class are told."""
    watch = _Watch()
    for name in _EVENTS:
        setattr(kind, name, _overheard(watch, name, getattr(kind, name)))


def _overheard(watch: _Watch, name: str, method: "Callable[..., object]") -> object:
    hear = getattr(watch, _EVENTS[name])

    def told(self: object, *arguments: object) -> object:
        with contextlib.suppress(Exception):
            hear(self, *arguments)
        return method(self, *arguments)

    return told


class _WhenImported:
    """Waits for unittest to be imported: most programs never do."""

    @staticmethod
    def find_spec(name: str, path: object = None, _target: object = None) -> "ModuleSpec | None":
        if name != "unittest.result":
            return None
        spec = PathFinder.find_spec(name, path)  # type: ignore[arg-type]
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def executed(module: ModuleType) -> None:
            execute(module)
            _overhear(module.TestResult)

        spec.loader.exec_module = executed  # type: ignore[method-assign]
        return spec


def _run_hidden() -> None:
    """Run the `sitecustomize` that this one hides, if there is one."""
    others = [path for path in sys.path if os.path.abspath(path) != _HERE]
    spec = PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(module_from_spec(spec))


sys.meta_path.insert(0, _WhenImported)
stablehand_results.offer()
_run_hidden()
