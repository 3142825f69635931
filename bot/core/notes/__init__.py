"""Release notes are settled anew for each branch: where git merges them cleanly it may be wrong."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.notes.blurb import BlurbNotes
from bot.core.notes.changelog import ChangelogNotes
from bot.core.notes.django import DjangoNotes
from bot.core.notes.none import NoNotes
from bot.core.notes.style import NotesStyle
from bot.core.notes.towncrier import TowncrierNotes

STYLES: Mapping[str, NotesStyle] = {
    "django": DjangoNotes(),
    "towncrier": TowncrierNotes(),
    "blurb": BlurbNotes(),
    "changelog": ChangelogNotes(),
    "none": NoNotes(),
}
"""The styles by the names that the configuration has for them."""
