"""The key by which our records in comments are known, derived from the App's private key."""

from __future__ import annotations

import hashlib
import hmac

from bot.core.signature import Sign

_PURPOSE = b"stablehand: records in comments"


def signer(private_key: str) -> Sign:
    """Give the keyed hash (HMAC-SHA-256, 64 hex digits) that the App alone can make."""
    secret = hmac.digest(private_key.strip().encode(), _PURPOSE, "sha256")
    return lambda text: hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
