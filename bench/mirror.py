"""Set partial mirrors beside whole ones: `python -m bench.mirror --repository PATH`.

The repository, a full clone of Django with its tags, is served by HTTP on this machine, and nothing
is written to it. Each round does what the service does, in its order, in both kinds.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.replay.tables import table
from bot.adapters.git.mirror import GitMirror, GitMirrors, Home
from bot.adapters.git.partial_mirror import PartialMirror
from bot.core import defaults
from bot.core.model import Outcome, Repository
from bot.core.notes.django_version import VERSION_FILE
from devkit.history import git
from tests.git_server import TOKEN, GitServer, serving

MIB = 1 << 20
ROUNDS = 3
HEADS = "refs/heads/"
WANTED = (f"{HEADS}main", f"{HEADS}stable/*", f"{HEADS}backport/*")
SERVED = Repository(1, 1, "bench", "history")
KINDS: dict[str, type[GitMirror]] = {"full": GitMirror, "partial": PartialMirror}
# What the branches stood at before either fix came to them, and the two fixes.
STABLE = {"4.1.x": "4.1.4", "4.0.x": "4.0.8", "3.2.x": "3.2.16"}
JOBS = {"job": "c4eaa67e2b88", "second job": "5aaad5f39c"}


@dataclass
class Measured:
    """What one mirror took: part → (seconds, MiB sent by the server, fetches, MiB on disk)."""

    server: GitServer
    mirrors: Path
    parts: dict[str, tuple[float, float, int, float]] = field(default_factory=dict)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Measure a part."""
        began, sent, fetches = time.perf_counter(), self.server.sent, _fetches(self.server)
        yield
        seconds = time.perf_counter() - began
        sent, fetches = self.server.sent - sent, _fetches(self.server) - fetches
        self.parts[name] = (seconds, sent / MIB, fetches, _disk(self.mirrors))


async def main() -> None:
    """Measure both kinds, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repository", type=Path, required=True, help="a full clone of Django")
    repository: Path = parser.parse_args().repository.resolve()
    measured: dict[str, list[Measured]] = {name: [] for name in KINDS}
    for _ in range(ROUNDS):  # in turns, so that a busy moment strikes both alike
        for name, kind in KINDS.items():
            with TemporaryDirectory(prefix="stablehand-bench-") as folder:
                measured[name].append(await _measure(kind, repository, Path(folder)))
    _print(measured)


async def _measure(kind: type[GitMirror], repository: Path, folder: Path) -> Measured:
    place = folder / "served" / SERVED.owner / f"{SERVED.name}.git"
    place.parent.mkdir(parents=True)
    git(repository, "clone", "--quiet", "--bare", "--shared", str(repository), str(place))
    git(place, "config", "http.receivepack", "true")
    for series, tag in STABLE.items():
        git(place, "update-ref", f"{HEADS}stable/{series}", f"{tag}^{{commit}}")
    with serving(folder / "served") as server:
        home = Home(folder / "data", server.url, "Bench <bench@localhost>")
        mirrors, found = GitMirrors(home, kind), Measured(server, folder / "data")
        with found.part("first fetch"):
            async with mirrors.open(SERVED) as mirror:
                await mirror.fetch(TOKEN, WANTED)
        for job, fix in JOBS.items():
            source = git(repository, "rev-parse", f"{fix}^{{commit}}").strip()
            with found.part(f"{job}: picks on three branches, one push"):
                heads = await _pick(mirrors, source)
            with found.part(f"{job}: three trees to test"):
                await _export(mirrors, heads, folder / job)
            if len(heads) != len(STABLE):
                raise RuntimeError(f"{fix} is not clean everywhere")
    return found


async def _pick(mirrors: GitMirrors, source: str) -> dict[str, str]:
    """Do what the service does with a label."""
    heads = {}
    configuration = defaults.django()
    async with mirrors.open(SERVED) as mirror:
        refs = await mirror.fetch(TOKEN, WANTED)
        for series in STABLE:
            onto, recipe = refs[f"{HEADS}stable/{series}"], configuration.recipe_for(series, "main")
            made = await mirror.pick((source,), onto, recipe, configuration.rules())
            await mirror.read(onto, VERSION_FILE)
            if made.outcome is Outcome.PICKED and made.commit is not None:
                await mirror.compare((source,), onto, made.commit)
                heads[f"backport/{series}/{source[:12]}"] = made.commit
        await mirror.push(TOKEN, heads)
    return heads


async def _export(mirrors: GitMirrors, heads: dict[str, str], folder: Path) -> None:
    """Do what the service does before tests run."""
    for number, (head, commit) in enumerate(heads.items()):
        into = folder / str(number)
        into.mkdir(parents=True)
        async with mirrors.open(SERVED) as mirror:
            if not await mirror.has(commit):
                await mirror.fetch(TOKEN, [HEADS + head])
            await mirror.export(commit, into)


def _fetches(server: GitServer) -> int:
    return server.count("service=git-upload-pack")


def _disk(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / MIB


def _print(measured: Mapping[str, Sequence[Measured]]) -> None:
    heads = [f"{kind}: {what}" for kind in measured for what in ("time", "sent", "fetches", "disk")]
    parts = next(iter(measured.values()))[0].parts
    rows = ((part, *_cells(part, measured)) for part in parts)
    print("\n".join(table(("", *heads), rows)))


def _cells(part: str, measured: Mapping[str, Sequence[Measured]]) -> Iterator[str]:
    for rounds in measured.values():
        seconds = median(one.parts[part][0] for one in rounds)
        _, sent, fetches, disk = rounds[0].parts[part]
        yield from (f"{seconds:.1f} s", f"{sent:.1f} MiB", str(fetches), f"{disk:.0f} MiB")


if __name__ == "__main__":
    asyncio.run(main())
