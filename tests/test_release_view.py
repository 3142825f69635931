"""The releaser's view of versions: what is missing where, whose turn it is, and in which words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import markdown, release_needs, release_text, release_view
from bot.core.checklist import Row
from bot.core.landing import Landing, Way
from bot.core.model import Outcome
from bot.core.noted import Noted, Share, Stand
from bot.core.release_needs import Need
from bot.core.release_view import Link, Place, StepView
from bot.core.vote_record import Outlook, Vote, Ways
from tests import snapshot
from tests.release_case import (
    CONFLICT,
    IN,
    LANDED,
    LATER,
    NOTES,
    NOW,
    OFFERED,
    OPEN,
    REVERTED,
    SHIPPED,
    URL,
    WAITING,
    checklist,
    releases,
)
from tests.vote_case import asked, votes

VOTE = Vote(
    repository_id=1,
    installation=1,
    place="comment:1",
    name="34063",
    pull=16210,
    motion=asked(),
    ways=Ways(),
    outlook=(Outlook("4.1.x", "mainstream", "no", "clean", "4.1.5"),),
    seen=votes("+++"),
    comment_url=f"{URL}/pull/16210#issuecomment-1",
)


@pytest.mark.parametrize(
    ("row", "needs", "turn"),
    [
        (OPEN, [Need.MERGE], "felix or another merger reviews and merges #101."),
        (OFFERED, [Need.NOTE, Need.MERGE], "felix or another merger reviews and merges #101."),
        (CONFLICT, [Need.PICK, Need.MERGE], "felix or another merger finishes the draft #101."),
        (
            replace(CONFLICT, pull=None),
            [Need.PICK, Need.PULL, Need.MERGE],
            "felix or another merger picks it by hand; the checklist has the commands.",
        ),
        (
            replace(OPEN, outcome=Outcome.MISSING, pull=None, tests="", noted=None),
            [Need.PICK, Need.PULL, Need.MERGE],
            "felix or another merger makes the branch stable/4.1.x, or drops it as a target.",
        ),
        (
            replace(OPEN, pull=None, tests=""),
            [Need.PULL, Need.MERGE],
            "felix or another merger has it tried again: `/backport retry` in a comment.",
        ),
        (
            replace(OPEN, tests="❌ 2 tests fail"),
            [Need.PROOF, Need.MERGE],
            "felix or another merger looks into the failed proof of #101.",
        ),
        (
            replace(OPEN, tests="⏳ queued"),
            [Need.PROOF, Need.MERGE],
            "felix or another merger waits for the proof of #101, or runs its tests.",
        ),
        (
            replace(OPEN, tests="⚪ Not applicable: the backport changes documentation alone"),
            [Need.MERGE],
            "felix or another merger reviews and merges #101.",
        ),
        (replace(OPEN, held_back=True), [Need.MERGE], "Nobody merges #101 for now; it says why."),
        (
            replace(OPEN, closed=True),
            [Need.MERGE],
            "felix or another merger says whether it shall still go in.",
        ),
        (REVERTED, [Need.MERGE], "felix or another merger says whether it shall still go in."),
        (
            replace(LANDED, noted=Noted(NOTES, "4.1.6", Stand.OFFERED)),
            [Need.NOTE],
            "felix writes the release note.",
        ),
        (
            replace(LANDED, noted=None, note="☐ `4.1.6.txt`", landing=Landing("a", Way.PATCH)),
            [Need.NOTE],
            "felix or another merger writes the release note.",
        ),
        (LANDED, [], "A releaser makes the release."),
        (SHIPPED, [], ""),
    ],
)
def test_what_is_missing_and_whose_turn_it_is(row: Row, needs: list[Need], turn: str) -> None:
    """Each state of a target lacks what it lacks, and somebody has the next move."""
    assert [one.need for one in release_needs.missing(row)] == needs
    assert release_needs.turn(row, "felix") == turn


def test_a_label_of_our_own_names_no_merger() -> None:
    """Where the decision set the label, any merger has the next move."""
    said = release_needs.turn(OPEN, "stablehand[bot]")
    assert said == "A merger reviews and merges #101."


def test_main_has_the_note_too() -> None:
    """What main lacks is missing also after the release, until its pull request is merged."""
    for row in (LANDED, SHIPPED):
        one = checklist(row, shares=(Share("main", ("4.1.6", "4.0.9"), 130), Share("stable/4.2.x")))
        (fix,) = release_view.view(releases(one), "4.1.6", NOW).fixes
        (lacks,) = fix.missing
        assert (lacks.need, lacks.why) == (Need.NOTE, "main does not have it; #130 brings it")
        assert fix.turn == "felix or another merger merges #130."


def test_a_release_that_has_begun_without_the_fix() -> None:
    """Where the version is final before the merge, that is said."""
    lacks = release_needs.missing(replace(OPEN, steps=LANDED.steps))
    assert lacks[0].why == "it is not in the branch, and the release has begun"


def test_each_version_has_what_waits_for_it_and_what_is_in() -> None:
    """Targets are sorted by their version, and a version is ready where nothing is missing."""
    known = releases(WAITING, IN)
    view = release_view.view(known, "4.1.6", NOW)
    assert [fix.place for fix in view.fixes] == [Place.OUT, Place.IN]
    assert view.at(Place.IN)[0].commit == Link("a" * 12, f"{URL}/commit/{'a' * 40}")
    assert not view.ready
    assert release_view.view(releases(checklist(LANDED)), "4.1.6", NOW).ready
    assert [fix.series for fix in release_view.view(known, "4.0.9", NOW).fixes] == ["4.0.x"]


def test_what_is_no_matter_of_a_release_is_left_out() -> None:
    """A forecast waits for nothing, nor does a branch that had the fix before."""
    there = replace(OPEN, outcome=Outcome.ALREADY_THERE)
    known = releases(checklist(OPEN, forecast=True), checklist(there))
    assert release_view.view(known, "4.1.6", NOW).fixes == ()
    assert release_view.versions(known).versions == ()


def test_the_steps_of_all_checklists_are_put_together() -> None:
    """A step that one checklist shows, by a commit or a person's tick, is done for the version."""
    view = release_view.view(releases(checklist(LANDED), IN), "4.1.6", NOW)
    done = {step.text: step.seen for step in view.steps if step.seen}
    assert set(done.values()) == {"b" * 12, "nat"}
    assert len({step.text for step in view.steps}) == len(view.steps) > len(done)


def test_votes_on_the_series_are_told() -> None:
    """A vote that was opened when 4.1.5 was next may let its fix into 4.1.6, which stays ready."""
    known = replace(releases(), votes=(VOTE,))
    view = release_view.view(known, "4.1.6", NOW)
    (vote,) = view.votes
    assert (vote.asked_for, vote.vote.text) == ("4.1.5", "#16210")
    assert view.ready
    assert release_view.view(known, "4.2.1", NOW).votes == ()


def test_versions_come_as_releases_do() -> None:
    """The newest version is first, numbers count as numbers, and what has none is listed."""
    names = ["4.1.10", "4.1.9", "4.2rc1", "4.2", "2028.1"]
    rows = [replace(LATER, branch=name, version=name) for name in names]
    unknown = replace(LATER, branch="odd", version=None)
    found = release_view.versions(releases(checklist(*rows, unknown)))
    assert [one.version for one in found.versions] == ["2028.1", "4.2", "4.2rc1", "4.1.10", "4.1.9"]
    assert found.unversioned == (Link("#16210", f"{URL}/pull/16210"),)


@pytest.mark.parametrize("text", ["", "soon", "4", "4.1.x", "../..", "4.1.6 "])
def test_what_is_no_version_is_refused(text: str) -> None:
    """A version has at least two numbers, and nothing else."""
    with pytest.raises(ValueError, match="is no version"):
        release_view.named(text)


def test_a_tag_names_its_version() -> None:
    """The `v` that some projects write before a tag is none of the version's."""
    assert [release_view.named(text) for text in ("v4.1.6", "2028.1")] == ["4.1.6", "2028.1"]


def test_the_words() -> None:
    """What a releaser reads of a version on its way, a released, an empty one and of all."""
    going = replace(releases(WAITING, IN, checklist(OFFERED)), votes=(VOTE,))
    out = releases(checklist(SHIPPED))
    steps = (StepView("Tag 4.1.6", Link("abc", ""), ""), StepView("Announce it", None, ""))
    on_its_way = replace(release_view.view(going, "4.1.6", NOW), steps=steps)
    released = replace(release_view.view(out, "4.1.6", NOW), steps=())
    said = [
        "\n".join(release_text.lines(on_its_way)),
        "\n".join(release_text.lines(released)),
        "\n".join(release_text.lines(release_view.view(out, "5.0.1", NOW))),
        "\n".join(release_text.version_lines(release_view.versions(going))),
        "\n".join(release_text.version_lines(release_view.versions(out))),
        "\n".join(release_text.version_lines(release_view.versions(releases()))),
    ]
    snapshot.same("release", said, {})


@given(st.text().map(lambda text: " ".join(text.split())))
def test_our_markdown_is_read_again(text: str) -> None:
    """What was made harmless for a comment is itself again where there is no Markdown."""
    plain = text.replace("`", "").replace("\u200b", "").replace("](", "")
    assert markdown.shown(markdown.plain(plain)) == plain
