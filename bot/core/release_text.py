"""The words of the releaser's view, and the whole of it as people read it in a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.counts import quantity
from bot.core.printable import one_line
from bot.core.release_view import Fix, OpenVote, Place, ReleaseView, VersionCount, VersionList

HEADINGS = {Place.OUT: "Not in yet", Place.IN: "In the branch", Place.SHIPPED: "Released"}
UNVERSIONED = "Their branches tell no version"


def headline(view: ReleaseView) -> str:
    """Say in one sentence how the version stands."""
    lacking = sum(bool(fix.missing) for fix in view.fixes)
    if view.released_at:
        late = f"; {lacking} {_lack(lacking)}" if lacking else ""
        with_it = quantity(len(view.at(Place.SHIPPED)), "exception")
        return f"{view.version} was released on {view.released_at:%Y-%m-%d} with {with_it}{late}."
    if not view.fixes:
        return f"No exception waits for {view.version}, and none is in it."
    if lacking:
        return f"{lacking} of {quantity(len(view.fixes), 'exception')} {_lack(lacking)}."
    return f"Nothing is missing: {quantity(len(view.fixes), 'exception')} in the branch."


def how_far(count: VersionCount) -> str:
    """Say of one version what waits and what is in."""
    if count.released_at:
        late = f", {count.out} not in it" if count.out else ""
        return f"released on {count.released_at:%Y-%m-%d}, {count.held} in it{late}"
    return f"{count.out} not in yet, {count.held} in the branch"


def standing(vote: OpenVote) -> str:
    """Say how a vote stands, and what was next when it was asked for."""
    asked = f" When it was asked, {vote.asked_for} was next." if vote.asked_for else ""
    return f"{vote.name}: {vote.stands}{asked}"


def lines(view: ReleaseView) -> tuple[str, ...]:
    """Give a version line by line; what others wrote has no control characters."""
    return tuple(one_line(line) for line in _lines(view))


def version_lines(versions: VersionList) -> tuple[str, ...]:
    """Give the list of versions line by line."""
    found = [f"{count.version}: {how_far(count)}" for count in versions.versions]
    if versions.unversioned:
        found.append(f"{UNVERSIONED}: {', '.join(link.text for link in versions.unversioned)}")
    return tuple(found) or ("No exception waits for a release.",)


def _lack(number: int) -> str:
    return "lacks something" if number == 1 else "lack something"


def _lines(view: ReleaseView) -> Iterator[str]:
    yield f"{view.repository} {view.version}: {headline(view)}"
    for place in Place:
        fixes = view.at(place)
        if fixes:
            yield f"{HEADINGS[place]}:"
        for fix in fixes:
            yield from _fix(fix)
    if view.votes:
        yield "Votes that may let more in:"
    for vote in view.votes:
        yield f"  {vote.vote.text} {standing(vote)}"
    if view.steps:
        yield "Steps of the release:"
    for step in view.steps:
        yield f"  [x] {step.text}: {step.seen}" if step.seen else f"  [ ] {step.text}"


def _fix(fix: Fix) -> Iterator[str]:
    title = f" {fix.title}" if fix.title else ""
    backport = f", backport {fix.pull.text}" if fix.pull else ""
    yield f"  {fix.source.text}{title} ({fix.series}{backport})"
    if fix.commit:
        yield f"    as {fix.commit.text}" + (f", by {fix.by}" if fix.by else "")
    for one in fix.missing:
        yield f"    missing: {one.need}, {one.why}"
    for remark in fix.remarks:
        yield f"    look at: {remark}"
    if fix.turn:
        yield f"    next: {fix.turn}"
