from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bot.adapters.result_files import JUNIT, LINES, ResultFiles, make
from bot.core.junit import read_junit
from bot.core.model import Conclusion, TestOutcome, TestResult
from bot.core.outcome import Ending, Evidence, Limits, Run, judge
from bot.core.results import MOST_TESTS, Results, UnreadableError, last_place, read_lines

TREES = ("/src",)
PASSED, FAILED = TestOutcome.PASSED, TestOutcome.FAILED
ERROR, SKIPPED = TestOutcome.ERROR, TestOutcome.SKIPPED
JUNIT_XML = """<?xml version="1.0"?>
<testsuites><testsuite name="s">
<testcase classname="app.tests.Case" name="test_good" time="0.1"/>
<testcase classname="app.tests.Case" name="test_bad"><failure message="1 != 2">Traceback:
  File "/src/app/tests.py", line 12, in test_bad
  File "/usr/lib/python3/unittest/case.py", line 700, in assertEqual
AssertionError: 1 != 2</failure><system-out>File "/src/x.py", line 1</system-out></testcase>
<testcase classname="app.tests.Case" name="test_later"><skipped message="later"/></testcase>
<testcase name="alone"><error>tests/test_x.py:3: in setup
E   ValueError</error></testcase>
</testsuite></testsuites>
"""


def event(test: str, outcome: str, **more: object) -> bytes:
    """Give a line as a reporter writes it."""
    return json.dumps({"id": test, "outcome": outcome, **more}).encode() + b"\n"


def results(*tests: tuple[str, TestOutcome]) -> Results:
    """Give results without places and messages."""
    return Results(tuple(TestResult(*test) for test in tests))


def judged(status: int, output: str, evidence: Evidence) -> tuple[Conclusion, str, bool]:
    """Judge a run of one second: conclusion, title, and whether it says nothing."""
    report = judge(Run(Ending.EXITED, status, 1.0, output.encode()), Limits(), evidence)
    return report.conclusion, report.title, report.unsound


@pytest.fixture
def files(tmp_path: Path) -> ResultFiles:
    """Give the empty files of a run."""
    return make(tmp_path)


def test_a_test_is_as_bad_as_its_worst_part() -> None:
    """Several events of one test make one result."""
    read = read_lines(
        [event("a", "passed"), event("a", "failed", message="no"), event("a", "skipped")]
    )
    assert read.tests == (TestResult("a", FAILED, message="no"),)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"nonsense\n",
        b"[]\n",
        b"null\n",
        b'{"id": "a"}\n',
        b'{"id": "a", "outcome": "splendid"}\n',
        b'{"id": "a", "outcome": []}\n',
        b"[" * 16_000 + b"\n",
        b"9" * 16_000 + b"\n",
        b"\xff\xfe\n",
    ],
)
def test_what_is_no_event_is_passed_over(line: bytes) -> None:
    """A line that no reporter wrote neither counts nor stops the reading."""
    read = read_lines([event("a", "passed"), line, event("b", "passed")])
    assert [test.id for test in read.tests] == ["a", "b"]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/etc/passwd", 1),
        ("../x.py", 1),
        ("a/../../x.py", 1),
        ("x.py", 0),
        ("x.py", -1),
        ("x.py", 10**9),
        ("x.py", "1"),
        ("x.py", True),
        ("x\n.py", 1),
        ("x" * 5000, 1),
        (["x"], 1),
    ],
)
def test_a_place_must_be_a_line_of_the_tree(path: object, line: object) -> None:
    """Any other place is forgotten; the failure is not."""
    (test,) = read_lines([event("a", "failed", path=path, line=line)]).tests
    assert (test.outcome, test.path, test.line) == (FAILED, "", 0)


def test_ids_are_one_printable_line() -> None:
    """Control characters, colours and line breaks go; what is too long is cut, and stays apart."""
    odd = ["\x1b[31mred\x1b[0m\n@all `x`\x00\u202e", "x" * 1000 + "1", "x" * 1000 + "2"]
    red, one, other = read_lines([event(test, "passed") for test in odd]).tests
    assert red.id == "red @all `x`"
    assert one.id != other.id
    assert len(one.id) == len(other.id) == 300 + len("… 12345678")


def test_a_file_that_ends_early_is_known_by_its_last_line() -> None:
    """A disk that was full leaves a line without its end."""
    assert read_lines([event("a", "passed")]).whole
    assert not read_lines([event("a", "passed"), event("b", "passed")[:-1]]).whole


def test_more_tests_than_can_be_kept_are_no_whole_list() -> None:
    """A flood of ids is cut, and said to be."""
    read = read_lines(event(str(number), "passed") for number in range(MOST_TESTS + 1))
    assert (len(read.tests), read.whole) == (MOST_TESTS, False)


def test_a_hundred_thousand_tests(files: ResultFiles) -> None:
    """So many results are read whole, and judged by their ids."""
    lines = b"".join(event(f"package.module.Case.test_{n}", "passed") for n in range(100_000))
    (files.folder / LINES).write_bytes(lines)
    evidence = files.evidence("auto", TREES)
    assert judged(0, "", evidence)[1] == "100000 tests passed in 1.0 s"


def test_junit_has_outcomes_and_places() -> None:
    """Ids are class and name; the place is the traceback's last line in the tree."""
    read = read_junit([JUNIT_XML.encode()], TREES)
    assert read.tests == (
        TestResult("app.tests.Case.test_good", PASSED),
        TestResult("app.tests.Case.test_bad", FAILED, "app/tests.py", 12, "1 != 2"),
        TestResult("app.tests.Case.test_later", SKIPPED),
        TestResult("alone", ERROR, "tests/test_x.py", 3, "E   ValueError"),
    )


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type"),
        ("\ufeff<!DOCTYPE a><a/>".encode("utf-16-le"), "document type"),
        (b"<testsuite><testcase", "not well-formed"),
        (b"not xml", "not well-formed"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "not well-formed"),
        (b"<a>&lol9;</a>", "not well-formed"),
    ],
)
def test_other_documents_are_refused(document: bytes, reason: str) -> None:
    """Whatever its encoding, a file with a document type or a mistake is no file of results."""
    with pytest.raises(UnreadableError, match=reason):
        read_junit([document], TREES)


def test_places_are_found_in_both_forms() -> None:
    """Python's own tracebacks and pytest's name lines; those outside of the tree do not count."""
    text = 'File "/tree/a.py", line 1\nFile "/usr/b.py", line 2\n/src/c.py:4: x\n/usr/d.py:5: x\n'
    assert last_place(text, ("/src", "/tree")) == ("c.py", 4)
    assert last_place('File "/src/../etc/x", line 7', TREES) == ("", 0)


@pytest.mark.parametrize("name", [LINES, JUNIT])
def test_planted_files_are_not_read(files: ResultFiles, tmp_path: Path, name: str) -> None:
    """A link, a pipe or a folder in the place of a file is as good as an empty file."""
    secret = tmp_path / "secret"
    secret.write_bytes(event("secret", "passed"))
    place = files.folder / name
    for plant in (place.symlink_to, lambda _: os.mkfifo(place), lambda _: place.mkdir()):
        place.unlink()
        plant(secret)
        assert files.evidence("auto", TREES) == Evidence()
        if place.is_dir() and not place.is_symlink():
            place.rmdir()
            place.touch()


def test_junit_that_must_be_there(files: ResultFiles) -> None:
    """A file that is missing, empty or broken has its sentence; a good one is read."""
    missing = files.evidence("junit", TREES)
    assert judged(0, "1 passed in 0.1s", missing) == (
        Conclusion.FAILURE,
        "The command wrote no JUnit file `/out/junit.xml`",
        True,
    )
    (files.folder / JUNIT).write_text("<!DOCTYPE a><a/>")
    title = judged(0, "", files.evidence("junit", TREES))[1]
    assert title == (
        "The JUnit file `/out/junit.xml` has a document type, which no such file needs"
    )
    (files.folder / JUNIT).write_text(JUNIT_XML)
    assert judged(1, "", files.evidence("junit", TREES))[1] == "2 of 4 tests failed"


def test_a_junit_file_that_is_too_large(files: ResultFiles) -> None:
    """It is refused after its first 64 MiB."""
    with (files.folder / JUNIT).open("wb") as file:
        file.write(b"<a>")
        for _ in range(65):
            file.write(b" " * 2**20)
    complaint = files.evidence("auto", TREES).complaint
    assert complaint.endswith("is larger than 64 MiB")


def test_the_exit_status_alone(files: ResultFiles) -> None:
    """Where the configuration says so, neither files nor output count."""
    (files.folder / LINES).write_bytes(event("a", "failed"))
    evidence = files.evidence("exit", TREES)
    assert judged(0, "Ran 0 tests in 0.1s\n\nOK\n", evidence) == (
        Conclusion.SUCCESS,
        "The command succeeded in 1.0 s",
        False,
    )


@pytest.mark.parametrize(
    ("status", "tests", "title", "unsound"),
    [
        (0, [("a", PASSED), ("b", SKIPPED)], "1 test passed, 1 skipped in 1.0 s", False),
        (1, [("a", FAILED), ("b", PASSED)], "1 of 2 tests failed", False),
        (0, [("a", FAILED)], "The command succeeded, though 1 test failed", True),
        (3, [("a", PASSED)], "The command ended with status 3, though no test failed", True),
        (0, [], "No tests ran", True),
        (0, [("a", SKIPPED)], "Nothing was tested: 1 test, all skipped", True),
    ],
)
def test_judgement_by_ids(
    status: int, tests: list[tuple[str, TestOutcome]], title: str, *, unsound: bool
) -> None:
    """Results and exit status are judged together; each contradiction has its sentence."""
    found = judged(status, "", Evidence(results(*tests)))
    assert found[1:] == (title, unsound)


def test_a_list_that_ends_early_leaves_the_counts() -> None:
    """What is known of single tests is not told as if it were all."""
    cut = Evidence(Results((TestResult("a", PASSED),), whole=False))
    run = Run(Ending.EXITED, 1, 1.0, b"Ran 2 tests in 0.1s\n\nFAILED (failures=1)\n")
    report = judge(run, Limits(), cut)
    assert (report.title, report.results) == ("1 failure in 2 tests", None)
    assert report.notes[0].startswith("The list of results ends early, after 1 test:")


@pytest.mark.parametrize(
    ("status", "output", "sentence"),
    [
        (
            127,
            "prlimit: failed to execute nosuch: No such file or directory",
            "the command `nosuch` cannot be started",
        ),
        (
            2,
            "/venv/bin/python: can't open file '/src/run.py': [Errno 2] No such file",
            "the command names the script `/src/run.py`, which does not exist",
        ),
        (
            1,
            "/venv/bin/python: No module named pytest",
            "the command names the module `pytest`, which is not installed",
        ),
        (
            4,
            "ERROR: file or directory not found: nosuch.py\n\nno tests ran in 0.00s",
            "the label `nosuch.py` does not exist here",
        ),
    ],
)
def test_mistakes_of_the_configuration(status: int, output: str, sentence: str) -> None:
    """What is not there is no failure of tests: nothing was run, and somebody must be told."""
    assert judged(status, output, Evidence()) == (
        Conclusion.NEUTRAL,
        f"Tests not run: {sentence}",
        False,
    )


def test_nothing_is_known_of_a_run_that_was_stopped() -> None:
    """Its results are kept for reading, and it is not complete."""
    run = Run(Ending.WALL, 0, 1.0, b"")
    report = judge(run, Limits(), Evidence(results(("a", PASSED))))
    assert (report.conclusion, report.completed) == (Conclusion.TIMED_OUT, False)
    assert report.results is None
