"""Say in plain words why paths could not be merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.adapters.git.markers import Names
from bot.adapters.git.merge import Merged
from bot.adapters.git.objects import Objects
from bot.adapters.git.trees import Entry
from bot.core.model import Conflict

OURS = 2  # git's number for the side that is merged into
CONTENTS = "CONFLICT (contents)"
DELETED = "CONFLICT (modify/delete)"
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
Hunks = tuple[tuple[int, int], ...]
UNNAMED = "unmerged: git could not decide between the two sides"


def explain(
    objects: Objects, merged: Merged, kinds: Mapping[bytes, Sequence[str]], names: Names
) -> tuple[Conflict, ...]:
    r"""Give each of some conflicting paths, with its hunks in the file as git marked it.

    Bytes of a path that are not UTF-8 are shown as `\xff`, so that a path is always fit for JSON.
    """
    found = []
    for path, own in kinds.items():
        hunks = names.hunks(_marked(objects, merged, path)) if CONTENTS in own else ()
        shown = names.path(path).decode(errors="backslashreplace")
        reason = _reason(own, merged.output.stages.get(path, {}), hunks)
        found.append(Conflict(shown, reason, hunks))
    return tuple(dict.fromkeys(found))  # git may keep both sides, each under a name of its own


def _reason(kinds: Sequence[str], stages: Mapping[int, Entry], hunks: Hunks) -> str:
    # Git says "contents" beside the reason why it did not even look for hunks.
    telling = [kind for kind in kinds if kind != CONTENTS or hunks]
    reasons = [_one_reason(kind, stages, hunks) for kind in telling or kinds]
    return "; ".join(dict.fromkeys(reasons)) or UNNAMED


def _one_reason(kind: str, stages: Mapping[int, Entry], hunks: Hunks) -> str:
    if kind == CONTENTS:
        return f"contents: {len(hunks)} {'hunk' if len(hunks) == 1 else 'hunks'}"
    if kind == DELETED:
        return f"modify/delete: deleted {'by the fix' if OURS in stages else 'on the target'}"
    if "submodule" in kind:
        return "submodule: moved on both sides"
    return REASONS.get(kind, kind.removeprefix("CONFLICT (").removesuffix(")"))


def _marked(objects: Objects, merged: Merged, path: bytes) -> bytes:
    found = objects.read(merged.output.tree.encode() + b":" + path)
    return found.data if found else b""
