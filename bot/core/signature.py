"""Records in comments that only this bot can have written: signed, and sealed with a hash.

The seal (`bot.core.votes.seal`) lets anybody see a change. The signature is made with a key that
is derived from the App's private key, so that whoever edits a comment cannot seal it anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from bot.core.votes import seal
from bot.core.votes.normal import normalised

Sign = Callable[[str], str]
"""Gives the keyed hash of a text."""


def signed(kind: str, text: str, record: str, sign: Sign) -> str:
    """Write a text for people with a record behind it; `record` is one JSON object."""
    value = json.loads(record)
    signature = sign(_signed_text(kind, text, value))
    return seal.sealed(kind, text, json.dumps({"record": value, "signature": signature}))


def opened(kind: str, body: str, sign: Sign) -> str | None:
    """Give the JSON of the record in a comment, None where there is none of this kind.

    Raises `seal.Broken` where it was changed, or was not signed with our key.
    """
    found = seal.opened(kind, body)
    if found is None:
        return None
    value = json.loads(found)
    text = body[: body.rindex(f"<!-- stablehand:{kind}=")]
    try:
        record, signature = value["record"], str(value["signature"])
    except KeyError:
        record, signature = None, ""
    if signature != sign(_signed_text(kind, text, record)):
        raise seal.Broken(
            f"The record of this {kind} does not carry this bot's signature; somebody else wrote "
            "it, or the App's private key was changed since."
        )
    return json.dumps(record)


def _signed_text(kind: str, text: str, record: object) -> str:
    plain = json.dumps(record, sort_keys=True, separators=(",", ":"))
    return f"{kind}\n{normalised(text)}\n{plain}"
