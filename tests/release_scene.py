"""Ticket 34063 from the request to its releases and beyond: what people do, and all that is said.

They merge by hand, by a button, with a change of their own, take one back and bring it again; none
of that is known of the real case, in which nothing was merged.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot.core import checklist as lists
from bot.core import marker
from devkit.django_release import Release
from devkit.github import merging
from devkit.github.bare import Person
from devkit.github.state import Comment, Pull, Repository
from tests import snapshot
from tests.council import (
    ASKER,
    CLOSE,
    CONFIGURATION,
    MERGER,
    NEWEST,
    OPENED,
    REQUEST,
    SEATS,
    Council,
    council,
    moment,
)

NOTE = """\
/note Fixed a bug in Django 3.1 where the body of a request made by the async client or request \
factory could not be read."""
FOLLOWED = 'notes = "comment"\n'
TABLES = """
[follow_up]
repository = "django/policy"
"""
THREE = (
    Release(NEWEST, "4.1.6", "4.1.7", stub=True, man_page=True),
    Release("stable/4.0.x", "4.0.9", "4.0.10"),
    Release("stable/3.2.x", "3.2.17", "3.2.18"),
)
EDITED = "django/test/client.py"
EDIT = ("# Wrap FakePayload body_file to allow", "# Allow")
_MARK = marker.mark(lists.KIND)
_HIDDEN = re.compile(r"<!-- stablehand:.*?-->\n?", re.DOTALL)
_VARYING = (
    (r"issuecomment-\d+", "issuecomment-N"),
    (r"(\d\d):\d\d UTC", r"\1:MM UTC"),
    (r"digest is `[0-9a-f]{64}`", "digest is `DIGEST`"),
    (r"the decision (`?)[0-9a-f]{12}\b", r"the decision \1DIGEST"),
)
Settle = Callable[[Council], Awaitable[None]]


@dataclass
class Story:
    """The case, and the repository in which the policy is talked over.

    `settle` waits until the bot has done all that it can after what people did, in whatever way it
    came to know of it.
    """

    case: Council
    policy: Repository
    settle: Settle
    chapters: list[str] = field(default_factory=list)
    _heard: dict[str, str] = field(default_factory=dict)
    _list: str = ""

    def at(self, day: int, hour: int = 10, month: int = 1, year: int = 2023) -> Person:
        """Let time pass; give who merges, at that moment."""
        now = moment(day, hour, month, year)
        self.case.service.clock.set(now)
        return _merger(now)

    async def by_hand(self, series: str, who: Person, edit: tuple[str, str] = ("", "")) -> str:
        """Push a backport as one commit made of its pull request, with an edit; give its sha."""
        repository, pull = self.case.repository, self.case.backports()[series]
        git, tip = repository.git, _branch(repository, pull.base)
        first = (await git.commits(f"{tip}..{pull.head_sha}"))[0]
        tree = await merging.merged_tree(git, tip, pull.head_sha)
        if edit[0]:
            text = (await git.run("show", f"{pull.head_sha}:{EDITED}")).decode()
            assert edit[0] in text
            whole = await git.write_commit(tree, (tip,), first.message, (first.author, who))
            tree = await git.write_tree(whole, {EDITED: text.replace(*edit)})
        sha = await git.write_commit(tree, (tip,), first.message, (first.author, who))
        await self._push(pull.base, sha)
        return sha

    async def take_back(self, branch: str, who: Person) -> str:
        """Revert the newest commit of a branch; give what was reverted."""
        repository = self.case.repository
        git, tip = repository.git, _branch(repository, branch)
        taken = await git.commit(tip)
        subject = taken.message.splitlines()[0]
        message = f'Revert "{subject}"\n\nThis reverts commit {tip}.\n'
        tree = (await git.commit(taken.parents[0])).tree
        await self._push(branch, await git.write_commit(tree, (tip,), message, (who, who)))
        return tip

    async def bring_again(self, branch: str, taken: str, who: Person) -> None:
        """Bring a commit again that was just taken back."""
        git, commit = self.case.repository.git, await self.case.repository.git.commit(taken)
        tip = _branch(self.case.repository, branch)
        people = (commit.author, who)
        await self._push(
            branch, await git.write_commit(commit.tree, (tip,), commit.message, people)
        )

    async def _push(self, branch: str, sha: str) -> None:
        refs = {f"refs/heads/{branch}": sha}
        await self.case.github.push(self.case.repository, refs, by=MERGER)

    def checklist(self) -> Comment:
        """Give the comment that holds the checklist."""
        (found,) = [one for one in self.case.comments() if _MARK in one.body]
        return found

    async def chapter(self, title: str) -> None:
        """Wait until all is done, and take down what became of it."""
        await self.settle(self.case)
        now = {place: _plain(text) for place, text in self._words()}
        fresh = [(place, text) for place, text in now.items() if self._heard.get(place) != text]
        parts = [f"*{place}*\n\n{text}" for place, text in fresh]
        gone = [f"*{place}* is gone" for place in self._heard if place not in now]
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
        self.chapters.append("\n\n".join([f"# {title}", *parts, *gone]))

    def _has_list(self) -> bool:
        return any(_MARK in one.body for one in self.case.comments())

    def _words(self) -> Iterator[tuple[str, str]]:
        """Give every text of the bot but the checklist, with a name of where it stands."""
        for issue in self.policy.issues.values():
            yield f"issue {issue.title}", f"{issue.state}\n\n{issue.body}"
        for pull in self.case.repository.pulls.values():
            ours = pull.author is self.case.github.site.world.bot
            name = f"backport to {pull.base}" if pull.base.startswith("stable/") else pull.title
            name = name if ours else "the source"
            yield f"{name}: state", _state(pull)
            if ours and not pull.base.startswith("stable/"):
                yield f"{name}: text", pull.body
            for comment in pull.comments.values():
                if _MARK in comment.body:
                    continue
                first = _plain(comment.body).partition("\n")[0]
                if comment.by_app:
                    yield f"{name}: {first}", comment.body
                elif comment.reactions:
                    answer = ", ".join(sorted(comment.reactions))
                    yield f"{name}: reaction to {comment.author.login}, {first}", answer

    def end(self) -> str:
        """Give all that stands in the end, the checklist too, in an order of its own."""
        words = sorted((place, _plain(text)) for place, text in self._words())
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


async def told(story: Story) -> None:
    """Tell the whole story, chapter by chapter."""
    await _accepted(story)
    await _noted(story)
    await _merged(story)
    await _taken_back(story)
    await _released(story)
    await _followed_up(story)


async def _accepted(story: Story) -> None:
    case = story.case
    case.say(ASKER, REQUEST, OPENED)
    await story.settle(case)
    case.service.clock.set(moment(31, 10, 12, 2022))
    for seat in SEATS:
        case.say(seat, "+1")
    await story.settle(case)
    await case.release(Release(NEWEST, "4.1.5", "4.1.6", stub=True), at=moment(2, 7))
    await story.settle(case)
    await case.passes(CLOSE, "### Accepted")
    await story.chapter("2023-01-06: the council accepts, the backports are opened for 4.1.6")


async def _noted(story: Story) -> None:
    story.at(7)
    story.case.say(MERGER, NOTE)
    await story.chapter("2023-01-07: a merger words the release note")
    story.at(8)
    story.case.say(MERGER, "/note commit")
    await story.chapter("2023-01-08: the notes are committed")


async def _merged(story: Story) -> None:
    case = story.case
    await story.by_hand("4.1.x", story.at(9))
    await story.chapter("2023-01-09: the backport to 4.1 is pushed by hand")
    await case.github.merge(
        case.repository, case.backports()["4.0.x"], by=story.at(10), method="rebase"
    )
    await story.chapter("2023-01-10: the backport to 4.0 is merged on GitHub")
    story.at(11)
    case.github.close(case.repository, case.backports()["3.2.x"], by=MERGER)
    await story.chapter("2023-01-11: the backport to 3.2 is closed")
    await story.by_hand("3.2.x", story.at(12), EDIT)
    await story.chapter("2023-01-12: the backport to 3.2 is pushed by hand, changed")


async def _taken_back(story: Story) -> None:
    branch = "stable/4.0.x"
    taken = await story.take_back(branch, story.at(13))
    await story.chapter("2023-01-13: the backport to 4.0 is taken back")
    await story.bring_again(branch, taken, story.at(14))
    await story.chapter("2023-01-14: it is brought again")


async def _released(story: Story) -> None:
    who = story.at(1, 7, 2)
    await story.case.release(*THREE, at=datetime.fromisoformat(who.date))
    await story.chapter("2023-02-01: 4.1.6, 4.0.9 and 3.2.17 are released")


async def _followed_up(story: Story) -> None:
    story.at(6, 10, 2)
    for issue in story.policy.issues.values():
        story.case.github.close_issue(story.policy, issue, by=SEATS[0])
    await story.chapter("2023-02-06: the follow-up is closed")


def _merger(at: datetime) -> Person:
    return Person(MERGER, f"{MERGER}@users.noreply.github.com", at.isoformat(timespec="seconds"))


def _branch(repository: Repository, name: str) -> str:
    return repository.refs[f"refs/heads/{name}"]


def _plain(text: str) -> str:
    return _HIDDEN.sub("", text).strip()


def _state(pull: Pull) -> str:
    labels = "".join(f", `{name}`" for name in pull.labels)
    return f"{'merged' if pull.merged else pull.state}{', a draft' if pull.draft else ''}{labels}"


async def calm(case: Council) -> None:
    """Wait for the webhooks and for the work that they brought."""
    await case.settled()


@asynccontextmanager
async def story(folder: Path, settle: Settle = calm) -> AsyncIterator[Story]:
    """Set the scene up to the merge on main."""
    async with council(folder, configuration=f"{FOLLOWED}{CONFIGURATION}{TABLES}") as case:
        policy = await case.github.add_repository("django", "policy")
        yield Story(case, policy, settle)
