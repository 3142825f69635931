"""Messages through a pipe: eight bytes that say how long one is, and then itself."""

from __future__ import annotations

import asyncio

_HEAD = 8


async def read(stream: asyncio.StreamReader) -> bytes | None:
    """Give the next message, None at the end, even if that comes in the middle of one."""
    try:
        size = int.from_bytes(await stream.readexactly(_HEAD))
        return await stream.readexactly(size)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


async def write(stream: asyncio.StreamWriter, message: bytes) -> None:
    """Send one message; raises ConnectionError where nobody reads any more."""
    stream.write(len(message).to_bytes(_HEAD) + message)
    await stream.drain()
