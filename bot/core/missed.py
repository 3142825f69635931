"""What a pull request or an issue shows that no webhook told: the commands that make up for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core import claim_text, comments, config, marker, occasion
from bot.core.checklist import Checklist, Row
from bot.core.commands import Spoke
from bot.core.config import Configuration
from bot.core.gate_verdict import Proposal
from bot.core.model import Comment, PullRequest, Repository
from bot.core.vote_record import Vote
from bot.core.votes import ballots
from bot.core.votes.register import Kind, Seen

_COMMENT = "comment:"


def claims(pull: PullRequest, configuration: Configuration | None) -> tuple[str, ...]:
    """Give the labels that may claim; without a usable configuration those of the usual name."""
    if configuration is None:
        return tuple(one for one in pull.labels if config.label_fits(config.DEFAULT_LABEL, one))
    return tuple(one for one in pull.labels if configuration.label_matches(one))


def is_unanswered(
    pull: PullRequest,
    configuration: Configuration | None,
    checklist: Checklist | None,
    said: Sequence[Comment],
) -> bool:
    """Tell whether a label is on of which nothing came yet: no checklist, and no complaint."""
    labels = claims(pull, configuration)
    if not labels or pull.archived:
        return False
    if checklist is None:
        waits = (comments.WAITS,) if pull.is_open else ()
        return not _says(said, *comments.COMPLAINTS, *waits)
    if pull.is_open:
        return checklist.forecast and checklist.sources[-1:] != (pull.head_sha,)
    return checklist.forecast or bool(_left_out(labels, configuration, checklist, said))


def _left_out(
    labels: tuple[str, ...],
    configuration: Configuration | None,
    checklist: Checklist,
    said: Sequence[Comment],
) -> tuple[str, ...]:
    """Give the series that labels name and the checklist lacks, though nobody was told why."""
    if configuration is None or "{series}" not in configuration.label:
        return ()
    if _says(said, claim_text.PARTLY):
        return ()
    known = {row.series.lower() for row in checklist.rows}
    targets = configuration.targets_for(labels, ())
    return tuple(one.series for one in targets if one.series.lower() not in known)


def _says(said: Sequence[Comment], *kinds: str) -> bool:
    return any(marker.find(said, kind) for kind in kinds)


def gone_ballots(vote: Vote, said: Iterable[Comment]) -> tuple[Spoke, ...]:
    """Give the comments that hold something of a vote and are gone.

    Who deleted them GitHub does not tell, so that what was said there goes on to count.
    """
    here = {f"{_COMMENT}{comment.id}" for comment in said}
    last = {one.seen.place: one.seen for one in vote.seen.events}
    places = [
        seen
        for place, seen in last.items()
        if place.startswith(_COMMENT) and place not in here and seen.kind is not Kind.DELETED
    ]
    return tuple(_gone(vote, seen) for seen in places)


def _gone(vote: Vote, seen: Seen) -> Spoke:
    return Spoke(
        repository=vote.repository,
        pull=vote.motion.question.number,
        place=seen.place,
        author=seen.author,
        editor="",
        body="",
        action="deleted",
        url=seen.url,
        created_at=seen.at,
        stamp="",
        comment=int(seen.place.removeprefix(_COMMENT)),
    )


def review_action(vote: Vote, said: Spoke) -> str:
    """Say what is to be told of a review, shown as just submitted: empty where it is no news.

    It is `submitted`, `edited` or `dismissed`. GitHub does not tell when a review was edited: its
    state and the length of its text show it, as they do in the stamp of what was seen. What was
    submitted before the opening nobody could have taken for a vote.
    """
    seen = [one.seen for one in vote.seen.events if one.seen.place == said.place]
    if any(occasion.is_stamped(one.stamp, said) for one in seen[-1:]):
        return ""
    early = said.created_at < vote.motion.opened_at
    if not seen and (early or not _is_ballot(said, vote)):
        return ""
    if said.state == "dismissed":
        return "dismissed"
    return "edited" if seen else "submitted"


def _is_ballot(said: Spoke, vote: Vote) -> bool:
    text = ballots.of_comment(said.body, said.author, vote.ways.words)
    by_state = ballots.of_review(said.state, said.author).ballots
    return bool(by_state or text.ballots or text.problem)


@dataclass(frozen=True, slots=True)
class Found:
    """A comment of ours that other hands changed or took away, and when that was found.

    `editor` is who did it, empty where nobody knows. `gone` says that it is not there any more.
    """

    comment: int
    url: str
    author: str
    editor: str
    at: datetime
    gone: bool


def touched(repository: Repository, number: int, found: Found) -> Spoke:
    """Tell of a comment of ours as the webhook of its change would have."""
    return Spoke(
        repository=repository,
        pull=number,
        place=f"{_COMMENT}{found.comment}",
        author=found.author,
        editor=found.editor or "somebody",
        body="",
        action="deleted" if found.gone else "edited",
        url=found.url,
        created_at=found.at,
        stamp=found.at.isoformat(),
        comment=found.comment,
    )


def proposal(pull: PullRequest, known: Proposal | None) -> Proposal | None:
    """Give a pull request as the policy has to judge it now; None where it has, or need not."""
    if not pull.is_open or pull.base_branch == pull.default_branch:
        return None
    shown = Proposal(
        pull=pull.number,
        branch=pull.base_branch,
        default_branch=pull.default_branch,
        head_sha=pull.head_sha,
        title=pull.title,
        body=pull.body,
        labels=pull.labels,
        source=marker.source_of(pull.body),
        ours=known is not None and known.ours,
    )
    return None if shown == known else shown


def open_rows(checklist: Checklist) -> tuple[Row, ...]:
    """Give the rows whose pull request waits for its merge."""
    return tuple(row for row in checklist.rows if row.pull and not (row.merged or row.closed))
