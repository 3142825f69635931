"""From a stored delivery to the work that it asks for: one workflow for each command.

A delivery is one workflow by its GUID, so that a redelivery is no second piece of work. Commands
for one pull request are carried out one after the other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from dbos import error as dbos_error

from bot.core import commands, occasion
from bot.core.commands import (
    Asked,
    BackportChanged,
    Claim,
    Command,
    ConfigurationProposed,
    Delivery,
    GateAsked,
    Gated,
    Moved,
    Noted,
    ProofAsked,
    Pushed,
    Reverted,
    RunChanged,
    Spoke,
    Touched,
    Unclaimed,
)
from bot.core.errors import Transient, UserError
from bot.engine import (
    actions,
    again,
    asking,
    backport,
    durable,
    following,
    gating,
    hand_pushes,
    note_asking,
    proposing,
    ruling,
    tracking,
    withdrawing,
)
from bot.engine.durable import Json
from bot.engine.world import world


async def accept(delivery: Delivery) -> None:
    """Store a delivery durably; raises `Transient` where the database does not answer in time."""
    job = {"guid": delivery.guid, "commands": commands.dump(delivery.commands)}
    attributes = {"event": delivery.event, "repository": delivery.repository.full_name}
    await durable.accept(f"gh:{delivery.guid}", deliver, job, attributes=attributes)


async def pass_on(delivery: Delivery) -> None:
    """Take in what a delivery would have brought that never came; not to be called in a step."""
    job = {"guid": delivery.guid, "commands": commands.dump(delivery.commands)}
    await durable.spawn(deliver, f"gh:{delivery.guid}", job, queue="deliveries")


@durable.workflow("delivery")
async def deliver(job: Json) -> None:
    """Send every command of a delivery to the queue of its pull request."""
    for number, command in enumerate(commands.load(job["commands"])):
        await durable.spawn(
            carry_out,
            occasion.name(command) or f"gh:{job['guid']}:{number}",
            {"guid": job["guid"], "command": commands.dump([command])},
            queue="branches",
            partition=f"{command.repository.id}:{_subject(command)}",
        )


def _subject(command: Command) -> str:
    """Name what commands must not touch at the same time."""
    return str(getattr(command, _SUBJECTS.get(type(command), "pull")))


_SUBJECTS: Mapping[type, str] = {
    Reverted: "branch",
    Pushed: "branch",
    BackportChanged: "source",
    RunChanged: "waiting",
    ProofAsked: "sha",
    Moved: "refs",
    Touched: "number",
}
"""Where a command says so, if it is not about one pull request."""


@durable.workflow("command")
async def carry_out(job: Json) -> None:
    """Carry out one command; one that fails is logged, and a claim says so on its pull request."""
    (command,) = commands.load(job["command"])
    observer = world().observer
    name = command.repository.full_name
    with observer.context(delivery=job["guid"], repository=name, pull=_subject(command)):
        try:
            await _WORK[type(command)](command)
        except (UserError, Transient) as error:
            observer.note("stopped", command=command.kind, why=error.message)
            raise
        except dbos_error.DBOSException:
            raise  # a shutdown or a takeover: somebody goes on with this
        except Exception:
            if isinstance(command, Claim):
                await backport.own_up(command)
            raise


_WORK: Mapping[type, Callable[[Any], Awaitable[None]]] = {
    Claim: backport.carry_out,
    Moved: tracking.follow,
    Touched: tracking.follow,
    Asked: asking.carry_out,
    Noted: note_asking.carry_out,
    BackportChanged: following.carry_out,
    RunChanged: actions.wake,
    ProofAsked: again.carry_out,
    ConfigurationProposed: proposing.check,
    Unclaimed: withdrawing.carry_out,
    Reverted: withdrawing.follow,
    GateAsked: gating.asked,
    Gated: gating.carry_out,
    Pushed: hand_pushes.carry_out,
    Spoke: ruling.carry_out,
}
"""What each command starts."""
