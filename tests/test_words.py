from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.core import check, comments, defaults, markdown, note_text, pull_text
from bot.core.model import Conclusion, Conflict, Target
from bot.core.proof import Proof, Stage, StageRow
from bot.core.pull_text import Source
from bot.core.release_notes import Change, Note, Place, Shape

SHA = "c4eaa67e2b880db778c9fe6d9854fbdfcc16ecd2"
SUBJECT = "Fixed #34063 -- Fixed reading request body with async request factory and client."
DJANGO = defaults.django()
TARGET = Target("stable/4.1.x", "4.1.x")
SOURCE = Source(16210, SUBJECT, (SHA,), "council exception", "felix")


def test_the_title_has_the_series_and_the_whole_subject() -> None:
    """The title is the subject with the branch's prefix, not shortened, not prefixed twice."""
    title = pull_text.title(SOURCE, TARGET, DJANGO)
    assert title == f"[4.1.x] {SUBJECT}"
    again = Source(1, title, (SHA,), "x", "y")
    assert pull_text.title(again, TARGET, DJANGO) == title


def test_the_body_names_source_decision_and_ticket() -> None:
    """A reviewer finds where the change comes from and why it is allowed."""
    assert pull_text.body(SOURCE, TARGET, DJANGO) == (
        f"Backport of #16210 to `stable/4.1.x`: {SHA}.\n\n"
        "Decision: the label `council exception`, set on #16210 by felix.\n\n"
        "Ticket: [#34063](https://code.djangoproject.com/ticket/34063)\n\n"
        "<!-- stablehand:source=16210 -->"
    )


def test_what_is_said_of_an_open_pull_request() -> None:
    """The wait is told in two sentences."""
    assert comments.waits_for_merge("council exception") == (
        "<!-- stablehand:waits-for-merge -->\nThe label `council exception` is noted. The "
        "backports are made once this pull request is merged; nothing else needs to be done."
    )


def test_what_is_said_of_a_commit_that_is_not_found() -> None:
    """None and several candidates read differently, and both say what to do."""
    assert "no commit of it was found on `main`" in comments.not_landed("main", ())
    several = comments.not_landed("main", (("a" * 40,), ("b" * 40,)))
    assert f"more than one commit on `main` fits: {'a' * 40}; {'b' * 40}." in several
    assert "take the label off and set it again" in several


def test_the_stub_of_a_file_that_is_there_and_one_that_is_not() -> None:
    """An existing file gets a bullet, a missing one is given whole; remarks are listed."""
    place = Place("docs/releases/4.1.5.txt", exists=True, shape=Shape.BUGFIX, version="4.1.5")
    there = Change(place.path, "* It.", "under “Bugfixes”, as the last one")
    missing = Change("CHANGES/1.bugfix.md", "It.\n")
    said = note_text.release_note(Note(place, picked=False, changes=(there, missing)), TARGET)
    assert "### Release note for 4.1.5\n" in said
    assert "Put this in, under “Bugfixes”, as the last one:\n\n```rst\n* It.\n```" in said
    assert "`CHANGES/1.bugfix.md` is not on `stable/4.1.x` yet. Make it" in said
    assert "```md\nIt.\n```" in said
    noted = Note(place, picked=False, remarks=("It *says* so.", "And so."), wording="So they say.")
    said = note_text.release_note(noted, TARGET)
    assert said.endswith("To look at:\n\n- It \\*says\\* so.\n- And so.\n\nSo they say.")
    picked = note_text.release_note(Note(replace(place, version=""), picked=True), TARGET)
    assert "### Release note\n\nThe pick itself writes `docs/releases/4.1.5.txt`" in picked


def _git(repository: Path, *arguments: str) -> str:
    run = subprocess.run(  # the commands below are the point of the test
        ["git", "-C", str(repository), *arguments], check=True, capture_output=True, text=True
    )
    return run.stdout


def test_the_commands_to_finish_by_hand_work(tmp_path: Path) -> None:
    """A shell that runs them, with the conflict resolved, ends with the right commit pushed."""
    work, bare = tmp_path / "work", tmp_path / "bare.git"
    subprocess.run(["git", "init", "-qb", "main", str(work)], check=True)
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
    for key, value in (("user.name", "Ann"), ("user.email", "ann@example.org")):
        _git(work, "config", key, value)
    file = work / "it's.py"
    for branch, text in (("stable/4.1.x", "x = 'old'\n"), ("main", 'x = "old"\n')):
        _git(work, "switch", "-qC", branch)
        file.write_text(text)
        _git(work, "add", ".")
        _git(work, "commit", "-qm", f"On {branch}.")
    file.write_text('x = "new"\n')
    message = f"{SUBJECT}\n\nWhy.\n\nCo-authored-by: Bob <bob@example.org>"
    _git(work, "commit", "-qam", message)
    sha = _git(work, "rev-parse", "HEAD").strip()
    _git(work, "remote", "add", "origin", str(bare))
    _git(work, "push", "-q", "--all", "origin")

    head, recipe = "backport/4.1.x/1", DJANGO.recipe("stable/4.1.x", "main")
    said = comments.by_hand((sha,), TARGET, head, recipe, (Conflict("it's.py", "contents"),))
    script = said.partition("```sh\n")[2].partition("```")[0]
    script = script.replace("# resolve what is left in", 'echo "x = \'new\'" > "it\'s.py" #')
    subprocess.run(["sh", "-c", script], cwd=work, check=True, capture_output=True)

    expected = f"[4.1.x] {message}\n\nBackport of {sha} from main.\n"
    assert _git(bare, "log", "-1", "--format=%B", head).rstrip("\n") == expected.rstrip("\n")
    assert _git(bare, "show", f"{head}:it's.py") == "x = 'new'\n"


PROOF = Proof(
    conclusion=Conclusion.SUCCESS,
    title="1 test fails without the fix and passes with it; 1 new test passes without it too",
    rows=(
        StageRow(Stage.BASE, "5 tests passed in 1.6 s", 5, 0, 1.64),
        StageRow(Stage.RED, "1 failure in 7 tests", 7, 1, 1.7),
        StageRow(Stage.GREEN, "7 tests passed in 1.6 s", 7, 0, 1.6),
        StageRow(Stage.WIDE_GREEN, "running …"),
    ),
    proving=("test_client.tests.AsyncClientTest.test_post_data",),
    idle=("test_client.tests.AsyncClientTest.test_`odd`\n@name",),
    notes=("interpreter 3.9 not found, ran with 3.11", "2 lines more than on main"),
    interpreter="CPython 3.11.7",
    sandbox="bubblewrap 0.11.0",
    command=check.reproduction("a b", SHA, "4.0"),
    tail="Ran 7 tests\n````\nOK",
    log="https://example.org/logs/1",
)


def test_a_proof_is_told_from_its_runs_to_how_to_repeat_it() -> None:
    """The runs are a table; test ids, notes, surroundings and command follow."""
    assert (
        check.summary(PROOF)
        == """\
| run | tests | failed | seconds | result |
|---|---|---|---|---|
| base: the branch as it stands | 5 | 0 | 1.6 | 5 tests passed in 1.6 s |
| red: with the backport's tests alone | 7 | 1 | 1.7 | 1 failure in 7 tests |
| green: with the whole backport | 7 | 0 | 1.6 | 7 tests passed in 1.6 s |
| green, regression set | \N{EN DASH} | \N{EN DASH} | \N{EN DASH} | running … |

**Fail without the fix and pass with it**

- `test_client.tests.AsyncClientTest.test_post_data`

**New, but pass without the fix too: not proving**

- `` test_client.tests.AsyncClientTest.test_`odd` @name ``

- Interpreter: CPython 3.11.7
- Sandbox: bubblewrap 0.11.0
- Note: interpreter 3.9 not found, ran with 3.11
- Note: 2 lines more than on main
- [The whole output](https://example.org/logs/1)

To repeat it:

```sh
python -m bot prove --repository 'a b' --commit c4eaa67e2b880db778c9fe6d9854fbdfcc16ecd2 --base 4.0
```"""
    )
    assert check.name("4.0.x") == "Backport proof / 4.0.x"


def test_the_output_stands_in_a_fence_that_it_cannot_close() -> None:
    """The fence is longer than any run of back-ticks; no output, no fence."""
    assert check.text(PROOF).startswith("`````\nRan 7 tests")
    assert check.text(replace(PROOF, tail=" \n")) == ""


def test_the_line_of_a_proof_warns_where_a_test_proves_nothing() -> None:
    """A green tick is for a proof without a doubt."""
    assert check.line(PROOF).startswith("⚠️ 1 test fails without the fix")
    assert check.line(replace(PROOF, idle=())).startswith("✅ 1 test fails")
    assert check.line(replace(PROOF, idle=(), weak=True)).startswith("⚠️ ")
    assert check.line(replace(PROOF, conclusion=Conclusion.FAILURE)).startswith("❌ ")


FOREIGN = st.text(alphabet=st.sampled_from("`*_|@\x1b\n\u202ex"), max_size=2000)
MANY = st.builds(lambda text, times: (text,) * times, FOREIGN, st.integers(0, 100))


@given(MANY, MANY, FOREIGN, st.integers(0, 200))
def test_no_proof_is_too_long_for_github(
    ids: tuple[str, ...], notes: tuple[str, ...], text: str, times: int
) -> None:
    """Whatever ids, notes and output hold, summary and text stay below GitHub's limit."""
    rows = (StageRow(Stage.GREEN, text),) * 5
    proof = Proof(Conclusion.SUCCESS, text, rows, ids, ids, ids, ids, notes=notes)
    proof = replace(proof, command=text * times, tail=text * times, sandbox=text, interpreter=text)
    assert len(check.summary(proof)) <= check.LIMIT
    assert len(check.text(proof)) <= check.LIMIT
    assert "\n" not in check.line(proof)


@given(st.text())
def test_foreign_text_cannot_leave_its_code_span(text: str) -> None:
    """Whatever a path or a label holds, the span's fence is longer than any run in it."""
    span = markdown.code(text)
    fence = span[: len(span) - len(span.lstrip("`"))]
    assert fence not in span[len(fence) : -len(fence)]
    assert "\n" not in span
