from __future__ import annotations

import pytest

from bot.core.model import Conclusion
from bot.core.outcome import Ending, Limits, Run, judge
from bot.core.printable import printable, without_logins

LIMITS = Limits(wall=300)
SUBTESTS = """\
======================================================================
FAIL: test_post_data (test_client.tests.AsyncClientTest)
----------------------------------------------------------------------
AssertionError: 200 != 500
======================================================================
FAIL: test_request_limited_read (test_client.tests.AsyncRequestFactoryTest) (method='GET')
======================================================================
FAIL: test_request_limited_read (test_client.tests.AsyncRequestFactoryTest) (method='POST')
----------------------------------------------------------------------
Ran 11 tests in 0.049s

FAILED (failures=3, skipped=1)
Destroying test database for alias 'default'...
"""


def run(output: str, status: int = 0, ending: Ending = Ending.EXITED) -> Run:
    """Give a run that took 1.62 seconds."""
    return Run(ending, status, 1.62, output.encode())


@pytest.mark.parametrize(
    ("output", "status", "conclusion", "title"),
    [
        ("Ran 11 tests in 0.046s\n\nOK\n", 0, "success", "11 tests passed in 1.6 s"),
        ("Ran 1 test in 0.046s\n\nOK\nbye\n", 0, "success", "1 test passed in 1.6 s"),
        (
            "Ran 11 tests in 0.046s\n\nOK (skipped=1, expected failures=4)\n",
            0,
            "success",
            "10 tests passed, 1 skipped in 1.6 s",
        ),
        (SUBTESTS, 1, "failure", "3 failures in 11 tests"),
        (
            "Ran 3 tests in 1.2s\n\nFAILED (failures=1, errors=2, unexpected successes=2)\n",
            1,
            "failure",
            "1 failure, 2 errors, 2 unexpected successes in 3 tests",
        ),
        ("Ran 0 tests in 0.000s\n\nOK\n", 0, "failure", "No tests ran"),
        ("Ran 0 tests in 0.000s\n\nNO TESTS RAN\n", 5, "failure", "No tests ran"),
        ("Ran 0 tests in 0.1s\n\nFAILED (errors=1)\n", 1, "failure", "1 error in 0 tests"),
        (
            "Ran 2 tests in 0.1s\n\nOK (skipped=2)\n",
            0,
            "failure",
            "Nothing was tested: 2 tests, all skipped",
        ),
        ("===== 11 passed in 0.12s =====\n", 0, "success", "11 tests passed in 1.6 s"),
        ("9 passed, 1 skipped, 2 warnings in 62.1s (0:01:02)", 0, "success", "9 tests passed, 1 "),
        ("= 2 failed, 9 passed in 0.12s =", 1, "failure", "2 of 11 tests failed"),
        ("1 failed, 1 error in 0.12s", 1, "failure", "1 of 2 tests failed, 1 error"),
        ("= no tests ran in 0.01s =", 5, "failure", "No tests ran"),
        ("= 5 deselected in 0.01s =", 5, "failure", "No tests ran"),
        ("all good\n", 0, "success", "The command succeeded in 1.6 s"),
        ("3 files in 0.2s\n", 2, "failure", "The command ended with status 2"),
        ("", 139, "failure", "The command was killed by SIGSEGV"),
        (
            "Ran 2 tests in 0.1s\n\nFAILED (failures=1)\n",
            0,
            "failure",
            "The output contradicts the exit status",
        ),
        ("Ran 2 tests in 0.1s\n\nOK\n", 3, "failure", "The output contradicts the exit status"),
    ],
)
def test_judgement(output: str, status: int, conclusion: str, title: str) -> None:
    """A run is judged by its last summary and its exit status together."""
    report = judge(run(output, status), LIMITS)
    assert (report.conclusion, report.title[: len(title)]) == (conclusion, title)


def test_a_test_with_two_failing_subtests_is_one_failed_test() -> None:
    """Failures are worded as failures; tests are counted by their names."""
    report = judge(run(SUBTESTS, 1), LIMITS)
    assert (report.ran, report.failed, report.skipped) == (11, 2, 1)


def test_no_number_of_failed_tests_is_claimed_from_output_that_was_cut() -> None:
    """Where a failure's heading is missing, the number of failed tests is unknown."""
    report = judge(run(SUBTESTS.replace("FAIL: test_post_data", "…"), 1), LIMITS)
    assert (report.failed, report.title) == (None, "3 failures in 11 tests")


@pytest.mark.parametrize(
    "heading",
    ["no_such (unittest.loader._FailedTest)", "no_such (unittest.loader._FailedTest.no_such)"],
)
def test_a_label_that_does_not_exist_is_named_as_such(heading: str) -> None:
    """A test that cannot even be imported points to the configuration, in either of its forms."""
    output = f"ERROR: {heading}\n\nRan 1 test in 0.000s\n\nFAILED (errors=1)\n"
    report = judge(run(output, 1), LIMITS)
    assert report.title == "Tests could not be loaded: 1 error in 1 test"
    assert "labels" in report.notes[0]


@pytest.mark.parametrize(
    ("ending", "conclusion", "title"),
    [
        (Ending.WALL, Conclusion.TIMED_OUT, "Timed out after 300 s"),
        (Ending.MEMORY, Conclusion.FAILURE, "Stopped: more than 1.5 GiB of memory"),
        (Ending.PROCESSES, Conclusion.FAILURE, "Stopped: more than 512 processes"),
        (Ending.OUTPUT, Conclusion.FAILURE, "Stopped: more than 64 MiB of output"),
    ],
)
def test_a_run_that_was_stopped_names_the_limit(
    ending: Ending, conclusion: Conclusion, title: str
) -> None:
    """What a stopped run printed before counts for nothing, were it even a success."""
    report = judge(run("Ran 2 tests in 0.1s\n\nOK\n", -9, ending), LIMITS)
    assert (report.conclusion, report.title, report.ran) == (conclusion, title, None)


def test_the_last_summary_counts() -> None:
    """A summary printed by a test inside the run does not hide the run's own."""
    inner = "Ran 1 test in 0.1s\n\nFAILED (failures=1)\n"
    report = judge(run(f"{inner}1 failed in 0.1s\nRan 5 tests in 1.0s\n\nOK\n"), LIMITS)
    assert (report.conclusion, report.ran) == (Conclusion.SUCCESS, 5)


def test_the_tail_is_the_last_sixty_lines() -> None:
    """A report holds the end of the output, without empty lines around it."""
    tail = judge(run("\n".join(map(str, range(100))) + "\n\n"), LIMITS).tail.split("\n")
    assert (len(tail), tail[0], tail[-1]) == (60, "40", "99")


def test_output_is_made_fit_to_be_shown() -> None:
    """No colour, control or direction character gets through, and no endless line."""
    raw = "\x1b[31mred\x1b[0m \x1b]0;title\x07a\x00b\u202ec\u200b\r\n10%\r100%\n" + "x" * 600
    assert printable(raw.encode() + b"\xff") == (
        "red abc\n100%\n" + "x" * 500 + " … (101 more characters)"
    )


def test_addresses_lose_their_logins() -> None:
    """A password in the address of a package index is not shown."""
    text = "error at https://me:hunter2@pypi.example/simple and ssh://git@host/x"
    assert without_logins(text) == "error at https://pypi.example/simple and ssh://host/x"
