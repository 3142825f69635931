"""Say in plain words why paths could not be merged."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.adapters.git.merge import Merged
from bot.adapters.git.objects import read_objects
from bot.adapters.git.run import Git
from bot.core.model import Conflict

OURS = 2  # git's number for the side that is merged into
CONTENTS = "CONFLICT (contents)"
REASONS = {
    "CONFLICT (binary)": "binary: changed on both sides",
    "CONFLICT (file/directory)": "file/directory: a file on one side, a directory on the other",
    "CONFLICT (distinct modes)": "distinct types: a file, a link or a submodule on either side",
    "CONFLICT (rename/rename)": "rename/rename: renamed differently on both sides",
    "CONFLICT (rename involved in collision)": "rename collision: two files for one name",
    "CONFLICT (rename/delete)": "rename/delete: renamed on one side, deleted on the other",
    "CONFLICT (file location)": "file location: its directory was renamed on one side",
    "CONFLICT (directory rename suggested)": "file location: its directory was renamed on one side",
    "CONFLICT (directory rename unclear split)": "directory rename: split over several directories",
    "CONFLICT (directory rename collision)": "directory rename: several files for one name",
    "CONFLICT (implicit dir rename collision)": "directory rename: several files for one name",
    "CONFLICT (implicit dir rename overwritten)": "directory rename: the name is taken",
}
UNNAMED = "unmerged: git could not decide between the two sides"


async def explain(git: Git, merged: Merged) -> tuple[Conflict, ...]:
    r"""Give each conflicting path once, in the order of its bytes.

    Bytes of a path that are not UTF-8 are shown as `\xff`, so that a path is always fit for JSON.
    """
    kinds = _kinds_of_paths(merged)
    hunks = await _count_hunks(git, merged, [p for p in kinds if CONTENTS in kinds[p]])
    return tuple(
        Conflict(_shown(path, merged), _reason(kinds[path], path, merged, hunks))
        for path in sorted(kinds)
    )


def _kinds_of_paths(merged: Merged) -> dict[bytes, list[str]]:
    remarks = [(m.paths, m.kind) for m in merged.output.messages if m.kind.startswith("CONFLICT")]
    # Git also remarks on paths that it settles in the end; some conflicts leave no path unmerged.
    paths = merged.output.stages or {paths[0] for paths, _ in remarks}
    return {path: [kind for named, kind in remarks if path in named] for path in paths}


def _reason(kinds: list[str], path: bytes, merged: Merged, hunks: Mapping[bytes, int]) -> str:
    # Git says "contents" beside the reason why it did not even look for hunks.
    telling = [kind for kind in kinds if kind != CONTENTS or hunks.get(path)]
    reasons = [_one_reason(kind, path, merged, hunks) for kind in telling or kinds]
    return "; ".join(dict.fromkeys(reasons)) or UNNAMED


def _one_reason(kind: str, path: bytes, merged: Merged, hunks: Mapping[bytes, int]) -> str:
    if kind == CONTENTS:
        count = hunks.get(path, 0)
        return f"contents: {count} {'hunk' if count == 1 else 'hunks'}"
    if kind == "CONFLICT (modify/delete)":
        there = merged.output.stages.get(path, frozenset())
        return f"modify/delete: deleted {'by the fix' if OURS in there else 'on the target'}"
    if "submodule" in kind:
        return "submodule: moved on both sides"
    return REASONS.get(kind, kind.removeprefix("CONFLICT (").removesuffix(")"))


async def _count_hunks(git: Git, merged: Merged, paths: list[bytes]) -> dict[bytes, int]:
    tree = merged.output.tree.encode()
    stored = await read_objects(git, [tree + b":" + path for path in paths])
    marker = re.compile(rb"^<{7,} " + merged.ours.encode(), re.MULTILINE)
    return {
        path: len(marker.findall(found.data))
        for path, found in zip(paths, stored, strict=True)
        if found is not None
    }


def _shown(path: bytes, merged: Merged) -> str:
    for name in (merged.ours, merged.theirs):
        path = path.removesuffix(b"~" + name.encode())
    return path.decode(errors="backslashreplace")
