"""Every failure of a GitHub call, said once as tell the person, retry then, or bug."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from gidgethub import BadRequestUnknownError, HTTPException, InvalidField, ValidationError

from bot.core.errors import Transient, UserError

SECONDARY_LIMIT_PAUSE = 60.0  # seconds; GitHub's rule where it names no time itself


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked of GitHub, in words that may be shown: never a header, never a query."""

    who: str
    method: str
    path: str

    def __str__(self) -> str:
        """Give `POST /repos/owner/name/pulls`."""
        return f"{self.method} {self.path}"


class NotFound(UserError):  # noqa: N818 - what GitHub says, in its words
    """GitHub has no such thing, or does not show it to this installation."""


class Gone(NotFound):
    """The thing was there and has been deleted or switched off."""


class Unauthorised(UserError):  # noqa: N818 - the same
    """GitHub does not accept the token or the App's own signature."""


class Rejected(Exception):  # noqa: N818 - the caller turns it into what it means there
    """GitHub understood the request and refused its content (409, 422); `errors` are its words."""

    def __init__(self, message: str, errors: tuple[str, ...]) -> None:
        super().__init__(message)
        self.message = message
        self.errors = errors


class Garbled(Exception):  # noqa: N818 - an answer, not a mistake of ours
    """An answer that is not GitHub's JSON, such as a proxy's page of HTML."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(f"HTTP {status}, {headers.get('content-type', 'no content type')}")
        self.headers = headers


def translate(error: Exception, call: Call, now: float) -> Exception | None:
    """Give what a failed call means, or None where it is a bug; `now` is in epoch seconds."""
    if isinstance(error, Garbled):
        return Transient(
            f"{call} was not answered by GitHub's API ({error}).",
            retry_after=_pause(error.headers, now),
        )
    if isinstance(error, HTTPException):
        return _of_status(error, call, now)
    if isinstance(error, aiohttp.ClientError | TimeoutError):
        return Transient(f"GitHub did not answer {call} ({type(error).__name__}).")
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return Transient(f"GitHub's answer to {call} broke off.")
    return None


def _of_status(error: HTTPException, call: Call, now: float) -> Exception | None:
    status, words = int(error.status_code), str(error)
    if status >= 500:  # noqa: PLR2004 - HTTP's own classes
        return Transient(
            f"GitHub failed at {call} ({status}).", retry_after=_pause(error.headers, now)
        )
    if _is_limit(status, words, error.headers):
        pause = _pause(error.headers, now)
        return Transient(
            f"GitHub asks to slow down at {call}: {words}",
            retry_after=SECONDARY_LIMIT_PAUSE if pause is None else pause,
        )
    return _refusal(error, call)


def _refusal(error: HTTPException, call: Call) -> Exception | None:
    words = str(error)
    match int(error.status_code):
        case 401:
            return Unauthorised(
                f"GitHub does not accept {call.who} at {call}: {words}. Whoever runs Stablehand "
                "must check GITHUB_APP_ID, GITHUB_PRIVATE_KEY and the machine's clock."
            )
        case 403:
            return _forbidden(words, call, error.headers)
        case 404:
            return NotFound(
                f"GitHub shows nothing at {call} to {call.who}: it does not exist, or the App "
                "may not see it."
            )
        case 410:
            return Gone(f"What {call} asks for is gone from GitHub: {words}.")
        case 409 | 422:
            return _rejected(error, call)
    return None


def _forbidden(words: str, call: Call, headers: Mapping[str, str]) -> UserError:
    lowered = words.lower()
    if "not accessible by integration" in lowered:
        return UserError(
            f"The App lacks {_permission(headers)} for {call}. An owner of the organisation must "
            "grant it in the settings of the App's installation."
        )
    if "archived" in lowered:
        return UserError(
            f"The repository is archived, so {call} cannot change it. An owner must unarchive it."
        )
    if "locked" in lowered:
        return UserError(
            f"The conversation is locked, so {call} was refused. A maintainer must unlock it."
        )
    if "suspended" in lowered:
        return UserError(
            f"GitHub has suspended {call.who}. An owner of the organisation must resume it."
        )
    return UserError(
        f"GitHub forbids {call} to {call.who}: {words}. An owner of the organisation must allow it."
    )


def _permission(headers: Mapping[str, str]) -> str:
    """Put `contents=write,workflows=write; administration=write` into words."""
    named = headers.get("x-accepted-github-permissions", "").replace("=", ": ")
    if not named:
        return "a permission"
    ways = [" and ".join(part.strip() for part in way.split(",")) for way in named.split(";")]
    return f"the permission {' or '.join(way.strip() for way in ways)}"


def _rejected(error: HTTPException, call: Call) -> Rejected:
    raw = error.errors if isinstance(error, InvalidField | ValidationError) else None
    if isinstance(error, BadRequestUnknownError):
        raw = error.response
    entries = raw if isinstance(raw, list) else [raw] if raw else [str(error)]
    errors = tuple(_in_words(entry) for entry in entries)
    return Rejected(f"GitHub refused {call}: {'; '.join(errors)}", errors)


def _in_words(entry: object) -> str:
    """Say one entry of a 422's `errors`: it has a message, or a field and a code."""
    if not isinstance(entry, Mapping):
        return str(entry)
    return str(entry.get("message") or f"{entry.get('field')} is {entry.get('code')}")


def _is_limit(status: int, words: str, headers: Mapping[str, str]) -> bool:
    """Tell a rate limit, primary or secondary, from a refusal for good."""
    if status == 429:  # noqa: PLR2004 - Too Many Requests
        return True
    if status != 403:  # noqa: PLR2004 - Forbidden
        return False
    lowered = words.lower()
    return (
        "retry-after" in headers
        or headers.get("x-ratelimit-remaining") == "0"
        or "rate limit" in lowered
        or "abuse" in lowered
    )


def _pause(headers: Mapping[str, str], now: float) -> float | None:
    """Give the seconds that GitHub asks us to wait, None where it names no time."""
    after = headers.get("retry-after", "")
    if after.isdigit():
        return float(after)
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
        return max(float(reset) - now, 0.0) + 1.0  # GitHub's clock counts whole seconds
    return None
