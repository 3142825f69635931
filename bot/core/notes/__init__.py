"""Release notes are settled anew for each branch: where git merges them cleanly it may be wrong."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.notes.django import DjangoNotes
from bot.core.notes.style import NotesStyle

STYLES: Mapping[str, NotesStyle] = {"django": DjangoNotes()}
"""The styles by the names that the configuration has for them; `none` is no style."""
