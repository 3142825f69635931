"""What is said of release notes: on a backport, on the source, and by commits and pull requests."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core import markdown, marker
from bot.core.comments import STUB
from bot.core.config import Configuration
from bot.core.model import Target
from bot.core.notes.sentences import tickets, wrapped
from bot.core.release_notes import Change, Fix, Note

HELP, WORDS = "note-help", "note-words"
COLUMNS = 79
LEFT_ALONE = "The branch holds commits by others, so the note was not written on it."
BEHIND = "Its branch went on since, and this pick no longer goes on to it without a person."


def release_note(note: Note, target: Target) -> str:
    """Say on a backport pull request what its release note is, and who has to do what."""
    version = f" for {note.place.version}" if note.place.version else ""
    parts = [f"{marker.mark(STUB)}\n### Release note{version}"]
    if note.moved_from:
        parts.append(
            f"{note.moved_from} is out without this fix, so the note goes to {note.place.version}."
        )
    parts += _standing(note, target) or [_file_of_note(change, target) for change in note.changes]
    if note.remarks:
        parts.append("To look at:\n\n" + "\n".join(f"- {markdown.remark(r)}" for r in note.remarks))
    return "\n\n".join([*parts, *([note.wording] if note.wording and not note.held else ())])


def _standing(note: Note, target: Target) -> list[str]:
    """Say that the note is there, and where; nothing where a person has to put it in."""
    file = markdown.code(note.place.path)
    if note.held:
        lines = wrapped(note.held.words, COLUMNS, following="  ")
        text = markdown.block("\n".join(lines), _language(note.place.path))
        return [f"{file} on {markdown.code(target.branch)} has it:\n\n{text}"]
    if note.commit:
        said = f"The commit {note.commit} on this pull request writes it."
        return [said, *(_written(change) for change in note.changes)]
    if note.picked:
        return [f"The pick itself writes {file}. Please read it over: it was written for main."]
    return []


def _written(change: Change) -> str:
    where = f", {change.where}" if change.where else ", which is new"
    text = markdown.block(change.added, _language(change.path))
    return f"{markdown.code(change.path)}{where}:\n\n{text}"


def _file_of_note(change: Change, target: Target) -> str:
    """Say what to do to one file."""
    file, branch = markdown.code(change.path), markdown.code(target.branch)
    text = markdown.block(change.added, _language(change.path))
    if change.where:
        return f"{file} is on {branch}. Put this in, {change.where}:\n\n{text}"
    return f"{file} is not on {branch} yet. Make it with this text:\n\n{text}"


def _language(path: str) -> str:
    return "md" if path.endswith(".md") else "rst"


def usage() -> str:
    """List what `/note` can do, for who wrote one that is nothing."""
    return (
        f"{marker.mark(HELP)}\nThat is nothing that `/note` can do. There are, on a line of their "
        "own:\n\n"
        "- `/note Fixed a bug in … that …`: the sentence of the release note, for every branch\n"
        "- `/note [Documentation] Fixed …`: the same, sorted in under that type, section or "
        "heading\n"
        "- `/note commit`: write the notes on the backports, and bring them to main\n\n"
        "The last sentence that was given counts."
    )


def checked(fix: Fix, remarks: Sequence[str], wording: str) -> str:
    """Say on the source what the sentence lacks, or that it lacks nothing any more."""
    text = markdown.block(fix.sentence)
    if not remarks:
        return (
            f"{marker.mark(WORDS)}\nThe sentence of the release note is as it should be:\n\n{text}"
        )
    said = "\n".join(f"- {markdown.remark(remark)}" for remark in remarks)
    parts = [
        f"{marker.mark(WORDS)}\nThis is the sentence of the release note now:\n\n{text}",
        f"To look at:\n\n{said}",
        *([wording] if wording else ()),
        "Another `/note …` takes its place.",
    ]
    return "\n\n".join(parts)


def unwanted() -> str:
    """Say that this project has no release notes."""
    return (
        f"{marker.mark(WORDS)}\nNothing was done: this project is configured to have no release "
        "notes (`release_notes`)."
    )


def subject(configuration: Configuration, series: str, versions: Sequence[str]) -> str:
    """Name a commit that writes notes: `[4.1.x] Added release note for 4.1.6.`."""
    return f"{_prefix(configuration, series)}Added release {_notes(versions)}."


def moved(configuration: Configuration, series: str, old: str, new: str) -> str:
    """Name a commit that takes a note from one version to another."""
    return f"{_prefix(configuration, series)}Moved release note from {old} to {new}."


def reworded(configuration: Configuration, series: str, versions: Sequence[str]) -> str:
    """Name a commit that changes the words of notes."""
    return f"{_prefix(configuration, series)}Reworded release {_notes(versions)}."


def title(configuration: Configuration, series: str, fix: Fix, versions: Sequence[str]) -> str:
    """Name the pull request that brings notes to main, whose `series` is empty, or a branch."""
    named = ", ".join(f"#{number}" for number in tickets(fix.subject))
    refs = f"Refs {named} -- " if named else ""
    return f"{_prefix(configuration, series)}{refs}Added release {_notes(versions)}."


def body(source: int, changes: Sequence[Change]) -> str:
    """Say what such a pull request brings and why, with the text of each file."""
    what = (
        f"The fix of #{source} was backported. This brings the release notes of the backports "
        "here, where those of all older series are kept too."
    )
    parts = [
        what,
        *(_written(change) for change in changes),
        "It is kept current as long as nobody else commits to it.",
    ]
    return "\n\n".join(parts)


def _prefix(configuration: Configuration, series: str) -> str:
    return configuration.recipe_for(series, "").subject_prefix if series else ""


def _notes(versions: Sequence[str]) -> str:
    """Give `note for 4.1.6`, or `notes for 4.1.6, 4.0.9 and 3.2.17`."""
    named = [version for version in versions if version]
    if len(named) < 2:  # noqa: PLR2004 - one is no list
        return f"note for {named[0]}" if named else "note"
    return f"notes for {', '.join(named[:-1])} and {named[-1]}"
