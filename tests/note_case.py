"""A project that keeps notes as Django does, and a fix whose notes the bot writes or offers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.core.comments import STUB
from bot.core.noted import Noted, Share
from bot.core.notes.paths import INDEX, path_of
from devkit.github.bare import GitFailed
from devkit.github.state import Pull
from tests.small_case import MERGER, SERIES, Case, said, small_case

SENTENCE = "Fixed a bug in Django 3.1 that lost the answer (:ticket:`34063`)."
VERSIONS = {"4.1.x": "4.1.5", "4.0.x": "4.0.9", "3.2.x": "3.2.17"}
_CONFIGURATION = """\
label = "council exception"
targets = ["stable/4.1.x", "stable/4.0.x", "stable/3.2.x"]
release_notes = "django"
notes = "{notes}"

[who]
team = "mergers"
"""


def index(*versions: str) -> str:
    """Write the index of releases, a section for each of these lists of versions."""
    parts = []
    for listed in versions:
        names = listed.split()
        series = ".".join(names[-1].split(".")[:2])
        title = f"{series} release"
        listing = "\n".join(f"   {name}" for name in names)
        parts.append(f"{title}\n{'-' * len(title)}\n\n.. toctree::\n   :maxdepth: 1\n\n{listing}\n")
    return "=====\nNotes\n=====\n\n" + "\n".join(parts)


def stub(version: str, before: str, body: str = "* ...") -> str:
    """Write the notes of a version as a releaser begins them."""
    title = f"Django {version} release notes"
    rule = "=" * len(title)
    return (
        f"{rule}\n{title}\n{rule}\n\n*Expected January 2, 2023*\n\n"
        f"Django {version} fixes several bugs in {before}.\n\nBugfixes\n========\n\n{body}\n"
    )


@dataclass
class NoteCase:
    """The small project, with notes on every branch."""

    case: Case

    async def write(self, branch: str, files: Mapping[str, str | None], message: str) -> str:
        """Push a commit of a releaser to a branch."""
        case = self.case
        return await case.github.commit(case.repository, branch, files, message=message, by=MERGER)

    async def say(self, body: str, by: str = MERGER) -> None:
        """Comment on the source pull request, and wait for what comes of it."""
        self.case.github.comment(self.case.repository, self.case.pull, body, by=by)
        await self.case.settled()

    async def brought(self) -> None:
        """Have the backports made."""
        self.case.label()
        await self.case.settled()

    async def released(self) -> None:
        """Release 4.1.5: bump, bump again, and begin the notes of 4.1.6, in one push."""
        version = "VERSION = (4, 1, 6, 'alpha', 0)\n"
        notes = {path_of("4.1.6"): stub("4.1.6", "4.1.5")}
        listed = index("4.1.6 4.1.5 4.1", "4.0.8 4.0", "3.2.16 3.2")
        files = {"django/__init__.py": version, INDEX: listed, **notes}
        await self.write("stable/4.1.x", files, "[4.1.x] Began 4.1.6.")
        main = {INDEX: index("4.2", "4.1.6 4.1.5 4.1", "4.0.8 4.0", "3.2.16 3.2"), **notes}
        await self.write("main", main, "Added stub release notes for 4.1.6.")
        await self.case.settled()

    def backport(self, series: str) -> Pull:
        """Give the backport pull request of a series."""
        pulls = self.case.repository.pulls.values()
        (found,) = (one for one in pulls if one.head == self.case.head(series))
        return found

    def forwarded(self, base: str) -> Pull | None:
        """Give the one pull request that brings notes to a branch."""
        pulls = self.case.repository.pulls.values()
        found = [one for one in pulls if one.base == base and one.head.startswith("release-notes/")]
        assert len(found) < 2, found
        return found[0] if found else None

    def stub(self, series: str) -> str:
        """Give the one comment with the note on a backport."""
        (comment,) = said(self.backport(series), STUB)
        return comment.body

    def noted(self, series: str) -> Noted:
        """Give how far the note of a series is."""
        found = self.case.row(series).noted
        assert found is not None
        return found

    def shares(self) -> dict[str, Share]:
        """Give what other branches get, by branch."""
        return {share.branch: share for share in self.case.checklist().shares}

    async def file(self, revision: str, path: str) -> str | None:
        """Give the text of a file at a branch or commit."""
        try:
            found = await self.case.repository.git.run("cat-file", "-p", f"{revision}:{path}")
        except GitFailed:
            return None
        return found.decode()

    async def subjects(self, series: str) -> list[str]:
        """Give the subjects of a backport's commits, the oldest first."""
        head = f"{f'stable/{series}'}..{self.case.head(series)}"
        return (
            await self.case.repository.git.text("log", "--reverse", "--format=%s", head)
        ).splitlines()


@asynccontextmanager
async def note_case(
    folder: Path, notes: str = "commit", tables: str = ""
) -> AsyncIterator[NoteCase]:
    """Set the scene up to the merged fix; `tables` are more of the configuration."""
    async with small_case(folder) as case:
        scene = NoteCase(case)
        text = {".github/stablehand.toml": _CONFIGURATION.format(notes=notes) + tables}
        lists = ("4.1.5 4.1", "4.0.8 4.0", "3.2.16 3.2")
        begun = {path_of("4.1.5"): stub("4.1.5", "4.1.4")}
        version = {"django/__init__.py": "VERSION = (4, 2, 0, 'alpha', 0)\n"}
        files = {**text, **version, **begun, INDEX: index("4.2", *lists)}
        await scene.write("main", files, "Kept notes.")
        for at, series in enumerate(SERIES):
            own = begun if series == "4.1.x" else {}
            files = {**own, INDEX: index(*lists[at:])}
            await scene.write(f"stable/{series}", files, f"[{series}] Kept notes.")
        yield scene
