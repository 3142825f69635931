"""The release note of a backport: which version it goes into, where, and in which words.

Only Django's way is known (one `docs/releases/X.Y.Z.txt` for each version, reStructuredText).
Source: Django's docs/internals/howto-release-django.txt and its docs/releases folder.
"""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass

VERSION_FILE = "django/__init__.py"
FOLDER = "docs/releases/"
_WIDTH = 79


@dataclass(frozen=True, slots=True)
class Note:
    """The note to write for one target.

    `path` is the notes file of the next version, `exists` whether the branch has it, `picked`
    whether the pick itself writes it; `bullet` is the entry, `text` the whole file where it has
    to be made, `index_line` its line in the index.
    """

    version: str
    path: str
    exists: bool
    picked: bool
    bullet: str
    text: str
    index_line: str


def next_version(module: str) -> str | None:
    """Give the version that the next release from a branch will carry.

    `module` is the source of the branch's `django/__init__.py`. A pre-release branch (`4.2a1`)
    gives None: it has no bugfix release yet. An unreadable VERSION gives None too.
    """
    version = _version_tuple(module)
    numbers: list[int] = []
    for part in version:
        if not isinstance(part, int):
            break
        numbers.append(part)
    if len(numbers) < 2 or len(version) == len(numbers):  # noqa: PLR2004 - X.Y at least
        return None
    if version[len(numbers)] == "final":
        numbers[-1] += 1
    elif numbers[-1] == 0:
        return None
    return ".".join(str(number) for number in numbers)


def _version_tuple(module: str) -> tuple[object, ...]:
    try:
        body = ast.parse(module).body
    except (SyntaxError, ValueError):
        return ()
    for node in body:
        names = [t.id for t in getattr(node, "targets", []) if isinstance(t, ast.Name)]
        if isinstance(node, ast.Assign) and "VERSION" in names:
            try:
                value = ast.literal_eval(node.value)
            except ValueError:
                return ()
            return value if isinstance(value, tuple) else ()
    return ()


def path_of(version: str) -> str:
    """Give the notes file of a version."""
    return f"{FOLDER}{version}.txt"


def draft(version: str, subject: str, *, exists: bool, picked: bool) -> Note:
    """Write the note that a releaser would start from, from the subject of the fix."""
    return Note(
        version=version,
        path=path_of(version),
        exists=exists,
        picked=picked,
        bullet=_bullet(subject),
        text=_stub(version, _bullet(subject)),
        index_line=f"   {version}",
    )


def _bullet(subject: str) -> str:
    """Turn `Fixed #34063 -- Fixed reading ….` into a bullet that names its ticket."""
    head, separator, rest = subject.partition(" -- ")
    tickets = re.findall(r"#(\d+)", head) if separator else []
    sentence = (rest if separator else subject).strip().rstrip(".")
    roles = ", ".join(f":ticket:`{number}`" for number in tickets)
    words = f"{sentence} ({roles})." if roles else f"{sentence}."
    return textwrap.fill(
        words,
        width=_WIDTH,
        initial_indent="* ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _stub(version: str, bullet: str) -> str:
    title = f"Django {version} release notes"
    line = "=" * len(title)
    return (
        f"{line}\n{title}\n{line}\n\n*Expected Month D, YYYY*\n\n"
        f"Django {version} fixes a bug in {_previous(version)}.\n\n"
        f"Bugfixes\n========\n\n{bullet}\n"
    )


def _previous(version: str) -> str:
    """Give the version that came before: 4.1.6 → 4.1.5, 4.1.1 → 4.1."""
    head, _, last = version.rpartition(".")
    return head if last == "1" else f"{head}.{int(last) - 1}"


def line(note: Note) -> str:
    """Give the note in one line for the checklist."""
    if note.picked:
        return f"✅ `{note.path}` is in the pick"
    return f"☐ `{note.path}`" + ("" if note.exists else " (to be made)")
