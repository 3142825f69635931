"""The conflict markers that git left in a file: where they are, and names that people know."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.adapters.git.commit import Commit
from bot.adapters.git.merge import Merged

SHOWN = 12  # digits of a commit


@dataclass(frozen=True, slots=True)
class Names:
    """What markers and paths call the two sides: in git's output, and as people shall read it."""

    ours: bytes
    theirs: bytes
    source: Commit

    @classmethod
    def of(cls, merged: Merged, source: Commit) -> Names:
        """Give the names of one merge."""
        return cls(merged.ours.encode(), merged.theirs.encode(), source)

    def hunks(self, marked: bytes) -> tuple[tuple[int, int], ...]:
        """Give the marked places of a file, each from its first marker to its last."""
        begins = [match.start() for match in self._begin.finditer(marked)]
        ends = [match.start() for match in self._end.finditer(marked)]
        return tuple(
            (_line(marked, begin), _line(marked, end))
            for begin, end in zip(begins, ends, strict=False)
        )

    def in_words(self, marked: bytes) -> bytes:
        """Name the sides in a marked file as `git cherry-pick` does."""
        marked = self._begin.sub(rb"\1 HEAD", marked)
        subject = self.source.message.lstrip(b"\r\n").split(b"\n", 1)[0].rstrip()
        label = b" %s (%s)" % (self.source.sha[:SHOWN].encode(), subject)
        return self._end.sub(lambda match: match[1] + label, marked)

    def path(self, path: bytes) -> bytes:
        """Give a path without the name of a side that git puts behind it to keep both."""
        return path.removesuffix(b"~" + self.ours).removesuffix(b"~" + self.theirs)

    def named_path(self, path: bytes) -> bytes:
        """Give a path with that name as people know it."""
        bare = self.path(path)
        if path == bare:
            return path
        side = b"HEAD" if path.endswith(self.ours) else self.source.sha[:SHOWN].encode()
        return bare + b"~" + side

    @property
    def _begin(self) -> re.Pattern[bytes]:
        return re.compile(rb"^(<{7,}) " + self.ours, re.MULTILINE)

    @property
    def _end(self) -> re.Pattern[bytes]:
        return re.compile(rb"^(>{7,}) " + self.theirs, re.MULTILINE)


def _line(text: bytes, place: int) -> int:
    return text.count(b"\n", 0, place) + 1
