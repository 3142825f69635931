"""Telling a mistake in the configuration of tests from tests that fail, by what a run left."""

from __future__ import annotations

import re

from bot.core.results import Results

_NO_PROGRAM = 127, 126
_UNSTARTABLE = re.compile(
    r"^(?:prlimit: )?failed to execute (?P<program>\S+): (?:No such file|Permission denied)",
    re.MULTILINE,
)
_NO_SCRIPT = re.compile(
    r"^\S*python\S*: can't open file '(?P<script>[^'\n]+)': \[Errno 2\]", re.MULTILINE
)
_NO_MODULE = re.compile(r"^\S*python\S*: No module named (?P<module>\S+)$", re.MULTILINE)
_PYTEST_USAGE = 4
_PYTEST_MISSING = re.compile(
    r"^ERROR: (?:file or directory not found|not found): (?P<label>\S+)", re.MULTILINE
)
_NO_ATTRIBUTE = re.compile(
    r"AttributeError: (?:module |type object )?'[^']+'(?: object)? has no attribute '"
)
_NO_IMPORT = re.compile(r"Failed to import test module: (?P<label>[\w.]+)")
_MISSING = re.compile(r"No module named '(?P<module>[\w.]+)'")
_FAILED_TEST = "unittest.loader._FailedTest."


def mistake(status: int, output: str, results: Results | None) -> str:
    """Say what the configuration names that is not there, as a sentence without its full stop.

    Empty where nothing points to that; `output` is clean.
    """
    return (
        _command(status, output)
        or _missing_by_pytest(status, output)
        or _missing_by_unittest(output, results)
    )


def _command(status: int, output: str) -> str:
    unstartable = _UNSTARTABLE.search(output) if status in _NO_PROGRAM else None
    if unstartable:
        return f"the command `{unstartable['program']}` cannot be started"
    if status and (script := _NO_SCRIPT.match(output)):
        return f"the command names the script `{script['script']}`, which does not exist"
    if status and (module := _NO_MODULE.match(output)):
        return f"the command names the module `{module['module']}`, which is not installed"
    return ""


def _missing_by_pytest(status: int, output: str) -> str:
    found = _PYTEST_MISSING.findall(output) if status == _PYTEST_USAGE else []
    return _no_label(found) if found else ""


def _missing_by_unittest(output: str, results: Results | None) -> str:
    """Look at what unittest could not find; where other tests fail too, those come first."""
    if results is None or not results.failing:
        return ""
    if any(test.id not in results.unloadable for test in results.failing):
        return ""
    missing = [test.id for test in results.failing if _is_missing(test.message, output)]
    return _no_label([test.removeprefix(_FAILED_TEST) for test in missing])


def _is_missing(message: str, output: str) -> bool:
    if _NO_ATTRIBUTE.match(message):
        return True
    label = _NO_IMPORT.search(message)
    # The reason stands at the end of a long message, and the whole of it in the output alone.
    modules = {found["module"] for found in _MISSING.finditer(f"{message}\n{output}")}
    return label is not None and any(
        f"{label['label']}.".startswith(f"{module}.") for module in modules
    )


def _no_label(labels: list[str]) -> str:
    if not labels:
        return ""
    names = ", ".join(f"`{label}`" for label in dict.fromkeys(labels))
    one = len(set(labels)) == 1
    return f"the {'label' if one else 'labels'} {names} {'does' if one else 'do'} not exist here"
