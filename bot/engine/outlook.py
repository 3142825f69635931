"""What a motion is about: the source, and for each target its phase, the policy, the pick."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.core import comments, phases
from bot.core.commands import Spoke
from bot.core.config import Configuration
from bot.core.errors import UserError
from bot.core.model import Outcome, PullRequest, Repository, Target
from bot.core.phases import PolicyVerdict
from bot.core.vote_record import Outlook
from bot.engine import exception
from bot.engine.exception import Job, Order
from bot.engine.picking import Picked, Picking, pick_and_push
from bot.engine.world import github, world
from bot.ports import GitHub

_TICKET = re.compile(r"[^-\n]*?#(\d{1,8})\b")
_PICKS = {
    Outcome.PICKED: "applies cleanly",
    Outcome.CONFLICT: "a person must resolve conflicts",
    Outcome.ALREADY_THERE: "is there already",
    Outcome.NOTHING_TO_PICK: "changes nothing there",
    Outcome.MISSING: "there is no such branch",
}


@dataclass(frozen=True, slots=True)
class Prospect:
    """What may be asked: the commit, its targets, and what to expect of each.

    `name` is the ticket that the commit's subject names. `left_out` are sentences about targets
    that need no exception.
    """

    commit: str
    name: str
    pull: int
    targets: tuple[Target, ...]
    outlook: tuple[Outlook, ...]
    left_out: tuple[str, ...] = ()


async def source(api: GitHub, command: Spoke, named: str) -> PullRequest:
    """Give the merged pull request that a motion is about; raises UserError where there is none."""
    number = int(named[1:]) if named.startswith("#") else 0
    if named and not number:
        found = [pull for pull in await api.pulls_of_commit(named) if not pull.is_open]
        if len(found) != 1:
            raise UserError(
                f"GitHub knows no one merged pull request of the commit {named}; name the pull "
                "request: `/exception request 4.1 of #123`."
            )
        number = found[0].number
    if not number and not command.is_pull:
        raise UserError(
            "An issue does not say which fix is meant; name its pull request: "
            "`/exception request 4.1 of #123`."
        )
    pull = await api.pull(number or command.pull)
    if pull.is_open:
        raise UserError(
            f"#{pull.number} is not merged yet. What is decided on is a commit of the default "
            "branch; ask again after the merge."
        )
    return pull


async def look(
    repository: Repository,
    configuration: Configuration,
    pull: PullRequest,
    asked: tuple[tuple[str, ...], str],
) -> Prospect:
    """Forecast the picks and judge the policy; `asked` are series and the text of the request.

    Raises UserError where nothing is left to decide on.
    """
    series, text = asked
    picking = await _forecast(repository, configuration, pull, series)
    if not picking.sources:
        raise UserError(comments.not_landed(pull.base_branch, picking.candidates))
    missing = [one.target.series for one in picking.targets if one.pick.outcome is Outcome.MISSING]
    if missing:
        raise UserError(f"There is no branch for {', '.join(missing)}; name series that exist.")
    verdicts = _judge(configuration, pull, text, picking)
    needed, out = [], []
    for one in picking.targets:
        why = _needless(one, verdicts.get(one.target.series))
        out += [why] if why else []
        needed += [] if why else [one]
    if not needed:
        raise UserError(f"No exception is needed. {' '.join(out)}".strip())
    ticket = _TICKET.match(picking.subject)
    return Prospect(
        commit=picking.sources[-1],
        name=ticket.group(1) if ticket else f"pull-{pull.number}",
        pull=pull.number,
        targets=tuple(one.target for one in needed),
        outlook=tuple(_outlook(one, verdicts.get(one.target.series)) for one in needed),
        left_out=tuple(out),
    )


async def _forecast(
    repository: Repository, configuration: Configuration, pull: PullRequest, series: tuple[str, ...]
) -> Picking:
    api = github(repository)
    job = Job(
        repository=repository,
        pull=pull,
        configuration=configuration,
        labels=(configuration.label,),
        label="/exception request",
        actor="",
        pull_commits=await exception.commits_of(api, pull),
        timeline=await api.timeline(pull.number),
        order=Order(series=series, forecast=True),
    )
    return await pick_and_push(job)


def _judge(
    configuration: Configuration, pull: PullRequest, text: str, picking: Picking
) -> dict[str, PolicyVerdict]:
    """Judge the fix by the policy for each target, where a policy is configured."""
    table, policy = configuration.policy, configuration.policy_table()
    if table is None or policy is None:
        return {}
    said = phases.read_class(pull.labels, f"{pull.body}\n{text}", table.label_prefix)
    if said.problem:
        raise UserError(said.problem)
    today = world().clock().date()
    names = [one.target.series for one in picking.targets]
    return {name: phases.judge(policy, name, said.fix_class, today) for name in names}


def _needless(picked: Picked, verdict: PolicyVerdict | None) -> str:
    """Say why a target needs no exception, empty where it does."""
    series = picked.target.series
    if picked.pick.outcome in {Outcome.ALREADY_THERE, Outcome.NOTHING_TO_PICK}:
        return f"{series} has the fix already."
    if verdict and verdict.allowed:
        return f"The policy allows it: {verdict.why} It says: “{verdict.rule}”"
    return ""


def _outlook(picked: Picked, verdict: PolicyVerdict | None) -> Outlook:
    pick = picked.pick
    conflicts = f" in {_files(len(pick.conflicts))}" if pick.conflicts else ""
    rules = ", ".join(sorted({one.by for one in pick.resolved}))
    settled = f"; {_files(len(pick.resolved))} settled by {rules}" if rules else ""
    return Outlook(
        series=picked.target.series,
        phase=str(verdict.phase or "not known") if verdict else "",
        policy=verdict.why if verdict else "",
        pick=f"{'applies' if settled else _PICKS[pick.outcome]}{conflicts}{settled}",
        next_version=picked.note.place.version if picked.note else "",
    )


def _files(number: int) -> str:
    return f"{number} file{'s' if number != 1 else ''}"
