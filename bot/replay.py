"""A stored delivery read again: what the handlers make of it, with nothing done.

It is a webhook's body alone, or an object that holds headers and body, as GitHub's delivery API
gives it (`GET /app/hook/deliveries/ID`) and as people store it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gidgethub.sansio import Event

from bot.core import commands
from bot.core.commands import Command, Malformed
from bot.core.errors import UserError

Json = dict[str, Any]
Translate = Callable[[Event], tuple[Command, ...]]

_BODIES = ("payload", "body")
_TELLING = {  # what a body holds that is of one event alone
    "check_run": {"check_run"},
    "check_suite": {"check_suite"},
    "workflow_run": {"workflow_run", "workflow"},
    "issue_comment": {"issue", "comment"},
    "pull_request_review": {"pull_request", "review"},
    "pull_request": {"pull_request", "number"},
    "issues": {"issue"},
    "push": {"ref", "before", "after"},
    "create": {"ref_type", "master_branch"},
    "delete": {"ref_type"},
}


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a delivery asks for; `guessed` says that its event was told by its content alone."""

    event: str
    action: str | None
    guid: str
    guessed: bool
    commands: tuple[Command, ...]

    @property
    def as_json(self) -> Json:
        """Give it as plain JSON values."""
        return {
            "event": self.event,
            "action": self.action,
            "delivery": self.guid or None,
            "commands": commands.dump(self.commands),
        }

    def lines(self) -> list[str]:
        """Give it for people, one line each."""
        name = f"{self.event}.{self.action}" if self.action else self.event
        told = " (told by its content)" if self.guessed else ""
        delivery = f", delivery {self.guid}" if self.guid else ""
        head = f"{name}{told}{delivery}"
        if not self.commands:
            return [head, "nothing would be done"]
        return [head, *(f"would do: {_said(command)}" for command in self.commands)]


def read(path: Path) -> object:
    """Read a file as JSON; raises UserError where it is none."""
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is not JSON: {error}") from None


def replay(
    stored: object, event: str | None, translate: Translate, known: Collection[str]
) -> Replayed:
    """Translate a stored delivery; `event` is its name where it does not tell it itself.

    Raises UserError where it is no delivery, or none of the events in `known`.
    """
    headers, body = _taken_apart(stored)
    named = event or headers.get("x-github-event") or ""
    name = named or _told_by(body)
    if name not in known:
        what = f"no handler reads the event `{name}`" if name else "it does not tell its event"
        raise UserError(f"{what}; name one with --event: {', '.join(sorted(known))}")
    action, guid = body.get("action"), headers.get("x-github-delivery", "")
    if not isinstance(action, str | None):
        raise UserError(f"malformed {name} payload: `action` is not text")
    try:
        found = translate(Event(body, event=name, delivery_id=guid))
    except Malformed as malformed:
        raise UserError(f"malformed {name} payload: {malformed}") from None
    return Replayed(name, action, guid, guessed=not named, commands=found)


def _taken_apart(stored: object) -> tuple[Mapping[str, str], Json]:
    """Tell headers (by lower-case names) from body."""
    if not isinstance(stored, dict):
        raise UserError("a delivery is a JSON object")
    held = stored.get("request", stored)
    if not (isinstance(held, dict) and isinstance(held.get("headers"), dict)):
        return {}, stored
    body = next((held[key] for key in _BODIES if key in held), None)
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError as error:
            raise UserError(f"the body of the delivery is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise UserError("the delivery holds headers, but no body that is a JSON object")
    headers = {str(name).lower(): str(value) for name, value in held["headers"].items()}
    told = {"x-github-event": stored.get("event"), "x-github-delivery": stored.get("guid")}
    return {name: value for name, value in told.items() if isinstance(value, str)} | headers, body


def _told_by(body: Json) -> str:
    return next((name for name, keys in _TELLING.items() if keys <= set(body)), "")


def _said(command: Command) -> str:
    (facts,) = commands.dump([command])
    kind, repository = facts.pop("kind"), facts.pop("repository")
    told = ", ".join(f"{name} {_value(value)}" for name, value in facts.items())
    return f"{kind} in {repository['owner']}/{repository['name']}: {told}"


def _value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
