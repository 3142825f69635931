"""How the demo looks: plain lines while it runs, then the outcome; colours only on a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.markdown import Markdown, TableElement
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot.core.checklist import Row
from devkit.demo_changes import Happening, Kind, without_marks
from devkit.demo_scene import CommentSeen, PullSeen, Scene
from devkit.demo_verdict import OPENED, backports, check_of, resolved, row_of

_PIPE_WIDTH = 100
_PICK_WIDTH = 35  # how a pick compares with main, in one line
_NONE = "\N{EN DASH}"
_STYLES = {Kind.PERSON: "bold magenta", Kind.GIT: "yellow", Kind.API: "cyan", Kind.WEBHOOK: "dim"}
_SUMMARY = re.compile(r"<summary>(.*?)</summary>", re.DOTALL)
_DETAILS = re.compile(r"</?details>")


class _WholeTable(TableElement):
    """A table whose cells are folded where they are too long, not cut."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for one in super().__rich_console__(console, options):
            if isinstance(one, Table):
                for column in one.columns:
                    column.overflow = "fold"
            yield one


class _Comment(Markdown):
    """A comment's Markdown for a terminal."""

    elements: ClassVar = {**Markdown.elements, "table_open": _WholeTable}


class View:
    """Prints what the demo has to say, each thing in its own way."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        if not self._console.is_terminal:
            self._console.width = _PIPE_WIDTH

    def part(self, text: str) -> None:
        """Begin a part."""
        self._print()
        self._print(Rule(Text(text, "bold"), align="left", style="dim"))
        self._print()

    def act(self, text: str) -> None:
        """Begin a day."""
        self._print()
        self._print(Text(f"  {text}", "bold"))

    def step(self, text: str) -> None:
        """Tell what was prepared, or where something is."""
        grid = Table.grid()
        grid.add_column(width=4, style="dim")
        grid.add_column(overflow="fold")
        grid.add_row("  ·", Text(text))
        self._print(grid)

    @contextmanager
    def waiting(self, text: str) -> Iterator[None]:
        """Show on a terminal that something is under way."""
        with self._console.status(Text(text, "dim")):
            yield

    def happening(self, seconds: float, one: Happening) -> None:
        """Tell one thing that happened so many seconds after the question."""
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(width=8, justify="right", style="dim")
        grid.add_column(width=7, style=_STYLES[one.kind])
        grid.add_column(overflow="fold", style=_tone(one))
        grid.add_row(f"{seconds:.1f} s", one.kind.value, Text(one.text))
        self._print(grid)

    def targets(self, scene: Scene) -> None:
        """Show what became of each target branch."""
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
        for heading in ("  target", "pick", "opened", "tests", "shipped"):
            fixed = heading not in {"pick", "tests"}
            width = _PICK_WIDTH if heading == "pick" else None
            table.add_column(heading, no_wrap=fixed, width=width, overflow="fold")
        for branch in OPENED:
            table.add_row(f"  {branch}", *_cells(scene, branch))
        self._print(table)

    def comments(self, comments: Sequence[CommentSeen]) -> None:
        """Show comments as GitHub would, without what is hidden in them."""
        for one in comments:
            self.part(f"Comment on #{one.pull} by {one.author}")
            self._print(Padding(_Comment(_shown(one.body)), (0, 2)))

    def description(self, pull: PullSeen) -> None:
        """Show the text of a pull request in the same way."""
        self.part(f"Description of #{pull.number}, the backport to {pull.base}")
        self._print(Padding(_Comment(_shown(pull.body)), (0, 2)))

    def costs(self, scene: Scene, seconds: float) -> None:
        """Show what it took, from the question to the last word."""
        counts = (
            _counted(scene.calls, "API call"),
            _counted(scene.fetches, "git fetch", "git fetches"),
            _counted(scene.pushes, "git push", "git pushes"),
        )
        self._print()
        self.step(f"{seconds:.1f} seconds from the question to the last word")
        self.step(", ".join(counts))

    def verdict(self, wrong: Sequence[str], troubles: Sequence[str]) -> None:
        """Say whether all came out as it must and, if not, what the service logged of it."""
        self._print()
        if not wrong:
            text = "As it must be: 4.1, 4.0 and 3.2 proved, merged and shipped, 3.2 by a rule."
            self._print(Text.assemble(("✔ ", "bold green"), (text, "bold")))
            return
        self._print(Text("✘ Not as it must be:", "bold red"))
        for one in wrong:
            self.step(one)
        self.step("`make demo KEEP=1` leaves it all running to look at")
        if troubles:
            self.part("From the service's log")
            self.verbatim("\n".join(troubles))

    def verbatim(self, text: str) -> None:
        """Print lines that may be copied: nothing is wrapped."""
        self._print(Text(text), soft_wrap=True)

    def failed(self, message: str) -> None:
        """Say in one line why the demo could not go on."""
        self._print(Text(f"✘ {message}", "bold red"), soft_wrap=True)

    def _print(self, *things: RenderableType, soft_wrap: bool = False) -> None:
        """Print; in a pipe without the blanks that fill a line up on a terminal."""
        if self._console.is_terminal:
            self._console.print(*things, soft_wrap=soft_wrap)
            return
        with self._console.capture() as captured:
            self._console.print(*things, soft_wrap=soft_wrap)
        lines = captured.get().split("\n")
        self._console.file.write("\n".join(line.rstrip() for line in lines))
        self._console.file.flush()


def _tone(one: Happening) -> str:
    if one.good is None:
        return "dim" if one.kind is Kind.WEBHOOK else ""
    return "green" if one.good else "red"


def _cells(scene: Scene, branch: str) -> tuple[Text, ...]:
    row, pulls = row_of(scene, branch), backports(scene, branch)
    check = check_of(scene, pulls[0]) if pulls else None
    said = _pick(row, resolved(pulls[0]) if pulls else {}) if row else ["not in the checklist"]
    pick = Text("\n".join(said), "green" if pulls else "yellow")
    opened = Text(", ".join(f"#{pull.number}" for pull in pulls) or _NONE)
    passed = check is not None and check.conclusion == "success"
    tests = Text(check.title if check else _NONE, "green" if passed else "red" if check else "")
    out = row.shipped if row else None
    return pick, opened, tests, Text(out.version if out else _NONE)


def _pick(row: Row, by_rule: Iterable[str]) -> Iterator[str]:
    """Give what the checklist says of a pick line by line, with the files that a rule settled."""
    yield row.outcome.replace("_", " ")
    for said in filter(None, row.pick.split("; ")):
        yield said
        if said.startswith("resolved by"):
            yield from (f"  {path}" for path in by_rule)


def _shown(body: str) -> str:
    """Put the heading of what folds on GitHub in bold: a terminal cannot fold."""
    return _DETAILS.sub("", _SUMMARY.sub(r"**\1**", without_marks(body)))


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
