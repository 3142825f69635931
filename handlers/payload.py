"""Reading payloads strictly: each value is there and of its type, or the delivery is malformed."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from gidgethub.sansio import Event

from bot.core.commands import Malformed, Moved
from bot.core.model import Repository

T = TypeVar("T", str, int, bool, list[object])

_WORDS = {str: "text", int: "a whole number", bool: "true or false", list: "a list"}


def take(data: object, path: str, kind: type[T]) -> T:
    """Give the value at a dotted path; raises Malformed, which names the path but no value."""
    value = _at(data, path)
    if type(value) is not kind:  # not isinstance: true and false are no numbers
        raise Malformed(f"`{path}` is missing or is not {_WORDS[kind]}")
    return value


def text_or_empty(data: object, path: str) -> str:
    """Give the text at a dotted path where GitHub may send null for none."""
    return "" if _at(data, path) is None else take(data, path, str)


def moment(data: object, path: str) -> datetime:
    """Give the moment at a dotted path, which carries a time zone."""
    try:
        found = datetime.fromisoformat(take(data, path, str))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Malformed(f"`{path}` is no moment")
    return found


def repository(event: Event) -> Repository:
    """Give the repository that an event is about, with the installation that sent it."""
    return Repository(
        installation=take(event.data, "installation.id", int),
        id=take(event.data, "repository.id", int),
        owner=take(event.data, "repository.owner.login", str),
        name=take(event.data, "repository.name", str),
    )


def moved(event: Event) -> tuple[Moved, ...]:
    """Give what a `create` or `delete` event tells, which name a ref by its kind and short name.

    A branch that a bot makes or deletes is a head branch, of which nothing follows.
    """
    kind, name = take(event.data, "ref_type", str), take(event.data, "ref", str)
    folder = {"branch": "heads", "tag": "tags"}.get(kind)
    if folder is None or (folder == "heads" and by_bot(event)):
        return ()
    return (Moved(repository(event), (f"refs/{folder}/{name}",)),)


def by_bot(event: Event) -> bool:
    """Tell whether an App or a bot account did it; who is not named is taken for a person."""
    return _at(event.data, "sender.type") == "Bot"


def of_bot(event: Event, what: str) -> bool:
    """Tell whether an App or a bot account wrote a `comment`, an `issue` and so on."""
    return _at(event.data, f"{what}.user.type") == "Bot"


def has(data: object, path: str) -> bool:
    """Tell whether there is anything at a dotted path."""
    return _at(data, path) is not None


def _at(data: object, path: str) -> object:
    for key in path.split("."):
        data = data.get(key) if isinstance(data, dict) else None
    return data
