"""What happened between two looks at the local GitHub, in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from devkit.demo_scene import CheckSeen, EntrySeen, PullSeen, Scene
from devkit.scenario import POLICY

_HIDDEN = re.compile(r"<!--.*?-->", re.DOTALL)
_ENTRIES = {
    "labeled": "{actor} puts the label “{what}” on #{pull}",
    "unlabeled": "{actor} takes the label “{what}” off #{pull}",
    "review_requested": "{actor} asks {what} to review #{pull}",
}


class Kind(StrEnum):
    """Who is at work: a word to begin a line with."""

    PERSON = "person"
    WEBHOOK = "webhook"
    GIT = "git"
    API = "api"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened; `good` is None where it is neither good nor bad."""

    kind: Kind
    text: str
    good: bool | None = None


def changes(before: Scene, after: Scene, app: str) -> list[Happening]:
    """Tell what happened between two scenes, causes first; `app` is the login of the App."""
    return [
        *_git(before, after),
        *_pulls(before, after),
        *_issues(before, after),
        *_timeline(before, after, app),
        *_comments(before, after),
        *_checks(before, after),
        *_deliveries(before, after),
    ]


def without_marks(body: str) -> str:
    """Give a comment as GitHub shows it, without the HTML comments in it."""
    return _HIDDEN.sub("", body).strip()


def _git(before: Scene, after: Scene) -> Iterator[Happening]:
    for _ in range(after.fetches - before.fetches):
        yield Happening(Kind.GIT, "fetch into the service's mirror")
    known = dict(before.branches)
    for name, sha in after.branches:
        if known.get(name) != sha:
            yield Happening(Kind.GIT, f"push of {name} ({sha[:10]})")
    tags = [name for name, _ in after.tags if name not in dict(before.tags)]
    if tags:
        yield Happening(Kind.GIT, f"push of the tags {', '.join(tags)}")


def _pulls(before: Scene, after: Scene) -> Iterator[Happening]:
    known = {pull.number: pull for pull in before.pulls}
    for pull in after.pulls:
        old = known.get(pull.number)
        if old is None:
            yield _opened(pull)
        elif old.is_open and not pull.is_open:
            yield _ended(pull)


def _opened(pull: PullSeen) -> Happening:
    where = f"pull request #{pull.number} opened: {pull.base} ← {pull.head}"
    return Happening(Kind.API, f"{where}\n{pull.title}")


def _ended(pull: PullSeen) -> Happening:
    if pull.merged_by:
        return Happening(Kind.PERSON, f"{pull.merged_by} merges #{pull.number} into {pull.base}")
    return Happening(Kind.API, f"pull request #{pull.number} closed")


def _issues(before: Scene, after: Scene) -> Iterator[Happening]:
    known = {issue.number: issue.is_open for issue in before.issues}
    for issue in after.issues:
        if issue.number not in known:
            yield Happening(Kind.API, f"issue opened in {POLICY}: {issue.title}")
        elif known[issue.number] and not issue.is_open:
            yield Happening(Kind.PERSON, f"the issue in {POLICY} is closed")


def _timeline(before: Scene, after: Scene, app: str) -> Iterator[Happening]:
    known = {entry.id for entry in before.entries}
    yield from (_entry(entry, app) for entry in after.entries if entry.id not in known)


def _entry(entry: EntrySeen, app: str) -> Happening:
    words = _ENTRIES[entry.kind]
    text = words.format(actor=entry.actor, what=entry.what, pull=entry.pull)
    return Happening(Kind.API if entry.actor == app else Kind.PERSON, text)


def _comments(before: Scene, after: Scene) -> Iterator[Happening]:
    known = {comment.id: comment.body for comment in before.comments}
    for comment in after.comments:
        if known.get(comment.id) != comment.body:
            done = "edited" if comment.id in known else "posted"
            heading = without_marks(comment.body).partition("\n")[0].lstrip("# ")
            kind, who = (Kind.API, "") if comment.by_app else (Kind.PERSON, f" by {comment.author}")
            yield Happening(kind, f"comment {done} on #{comment.pull}{who}: {heading}")


def _checks(before: Scene, after: Scene) -> Iterator[Happening]:
    known = {check.id: check.status for check in before.checks}
    yield from (_check(one) for one in after.checks if known.get(one.id) != one.status)


def _check(check: CheckSeen) -> Happening:
    if check.status == "completed":
        text = f"check “{check.name}” {check.conclusion}: {check.title}"
        return Happening(Kind.API, text, good=check.conclusion == "success")
    return Happening(Kind.API, f"check “{check.name}” {check.status.replace('_', ' ')}")


def _deliveries(before: Scene, after: Scene) -> Iterator[Happening]:
    known = {delivery.id for delivery in before.deliveries}
    for delivery in after.deliveries:
        if delivery.id not in known:
            accepted = delivery.result.startswith("2")
            text = f"{delivery.name} → {delivery.result}"
            yield Happening(Kind.WEBHOOK, text, good=None if accepted else False)
