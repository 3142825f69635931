"""The App as registered on GitHub: its number, name, key, webhook secret and what it asks for."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

LONGEST_JWT = 600  # seconds
CLOCK_SKEW = 60  # seconds that GitHub lets a clock be wrong

PERMISSIONS: Mapping[str, str] = {
    "metadata": "read",
    "contents": "write",
    "pull_requests": "write",
    "issues": "write",
    "checks": "write",
    "members": "read",
    "actions": "write",
    "workflows": "write",
}
EVENTS = (
    "check_run",
    "create",
    "delete",
    "issue_comment",
    "issues",
    "pull_request",
    "push",
    "workflow_run",
)


class JwtRefused(Exception):  # noqa: N818 - named by what GitHub does with it
    """A JSON web token is not good; the message is GitHub's."""


@dataclass(frozen=True, slots=True)
class AppRegistration:
    """What GitHub keeps of an App; `private_key` and `public_key` are PEM texts."""

    id: int
    slug: str
    private_key: str = field(repr=False)
    public_key: str
    webhook_secret: str = field(repr=False)
    permissions: Mapping[str, str]
    events: tuple[str, ...]

    @classmethod
    def create(
        cls,
        *,
        id: int = 4711,  # noqa: A002 - GitHub's word
        slug: str = "stablehand",
        permissions: Mapping[str, str] = PERMISSIONS,
        events: tuple[str, ...] = EVENTS,
    ) -> AppRegistration:
        """Register an App with a new 2048-bit RSA key and a new webhook secret."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return cls(
            id=id,
            slug=slug,
            private_key=private.decode(),
            public_key=public.decode(),
            webhook_secret=secrets.token_hex(20),
            permissions=dict(permissions),
            events=events,
        )

    @property
    def login(self) -> str:
        """Give the login under which the App acts."""
        return f"{self.slug}[bot]"

    def verify(self, token: str) -> None:
        """Accept a JSON web token by which the App names itself, or raise `JwtRefused`."""
        try:
            claims = jwt.decode(
                token,
                self.public_key,
                algorithms=["RS256"],
                leeway=CLOCK_SKEW,
                options={"require": ["exp", "iat", "iss"], "verify_iss": False},
            )
        except jwt.ExpiredSignatureError as error:
            raise JwtRefused(
                "'Expiration time' claim ('exp') must be a numeric value representing the future "
                "time at which the assertion expires"
            ) from error
        except jwt.PyJWTError as error:
            raise JwtRefused("A JSON web token could not be decoded") from error
        if str(claims["iss"]) != str(self.id):
            raise JwtRefused("Integration not found")
        if claims["exp"] > time.time() + LONGEST_JWT + CLOCK_SKEW:
            raise JwtRefused("'Expiration time' claim ('exp') is too far in the future")
