"""What a person wrote, as every event tells it that may hold a vote."""

from __future__ import annotations

from gidgethub.sansio import Event

from bot.core.commands import Spoke
from handlers.payload import moment, repository, take, text_or_empty


def spoke(event: Event, what: str, number: int, since: str = "created_at") -> Spoke:
    """Read a `comment`, `review` or `issue`; `since` is the key of the moment of its writing."""
    data = event.data
    return Spoke(
        repository=repository(event),
        pull=number,
        place=f"{what}:{take(data, f'{what}.id', int)}",
        author=text_or_empty(data, f"{what}.user.login"),
        editor=take(data, "sender.login", str),
        body=text_or_empty(data, f"{what}.body"),
        action=take(data, "action", str),
        url=text_or_empty(data, f"{what}.html_url"),
        created_at=moment(data, f"{what}.{since}"),
        stamp=text_or_empty(data, f"{what}.updated_at"),
    )
