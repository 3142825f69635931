"""Ticket 34063 from the request to its releases and beyond: the scene, and all that is said in it.

Chapter by chapter it is taken down what is new, and how the checklist changed.
"""

from __future__ import annotations

import difflib
import random
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.core import checklist as lists
from bot.core import marker
from devkit import django_past, hand_push
from devkit.github import merging
from devkit.github.bare import Person
from devkit.github.state import Comment, Pull, Repository
from tests import snapshot
from tests.council import (
    CONFIGURATION,
    MERGER,
    Council,
    council,
    moment,
)
from tests.weather import Weather

FOLLOWED = 'notes = "comment"\n'
TABLES = """
[follow_up]
repository = "django/policy"
"""
_MARK = marker.mark(lists.KIND)
_HIDDEN = re.compile(r"(?m)^<!-- stablehand:(?s:.*?)-->\n?| ?<!-- stablehand:(?s:.*?)-->")
_VARYING = (
    (r"issuecomment-\d+", "issuecomment-N"),
    (r"(\d\d):\d\d UTC", r"\1:MM UTC"),
    (r"digest is `[0-9a-f]{64}`", "digest is `DIGEST`"),
    (r"the decision (`?)[0-9a-f]{12}\b", r"the decision \1DIGEST"),
)


@dataclass
class Story:
    """The case, the repository in which the policy is talked over, and what becomes of webhooks."""

    case: Council
    policy: Repository
    weather: Weather
    chapters: list[str] = field(default_factory=list)
    _heard: dict[str, str] = field(default_factory=dict)
    _list: str = ""

    def at(self, day: int, hour: int = 10, month: int = 1, year: int = 2023) -> Person:
        """Let time pass; give who merges, at that moment."""
        now = moment(day, hour, month, year)
        self.case.service.clock.set(now)
        return django_past.releaser(MERGER, now)

    async def by_hand(self, series: str, who: Person, edit: tuple[str, str] = ("", "")) -> str:
        """Push a backport as one commit made of its pull request, with an edit; give its sha."""
        case = self.case
        return await hand_push.land(
            case.github, case.repository, case.backports()[series], who, edit
        )

    async def take_back(self, branch: str, who: Person) -> str:
        """Revert the backport of the fix on a branch; give what was reverted."""
        repository = self.case.repository
        git, tip = repository.git, _branch(repository, branch)
        mention = f"--grep=Backport of {repository.pulls[1].merge_commit_sha}"
        (taken,) = await git.commits("-1", mention, tip)
        subject = taken.message.splitlines()[0]
        message = f'Revert "{subject}"\n\nThis reverts commit {taken.sha}.\n'
        before = (await git.commit(taken.parents[0])).tree
        undone = await git.write_commit(before, (taken.sha,), message, (who, who))
        tree = await merging.merged_tree(git, tip, undone)
        await self._push(branch, await git.write_commit(tree, (tip,), message, (who, who)))
        return taken.sha

    async def bring_again(self, branch: str, taken: str, who: Person) -> None:
        """Bring a commit again right after it was taken back."""
        git, tip = self.case.repository.git, _branch(self.case.repository, branch)
        commit, revert = await git.commit(taken), await git.commit(tip)
        tree = (await git.commit(revert.parents[0])).tree
        people = (commit.author, who)
        await self._push(branch, await git.write_commit(tree, (tip,), commit.message, people))

    async def _push(self, branch: str, sha: str) -> None:
        refs = {f"refs/heads/{branch}": sha}
        await self.case.github.push(self.case.repository, refs, by=MERGER)

    def checklist(self) -> Comment:
        """Give the comment that holds the checklist."""
        (found,) = [one for one in self.case.comments() if _MARK in one.body]
        return found

    async def settle(self) -> None:
        """Wait until the bot did all that it can after what people did, however it heard of it."""
        await self.case.settled()
        if self.weather.shuffled:
            await self._shuffled()
        if self.weather.repaired:
            await self._repaired()

    async def _shuffled(self) -> None:
        """Let what was held back come in any order, and then what came of it."""
        webhooks, chance = self.case.github.webhooks, random.Random(34063)  # noqa: S311 - a story
        known = -1
        while known != len(webhooks.deliveries):
            known = len(webhooks.deliveries)
            webhooks.release(shuffle=chance)
            webhooks.hold()
            await self.case.settled()

    async def _repaired(self) -> None:
        """Look around until that finds nothing more to do."""
        before = None
        while before != (before := self._everything()):
            await self.case.look_around()

    def _everything(self) -> list[tuple[str, str, str]]:
        return [*self._words(), ("", "", self.checklist().body if self._has_list() else "")]

    async def chapter(self, title: str) -> None:
        """Wait until all is done, and take down what became of it."""
        await self.settle()
        now = {where: _plain(text) for where, _, text in self._words()}
        names = {where: name for where, name, _ in self._words()}
        fresh = [(names[at], text) for at, text in now.items() if self._heard.get(at) != text]
        parts = [f"*{place}*\n\n{text}" for place, text in fresh]
        assert self._heard.keys() <= now.keys(), self._heard.keys() - now.keys()
        self._heard = now
        shown = _plain(self.checklist().body) if self._has_list() else ""
        changes = list(
            difflib.unified_diff(self._list.splitlines(), shown.splitlines(), n=0, lineterm="")
        )
        self._list = shown
        if changes:
            lines = "\n".join(line for line in changes[2:] if not line.startswith("@@"))
            parts.append(
                f"<details><summary>the checklist</summary>\n\n```diff\n{lines}\n```\n\n</details>"
            )
        self.chapters.append("\n\n".join([f"# {title}", *parts]))

    def _has_list(self) -> bool:
        return any(_MARK in one.body for one in self.case.comments())

    def _words(self) -> Iterator[tuple[str, str, str]]:
        """Give every text of the bot but the checklist: its address, its place, its words."""
        for issue in self.policy.issues.values():
            yield (
                f"issue {issue.number}",
                f"issue “{issue.title}”",
                f"{issue.state}\n\n{issue.body}",
            )
        for pull in self.case.repository.pulls.values():
            ours = pull.author is self.case.github.site.world.bot
            place = f"the backport to {pull.base}" if ours else "the source"
            if ours and not pull.head.startswith("backport/"):
                place = f"“{pull.title}” for {pull.base}"
                yield f"text {pull.number}", place, pull.body
            yield f"state {pull.number}", f"{place} is", _state(pull)
            for one in pull.comments.values():
                if one.by_app and _MARK not in one.body:
                    yield f"{pull.number}, {one.id}", f"a comment on {place}", one.body
                elif one.reactions:
                    first = one.body.partition("\n")[0]
                    answer = ", ".join(sorted(one.reactions))
                    yield f"to {one.id}", f"the answer to {one.author.login}, {first}", answer

    def end(self) -> str:
        """Give all that stands in the end, the checklist too, in an order of its own."""
        words = sorted((place, _plain(text)) for _, place, text in self._words())
        shown = [f"*{place}*\n\n{text}" for place, text in words]
        return "\n\n---\n\n".join([*shown, _plain(self.checklist().body)])

    def twice(self) -> list[str]:
        """Give what the bot said more than once in one place."""
        found = []
        for pull in self.case.repository.pulls.values():
            said = [_plain(one.body) for one in pull.comments.values() if one.by_app]
            found += [text for text in set(said) if said.count(text) > 1]
        return found

    def same(self, name: str, said: list[str]) -> None:
        """Compare with the snapshot of that name."""
        text = "\n\n---\n\n".join(said)
        for pattern, shown in _VARYING:
            text = re.sub(pattern, shown, text)
        known = {self.case.github.url: "GITHUB", self.case.service.url: "SERVICE"}
        snapshot.same(f"release-{name}", [text], known)


def _branch(repository: Repository, name: str) -> str:
    return repository.refs[f"refs/heads/{name}"]


def _plain(text: str) -> str:
    return _HIDDEN.sub("", text).strip()


def _state(pull: Pull) -> str:
    labels = "".join(f", `{name}`" for name in pull.labels)
    return f"{'merged' if pull.merged else pull.state}{', a draft' if pull.draft else ''}{labels}"


@asynccontextmanager
async def story(folder: Path, weather: Weather) -> AsyncIterator[Story]:
    """Set the scene up to the merge on main; from then on webhooks have their fate."""
    configuration = f"{FOLLOWED}{CONFIGURATION}{TABLES}"
    async with council(folder, configuration=configuration) as case:
        policy = await case.github.add_repository("django", "policy")
        await case.github.webhooks.idle()
        case.github.webhooks.treat(weather.fate)
        yield Story(case, policy, weather)
