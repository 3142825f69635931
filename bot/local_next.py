"""What a person does next about one target of local mode, as lines to read or to paste."""

from __future__ import annotations

from shlex import quote

from bot.core.model import Outcome
from bot.local import FAILED, Forecast, LocalTarget

_NOT_PICKED = {
    Outcome.ALREADY_THERE: "nothing to do",
    Outcome.NOTHING_TO_PICK: "name a commit that changes files",
    Outcome.MISSING: "check the name; `git fetch` brings what is new",
}


def steps(target: LocalTarget, answer: Forecast) -> tuple[str, ...]:
    """Give the steps in order; a command has its line for itself."""
    head = quote(target.head_branch or "")
    if target.pick.outcome in _NOT_PICKED:
        return (_NOT_PICKED[target.pick.outcome],)
    if target.pick.outcome is Outcome.CONFLICT:
        return _by_hand(target, head, answer.commits) if target.pick.conflicts else ()
    if target.detail:
        return ("see to that branch, then run this again",)
    if target.tests and target.tests.conclusion in FAILED:
        return ("find out why the tests fail before you push the branch",)
    mend = ("mend on that branch what is named above",) if target.pick.findings else ()
    if answer.created:
        return (*mend, f"git push origin {head}")
    return ("`backport` with the same arguments creates the branch", *mend)


def _by_hand(target: LocalTarget, head: str, commits: tuple[str, ...]) -> tuple[str, ...]:
    """Give the commands that make the pick by hand, and what its message needs."""
    commands = (
        f"git switch --no-track -c {head} {quote(target.onto)}",
        f"git cherry-pick {' '.join(commits)}",
    )
    if target.recipe is None:
        return commands
    again = ("what a rule resolved above conflicts there too",) if target.pick.resolved else ()
    prefix, trailer = target.recipe.subject_prefix, target.recipe.trailer
    name = commits[0] if len(commits) == 1 else "<its full sha on the other branch>"
    begin = (f"begin each picked subject with “{prefix}”",) if prefix else ()
    end = trailer.replace("{sha}", name)
    return (*commands, *again, *begin, "end each picked message with this line:", end)
