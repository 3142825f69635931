"""All that was seen of one exception at one moment, before anything is decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.landing import Landing
from bot.core.model import Comment, PullRequest
from bot.core.shipping import Release, StepDone


@dataclass(frozen=True, slots=True)
class SeenTarget:
    """One target branch as it is now.

    `tip` is empty where the branch is gone. `landing` is found on the branch, `difference` shows
    as Markdown the lines in which it is not what we proposed. `upcoming` is the version that its
    next release will have, empty where it tells none. `releases` are those that
    hold the landing, the first of them first. `version` is the one that the fix is or will be
    shipped in, and `steps` are those seen towards it.
    """

    branch: str
    series: str
    tip: str
    pull: PullRequest | None = None
    landing: Landing | None = None
    upcoming: str = ""
    releases: tuple[Release, ...] = ()
    version: str = ""
    steps: tuple[StepDone, ...] = ()
    difference: str = ""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One exception: its source pull request, what was said there, and its targets.

    `now` is aware and in UTC. `main` is the tip of the default branch.
    """

    now: datetime
    source: PullRequest
    comments: tuple[Comment, ...]
    main: str
    targets: tuple[SeenTarget, ...]

    def target(self, branch: str) -> SeenTarget | None:
        """Give what was seen of one branch."""
        return next((one for one in self.targets if one.branch == branch), None)
