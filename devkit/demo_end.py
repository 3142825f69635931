"""Whether an exception came to its end: merged, its notes shared, released, and talked over."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core import checklist, landing_text, marker, shipped_text
from bot.core.checklist import Checklist, Row
from bot.core.landing import Way
from bot.core.model import Outcome
from bot.core.noted import Stand
from devkit import history
from devkit.demo_scene import Scene
from devkit.demo_stage import Stage
from devkit.demo_verdict import OPENED, SOURCE, backports, is_checklist, row_of, said
from devkit.django_release import notes
from devkit.scenario import MERGER, THREE

VERSIONS = {one.branch: one.version for one in THREE}
SHIPPED = "The fix has shipped in 4.1.6, 4.0.9 and 3.2.17."
TOLD = "4.1.6 was released on 2023-02-01 with 1 exception."
"""What a releaser is told then."""

_BY_HAND = "stable/4.0.x"
_FIXED = "django/test/client.py"
_FIX = "LimitedStream(body_file, len(body_file))"
_NOTE = "* Fixed a bug in Django 3.1 where"


def merged(scene: Scene) -> tuple[str, ...]:
    """Tell what is not as it must be once the backports are on their branches."""
    found = [one for branch in OPENED for one in _of_merged(scene, branch)]
    opened = [one for one in scene.issues if one.by_app and one.is_open]
    if len(opened) != 1:
        found.append(f"{len(opened)} open issues on the policy stand where 1 must.")
    return (*found, *_of_list(scene))


def shared(scene: Scene) -> tuple[str, ...]:
    """Tell what is not as it must be once main and the newer branches have the notes too."""
    found = [f"#{one.number} is still open." for one in scene.pulls if one.is_open]
    known = _list(scene)
    shares = known.shares if known else ()
    found += [
        f"The checklist says that {one.branch} lacks the notes of {', '.join(one.lacking)}."
        for one in shares
        if one.lacking
    ]
    if len(shares) != len(OPENED):
        found.append(f"The checklist tells of the notes of {len(shares)} other branches.")
    found += [
        f"{row.branch}: the checklist does not say that the note of {version} is written."
        for row, version in _rows(scene)
        if row.noted is None or (row.noted.version, row.noted.stand) != (version, Stand.WRITTEN)
    ]
    return (*found, *_of_list(scene))


def shipped(scene: Scene) -> tuple[str, ...]:
    """Tell what is not as it must be once the versions are out."""
    tags = dict(scene.tags)
    found = [f"There is no tag {name}." for name in VERSIONS.values() if name not in tags]
    found += [
        f"{row.branch}: the checklist says “{row.shipped and row.shipped.tag}”, not {version}."
        for row, version in _rows(scene)
        if row.shipped is None or row.shipped.tag != version
    ]
    told = [one for one in said(scene, SOURCE) if marker.mark(shipped_text.KIND) in one.body]
    if [SHIPPED in one.body for one in told] != [True]:
        found.append(f"#{SOURCE} does not say once: {SHIPPED}")
    return (*found, *_of_list(scene))


def closed(scene: Scene) -> tuple[str, ...]:
    """Tell what is not as it must be once the policy was talked over."""
    found = [f"The issue “{one.title}” is still open." for one in scene.issues if one.is_open]
    known = _list(scene)
    if known is None or known.follow_up is None or not known.follow_up.closed:
        found.append("The checklist does not say that the policy was talked over.")
    return (*found, *shipped(scene))


def untrue(stage: Stage) -> Iterator[str]:
    """Tell what the checklist says of the releases and git does not, asked in the repository."""
    git_dir = stage.case.repository.git.path
    for row, version in _rows(stage.look()):
        holding = history.git(git_dir, "tag", "--contains", row.merged or "HEAD").splitlines()
        if holding != [version]:
            yield f"{row.branch}: git finds the commit {row.merged} in {holding}, not in {version}."
        if _FIX not in history.git(git_dir, "show", f"{version}:{_FIXED}"):
            yield f"{version} does not have the fix."
        for place in (version, "main"):
            text = history.git(git_dir, "show", f"{place}:{notes(version)}")
            if text.count(_NOTE) != 1 or "Expected" in text:
                yield f"The notes of {version} are not as they must be on {place}."


def _of_merged(scene: Scene, branch: str) -> Iterator[str]:
    by_hand, row = branch == _BY_HAND, row_of(scene, branch)
    pulls = backports(scene, branch)
    must = "" if by_hand else MERGER
    if [(one.is_open, one.merged_by) for one in pulls] != [(False, must)]:
        yield f"{branch}: its pull request is not {'closed' if by_hand else 'merged'}."
    thanks = marker.mark(landing_text.ENDED)
    thanked = [one for pull in pulls for one in said(scene, pull.number) if thanks in one.body]
    if len(thanked) != by_hand:
        yield f"{branch}: {len(thanked)} comments thank for a push by hand."
    if row is None or row.landing is None or not row.merged:
        yield f"{branch}: the checklist does not say that it was merged."
    elif (row.landing.way is Way.PULL, row.landing.by) != (not by_hand, MERGER):
        yield f"{branch}: the checklist says that {row.landing.by} merged it: {row.landing.way}."


def _of_list(scene: Scene) -> Iterator[str]:
    lists = list(filter(is_checklist, said(scene, SOURCE)))
    if len(lists) != 1:
        yield f"{len(lists)} checklists stand on #{SOURCE} where 1 must."
    yield from (f"Wrong use of GitHub's API: {complaint}." for complaint in scene.complaints)


def _rows(scene: Scene) -> list[tuple[Row, str]]:
    """Give each line of the checklist with the version that it must come out in.

    A line that it lacks is one of a branch that is not there.
    """
    found = ((row_of(scene, branch), branch, version) for branch, version in VERSIONS.items())
    return [(row or Row(branch, "", Outcome.MISSING), version) for row, branch, version in found]


def _list(scene: Scene) -> Checklist | None:
    """Give the checklist that stands on the source."""
    return next(filter(None, (checklist.read(one.body) for one in said(scene, SOURCE))), None)
