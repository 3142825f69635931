"""What is said of a backport that came to its branch by hand, was closed, or taken back."""

from __future__ import annotations

from bot.core import markdown, marker
from bot.core.equality import Equality, Likeness
from bot.core.landing import Landing
from bot.core.sighting import SeenTarget

ENDED = "backport-ended"
"""The comment on a backport pull request that ended otherwise than by GitHub's merge."""

_ALIKE = frozenset({Likeness.IDENTICAL, Likeness.MOVED})
_MOST_NAMES = 3  # files that are named in one cell of a table


def reverted_kind(series: str) -> str:
    """Name the comment on the source that tells of a revert in one series."""
    return f"reverted-{series}"


def alike(likeness: Equality) -> bool:
    """Tell whether what was pushed changes the same as what we proposed."""
    return likeness.likeness in _ALIKE


def differs(likeness: Equality) -> str:
    """Say on one line of Markdown how what was pushed differs from what we proposed.

    Empty where it changes the same.
    """
    if alike(likeness):
        return ""
    if likeness.likeness is Likeness.UNKNOWN:
        return "is too large to be compared with what was proposed"
    names = ", ".join(markdown.code(path) for path in likeness.differing[:_MOST_NAMES])
    more = len(likeness.differing) - _MOST_NAMES
    return f"differs from what was proposed in {names}" + (f" and {more} more" if more > 0 else "")


def difference(likeness: Equality) -> str:
    """Show the lines in which what was pushed differs from what we proposed, folded."""
    if alike(likeness) or not likeness.diff:
        return ""
    return (
        "<details><summary>What differs from what was proposed</summary>\n\n"
        "In the first column `-` is only in this pull request, `+` only on the branch.\n\n"
        f"{markdown.block(likeness.diff, 'diff')}\n\n</details>"
    )


def landed(seen: SeenTarget, landing: Landing) -> str:
    """Thank for a backport that was pushed by hand, on the pull request that it makes needless."""
    by = f", by {markdown.plain(landing.by)}" if landing.by else ""
    here = f"The fix is on {markdown.code(seen.branch)} as {landing.sha}{by}. Thank you!"
    alike = f"It {landing.differs}." if landing.differs else "It changes the same as this."
    parts = [f"{marker.mark(ENDED)}\n{here} {alike} Nothing is left to do here."]
    return "\n\n".join([*parts, *([seen.difference] if seen.difference else ())])


def closed(seen: SeenTarget) -> str:
    """Ask what became of a backport that was closed while its branch does not hold the fix."""
    branch = markdown.code(seen.branch)
    return (
        f"{marker.mark(ENDED)}\nThis pull request was closed, and no commit on {branch} brings "
        "the fix. Is that as it should be? If not, reopen it, or push the fix by hand and name "
        f"the commit that it copies in its message. If it is, nothing needs to be done: {branch} "
        "goes without the fix."
    )


def reopened() -> str:
    """Take the question back once the pull request goes on."""
    return f"{marker.mark(ENDED)}\nThis pull request was closed for a while, and goes on now."


def reverted(seen: SeenTarget, landing: Landing) -> str:
    """Tell on the source that a branch lost the fix."""
    branch = markdown.code(seen.branch)
    return (
        f"{marker.mark(reverted_kind(seen.series))}\nThe fix was taken off {branch} again: "
        f"{landing.reverted_by} reverts {landing.sha}. The next release of {branch} goes out "
        "without it, unless it is brought back."
    )


def brought_back(seen: SeenTarget, landing: Landing) -> str:
    """Tell on the source that a branch which had lost the fix holds it again."""
    branch = markdown.code(seen.branch)
    return (
        f"{marker.mark(reverted_kind(seen.series))}\nThe fix was taken off {branch} for a while. "
        f"It is there again, as {landing.sha}."
    )
