"""The pairs that are done, one JSON line each, so that a run can be taken up where it ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bench.replay.engine import Replayed
from bench.replay.pairs import Pair

LINE = TypeAdapter(Replayed)


class Finished:
    """A file to which each result is added at once; of two for one pair the later counts."""

    def __init__(self, path: Path, *, resume: bool) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._done = _read(path) if resume and path.exists() else {}
        path.write_bytes(b"".join(map(_line, self._done.values())))

    @property
    def done(self) -> Mapping[Pair, Replayed]:
        """Give what is known so far."""
        return self._done

    def add(self, results: Iterable[Replayed]) -> None:
        """Write results down."""
        new = list(results)
        self._done |= {result.pair: result for result in new}
        with self._path.open("ab") as file:
            file.writelines(map(_line, new))


def _read(path: Path) -> dict[Pair, Replayed]:
    """Read the lines; one that was cut off when the run ended is left out."""
    done = {}
    for line in path.read_bytes().splitlines():
        try:
            result = LINE.validate_json(line)
        except ValidationError:
            continue
        done[result.pair] = result
    return done


def _line(result: Replayed) -> bytes:
    return LINE.dump_json(result) + b"\n"
