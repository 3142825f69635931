from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from bot.core import checklist, checklist_text, comments, marker
from bot.core.checklist import Checklist, Row
from bot.core.model import Outcome
from devkit.demo_scene import CheckSeen, CommentSeen, PullSeen, Scene
from devkit.demo_verdict import (
    IDENTICAL,
    OPENED,
    RESOLVED,
    SENTENCE,
    SHARED,
    SIZE,
    SOURCE,
    differences,
)

NUMBERS = dict(enumerate(OPENED, SOURCE + 1))
ROOT = Path(__file__).parents[1]
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
PROVED = "3 tests fail without the fix"  # the line goes on, and may be broken


class Demo:
    """A demo that runs as its own process, with what it printed so far."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self.process = process
        self.folder = folder
        self.printed = ""

    async def read_until(self, text: str) -> None:
        """Read on until the demo has printed this text."""
        while text not in self.printed:
            line = await self._line()
            assert line, f"the demo ended without “{text}”:\n{self.printed}"

    async def ended(self) -> int:
        """Read to the end and give the exit code."""
        while await self._line():
            pass
        return await self.process.wait()

    def left(self) -> list[str]:
        """Name the files and the processes that still are there."""
        files = [path.name for path in self.folder.iterdir()]
        mine = os.fsencode(self.folder)
        return files + [str(path) for path in _environments() if mine in _bytes(path)]

    async def _line(self) -> str:
        assert self.process.stdout
        line = (await self.process.stdout.readline()).decode()
        self.printed += line
        return line


@asynccontextmanager
async def running_demo(folder: Path, **environment: str) -> AsyncIterator[Demo]:
    """Run the demo with a folder for its temporary files, and end it with the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "devkit.demo"),
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder), "DJANGO": "", "KEEP": "", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield Demo(process, folder)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


def _environments() -> list[Path]:
    return list(Path("/proc").glob("[0-9]*/environ"))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # the process has ended, or is not ours
        return b""


async def test_demo_ends_well_and_stays_when_kept(tmp_path: Path) -> None:
    """The demo shows what happens and how it came out, stays up if asked, and leaves nothing."""
    async with running_demo(tmp_path, KEEP="1") as demo:
        await demo.read_until("A clone:")
        ready = re.findall(r"http://\S+/readyz", demo.printed)
        async with aiohttp.ClientSession() as http, http.get(ready[0]) as answer:
            assert answer.status == 200
        demo.process.send_signal(signal.SIGINT)
        assert await demo.ended() == 0
        assert demo.left() == []
    for fact in (
        "seat5: +1",
        "by felixxm: /note Fixed a bug in Django 3.1 where",
        "push of the tags 4.1.5",
        "stablehand[bot] puts the label “council exception” on #1",
        "check “Backport policy” success: ",
        "pull_request.labeled → 202 accepted",
        "pull request #2 opened: stable/4.1.x ← backport/4.1.x/",
        "pull request #3 opened: stable/4.0.x ← backport/4.0.x/",
        f"check “Backport proof / 4.1.x” success: {PROVED}",
        "pull request #4 opened: stable/3.2.x ← backport/3.2.x/",
        f"check “Backport proof / 4.0.x” success: {PROVED}",
        f"check “Backport proof / 3.2.x” success: {PROVED}",
        "Comment on #1 by stablehand[bot]",
        "Release note for 4.1.6",
        "Release note for 4.0.9",
        "Release note for 3.2.17",
        "Description of #4, the backport to stable/3.2.x",
        "identical to main: 3 files, +27 \N{MINUS SIGN}3",
        "resolved by formatter  ",
        "  django/test/client.py\n",
        "  tests/test_client/views.py\n",
        "felixxm merges #2 into stable/4.1.x",
        "pull request #3 closed",
        "issue opened in django/policy: Revisit the backport policy after exception 34063",
        "push of the tags 3.2.17, 4.0.9, 4.1.6",
        "comment posted on #1: The fix has shipped in 4.1.6, 4.0.9 and 3.2.17.",
        "the issue in django/policy is closed",
        "✅ Shipped in 4.1.6, 4.0.9 and 3.2.17",
        "django/django 4.1.6: 4.1.6 was released on 2023-02-01 with 1 exception.",
        "✔ As it must be",
    ):
        assert fact in demo.printed
    assert "<!--" not in demo.printed
    assert not CONTROL.search(demo.printed)


async def test_other_outcome_ends_with_one(tmp_path: Path) -> None:
    """Where the tests cannot run, the demo says so and ends with 1."""
    nothing = {"UV_OFFLINE": "1", "UV_CACHE_DIR": str(tmp_path / "empty")}
    async with running_demo(tmp_path, **nothing) as demo:
        assert await demo.ended() == 1
    assert "✘ Not as it must be:" in demo.printed
    assert "stable/4.1.x: the check is neutral (Tests not run:" in demo.printed


async def test_interrupt_leaves_nothing(tmp_path: Path) -> None:
    """Interrupted in the middle of its work, the demo leaves no process and no file."""
    async with running_demo(tmp_path) as demo:
        await demo.read_until("pull_request.labeled")
        demo.process.send_signal(signal.SIGINT)
        assert await demo.ended() == 130
        assert demo.left() == []
    assert "Traceback" not in demo.printed


async def test_unusable_clone_is_one_line(tmp_path: Path) -> None:
    """What a person has to mend is said in one line, with exit code 1."""
    async with running_demo(tmp_path, DJANGO=str(tmp_path)) as demo:
        assert await demo.ended() == 1
    assert demo.printed.splitlines()[-1].startswith(f"✘ {tmp_path} is no clone of Django")


def good_scene() -> Scene:
    """Give the outcome as it must be."""
    rows = (row(2, IDENTICAL), row(3, IDENTICAL), row(4, "resolved by formatter; as on main"))
    rendered = checklist_text.render(Checklist(("d3",), "felixxm", "x", rows))
    body = marker.section(checklist.KIND, rendered)
    stub = f"{marker.mark(comments.STUB)} {SENTENCE}"
    asking = [f"<!-- stablehand:{kind}=0 {{}} -->" for kind in ("vote", "decision", "words")]
    notes = (
        replace(backport(2), number=number, base=base, head=f"release-notes/1/{base}")
        for number, base in enumerate(sorted(SHARED), 5)
    )
    return Scene(
        pulls=(*(backport(number) for number in NUMBERS), *notes),
        comments=tuple(
            CommentSeen(number, pull, "stablehand[bot]", by_app=True, body=text)
            for number, pull, text in (
                (SOURCE, SOURCE, body),
                *((number, number, stub) for number in NUMBERS),
                *((number, SOURCE, text) for number, text in enumerate(asking, 20)),
            )
        ),
        checks=(*(check(number) for number in NUMBERS), *(policy(number) for number in NUMBERS)),
        entries=(),
        deliveries=(),
        branches=(),
        tags=(),
        issues=(),
        calls=20,
        fetches=1,
        pushes=1,
        complaints=(),
    )


def row(number: int, said: str) -> Row:
    """Give the line of the checklist about a backport, with what it says of the pick."""
    branch, pick = NUMBERS[number], f"{said}: {SIZE}"
    series, tests = branch.removeprefix("stable/"), "✅ 11 tests passed"
    return Row(branch, series, Outcome.PICKED, pick=pick, pull=number, tests=tests)


def backport(number: int) -> PullSeen:
    """Give an open backport pull request that says what rules settled in it."""
    branch, sha = NUMBERS[number], f"sha{number}"
    files = "\n".join(f"- `{path}`: {rule}" for path, rule in RESOLVED.get(branch, {}).items())
    body = f"#### Resolved by rule\n\n{files}\n\n<details>- `a.py`: x</details>" if files else ""
    return PullSeen(
        number,
        "[x]",
        branch,
        f"backport/{number}",
        sha,
        is_open=True,
        draft=False,
        by_app=True,
        body=body,
    )


def check(number: int) -> CheckSeen:
    """Give a green check run on the head of a backport."""
    summary = "| green: all | 11 | 0 |\n\n- `test_client.tests.AsyncClientTest.test_x`"
    return CheckSeen(number, "tests", f"sha{number}", "completed", "success", "11 passed", summary)


def policy(number: int) -> CheckSeen:
    """Give the check run that says why a backport is allowed."""
    return replace(check(number), id=number + 10, name="Backport policy")


def neutral() -> CheckSeen:
    """Give the check run of a machine without a sandbox."""
    title = "Tests not run: no sandbox available"
    summary = "- Note: bubblewrap is not installed"
    return replace(check(2), conclusion="neutral", title=title, summary=summary)


GOOD = good_scene()
LIST, *OTHERS = GOOD.comments
STUB = OTHERS[0]
BARE = STUB.body.replace(SENTENCE, "")


def with_pull(other: PullSeen) -> Scene:
    """Give the good scene with another pull request of the same number."""
    pulls = (other if one.number == other.number else one for one in GOOD.pulls)
    return replace(GOOD, pulls=tuple(pulls))


def with_list(old: str, new: str) -> Scene:
    """Give the good scene with another text in the checklist."""
    return replace(GOOD, comments=(replace(LIST, body=LIST.body.replace(old, new)), *OTHERS))


def with_check(other: CheckSeen) -> Scene:
    """Give the good scene with another check run on the same backport."""
    checks = (other if one.id == other.id else one for one in GOOD.checks)
    return replace(GOOD, checks=tuple(checks))


def test_good_outcome() -> None:
    """Nothing is found wrong with the outcome as it must be."""
    assert differences(GOOD) == ()


@pytest.mark.parametrize(
    ("scene", "said"),
    [
        (replace(GOOD, pulls=GOOD.pulls[:-1]), "stable/4.1.x: no pull request brings the notes"),
        (replace(GOOD, pulls=GOOD.pulls[:2]), "stable/3.2.x: 0 open backport pull requests"),
        (replace(GOOD, checks=GOOD.checks[1:]), "stable/4.1.x: 0 check runs stand on #2"),
        (with_check(neutral()), "sudo apt-get install bubblewrap"),
        (with_check(neutral()), "the check is neutral"),
        (with_check(replace(check(2), summary="| green: all | 0 | 0 |")), "no test was run"),
        (
            with_check(replace(check(2), summary="| green: all | 1 | 0 |")),
            "not of test_client.tests.AsyncClientTest",
        ),
        (
            with_pull(replace(backport(3), draft=True)),
            "#3 is a draft, its pick “picked”; it must be ready",
        ),
        (
            with_pull(replace(backport(4), body="")),
            "#4 says of rules: none; it must say: django/test/client.py by",
        ),
        (
            with_pull(replace(backport(3), body="#### Resolved by rule\n\n- `a.py`: tokens\n")),
            "stable/4.0.x: #3 says of rules: a.py by tokens; it must say: none.",
        ),
        (with_list("resolved by", "as by"), "does not say that a rule settled it"),
        (with_list("identical to", "much as on"), "it with main as “much as on main: 3 files"),
        (with_list("3 files", "4 files"), "stable/3.2.x: the checklist compares it with main as"),
        (with_list("✅ 11 tests", "❌ 11 tests"), "does not show #4 with its tests passed"),
        (replace(GOOD, comments=(*GOOD.comments, replace(LIST, id=9))), "2 checklists stand on #1"),
        (
            replace(GOOD, comments=(*GOOD.comments, replace(STUB, pull=1))),
            "1 more comments stand on #1",
        ),
        (replace(GOOD, comments=(LIST, STUB)), "stable/4.0.x: 0 release-note stubs"),
        (replace(GOOD, comments=GOOD.comments[:-2]), "0 comments on #1 hold the decision"),
        (
            replace(GOOD, comments=(LIST, replace(STUB, body=BARE), *OTHERS[1:])),
            "stable/4.1.x: the note on #2 is not the one that was given",
        ),
        (with_check(replace(policy(3), conclusion="failure")), "no check run on #3 says that"),
        (replace(GOOD, complaints=("GET /x is not served",)), "GET /x is not served"),
    ],
)
def test_other_outcome_is_named(scene: Scene, said: str) -> None:
    """Each way in which an outcome is another one is said in a sentence."""
    assert said in "\n".join(differences(scene))
