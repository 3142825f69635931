"""Changes of many files: a real reformat is refused with advice, a real change is not."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ruff import find_ruff_bin

from bot.adapters.git.bulk import TELLING
from bot.adapters.git.local import open_local
from bot.core import defaults
from bot.core.model import Outcome, Pick
from devkit.django import CACHE, build
from tests.git_toys import File, Toy, ToyCommit, make_toy

FILES = 200
LINE = b"def first( a,b ):\n    return {'a':a, 'b' :b}\n"
FORMATTED = b'def first(a, b):\n    return {"a": a, "b": b}\n'
TARGET = b"def first( a,b,c=1 ):\n    return {'a':a, 'b' :b, 'c':c}\n"


@pytest.fixture(scope="module")
def reformatted(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    """Reformat 200 files of Django 4.0 with ruff in one commit; the stable branch has them of 3.2.

    The line is shorter than Django's, since 4.0.8 has been formatted by Black already.
    """
    folder = tmp_path_factory.mktemp("reformatted")
    django = build(CACHE, folder / "django.git")
    old, new = (_sources(django.git_dir, f"stable/{series}.x") for series in ("3.2", "4.0"))
    paths = sorted(set(old) & set(new), key=lambda path: (-len(new[path]), path))[:FILES]
    base = {path: File(new[path]) for path in paths}
    done = _formatted(folder / "sources", {path: new[path] for path in paths})
    return make_toy(
        folder,
        ToyCommit("base", base),
        ToyCommit("main", {path: File(data) for path, data in done.items()}, ["base"]),
        ToyCommit("stable", {path: File(old[path]) for path in paths}, ["base"]),
    )


def _sources(git_dir: Path, branch: str) -> dict[bytes, bytes]:
    """Give the modules of Django's `db` and `contrib` with their content."""
    archive = [
        "git",
        "-C",
        str(git_dir),
        "ls-tree",
        "-r",
        "-z",
        branch,
        "django/db",
        "django/contrib",
    ]
    listed = subprocess.run(archive, capture_output=True, check=True).stdout.split(b"\0")
    found = [entry.split(b"\t") for entry in listed if entry.endswith(b".py")]
    shas = [about.split()[2] for about, _ in found]
    read = subprocess.run(
        ["git", "-C", str(git_dir), "cat-file", "--batch"],
        input=b"\n".join(shas),
        capture_output=True,
        check=True,
    ).stdout
    contents = {}
    for _, path in found:
        head, _, read = read.partition(b"\n")
        size = int(head.split()[2])
        contents[path], read = read[:size], read[size + 1 :]
    return contents


def _formatted(folder: Path, files: dict[bytes, bytes]) -> dict[bytes, bytes]:
    for path, data in files.items():
        place = folder / path.decode()
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    options = ("--isolated", "--no-cache", "--quiet", "--line-length", "60")
    subprocess.run([find_ruff_bin(), "format", *options, str(folder)], check=True)
    return {path: (folder / path.decode()).read_bytes() for path in files}


async def _picked(toy: Toy) -> Pick:
    configuration = defaults.django()
    recipe = configuration.recipe_for("3.2", "main")
    async with open_local(toy.git_dir) as repository:
        return await repository.pick(
            (toy.shas["main"],), toy.shas["stable"], recipe, configuration.rules()
        )


async def test_a_reformat_of_200_files_is_refused_with_advice(reformatted: Toy) -> None:
    """No conflict is shown and no draft is prepared: the branch has a formatter of its own."""
    pick = await _picked(reformatted)
    assert (pick.outcome, pick.conflicts, pick.partial) == (Outcome.CONFLICT, (), None)
    assert "reformat the branch by its own formatter instead" in pick.detail


@pytest.mark.parametrize(
    ("count", "last", "refused"),
    [
        (TELLING, FORMATTED, True),
        (TELLING - 1, FORMATTED, False),
        (TELLING, FORMATTED.replace(b"return", b"yield"), False),
        (TELLING, b"def (:\n", False),
    ],
)
async def test_only_a_mere_reformat_of_many_files_is_refused(
    tmp_path: Path,
    count: int,
    last: bytes,
    refused: bool,  # noqa: FBT001 - a table
) -> None:
    """One file whose code changed, or too few files, and all are conflicts like others."""
    names = [b"m%02d.py" % number for number in range(count)]
    theirs = {name: File(FORMATTED) for name in names} | {names[-1]: File(last)}
    toy = make_toy(
        tmp_path,
        ToyCommit("base", {name: File(LINE) for name in names}),
        ToyCommit("main", theirs, ["base"]),
        ToyCommit("stable", {name: File(TARGET) for name in names}, ["base"]),
    )
    pick = await _picked(toy)
    assert ("only reformats" in pick.detail) is refused
