"""Small git repositories, made fast, and plain git to compare with."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.adapters.git.clone import Clone
from bot.adapters.git.objects import objects_of
from bot.adapters.git.pick import pick
from bot.adapters.git.run import Git
from bot.adapters.git.settling import NOBODY, Settlers
from bot.core.model import Outcome, Pick, Recipe
from bot.core.notes.style import NotesSettler
from bot.core.resolution import Resolver

REGULAR, EXECUTABLE, LINK, SUBMODULE = "100644", "100755", "120000", "160000"
LINES = [b"line %d\n" % i for i in range(20)]
RECIPE = Recipe("[4.1.x] ", "Backport of {sha} from main.", "Hand Bot", "hand@bot.test")
BOT = f"{RECIPE.committer_name} <{RECIPE.committer_email}>"

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "LANG": "C.UTF-8",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.test",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.test",
}


@dataclass(frozen=True)
class File:
    """An entry of a tree; for a submodule the data is its 40-hex commit."""

    data: bytes
    mode: str = REGULAR


Tree = Mapping[bytes, File]


@dataclass(frozen=True)
class ToyCommit:
    """A commit to be made on a branch of its own name; parents are names of earlier ones."""

    name: str
    tree: Tree
    parents: Sequence[str] = ()
    message: bytes = b"Fixed #1 -- Did it.\n"
    author: bytes = b"Ann <ann@example.test> 1667906399 +0100"
    committer: bytes = b"Carl <carl@example.test> 1667912014 +0100"
    encoding: str = ""


@dataclass
class Toy:
    """A bare repository, and a work tree beside it for plain git."""

    folder: Path
    shas: dict[str, str] = field(default_factory=dict)

    @property
    def git_dir(self) -> Path:
        """Give the bare repository."""
        return self.folder / "toy.git"

    @property
    def work(self) -> Path:
        """Give the folder in which plain git checks out."""
        return self.folder / "work"

    @property
    def quarantine(self) -> Path:
        """Give the folder for what picks write."""
        return self.folder / "quarantine"

    def git(self, *args: str, stdin: bytes = b"", accept: Sequence[int] = (0,)) -> bytes:
        """Run plain git on the repository and its work tree."""
        env = {
            **ENVIRONMENT,
            "GIT_DIR": str(self.git_dir),
            "GIT_WORK_TREE": str(self.work),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(self.quarantine),
        }
        done = subprocess.run(
            ["git", *args], input=stdin, env=env, cwd=self.folder, capture_output=True, check=False
        )
        assert done.returncode in accept, (args, done)
        return done.stdout

    def line(self, *args: str) -> str:
        """Run plain git for one line."""
        return self.git(*args).decode().strip()

    def add(self, *commits: ToyCommit) -> None:
        """Make commits, in one go."""
        stream = bytearray()
        marks = self.folder / "marks"
        base = len(self.shas)
        numbers = {name: f":{i}" for i, name in enumerate((c.name for c in commits), base + 1)}
        for commit in commits:
            stream += _described(commit, {**self.shas, **numbers}, numbers[commit.name])
        self.git("fast-import", "--quiet", f"--export-marks={marks}", stdin=bytes(stream))
        made = dict(line.split(" ") for line in marks.read_text().splitlines())
        self.shas |= {name: made[number] for name, number in numbers.items()}


@contextmanager
def opened(toy: Toy) -> Iterator[Clone]:
    """Open the repository as the service does: what is written goes to a folder beside it."""
    toy.quarantine.mkdir(exist_ok=True)
    with objects_of(Git(toy.git_dir, quarantine=toy.quarantine)) as objects:
        yield Clone(objects, {})


def make_toy(folder: Path, *commits: ToyCommit) -> Toy:
    """Make a repository under an existing, empty folder."""
    toy = Toy(folder)
    toy.work.mkdir()
    subprocess.run(
        ["git", "init", "--bare", "--quiet", "--template=", "-b", "start", str(toy.git_dir)],
        env=ENVIRONMENT,
        check=True,
    )
    if commits:
        toy.add(*commits)
    return toy


def text(**changes: bytes) -> File:
    """Give twenty lines, some of them replaced: `text(l3=b"new")`."""
    lines = list(LINES)
    for name, line in changes.items():
        lines[int(name[1:])] = line + b"\n"
    return File(b"".join(lines))


BASE: Tree = {b"f": text(), b"d/g": text()}


def history(
    target: Tree, fix: Tree, base: Tree = BASE, message: bytes = b"Fix\n"
) -> list[ToyCommit]:
    """Give base, target and fix; both come from the base."""
    return [
        ToyCommit("base", base),
        ToyCommit("target", target, ("base",)),
        ToyCommit("fix", fix, ("base",), message=message),
    ]


def ruled(*resolvers: Resolver, notes: NotesSettler | None = None) -> Settlers:
    """Give those who may settle conflicts, and release notes."""
    return Settlers(lambda: resolvers, notes)


async def picked(toy: Toy, *names: str, onto: str = "target", settlers: Settlers = NOBODY) -> Pick:
    """Pick commits by name."""
    shas = [toy.shas[name] for name in names or ("fix",)]
    with opened(toy) as clone:
        return await pick(clone.objects, shas, toy.shas[onto], RECIPE, settlers)


async def conflicts(
    folder: Path, target: Tree, fix: Tree, base: Tree = BASE
) -> list[tuple[str, str]]:
    """Pick what conflicts, and give what is said about it."""
    made = await picked(make_toy(folder, *history(target, fix, base)))
    assert made.outcome is Outcome.CONFLICT
    assert made.tree is None
    assert made.commit is None
    return [(conflict.path, conflict.reason) for conflict in made.conflicts]


def _described(commit: ToyCommit, names: Mapping[str, str], mark: str) -> bytes:
    lines = [
        f"commit refs/heads/{commit.name}".encode(),
        f"mark {mark}".encode(),
        b"author " + commit.author,
        b"committer " + commit.committer,
    ]
    if commit.encoding:
        lines.append(f"encoding {commit.encoding}".encode())
    lines.append(b"data %d\n%s" % (len(commit.message), commit.message))
    for word, parent in zip(("from", *["merge"] * 9), commit.parents, strict=False):
        lines.append(f"{word} {names[parent]}".encode())
    lines.append(b"deleteall")
    for path, file in sorted(commit.tree.items()):
        lines += _entry(path, file)
    return b"\n".join(lines) + b"\n\n"


def _entry(path: bytes, file: File) -> list[bytes]:
    quoted = path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    if file.mode == SUBMODULE:
        return [b'M 160000 %s "%s"' % (file.data, quoted)]
    return [
        b'M %s inline "%s"' % (file.mode.encode(), quoted),
        b"data %d" % len(file.data),
        file.data,
    ]
