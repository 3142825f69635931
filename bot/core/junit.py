"""Reading JUnit XML that hostile code may have written: no document type, so no entities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Never
from xml.parsers.expat import ExpatError, ParserCreate

from bot.core.model import TestOutcome, TestResult
from bot.core.results import Gathering, Results, UnreadableError, last_place

_OUTCOMES = {
    "failure": TestOutcome.FAILED,
    "error": TestOutcome.ERROR,
    "skipped": TestOutcome.SKIPPED,
}
_TEXT = 64 * 1024  # characters of a failure's own text that are looked at


def read_junit(chunks: Iterable[bytes], trees: Sequence[str]) -> Results:
    """Read a file piece by piece; `trees` are the names of the tree.

    Raises UnreadableError where it is no well-formed XML, or has a document type.
    """
    reader = _Reader(trees)
    try:
        for chunk in chunks:
            reader.parser.Parse(chunk, False)  # noqa: FBT003 - expat takes it by place
        reader.parser.Parse(b"", True)  # noqa: FBT003 - the same
    except (ExpatError, LookupError, ValueError) as error:  # an encoding may be anything
        raise UnreadableError(f"is not well-formed: {error}") from None
    return reader.gathering.results()


class _Reader:
    """Hears what the parser finds; keeps one test case at a time."""

    def __init__(self, trees: Sequence[str]) -> None:
        self.gathering = Gathering()
        self.parser = ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = _refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._trees = trees
        self._case: TestResult | None = None
        self._shown: list[str] | None = None
        self._length = 0

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "testcase":
            names = (attributes.get("classname", ""), attributes.get("name", ""))
            self._case = TestResult(".".join(filter(None, names)), TestOutcome.PASSED)
        elif self._case is not None and name in _OUTCOMES:
            message = attributes.get("message", "")
            self._case = TestResult(self._case.id, _OUTCOMES[name], message=message)
            self._shown, self._length = [], 0

    def _text(self, text: str) -> None:
        if self._shown is not None and self._length < _TEXT:
            self._shown.append(text)
            self._length += len(text)

    def _end(self, name: str) -> None:
        if (name not in _OUTCOMES and name != "testcase") or self._case is None:
            return
        text = "".join(self._shown or ())
        case = self._case
        place = last_place(text, self._trees)
        message = case.message or text.strip().rpartition("\n")[2]
        self.gathering.add(TestResult(case.id, case.outcome, *place, message))
        self._shown = None
        if name == "testcase":
            self._case = None


def _refuse(*_: object) -> Never:
    raise UnreadableError("has a document type, which no such file needs")
