from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.adapters.scratch import scratch, sweep_scratch

# Takes a folder, tells where it is, and dies without leaving it. Not in shared memory, where a
# service of another test may sweep it away first.
DYING = """
import os, sys
from pathlib import Path
from bot.adapters import scratch as module
from bot.adapters.scratch import scratch
module._memory_disks = tuple
with scratch("dying", Path(sys.argv[1])) as folder:
    print(folder, flush=True)
    os._exit(1)
"""


def fail_in(data_folder: Path, seen: list[Path]) -> None:
    """Fail inside a scratch folder that holds something."""
    with scratch("failing", data_folder) as folder:
        (folder / "a").mkdir()
        (folder / "a/b").write_text("")
        seen.append(folder)
        raise RuntimeError("on purpose")


def test_a_scratch_folder_is_removed_however_it_is_left(tmp_path: Path) -> None:
    """An error inside leaves nothing of it behind."""
    seen: list[Path] = []
    with pytest.raises(RuntimeError, match="on purpose"):
        fail_in(tmp_path, seen)
    assert not seen[0].parent.exists()


def test_a_scratch_folder_is_out_of_reach_for_others_and_readable_when_shown(
    tmp_path: Path,
) -> None:
    """The folder around it is closed; the folder itself lets any user of the sandbox read."""
    with scratch("tree", tmp_path) as folder:
        assert folder.parent.stat().st_mode & 0o777 == 0o700
        assert folder.stat().st_mode & 0o777 == 0o755
        assert list(folder.iterdir()) == []


def left_behind(tmp_path: Path) -> Path:
    """Give a folder whose process has died."""
    died = subprocess.run(
        [sys.executable, "-c", DYING, str(tmp_path)],
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return Path(died.stdout.strip())


def test_a_sweep_ends_what_outlived_its_service(tmp_path: Path) -> None:
    """A process that was started on a folder left behind is killed, others are not."""
    command = [sys.executable, "-c", "input()"]
    left = left_behind(tmp_path)
    with (
        scratch("living", tmp_path) as kept,
        subprocess.Popen([*command, str(left)], stdin=subprocess.PIPE) as orphan,
        subprocess.Popen([*command, str(kept)], stdin=subprocess.PIPE) as other,
    ):
        sweep_scratch(tmp_path)
        assert orphan.wait() == -signal.SIGKILL
        other.communicate(b"\n")
        assert other.returncode == 0


def test_folders_are_made_beside_sweeps(tmp_path: Path) -> None:
    """A sweep takes no folder away from whoever is just making one."""

    def make() -> bool:
        with scratch("busy", tmp_path) as folder:
            return folder.is_dir()

    def sweep() -> bool:
        return sweep_scratch(tmp_path) >= 0

    with ThreadPoolExecutor(8) as threads:
        done = [threads.submit(work) for _ in range(300) for work in (make, sweep)]
    assert all(one.result() for one in done)


def test_a_sweep_removes_what_the_dead_left_and_nothing_of_the_living(tmp_path: Path) -> None:
    """A folder whose process died goes, one in use stays."""
    left = left_behind(tmp_path)
    with scratch("living", tmp_path) as kept:
        sweep_scratch(tmp_path)
        assert kept.exists()
        assert not left.parent.exists()
