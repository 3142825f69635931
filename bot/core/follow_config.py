"""The tables of what comes after the backports: `[follow_up]` and `[reminders]`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.core.strict import Strict, Team


class FollowUps(Strict):
    """Where a project talks its policy over after an exception, and when that begins.

    An issue is opened in `repository` (`OWNER/NAME`); where that is empty, a person posts a ready
    text.
    """

    repository: Annotated[str, Field(pattern=r"^([\w.-]+/[\w.-]+)?$")] = ""
    when: Literal["merged", "shipped"] = "merged"


class Reminders(Strict):
    """After how many days people are reminded of what waits for them, and whether at weekends.

    `releasers` is the team that hears of fixes which are merged and not released.
    """

    days: Annotated[int, Field(ge=1, le=365)] = 14
    weekends: bool = False
    releasers: Team | None = None
