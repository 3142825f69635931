"""Judges each ref of a push in GitHub's words, as git's `proc-receive` hook.

Refs that pass are handed back to git. The rules come by the environment: `DEVKIT_PROTECTED` holds
patterns of branches, `DEVKIT_WORKFLOWS` is `yes` when the pusher may touch workflows.
"""

from __future__ import annotations

import fnmatch
import os
import subprocess
import sys

FOLDER = ".github/workflows"
NO_SHA = "0" * 40


def read_lines() -> list[str]:
    """Give the lines of one section of git's packet-line protocol."""
    lines = []
    while size := int(sys.stdin.buffer.read(4), 16):
        lines.append(sys.stdin.buffer.read(size - 4).decode().rstrip("\n"))
    return lines


def write_lines(lines: list[str]) -> None:
    """Send one section."""
    for line in lines:
        sys.stdout.buffer.write(f"{len(line.encode()) + 4:04x}{line}".encode())
    sys.stdout.buffer.write(b"0000")
    sys.stdout.buffer.flush()


def touched_workflow(sha: str) -> str | None:
    """Give a workflow that the commits new to the repository change, if any."""
    command = ["git", "log", "--format=", "--name-only", "-m", sha, "--not", "--all", "--", FOLDER]
    paths = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split("\n")
    return next((path for path in paths if path), None)


def refusal(sha: str, ref: str) -> str | None:
    """Give why a ref may not be pushed, None where it may."""
    patterns = os.environ["DEVKIT_PROTECTED"].split("\n")
    if any(pattern and fnmatch.fnmatch(ref, f"refs/heads/{pattern}") for pattern in patterns):
        sys.stderr.write(f"error: GH006: Protected branch update failed for {ref}.\n")
        sys.stderr.write("error: Changes must be made through a pull request.\n")
        return "protected branch hook declined"
    if os.environ["DEVKIT_WORKFLOWS"] == "yes" or sha == NO_SHA:
        return None
    workflow = touched_workflow(sha)
    if workflow is None:
        return None
    return (
        f"refusing to allow a GitHub App to create or update workflow `{workflow}` "
        "without `workflows` permission"
    )


def main() -> None:
    """Speak the protocol: agree on the version, read the commands, report on each."""
    read_lines()
    write_lines(["version=1"])
    commands = [line.split(" ") for line in read_lines()]
    report = []
    for _old, new, ref in commands:
        why = refusal(new, ref)
        report += [f"ng {ref} {why}"] if why else [f"ok {ref}", "option fall-through"]
    write_lines(report)


if __name__ == "__main__":
    main()
