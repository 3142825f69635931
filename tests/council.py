"""A council that votes on ticket 34063: the real trees, the local GitHub, the service by its time.

Whoever sits in it is made up, and so is every vote: what was really said is not known.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from pathlib import Path

from dbos import DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions

from bot.core import config, marker
from bot.core.comments import STUB
from bot.core.defaults import DJANGO
from bot.engine.runtime import VERSION
from devkit import django, django_past, django_release, scenario
from devkit.django_past import BEFORE
from devkit.django_release import Release
from devkit.github import AppRegistration, LocalGitHub, running_github
from devkit.github.state import Check, Comment, Pull, Repository
from devkit.timed_service import UNDER_WAY, TimedService, timed_service
from tests import snapshot
from tests.waiting import until

SEATS, ASKER, MERGER, OUTSIDER = scenario.SEATS, scenario.ASKER, scenario.MERGER, "outsider"
SERIES = ("4.1.x", "4.0.x", "3.2.x")
GATE = "Backport policy"
TEXT = """\
Shall the fix of ticket 34063 be backported to 4.1, 4.0 and 3.2?

- The fix SHALL be allowed into each of these branches.
- Mergers MUST NOT refuse the backports on grounds of policy.
- Releasers SHALL issue releases that contain them.
- The policy SHALL be revisited, so that fixes like this one are covered."""
REQUEST = f"/exception request 4.1 4.0 3.2\n\n{TEXT}"
CONFIGURATION = (
    re.sub(r"\[tests\].*?(?=\[exception\])", "", DJANGO, flags=re.DOTALL)
    .replace('rule = "django-spokesperson"', 'rule = "django-dep10"')
    .replace("set_label = true", 'set_label = true\nrecords = "django/exceptions"')
)
_PATIENCE = 240.0  # seconds; only a service that hangs takes them
_HIDDEN = re.compile(r"(?m)^<!-- stablehand:(?s:.*?)-->\n?| ?<!-- stablehand:(?s:.*?)-->")
_VARYING = (
    (r"issuecomment-\d+", "issuecomment-N"),
    (r"(\d\d):\d\d UTC", r"\1:MM UTC"),
    (r"digest is `[0-9a-f]{64}`", "digest is `DIGEST`"),
    (r"the decision (`?)[0-9a-f]{12}\b", r"the decision \1DIGEST"),
)


def moment(day: int, hour: int = 10, month: int = 1, year: int = 2023) -> datetime:
    """Give a moment of the story."""
    return datetime(year, month, day, hour, tzinfo=UTC)


OPENED, CLOSE = moment(30, month=12, year=2022), moment(6, 11)


@dataclass
class Council:
    """The project with its merged fix, the service beside it, and all that the bot said.

    What it says on backports is taken down where the `whole` is wanted, as it is always the same.
    """

    github: LocalGitHub
    service: TimedService
    repository: Repository
    records: Repository
    pull: Pull
    whole: bool = False
    said: list[str] = field(default_factory=list)
    _heard: dict[str, str] = field(default_factory=dict)

    def say(self, who: str, body: str, at: datetime | None = None) -> Comment:
        """Have somebody comment on the source pull request."""
        if at:
            self.service.clock.set(at)
        return self.github.comment(self.repository, self.pull, body, by=who)

    async def ask(self, body: str = REQUEST, at: datetime = OPENED) -> Comment:
        """Have the vote opened."""
        asked = self.say(ASKER, body, at)
        await self.settled()
        return asked

    async def vote(self, signs: str, at: datetime) -> list[Comment]:
        """Have the seats vote in turn, as in `++0-`; a space leaves one out."""
        words = {"+": "+1", "0": "0", "-": "-1"}
        self.service.clock.set(at)
        seats = zip(SEATS, signs, strict=False)
        cast = [self.say(seat, words[sign]) for seat, sign in seats if sign in words]
        await self.settled()
        return cast

    async def look_around(self) -> None:
        """Have the service look for what no webhook told, as it does each hour, and wait."""
        now = self.service.clock().isoformat()
        client = DBOSClient(
            system_database_url=f"sqlite:///{self.database}",
            serializer=DBOSPortableJSONSerializer(),
            application_name="stablehand",
        )
        repair: EnqueueOptions = {
            "workflow_name": "repair",
            "workflow_id": f"repair:{now}",
            "queue_name": "deliveries",
            "app_version": VERSION,
        }
        try:
            await client.enqueue_async(repair, now)
        finally:
            client.destroy()
        await self.settled()

    async def passes(self, until_then: datetime, words: str) -> None:
        """Let time pass until the bot says these words of its own."""
        self.service.clock.set(until_then)
        await self.until(lambda: any(words in comment.body for comment in self.comments()))
        await self.settled()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something, and show the log where it never comes."""
        try:
            await until(condition, _PATIENCE)
        except TimeoutError as error:
            raise AssertionError(self.service.log.read_text()[-5000:]) from error

    async def settled(self) -> None:
        """Wait until no webhook is on its way and all work is done, with success."""
        webhooks = self.github.webhooks
        try:
            async with asyncio.timeout(_PATIENCE):
                while True:
                    sent = len(webhooks.deliveries)
                    await webhooks.idle()
                    if not self._under_way() and sent == len(webhooks.deliveries):
                        return
                    await asyncio.sleep(0.05)
        except TimeoutError as error:
            raise AssertionError(self.service.log.read_text()[-5000:]) from error

    def _under_way(self) -> int:
        """Count the work that is not done; the clock's own is never done."""
        work = self.service.work()
        failed = [one for one in work if one[1] not in UNDER_WAY]
        assert not failed, (failed, self.service.log.read_text()[-5000:])
        return len(work)

    @property
    def database(self) -> Path:
        """Give the service's database."""
        return self.service.database

    def comments(self, pull: Pull | None = None) -> list[Comment]:
        """Give the bot's comments, on the source pull request by default."""
        return [one for one in (pull or self.pull).comments.values() if one.by_app]

    def backports(self) -> dict[str, Pull]:
        """Give the backport pull requests by series."""
        pulls = self.repository.pulls.values()
        ours = [one for one in pulls if one.head.startswith("backport/")]
        return {one.base.removeprefix("stable/"): one for one in ours}

    def gates(self) -> dict[str, tuple[bool | str, ...]]:
        """Give for each backport whether it is a draft, and how its policy check ended."""
        return {
            series: (pull.draft, *(str(one.fields["conclusion"]) for one in self._newest(pull)))
            for series, pull in self.backports().items()
        }

    def _newest(self, pull: Pull) -> list[Check]:
        """Give the policy check on the head of a pull request; of several the newest counts."""
        head, checks = pull.head_sha, self.repository.checks.values()
        found = [one for one in checks if one.fields["head_sha"] == head]
        return [one for one in found if one.fields["name"] == GATE][-1:]

    async def release(self, *releases: Release, at: datetime) -> None:
        """Have versions released together, as Django's are."""
        self.service.clock.set(at)
        who = django_past.releaser(MERGER, at)
        await django_release.publish(self.github, self.repository, releases, who)
        await self.settled()

    async def hear(self, title: str) -> None:
        """Take down the paragraphs that the bot said since the last time, once all is done."""
        await self.settled()
        now = {place: _HIDDEN.sub("", text).strip() for place, text in self._words()}
        self.said.append(f"# {title}")
        for place, text in now.items():
            if fresh := _fresh(text, self._heard.get(place, "")):
                self.said.append(f"*{place}*\n\n{fresh}")
        self._heard = now

    def _words(self) -> Iterator[tuple[str, str]]:
        """Give every text of the bot, with a name of where it stands."""
        yield from self._remarks(self.pull, "source")
        for comment in self.pull.comments.values():
            first = comment.body.partition("\n")[0]
            place = f"reaction {comment.id} to {comment.author.login}: {first}"
            yield place, ", ".join(sorted(comment.reactions))
        yield "labels of source", ", ".join(self.pull.labels)
        for series, pull in self.backports().items() if self.whole else ():
            state = "draft" if pull.draft else "ready"
            yield f"backport to {series}", f"{state}: {pull.title}\n\n{pull.body}"
            for check in self._newest(pull):
                output, end = check.fields["output"], check.fields["conclusion"]
                yield f"check of {series}", f"{end}: {output['title']}\n\n{output['summary']}"
            yield from self._remarks(pull, f"backport to {series}")
        for pull in self.records.pulls.values():
            yield f"pull request {pull.number} with a record", f"{pull.title}\n\n{pull.body}"

    def _remarks(self, pull: Pull, name: str) -> Iterator[tuple[str, str]]:
        for at, comment in enumerate(self.comments(pull), 1):
            heading = comment.body.partition("\n\n")[0]
            text = heading if marker.mark(STUB) in heading else comment.body
            yield f"comment {at} of the bot on {name}", text

    def same(self, name: str) -> None:
        """Compare all that was taken down with the snapshot of that name."""
        said = "\n\n---\n\n".join(self.said)
        for pattern, shown in ((r"(?m)^\*reaction \d+", "*reaction"), *_VARYING):
            said = re.sub(pattern, shown, said)
        known = {self.github.url: "GITHUB", self.service.url: "SERVICE"}
        snapshot.same(f"exception-{name}", [said], known)


@cache
def _app() -> AppRegistration:
    """Register the App once in a process: making its key takes a while."""
    return AppRegistration.create()


def _fresh(text: str, before: str) -> str:
    """Give the paragraphs that were not there before, or else those that are gone."""
    old, new = before.split("\n\n"), text.split("\n\n")
    shown = ["[…]" if one in old else one for one in new]
    if set(shown) - {"", "[…]"}:
        return "\n\n".join(one for one, _ in groupby(shown))
    return "\n\n".join(f"[gone] {one}" for one in old if one not in new)


@asynccontextmanager
async def council(
    folder: Path,
    *,
    configuration: str = CONFIGURATION,
    team: tuple[str, ...] = SEATS,
) -> AsyncIterator[Council]:
    """Set the scene up to the merge, on the day before the request."""
    source = django.build(django.CACHE, folder / "django.git")
    async with running_github(folder / "github", app=_app()) as github:
        github.site.world.clock = lambda: BEFORE
        case = await scenario.merged_fix(github, source)
        files: dict[str, str | bytes | None] = {config.PATH: configuration}
        by = django_past.releaser(MERGER, BEFORE)
        await github.commit(case.repository, "main", files, message="Configured.", by=by)
        github.add_team("django", "steering-council", team)
        github.add_user(ASKER)
        await django_past.set_back(github, case.repository, by)
        records = await github.add_repository("django", "exceptions")
        await github.commit(records, "main", {"README": "Decisions.\n"}, message="Began.", by=by)
        await github.webhooks.idle()
        github.webhooks.deliveries.clear()  # else the service would ask for them again
        async with timed_service(github, folder / "data", OPENED) as service:
            yield Council(github, service, case.repository, records, case.pull)
            service.kill()  # its calm end is another test's matter
