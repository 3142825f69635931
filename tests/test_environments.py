from __future__ import annotations

import asyncio
import os
import sys
import zipfile
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.adapters.environments import Environments
from bot.adapters.interpreters import Interpreter, Interpreters
from bot.adapters.job import Job
from bot.adapters.sandbox import Sandbox
from bot.core.errors import UserError

WHEEL = "tiny-1.0-py3-none-any.whl"


@pytest.fixture
async def interpreter() -> Interpreter:
    """Give the interpreter that runs the tests."""
    return (await Interpreters({}).choose(())).interpreter


@pytest.fixture
def index(tmp_path: Path) -> dict[str, str]:
    """Give the variables of a machine whose whole package index is one wheel in a folder."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    info = "tiny-1.0.dist-info"
    with zipfile.ZipFile(wheels / WHEEL, "w") as wheel:
        wheel.writestr("tiny.py", "def main():\n    print('tiny indeed')\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/entry_points.txt", "[console_scripts]\ntiny = tiny:main\n")
        wheel.writestr(f"{info}/RECORD", "")
    return {"HOME": str(tmp_path), "UV_FIND_LINKS": str(wheels), "UV_OFFLINE": "1"}


def size(folder: Path) -> int:
    """Count the environments that stand in a folder."""
    return sum(1 for path in folder.iterdir() if (path / "pyvenv.cfg").is_file())


def close_index(index: dict[str, str]) -> None:
    """Take the only wheel out of the index."""
    (Path(index["UV_FIND_LINKS"]) / WHEEL).unlink()


def writable(folder: Path) -> list[Path]:
    """Give what could be written in an environment."""
    paths = [folder, *folder.rglob("*")]
    return [path for path in paths if not path.is_symlink() and path.stat().st_mode & 0o222]


async def test_an_environment_works_inside_the_sandbox(
    interpreter: Interpreter, index: dict[str, str], tmp_path: Path
) -> None:
    """Modules and scripts of the requirements run from `/venv`, and nothing there is writable."""
    environments = Environments(tmp_path / "environments", index)
    async with environments.open(interpreter, ("tiny>=1",)) as venv:
        job = Job(
            ("sh", "-c", "/venv/bin/tiny; /venv/bin/python -c 'import tiny; tiny.main()'"),
            readable=((venv, "/venv"), (interpreter.prefix, str(interpreter.prefix))),
        )
        run = await Sandbox().run(job)
        assert run.output == b"tiny indeed\ntiny indeed\n"
        assert writable(venv) == []


async def test_an_environment_is_built_once(
    interpreter: Interpreter, index: dict[str, str], tmp_path: Path
) -> None:
    """Several runs at once build it once, later ones need no index, and the order is no matter."""
    folder = tmp_path / "environments"
    marker = "tiny ; python_version < '3'"
    async with AsyncExitStack() as stack:
        opened = [
            stack.enter_async_context(Environments(folder, index).open(interpreter, needed))
            for needed in 2 * [("tiny", marker), (marker, "tiny")]
        ]
        assert len(set(await asyncio.gather(*opened))) == 1
    close_index(index)
    async with Environments(folder, index).open(interpreter, ("tiny", marker)):
        assert size(folder) == 1


async def test_what_cannot_be_installed_is_told_and_leaves_nothing(
    interpreter: Interpreter, index: dict[str, str], tmp_path: Path
) -> None:
    """The person sees uv's own words; the next try starts afresh."""
    environments = Environments(tmp_path / "environments", index)
    for _ in range(2):
        with pytest.raises(UserError, match=r"check `requirements`, above all `absent`.*\n"):
            async with environments.open(interpreter, ("absent",)):
                pass
    assert size(tmp_path / "environments") <= 1


async def test_the_login_of_an_index_is_not_told(interpreter: Interpreter, tmp_path: Path) -> None:
    """An index that cannot be reached is named without its user and password."""
    index = {
        "HOME": str(tmp_path),
        "UV_DEFAULT_INDEX": "http://someone:hunter2@127.0.0.1:9/simple",
        "UV_HTTP_RETRIES": "0",
    }
    environments = Environments(tmp_path / "environments", index)
    with pytest.raises(UserError, match=r"127\.0\.0\.1:9") as raised:
        async with environments.open(interpreter, ("tiny",)):
            pass
    assert "hunter2" not in raised.value.message


@pytest.mark.parametrize(
    "requirement",
    ["-r/etc/passwd", "--index-url=x", "./tree", "/x/y.whl", "tiny @ file:///x.whl", "", "a\\b"],
)
async def test_only_names_can_be_required(
    interpreter: Interpreter, tmp_path: Path, requirement: str
) -> None:
    """An option, a path or an address is refused before uv sees it."""
    environments = Environments(tmp_path / "environments", {})
    with pytest.raises(UserError, match="is not allowed"):
        async with environments.open(interpreter, (requirement,)):
            pass


async def test_the_oldest_environments_go_unless_in_use(
    interpreter: Interpreter, index: dict[str, str], tmp_path: Path
) -> None:
    """Ten are kept; one that a run has open outlives its turn."""
    folder = tmp_path / "environments"
    environments = Environments(folder, index)
    async with environments.open(interpreter, ()) as in_use:
        for number in range(12):
            async with environments.open(interpreter, (f"tiny>=0.{number}",)):
                pass
        assert in_use.exists()
        assert size(folder) == 11


async def test_no_version_asked_for_means_our_own() -> None:
    """An empty list gives the interpreter that runs the service."""
    choice = await Interpreters({}).choose(())
    assert choice.interpreter.name.endswith(".".join(map(str, sys.version_info[:3])))
    assert choice.note == ""


async def test_a_second_choice_is_noted() -> None:
    """Running with another version than the first one wanted is said."""
    own = ".".join(map(str, sys.version_info[:2]))
    choice = await Interpreters(os.environ).choose(("3.99", own))
    assert choice.interpreter.is_a(own)
    assert choice.note == f"interpreter 3.99 not found, ran with {own}"


async def test_a_missing_interpreter_is_told() -> None:
    """Where no version is here, the message says who must act."""
    with pytest.raises(UserError, match=r"3\.98 or 3\.99 not found; install it or change `python`"):
        await Interpreters({}).choose(("3.98", "3.99"))


async def test_an_interpreter_of_pyenv_is_found_by_its_own_path(tmp_path: Path) -> None:
    """Versions are compared number by number, and what does not work is passed over."""
    own = (await Interpreters({}).choose(())).interpreter
    add_version(tmp_path, "3.99.10", answering(own, "3.99.10"))
    add_version(tmp_path, "3.99.9", answering(own, "3.99.9"))
    add_version(tmp_path, "3.99.11", "#!/bin/sh\nexit 127\n")
    add_version(tmp_path, "3.990.1", answering(own, "3.990.1"))
    choice = await Interpreters({"PYENV_ROOT": str(tmp_path)}).choose(("3.99",))
    assert choice.interpreter.version == "3.99.10"


def add_version(root: Path, version: str, script: str) -> None:
    """Put something that stands for an interpreter where pyenv would."""
    folder = root / "versions" / version / "bin"
    folder.mkdir(parents=True)
    (folder / "python").write_text(script)
    (folder / "python").chmod(0o755)


def answering(own: Interpreter, version: str) -> str:
    """Give a program that describes itself as another version."""
    code = f"import platform, sys; platform.python_version = lambda: '{version}'; exec(sys.argv[3])"
    return f'#!/bin/sh\nexec {own.executable} -c "{code}" "$@"\n'
