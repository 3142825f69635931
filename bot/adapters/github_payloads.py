"""GitHub's JSON read into the model, taking only what is needed and no field for granted."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.adapters.github_session import Json
from bot.core.errors import UserError
from bot.core.model import (
    Comment,
    CommitSummary,
    LabelEvent,
    NewPull,
    PullRef,
    PullRequest,
    Repository,
    Timeline,
)
from bot.ports import Annotation, Check

BODY_LIMIT = 65_536  # characters, GitHub's own, of a comment or a pull request's text
CHECK_LIMIT = 65_535  # the same for a check run's summary and text
ANNOTATIONS_LIMIT = 50  # in one request
CUT = "\n\n*(cut here: the text is longer than GitHub takes)*"
GHOST = "ghost"  # GitHub's name for the author of what a deleted account left behind
ROLES = frozenset({"admin", "maintain", "write", "triage", "read", "none"})


def pull_request(raw: Json) -> PullRequest:
    """Read a pull request; `merge_commit_sha` only where merged, else it is but a trial merge."""
    base = raw["base"]
    home = base.get("repo") or {}
    merged = bool(raw.get("merged") or raw.get("merged_at"))
    return PullRequest(
        number=raw["number"],
        title=raw.get("title") or "",
        body=raw.get("body") or "",
        url=raw["html_url"],
        is_open=raw["state"] == "open",
        merged=merged,
        merge_commit_sha=raw.get("merge_commit_sha") if merged else None,
        created_at=datetime.fromisoformat(raw["created_at"]),
        commits=raw.get("commits") or 0,
        comments=raw.get("comments") or 0,
        labels=tuple(label["name"] for label in raw.get("labels") or ()),
        milestone=(raw.get("milestone") or {}).get("number"),
        base_branch=base["ref"],
        default_branch=home.get("default_branch") or base["ref"],
        head_branch=raw["head"]["ref"],
        head_sha=raw["head"]["sha"],
        locked=bool(raw.get("locked")),
        archived=bool(home.get("archived")),
        draft=bool(raw.get("draft")),
        node_id=raw.get("node_id") or "",
        merged_by=(raw.get("merged_by") or {}).get("login") or "",
        merged_at=datetime.fromisoformat(raw["merged_at"]) if raw.get("merged_at") else None,
    )


def pull_ref(raw: Json) -> PullRef:
    """Read the little that is kept of a pull request."""
    return PullRef(
        number=raw["number"],
        url=raw["html_url"],
        is_open=raw["state"] == "open",
        merged=bool(raw.get("merged") or raw.get("merged_at")),
        head_sha=raw["head"]["sha"],
        draft=bool(raw.get("draft")),
        node_id=raw.get("node_id") or "",
    )


def new_pull(new: NewPull) -> Json:
    """Write a pull request to be opened as GitHub takes it, its text cut to the limit."""
    ends = {"head": new.head, "base": new.base, "draft": new.draft}
    return {"title": new.title, **body(new.body), **ends}


def is_home(repo: Json | None, repository: Repository) -> bool:
    """Tell whether a head lies in the repository itself; a deleted fork shows as None."""
    if repo is None:
        return False
    same_name = str(repo.get("full_name")).lower() == repository.full_name.lower()
    return same_name or repo.get("id") == repository.id


def arrived(attempt: Json) -> bool:
    """Tell whether an attempt to deliver a webhook was answered with success."""
    return (attempt.get("status_code") or 0) // 100 == 2  # noqa: PLR2004 - HTTP's own classes


def comment(raw: Json) -> Comment:
    """Read a comment, from the issue's list or from its timeline."""
    author = raw.get("user") or raw.get("actor") or {}
    login = author.get("login") or GHOST
    return Comment(
        id=raw["id"],
        author=login,
        by_bot=author.get("type") == "Bot"
        or bool(raw.get("performed_via_github_app"))
        or login.endswith("[bot]"),
        body=raw.get("body") or "",
        url=raw.get("html_url") or "",
    )


def place(raw: Json) -> int:
    """Read at which issue or pull request a comment stands."""
    return int(str(raw["issue_url"]).rpartition("/")[2])


def commit_summary(raw: Json) -> CommitSummary:
    """Read a commit of a pull request."""
    author, committer = (raw["commit"].get(who) or {} for who in ("author", "committer"))
    return CommitSummary(
        sha=raw["sha"],
        author_name=author.get("name") or "",
        author_email=author.get("email") or "",
        author_date=datetime.fromisoformat(author["date"]),
        message=raw["commit"].get("message") or "",
        committer_email=committer.get("email") or "",
    )


def timeline(entries: Iterable[Json]) -> Timeline:
    """Replay a timeline, oldest first, so that only the labels now on remain."""
    labels: dict[str, LabelEvent] = {}
    taken_off: dict[str, LabelEvent] = {}
    comments: list[Comment] = []
    for entry in entries:
        match entry.get("event"):
            case "labeled":
                event = _label_event(entry)
                labels.pop(event.label, None)  # set anew, it comes last
                labels[event.label] = event
            case "unlabeled":
                event = _label_event(entry)
                labels.pop(event.label, None)
                if not _by_bot(entry):
                    taken_off[event.label] = event
            case "commented":
                comments.append(comment(entry))
    off = tuple(event for name, event in taken_off.items() if name not in labels)
    return Timeline(tuple(labels.values()), tuple(comments) or None, off)


def _label_event(entry: Json) -> LabelEvent:
    actor = (entry.get("actor") or {}).get("login") or GHOST
    return LabelEvent(entry["id"], entry["label"]["name"], actor)


def _by_bot(entry: Json) -> bool:
    actor = entry.get("actor") or {}
    return actor.get("type") == "Bot" or str(actor.get("login")).endswith("[bot]")


def role(raw: Json) -> str:
    """Read a person's role; one that the organisation made up falls back to what it rests on."""
    named = raw.get("role_name")
    return named if named in ROLES else raw.get("permission") or "none"


def text_file(raw: Json, path: str) -> str:
    """Read the contents API's answer for a plain text file, else raise UserError."""
    if raw.get("type") != "file" or raw.get("encoding") != "base64":
        raise UserError(f"`{path}` must be a plain file under 1 MB. A committer must replace it.")
    try:
        return base64.b64decode(raw["content"]).decode()
    except UnicodeDecodeError as error:
        raise UserError(f"`{path}` is not UTF-8 text. A committer must save it so.") from error


def check_run(check: Check, annotations: Sequence[Annotation]) -> list[Json]:
    """Write a check run's state as GitHub takes it, cut to its limits.

    The annotations may need several requests, each of which adds to those that are there.
    """
    output: Json = {"title": check.title, "summary": cut(check.summary, CHECK_LIMIT)}
    if check.text:
        output["text"] = cut(check.text, CHECK_LIMIT)
    state: Json = {"name": check.name, "external_id": check.external_id, "status": check.status}
    if check.conclusion:
        state["conclusion"] = check.conclusion
    if check.details:
        state["details_url"] = check.details
    starts = range(0, len(annotations), ANNOTATIONS_LIMIT)
    batches = [annotations[start : start + ANNOTATIONS_LIMIT] for start in starts]
    return [{**state, "output": {**output, **_annotated(batch)}} for batch in batches or [()]]


def annotation(raw: Json) -> Annotation:
    """Read an annotation of a check run."""
    return Annotation(
        path=raw["path"],
        start_line=raw["start_line"],
        end_line=raw["end_line"],
        level=raw.get("annotation_level") or "",
        message=raw.get("message") or "",
    )


def body(text: str) -> Json:
    """Write the text of a comment or a pull request as GitHub takes it, cut to its limit."""
    return {"body": cut(text, BODY_LIMIT)}


def cut(text: str, limit: int) -> str:
    """Shorten a text to `limit` characters, with a last line that says so."""
    return text if len(text) <= limit else text[: limit - len(CUT)] + CUT


def _annotated(annotations: Sequence[Annotation]) -> Json:
    shown = [
        {
            "path": one.path,
            "start_line": one.start_line,
            "end_line": one.end_line,
            "annotation_level": one.level,
            "message": one.message,
        }
        for one in annotations
    ]
    return {"annotations": shown} if shown else {}
