"""Writing what becomes of each test, a line of JSON each; runs inside the sandbox, on Python 3.6+.

Nothing that goes wrong here may change what the tests do.
"""

import json
import os
import traceback

_PATH, _TREE = "STABLEHAND_RESULTS", "STABLEHAND_TREE"
_PLUGIN = "stablehand_pytest"
_MESSAGE = 500
# Tests replace such functions by their own.
_open, _write, _close, _truncate, _size = os.open, os.write, os.close, os.ftruncate, os.fstat
_dumps, _abspath, _relpath = json.dumps, os.path.abspath, os.path.relpath


def offer() -> None:
    """Have pytest load its plugin, should it be what runs the tests.

    Only who has us on its path is told so: pytest does not run without a plugin that it misses.
    """
    if os.environ.get(_PATH):
        plugins = os.environ.get("PYTEST_PLUGINS", "").split(",")
        if _PLUGIN not in plugins:
            os.environ["PYTEST_PLUGINS"] = ",".join(filter(None, [*plugins, _PLUGIN]))


def take() -> "Results | None":
    """Give the file of results to the first who asks, and clean the environment of all traces.

    So programs that tests start, and test runs inside of tests, add nothing to it.
    """
    path, tree = os.environ.pop(_PATH, ""), os.environ.pop(_TREE, "")
    _drop("PYTHONPATH", os.path.dirname(os.path.abspath(__file__)), os.pathsep)
    _drop("PYTEST_PLUGINS", _PLUGIN, ",")
    return Results(path, tree) if path else None


def _drop(name: str, entry: str, separator: str) -> None:
    entries = os.environ.get(name, "").split(separator)
    left = [one for one in entries if one != entry]
    if len(left) == len(entries):
        return
    if left:
        os.environ[name] = separator.join(left)
    else:
        del os.environ[name]


class Results:
    """A file of results; each event is one line, written at once."""

    def __init__(self, path: str, tree: str) -> None:
        self._path, self._tree, self._full = path, tree, False

    def add(self, test: str, outcome: str, **more: object) -> None:
        """Write what became of a test; `more` is its message, path and line, as far as known."""
        if not self._full:
            line = _dumps({"id": test, "outcome": outcome, **more}) + "\n"
            self._append(line.encode())

    def told(self, error: object) -> "dict[str, object]":
        """Give message, path and line of an exception, as `sys.exc_info` gives it."""
        if not isinstance(error, tuple):  # a runner of parallel tests may send text
            return {"message": str(error)[:_MESSAGE]}
        kind, value, trace = error
        message = "".join(traceback.format_exception_only(kind, value)).strip()
        return {"message": message[:_MESSAGE], **self._last(trace)}

    def place(self, path: str, line: int) -> "dict[str, object]":
        """Give a line of a file by its path in the tree, nothing where it is outside."""
        found = _abspath(path)
        inside = found.startswith(self._tree + os.sep)
        return {"path": _relpath(found, self._tree), "line": line} if inside else {}

    def _last(self, trace: object) -> "dict[str, object]":
        found = {}  # type: dict[str, object]
        while trace is not None:
            code = trace.tb_frame.f_code  # type: ignore[attr-defined]
            found = self.place(code.co_filename, trace.tb_lineno) or found  # type: ignore[attr-defined]
            trace = trace.tb_next  # type: ignore[attr-defined]
        return found

    def _append(self, line: bytes) -> None:
        file = _open(self._path, os.O_RDWR | os.O_APPEND)
        try:
            if _write(file, line) < len(line):
                self._full = True
        except OSError:
            self._full = True
            # Without its last newline the file is known to end early.
            _truncate(file, max(_size(file).st_size - 1, 0))
        finally:
            _close(file)
