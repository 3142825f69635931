"""Read what `git merge-tree -z --messages` writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.adapters.git.run import GitFailedError
from bot.adapters.proc import Completed

TREE = re.compile(rb"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Message:
    """One remark of git on some paths; `kind` is git's stable name of it."""

    paths: tuple[bytes, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class MergeOutput:
    """A merged tree; `stages` gives, for each unmerged path, the stages that have an entry.

    1 is the base, 2 the target, 3 the picked commit.
    """

    clean: bool
    tree: str
    stages: dict[bytes, frozenset[int]]
    messages: tuple[Message, ...]

    @property
    def touched(self) -> frozenset[bytes]:
        """Give every path that git remarked on: each merge of contents is among them."""
        return frozenset(path for message in self.messages for path in message.paths)


def parse_merge_output(result: Completed) -> MergeOutput:
    """Read the output; one without a tree raises GitFailedError.

    Old gits end with 1 both on a conflict and on a bad object, so the code alone is not enough.
    """
    fields = iter(result.out.split(b"\0"))
    tree = next(fields)
    if not TREE.fullmatch(tree):
        raise GitFailedError("merge-tree", result)
    stages: dict[bytes, frozenset[int]] = {}
    for entry in iter(lambda: next(fields, b""), b""):
        info, _, path = entry.partition(b"\t")
        stages[path] = stages.get(path, frozenset()) | {int(info.rsplit(b" ", 1)[1])}
    return MergeOutput(result.code == 0, tree.decode(), stages, tuple(_messages(fields)))


def _messages(fields: Iterator[bytes]) -> Iterator[Message]:
    for count in fields:
        if not count.isdigit():
            return
        paths = tuple(next(fields) for _ in range(int(count)))
        kind = next(fields).decode()
        next(fields)  # the same once more, as an English sentence
        yield Message(paths, kind)
