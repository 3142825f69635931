"""The processes below this one, and what they show to others."""

from __future__ import annotations

from pathlib import Path


def descendants(pid: int) -> list[int]:
    """Give all processes below one."""
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        children += [int(child) for child in (task / "children").read_text().split()]
    return children + [below for child in children for below in descendants(child)]


def shown_by(pid: int) -> list[bytes]:
    """Give what a process shows to others: its arguments and its environment."""
    folder = Path(f"/proc/{pid}")
    return [(folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()]
