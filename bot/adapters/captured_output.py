"""Keeping the beginning and the end of an output that may be endless, in bounded memory."""

from __future__ import annotations

from collections import deque


class CapturedOutput:
    """Keeps the first `head` and the last `tail` bytes of what is added."""

    def __init__(self, head: int, tail: int) -> None:
        self._head = bytearray()
        self._chunks: deque[bytes] = deque()
        self._head_room = head
        self._tail = tail
        self._in_tail = 0
        self.size = 0

    def add(self, chunk: bytes) -> None:
        """Take the next piece, of any size."""
        self.size += len(chunk)
        first, rest = chunk[: self._head_room], chunk[self._head_room :]
        self._head += first
        self._head_room -= len(first)
        self._chunks.append(rest)
        self._in_tail += len(rest)
        while self._in_tail - len(self._chunks[0]) >= self._tail:
            self._in_tail -= len(self._chunks.popleft())

    def kept(self) -> bytes:
        """Give what is kept, with one line in place of what is not."""
        tail = b"".join(self._chunks)[-self._tail :]
        left_out = self.size - len(self._head) - len(tail)
        gap = f"\n… {left_out} bytes left out …\n".encode() if left_out else b""
        return bytes(self._head) + gap + tail
