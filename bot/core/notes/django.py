"""Django's release notes: one file per version, an index by series, an archive of security issues.

main holds the notes of every series; a stable branch holds those of its own and of older series.
Source: docs/releases and docs/internals/howto-release-django.txt in Django's repository.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from bot.core.notes import django_writing, rst_sections, three_way
from bot.core.notes.blocks import Text, parse, render
from bot.core.notes.django_listings import Archive, Index
from bot.core.notes.django_subjects import trimmed
from bot.core.notes.django_words import WORDING, sentence_remarks, suggestion
from bot.core.notes.paths import ARCHIVE, INDEX, first_of_series, is_note, path_of
from bot.core.notes.style import RULE
from bot.core.release_notes import Files, Fix, Held, Place, Written
from bot.core.resolution import Settled, ThreeWay

Has = Callable[[str], bool]


class DjangoNotes:
    """Release notes as Django keeps them under docs/releases."""

    wording = WORDING

    def owns(self, path: str) -> bool:
        """Tell whether a path is a text file right in that folder."""
        return is_note(path)

    def settle(self, change: ThreeWay, has: Has) -> Settled | None:
        """Give the content for the target; notes that it does not keep are not brought to it."""
        if change.theirs is None or change.ours is None:
            kept = change.base is None and _knows(change.path, has)
            return Settled(change.path, change.theirs if kept else None, RULE)
        if change.ours == change.base and change.path != INDEX:
            return Settled(change.path, change.theirs, RULE)
        merged = _merged(change, parse(change.ours), parse(change.theirs), has)
        return Settled(change.path, render(merged), RULE) if merged else None

    def subject(self, subject: bytes, has: Has) -> bytes:
        """Leave out the versions whose series the target has no notes of."""
        return trimmed(subject, lambda version: _knows(path_of(version.decode()), has))

    def wants(self, fix: Fix, files: Files, version: str = "") -> Collection[str]:
        """Name the module with the version; then the index, notes of that and its neighbours."""
        del fix
        return django_writing.wants(files, version)

    def place(self, fix: Fix, files: Files) -> Place | None:
        """Give the file of the branch's next version; of a pre-release that of its series."""
        del fix
        return django_writing.place(files)

    def picked(self, place: Place, changed: Collection[str], files: Files) -> str | None:
        """Take the file itself."""
        del files
        return place.path if place.path in changed else None

    def suggest(self, fix: Fix) -> str:
        """Name the version that brought a regression, or take the words of the subject."""
        return suggestion(fix)

    def check(self, fix: Fix) -> tuple[str, ...]:
        """Check form, ticket, full stop and length."""
        return sentence_remarks(fix)

    def holds(self, fix: Fix, files: Files, version: str = "") -> Held | None:
        """Find the bullet in the file of its version or, on its own branch, of the one before."""
        return django_writing.holds(fix, files, version)

    def write(self, fix: Fix, files: Files, version: str = "") -> Written:
        """Write the bullet into the file of its version, made from the stub, and into the index."""
        return django_writing.write(fix, files, version)


def _knows(path: str, has: Has) -> bool:
    """Tell whether the target has the series of a new file; one of no version suits any branch."""
    first = first_of_series(path)
    return first is None or has(first)


def _merged(change: ThreeWay, ours: Text, theirs: Text, has: Has) -> Text | None:
    """Merge a file that both sides have."""
    base = None if change.base is None else parse(change.base)
    if base and change.path == ARCHIVE:
        return rst_sections.merge(base, ours, theirs, Archive())
    if base and change.path == INDEX:
        base, theirs = _told(base, has), _told(theirs, has)
        return rst_sections.merge(base, ours, theirs, Index())
    return three_way.merge(base, ours, theirs)


def _told(index: Text, has: Has) -> Text:
    """Give an index as the target would have it: without the series that it knows nothing of."""
    return rst_sections.restricted(
        index, Index(), lambda key: _knows(path_of(key[1].decode()), has)
    )
