import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from gidgethub.sansio import Event
from hypothesis import given
from hypothesis import strategies as st

from bot.core import marker
from bot.core.commands import (
    Asked,
    BackportChanged,
    Claim,
    Command,
    ConfigurationProposed,
    GateAsked,
    Gated,
    Malformed,
    Moved,
    ProofAsked,
    Pushed,
    Spoke,
    Touched,
    dump,
    load,
)
from bot.core.gate_verdict import Proposal
from bot.core.hand_push import PushedCommit
from bot.core.model import Repository
from bot.core.request import Request, Verb
from handlers import translate

HELLO = Repository(installation=5, id=186853002, owner="Codertocat", name="Hello-World")
A, B, C = "a" * 40, "b" * 40, "c" * 40


@cache
def recorded() -> dict[str, dict[str, Any]]:
    """Read the payloads that GitHub sent."""
    text = (Path(__file__).parent / "payloads" / "github.json").read_text()
    payloads: dict[str, dict[str, Any]] = json.loads(text)
    return payloads


def payload(name: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """Give a recorded payload, changed at dotted paths written with `__`."""
    data = deepcopy(recorded()[name])
    data["installation"] = {"id": 5}
    for path, value in changes.items():
        *parents, last = path.split("__")
        inner = data
        for key in parents:
            inner = inner[key]
        inner[last] = value
    return data


def said(name: str, data: dict[str, Any]) -> tuple[Command, ...]:
    """Translate a payload as if it came by webhook."""
    return translate(Event(data, event=name.partition(".")[0], delivery_id="1"))


def push(ref: str, **changes: object) -> tuple[Command, ...]:
    """Translate a person's push that brings no commits to a branch."""
    more = {"sender": {"login": "ann", "type": "User"}, "created": False, "commits": []}
    return said("push", payload("push", ref=ref, **{**more, **changes}))


def test_a_label_is_a_claim() -> None:
    """Any label becomes a claim with its name, whatever the state of the pull request."""
    assert said("pull_request.labeled", payload("pull_request.labeled")) == (
        Claim(HELLO, 2, "bug"),
    )


def test_a_label_set_by_a_bot_is_still_a_claim() -> None:
    """Who set a label is not read from the payload."""
    data = payload("pull_request.labeled", sender={"login": "stablehand[bot]", "type": "Bot"})
    assert said("pull_request.labeled", data) == (Claim(HELLO, 2, "bug"),)


def test_a_label_on_a_backport_is_no_claim() -> None:
    """What is set on a backport pull request is only judged by the policy."""
    data = payload(
        "pull_request.labeled",
        pull_request__body=f"Backport.\n\n{marker.source(16210)}",
        pull_request__base={"ref": "stable/4.1.x"},
    )
    (gated,) = said("pull_request.labeled", data)
    assert isinstance(gated, Gated)


def to_stable(action: str, **changes: object) -> tuple[Gated, ...]:
    """Give what a pull request to a stable branch is judged by, after an action."""
    base = {"pull_request__base": {"ref": "stable/4.1.x"}, "pull_request__head": {"sha": B}}
    data = payload("pull_request.labeled", **{**base, "action": action, **changes})
    return tuple(one for one in said("pull_request", data) if isinstance(one, Gated))


@pytest.mark.parametrize(
    "action", ["opened", "reopened", "synchronize", "edited", "labeled", "unlabeled"]
)
def test_each_pull_request_to_another_branch_is_judged(action: str) -> None:
    """All that the payload tells goes along, so that it need not be asked for."""
    (gated,) = to_stable(action, pull_request__title="T", pull_request__body=None)
    assert gated == Gated(
        HELLO, Proposal(2, "stable/4.1.x", "master", B, "T", "", ("bug",), None, ours=False)
    )


@pytest.mark.parametrize("action", ["closed", "assigned", "ready_for_review"])
def test_other_happenings_are_not_judged(action: str) -> None:
    """What changes nothing of the verdict asks for none."""
    assert to_stable(action) == ()


def test_a_pull_request_that_is_over_or_goes_to_main_is_not_judged() -> None:
    """Only an open one, and only away from the default branch; one just turned there is told."""
    main = {"ref": "master"}
    assert to_stable("edited", pull_request__state="closed") == ()
    assert to_stable("edited", pull_request__base=main) == ()
    (turned,) = to_stable(
        "edited", pull_request__base=main, changes={"base": {"ref": {"from": "stable/4.1.x"}}}
    )
    assert turned.proposal.branch == "master"


def test_what_we_do_to_our_own_backports_is_not_judged_again() -> None:
    """A backport's own bot is left alone but for its pushes; other bots and people are not."""
    bot = {"login": "stablehand[bot]", "type": "Bot"}
    ours = {"pull_request__body": marker.source(16210), "pull_request__user": bot}
    assert to_stable("labeled", sender=bot, **ours) == ()
    (pushed,) = to_stable("synchronize", sender=bot, **ours)
    (by_other,) = to_stable("labeled", sender={"login": "x[bot]", "type": "Bot"}, **ours)
    (by_person,) = to_stable("edited", **ours)
    assert {one.proposal.ours for one in (pushed, by_other, by_person)} == {True}
    (quoted,) = to_stable("opened", pull_request__body=marker.source(16210))
    assert not quoted.proposal.ours


def added(*messages: str, **changes: object) -> tuple[Command, ...]:
    """Give what a push of commits to a branch is judged by that was there before."""
    files = {"added": ["a"], "removed": ["b"], "modified": ["c"]}
    commits = [{"id": A, "message": message, **files} for message in messages]
    person = {"login": "ann", "type": "User"}
    more = {"ref": "refs/heads/stable/4.1.x", "created": False, "commits": commits}
    found = said("push", {**payload("push", sender=person), **more, **changes})
    return tuple(one for one in found if not isinstance(one, Moved))


def test_a_persons_push_to_another_branch_is_judged() -> None:
    """Each commit goes along with the files that it touches."""
    commits = tuple(PushedCommit(A, message, ("a", "b", "c")) for message in ("1", "2"))
    assert added("1", "2") == (Pushed(HELLO, "stable/4.1.x", "ann", commits),)


@pytest.mark.parametrize(
    "changes",
    [
        {"ref": "refs/heads/master"},
        {"ref": "refs/tags/1"},
        {"created": True},
        {"deleted": True, "commits": []},
        {"commits": []},
        {"sender": {"login": "x[bot]", "type": "Bot"}},
    ],
)
def test_other_pushes_are_not_judged(changes: dict[str, object]) -> None:
    """The default branch, tags, new and deleted branches and bots are left alone."""
    assert added("1", **changes) == ()


@pytest.mark.parametrize("merged", [True, False])
def test_the_end_of_a_labelled_pull_request_claims_what_is_on_it(merged: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Merged by the button or by hand, a labelled pull request that ends is a claim."""
    data = payload("pull_request.closed", pull_request__merged=merged)
    assert said("pull_request.closed", data) == (Claim(HELLO, 2, None),)


def test_the_end_of_an_unlabelled_pull_request_is_nothing() -> None:
    """Without any label there is no claim."""
    data = payload("pull_request.closed", pull_request__labels=[], pull_request__body=None)
    assert said("pull_request.closed", data) == ()


BOT = {"login": "stablehand[bot]", "type": "Bot"}


@pytest.mark.parametrize("action", ["closed", "reopened"])
def test_the_end_of_a_backport_is_a_hint(action: str) -> None:
    """One that a bot opened, or whose text names a source, may stand in a checklist."""
    base = {"action": action, "pull_request__base": {"ref": "stable/4.1.x"}}
    named = {"pull_request__body": f"Backport.\n\n{marker.source(16210)}"}
    hint = Touched(HELLO, 2)
    assert hint in said("pull_request", payload("pull_request.closed", **base, **named))
    ours = payload("pull_request.closed", action=action, pull_request__user=BOT)
    assert hint in said("pull_request", ours)
    assert hint not in said("pull_request", payload("pull_request.closed", **base))


def test_a_backport_that_ends_claims_nothing() -> None:
    """The labels that it has from its source stand for no claim."""
    data = payload(
        "pull_request.closed",
        pull_request__body=marker.source(16210),
        pull_request__base={"ref": "stable/4.1.x"},
    )
    assert said("pull_request.closed", data) == (Touched(HELLO, 2),)


@pytest.mark.parametrize("action", ["closed", "reopened"])
def test_the_end_of_an_issue_is_a_hint(action: str) -> None:
    """Any issue may be one that a checklist watches, which only the engine knows."""
    data = payload("push", issue={"number": 7}, action=action)
    assert said("issues", data) == (Touched(HELLO, 7),)


@pytest.mark.parametrize("event", ["create", "delete"])
def test_tags_and_branches_that_come_and_go_are_hints(event: str) -> None:
    """A tag counts whoever made it, a branch where it was a person."""
    person, bot = {"login": "ann", "type": "User"}, BOT
    for kind, sender, refs in (
        ("tag", person, ("refs/tags/4.1.5",)),
        ("tag", bot, ("refs/tags/4.1.5",)),
        ("branch", person, ("refs/heads/4.1.5",)),
        ("branch", bot, ()),
        ("repository", person, ()),
    ):
        data = payload("push", ref="4.1.5", ref_type=kind, sender=sender)
        assert said(event, data) == tuple(Moved(HELLO, (ref,)) for ref in refs)


def test_a_quoted_mark_makes_no_backport() -> None:
    """A pull request to the default branch is a source even if its text quotes the mark."""
    data = payload("pull_request.closed", pull_request__body=marker.source(16210))
    assert said("pull_request.closed", data) == (Claim(HELLO, 2, None),)


@pytest.mark.parametrize("action", ["opened", "reopened", "synchronize"])
def test_a_new_head_may_bring_a_configuration(action: str) -> None:
    """A pull request with a new head is looked at, at exactly that commit."""
    head = {"sha": B}
    data = payload(
        "pull_request.synchronize", action=action, pull_request__head=head, pull_request__labels=[]
    )
    assert said("pull_request", data) == (ConfigurationProposed(HELLO, 2, B),)


def test_a_labelled_pull_request_is_forecast_at_each_push() -> None:
    """What is labelled is claimed anew with a new head; the engine finds out what that means."""
    data = payload("pull_request.synchronize", action="synchronize")
    assert data["pull_request"]["labels"]
    assert said("pull_request", data)[1:] == (Claim(HELLO, 2, None),)


def test_a_person_at_a_backport_is_followed() -> None:
    """A person's push to a backport is the engine's business, a bot's is not."""
    changes = {
        "pull_request__head": {"sha": B},
        "pull_request__body": f"Backport.\n\n{marker.source(16210)}",
        "pull_request__base": {"ref": "stable/4.1.x"},
    }
    data = payload("pull_request.synchronize", **changes)
    assert said("pull_request", data)[1:] == (BackportChanged(HELLO, 2, 16210, B),)
    bot = payload("pull_request.synchronize", sender={"type": "Bot"}, **changes)
    assert [type(command) for command in said("pull_request", bot)] == [Gated]


def recorded_comment(body: str = "") -> dict[str, Any]:
    """Give a person's comment as a webhook shows it."""
    return {
        "id": 9,
        "body": body,
        "user": {"login": "felix", "type": "User"},
        "created_at": "2022-12-30T10:00:00Z",
    }


def comment(body: str, **changes: object) -> tuple[Command, ...]:
    """Translate a comment on a pull request."""
    data = {
        "action": "created",
        "installation": {"id": 5},
        "repository": recorded()["pull_request.labeled"]["repository"],
        "issue": {"number": 7, "pull_request": {}},
        "comment": recorded_comment(body),
        "sender": {"login": "felix", "type": "User"},
        **changes,
    }
    return said("issue_comment", data)


def test_a_command_is_a_persons_comment_on_a_pull_request() -> None:
    """Only `/backport` lines count, on pull requests, by people."""
    asked = Request(Verb.TO, ("4.0",))
    assert comment("/backport to 4.0")[0] == Asked(HELLO, 7, 9, "felix", asked)
    assert [one.kind for one in comment("Thanks!")] == ["spoke"]
    assert [one.kind for one in comment("/backport to 4.0", issue={"number": 7})] == ["spoke"]
    assert comment("/backport to 4.0", sender={"login": "x[bot]", "type": "Bot"}) == ()


def test_a_persons_hand_on_a_bots_comment() -> None:
    """Whoever changes or deletes what a bot wrote gives reason to look; bots themselves do not."""
    ours = {**recorded_comment(), "user": {"login": "x[bot]", "type": "Bot"}}
    for action in ("edited", "deleted"):
        assert Touched(HELLO, 7) in comment("", action=action, comment=ours)
        assert [one.kind for one in comment("", action=action)] == ["spoke"]
        bot = {"login": "x[bot]", "type": "Bot"}
        assert comment("", action=action, comment=ours, sender=bot) == ()
    assert [one.kind for one in comment("", comment=ours)] == ["spoke"]


def test_what_a_person_writes_may_be_a_vote() -> None:
    """A comment is passed on with its author, who changed it, and when."""
    (new,) = comment("+1")
    assert isinstance(new, Spoke)
    assert (new.place, new.comment, new.author, new.editor) == ("comment:9", 9, "felix", "felix")
    assert (new.action, new.body, new.is_pull) == ("created", "+1", True)
    (edited,) = comment("-1", action="edited", sender={"login": "clerk", "type": "User"})
    assert isinstance(edited, Spoke)
    assert (edited.action, edited.author, edited.editor) == ("edited", "felix", "clerk")


@pytest.mark.parametrize("ref", ["refs/heads/stable/4.1.x", "refs/heads/master", "refs/tags/4.1.5"])
def test_every_push_is_a_hint(ref: str) -> None:
    """Branches and tags that moved, came or went may matter to a checklist, whoever did it."""
    assert push(ref) == (Moved(HELLO, (ref,)),)
    assert push(ref, deleted=True, sender=BOT) == (Moved(HELLO, (ref,)),)


def test_a_head_branch_that_a_bot_makes_is_no_hint() -> None:
    """Nothing follows from our own new branches, but from a bot's new tag."""
    assert push("refs/heads/backport/4.1.x/abc", created=True, sender=BOT) == ()
    assert push("refs/tags/4.1.5", created=True, sender=BOT) == (
        Moved(HELLO, ("refs/tags/4.1.5",)),
    )


@pytest.mark.parametrize("name", ["ping", "push", "installation.created", "pull_request.labeled"])
def test_recorded_payloads_are_never_malformed(name: str) -> None:
    """What GitHub really sent is understood or ignored."""
    said(name, payload(name))


@pytest.mark.parametrize(
    ("name", "changes", "why"),
    [
        ("pull_request.labeled", {"installation": None}, "`installation.id` is missing"),
        ("pull_request.labeled", {"installation": {"id": "5"}}, "is not a whole number"),
        ("pull_request.labeled", {"installation": {"id": True}}, "is not a whole number"),
        ("pull_request.labeled", {"label": None}, r"`label\.name` is missing"),
        ("pull_request.labeled", {"number": None}, "`number` is missing"),
        ("pull_request.labeled", {"repository": []}, r"`repository\.id` is missing"),
        ("pull_request.closed", {"pull_request__labels": None}, "is not a list"),
        ("pull_request.closed", {"pull_request__body": 1}, "is not text"),
        ("pull_request.synchronize", {"pull_request__head": {}}, r"`pull_request\.head\.sha`"),
        ("push", {"ref": None}, "`ref` is missing"),
        ("push", {"ref": "refs/heads/x", "created": False, "commits": {}}, "`commits` is missing"),
        ("push", {"ref": "refs/heads/x", "created": False, "commits": [None]}, "is missing"),
    ],
)
def test_a_payload_that_lacks_something_is_malformed(
    name: str, changes: dict[str, object], why: str
) -> None:
    """What is missing or of the wrong type is named, in one line."""
    with pytest.raises(Malformed, match=why) as caught:
        said(name, payload(name, **changes))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["issues", "check_run", "star"])
def test_other_events_and_actions_are_nothing(name: str) -> None:
    """Events and actions without use ask for nothing, installed or not."""
    assert said(name, {"action": "edited"}) == ()


REPOSITORIES = st.builds(Repository, st.integers(), st.integers(), st.text(), st.text())
COMMANDS = st.one_of(
    st.builds(Claim, REPOSITORIES, st.integers(), st.none() | st.text()),
    st.builds(Moved, REPOSITORIES, st.lists(st.text(), max_size=3).map(tuple)),
    st.builds(Touched, REPOSITORIES, st.integers()),
    st.builds(ConfigurationProposed, REPOSITORIES, st.integers(), st.text()),
)


@given(st.lists(COMMANDS, max_size=4).map(tuple))
def test_commands_survive_storage(commands: tuple[Command, ...]) -> None:
    """Commands read again from JSON are equal to those that were written."""
    assert load(json.loads(json.dumps(dump(commands)))) == commands


def button(**check: object) -> tuple[Command, ...]:
    """Translate the button of a check run, as GitHub tells it to the App that made the run."""
    data = payload("push", sender={"login": "ann", "type": "User"})
    run = {"external_id": f"{marker.PROOF}1:stable/4.1.x:{A}", "head_sha": A, **check}
    return said("check_run.rerequested", {**data, "action": "rerequested", "check_run": run})


def test_the_button_of_a_proof_asks_for_another() -> None:
    """Whoever presses it, and on which commit, is told on; the delivery names the request."""
    assert button() == (ProofAsked(HELLO, A, "ann", "1"),)


def test_the_button_of_a_verdict_asks_for_another() -> None:
    """The check run's id names the pull request."""
    assert button(external_id=f"{marker.POLICY}1:7") == (GateAsked(HELLO, 7),)


@pytest.mark.parametrize("external_id", [None, "", "42", "conflicts:1:abc", "policy:1:x"])
def test_the_button_of_another_check_run_is_nothing(external_id: str | None) -> None:
    """Check runs of other Apps, and those of ours that show no proof, have nothing to run."""
    assert button(external_id=external_id) == ()


def test_the_button_for_all_check_runs_asks_for_a_proof() -> None:
    """GitHub tells it with the suite's commit alone."""
    data = payload("push", sender={"login": "ann", "type": "User"})
    more = {"action": "rerequested", "check_suite": {"head_sha": A}}
    assert said("check_suite.rerequested", {**data, **more}) == (ProofAsked(HELLO, A, "ann", "1"),)
