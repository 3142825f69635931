"""Read what `git merge-tree -z --messages` writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.adapters.git.run import GitFailedError
from bot.adapters.git.trees import Entry
from bot.adapters.proc import Completed

TREE = re.compile(rb"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Message:
    """One remark of git on some paths; `kind` is git's stable name of it."""

    paths: tuple[bytes, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class MergeOutput:
    """A merged tree; `stages` gives, for each unmerged path, the entry in each stage that has one.

    1 is the base, 2 the target, 3 the picked commit.
    """

    clean: bool
    tree: str
    stages: dict[bytes, dict[int, Entry]]
    messages: tuple[Message, ...]

    @property
    def touched(self) -> frozenset[bytes]:
        """Give every path that git remarked on: each merge of contents is among them."""
        return frozenset(path for message in self.messages for path in message.paths)

    def conflicts(self) -> dict[bytes, list[str]]:
        """Give each path in conflict with the names that git has for its conflicts."""
        remarks = [(m.paths, m.kind) for m in self.messages if m.kind.startswith("CONFLICT")]
        # Git also remarks on paths that it settles in the end; some conflicts leave none unmerged.
        paths = self.stages or {named[0] for named, _ in remarks}
        found = {path: [kind for named, kind in remarks if path in named] for path in paths}
        return {} if self.clean else dict(sorted(found.items()))


def parse_merge_output(result: Completed) -> MergeOutput:
    """Read the output; one without a tree raises GitFailedError.

    Old gits end with 1 both on a conflict and on a bad object, so the code alone is not enough.
    """
    fields = iter(result.out.split(b"\0"))
    tree = next(fields)
    if not TREE.fullmatch(tree):
        raise GitFailedError("merge-tree", result)
    stages: dict[bytes, dict[int, Entry]] = {}
    for line in iter(lambda: next(fields, b""), b""):
        info, _, path = line.partition(b"\t")
        mode, sha, stage = info.split(b" ")
        stages.setdefault(path, {})[int(stage)] = Entry(mode, sha.decode())
    return MergeOutput(result.code == 0, tree.decode(), stages, tuple(_messages(fields)))


def _messages(fields: Iterator[bytes]) -> Iterator[Message]:
    for count in fields:
        if not count.isdigit():
            return
        paths = tuple(next(fields) for _ in range(int(count)))
        kind = next(fields).decode()
        next(fields)  # the same once more, as an English sentence
        yield Message(paths, kind)
