"""Plays a bugfix release of Django: the commits of its checklist, one push of branches, then tags.

Nothing of it comes through pull requests, several steps come in one push, and when the tag arrives
the branch has moved on already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from devkit.github import LocalGitHub
from devkit.github.bare import GitFailed, Person
from devkit.github.state import Repository

INDEX = "docs/releases/index.txt"
_INIT = "django/__init__.py"
_MAN_PAGE = "docs/man/django-admin.1"
_VERSION = re.compile(r"""(?m)^VERSION = \(.*(['"])\w+\1, \d+\)$""")
_STUB = """\
{line}
{title}
{line}

*Expected {date}*

Django {version} fixes several bugs in {before}.

Bugfixes
========

* ...
"""
_A_MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Release:
    """A version (`4.1.5`) of a branch (`stable/4.1.x`), and the one that comes after it.

    `stub` says whether the notes of the latter are begun, as they are for the newest series, and
    `man_page` whether the man page is brought up to date.
    """

    branch: str
    version: str
    following: str
    stub: bool = False
    man_page: bool = False

    @property
    def series(self) -> str:
        """Give the series as subjects name it, `4.1.x`."""
        return self.branch.removeprefix("stable/")

    @property
    def notes(self) -> str:
        """Give the path of the release notes."""
        return notes(self.version)


def notes(version: str) -> str:
    """Give the path of a version's release notes."""
    return f"docs/releases/{version}.txt"


async def publish(
    github: LocalGitHub, repository: Repository, releases: Sequence[Release], who: Person
) -> None:
    """Release these versions together; the first commit is made at the person's moment.

    Each step takes a few minutes, as it really did for 4.1.5.
    """
    desk = _Desk(repository, who)
    tags = {one.version: await desk.release(one) for one in releases}
    for one in releases:
        if one.stub:
            await desk.begin_notes(one)
    await github.push(repository, desk.heads, by=who.name)
    await github.tag(repository, tags, by=desk.later())


async def begin_notes(
    github: LocalGitHub, repository: Repository, one: Release, who: Person
) -> None:
    """Begin the notes of the version that comes after a release, and do nothing else."""
    desk = _Desk(repository, who)
    await desk.begin_notes(one)
    await github.push(repository, desk.heads, by=who.name)


class _Desk:
    """A releaser's clone: commits are made in it before anything is pushed."""

    def __init__(self, repository: Repository, who: Person) -> None:
        self.repository = repository
        self._who = who
        self._tips: dict[str, str] = {}

    @property
    def heads(self) -> Mapping[str, str]:
        """Give the branches that moved, by full name."""
        return {f"refs/heads/{branch}": sha for branch, sha in self._tips.items()}

    def later(self) -> Person:
        """Give who works here, some minutes after the last time."""
        at = datetime.fromisoformat(self._who.date) + timedelta(minutes=4)
        self._who = replace(self._who, date=at.isoformat(timespec="seconds"))
        return self._who

    async def release(self, one: Release) -> str:
        """Make the commits from the date to the bump after it; give the one to be tagged."""
        today = _date(datetime.fromisoformat(self._who.date))
        source = ""
        for branch in (self.repository.default_branch, one.branch):
            text = await self._read(branch, one.notes)
            dated = {one.notes: _dated(text, today)} if "*Expected " in text else {}
            subject = f"Added release date for {one.version}."
            source = await self._copied(branch, dated, subject, source)
        if one.man_page:
            text = await self._read(one.branch, _MAN_PAGE)
            page = {_MAN_PAGE: re.sub(r'(?m)^(\.TH \S+ "1" )"[^"]*"', rf'\1"{today}"', text)}
            await self._commit(one.branch, page, f"Updated man page for Django {one.version}.")
        subject = f"Bumped version for {one.version} release."
        tagged = await self._bump(one.branch, one.version, "final", subject)
        await self._bump(one.branch, one.following, "alpha", "Post-release version bump.")
        return tagged

    async def begin_notes(self, one: Release) -> None:
        """Begin the notes of the version that comes next, on main and on its branch."""
        expected = _date(datetime.fromisoformat(self._who.date) + _A_MONTH)
        title = f"Django {one.following} release notes"
        about = {"version": one.following, "before": one.version, "date": expected}
        stub = _STUB.format(line="=" * len(title), title=title, **about)
        source = ""
        for branch in (self.repository.default_branch, one.branch):
            files = {}
            if not await self._read(branch, notes(one.following)):
                index = await self._read(branch, INDEX)
                entries = f"   {one.following}\n   {one.version}\n"
                index = index.replace(f"   {one.version}\n", entries, 1)
                files = {notes(one.following): stub, INDEX: index}
            subject = f"Added stub release notes for {one.following}."
            source = await self._copied(branch, files, subject, source)

    async def _bump(self, branch: str, version: str, status: str, subject: str) -> str:
        numbers = ", ".join(version.split("."))
        text = await self._read(branch, _INIT)
        bumped = _VERSION.sub(rf"VERSION = ({numbers}, \1{status}\1, 0)", text)
        return await self._commit(branch, {_INIT: bumped}, subject)

    async def _copied(
        self, branch: str, files: Mapping[str, str], subject: str, source: str
    ) -> str:
        """Commit, as a backport of `source` where there is one; nothing to do is no commit."""
        if not files:
            return source
        trailer = f"\n\nBackport of {source} from main" if source else ""
        return await self._commit(branch, files, subject + trailer)

    async def _commit(self, branch: str, files: Mapping[str, str], message: str) -> str:
        git, who = self.repository.git, self.later()
        parent = self._tip(branch)
        tree = await git.write_tree(parent, files)
        series = branch.removeprefix("stable/")
        prefix = "" if branch == self.repository.default_branch else f"[{series}] "
        sha = await git.write_commit(tree, (parent,), f"{prefix}{message}\n", (who, who))
        self._tips[branch] = sha
        return sha

    async def _read(self, branch: str, path: str) -> str:
        """Give a file's text, empty where there is none."""
        try:
            return (await self.repository.git.run("show", f"{self._tip(branch)}:{path}")).decode()
        except GitFailed:
            return ""

    def _tip(self, branch: str) -> str:
        return self._tips.get(branch) or self.repository.refs[f"refs/heads/{branch}"]


def _date(at: datetime) -> str:
    return f"{at:%B} {at.day}, {at.year}"


def _dated(text: str, date: str) -> str:
    """Set the date of release notes, and the number of bugs right where there is one alone."""
    text = re.sub(r"\*Expected .*\*", f"*{date}*", text)
    return text if len(re.findall(r"(?m)^\* ", text)) > 1 else text.replace("several bugs", "a bug")
