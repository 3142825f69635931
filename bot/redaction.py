"""Takes every secret out of what is about to be shown: the known ones, and what looks like one."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import deque
from collections.abc import Iterable, Mapping

HIDDEN = "[redacted]"
SHORTEST = 4  # characters; to blank out anything shorter would blank out words
KEPT_TOKENS = 256  # the tokens minted last, each in two forms; all match a pattern besides

SECRET_KEYS = frozenset(
    {"authorization", "cookie", "password", "private_key", "secret", "token", "x-hub-signature-256"}
)
PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
        ),
        HIDDEN,
    ),
    (re.compile(r"\b(gh[a-z]_|github_pat_)[\w.-]{8,}"), HIDDEN),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+"), HIDDEN),  # a signed token such as the App's own
    (
        re.compile(
            r"(authorization\b['\"]?\s*[:=]\s*['\"]?)(?:(?:basic|bearer|token)\s+)?[^\s'\",}]+",
            re.IGNORECASE,
        ),
        rf"\g<1>{HIDDEN}",
    ),
    (re.compile(r"(://)[^/\s@'\"]+@"), rf"\g<1>{HIDDEN}@"),
)


class Redactor:
    """Knows the process's secrets and cleans texts, and whatever holds texts, of them."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._lasting = frozenset(secret for secret in secrets if len(secret) >= SHORTEST)
        self._minted: deque[str] = deque(maxlen=KEPT_TOKENS)

    def learn(self, token: str) -> None:
        """Know a new token from now on, also in the form that git sends it in."""
        self._minted.append(token)
        self._minted.append(b64encode(f"x-access-token:{token}".encode()).decode())

    def text(self, text: str) -> str:
        """Give a text without secrets."""
        for secret in (*self._lasting, *self._minted):
            text = text.replace(secret, HIDDEN)
        for pattern, instead in PATTERNS:
            text = pattern.sub(instead, text)
        return text

    def value(self, value: object) -> object:
        """Give a value without secrets; mappings and sequences keep their shape.

        What is neither text, number nor container is shown as its cleaned `repr`.
        """
        match value:
            case str():
                return self.text(value)
            case None | bool() | int() | float():
                return value
            case Mapping():
                return {key: self.entry(key, inner) for key, inner in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self.value(inner) for inner in value]
            case _:
                return self.text(repr(value))

    def entry(self, key: object, value: object) -> object:
        """Give the value of a key without secrets; of some keys it is one as a whole."""
        return HIDDEN if str(key).lower() in SECRET_KEYS else self.value(value)
