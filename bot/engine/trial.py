"""One proof, made on a tree of its own: the base is laid out, and the backport applied in parts."""

from __future__ import annotations

import errno
from pathlib import Path

from bot.core import check
from bot.core.errors import Transient, UserError
from bot.core.model import Conclusion, TestReport
from bot.core.proof import Proof, Stage
from bot.core.split import Split, split
from bot.engine.errand import Errand
from bot.engine.proving import ProofJob, Tell, prove
from bot.engine.world import github, world
from bot.machine_ports import Log
from bot.mirror_ports import Mirror

_HEADS = "refs/heads/"
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


def not_run(why: str) -> Proof:
    """Give the proof of which there is nothing but the reason."""
    return Proof(Conclusion.NEUTRAL, "Tests not run", notes=(why,))


async def hold(errand: Errand, log: Log, tell: Tell) -> Proof:
    """Prove an errand, whatever comes; what kept it from being proved is neutral, and said.

    Raises Transient where trying again may help.
    """
    try:
        return await _hold(errand, log, tell)
    except UserError as error:
        return not_run(error.message)
    except Transient:
        raise
    except Exception as error:  # noqa: BLE001 - a check run must not wait for ever
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            return not_run(
                "there is no room for the tree of this commit; whoever runs Stablehand must make "
                "some, in memory or under the data folder"
            )
        world().observer.bug(error)
        return not_run("a fault in Stablehand itself stopped the run; whoever runs it was told")


async def _hold(errand: Errand, log: Log, tell: Tell) -> Proof:
    def keep(stage: Stage, report: TestReport) -> None:
        log.write(f"{stage}: {report.title}", report.output or report.tail)

    with world().scratch() as tree:
        parts = await lay_out(errand, tree)
        log.write(f"{errand.repository.full_name}, {errand.branch}, {errand.sha}", str(parts))
        job = ProofJob(
            plan=errand.plan,
            tree=tree,
            split=parts,
            drift=errand.drift,
            runner=world().runner,
            apply=world().apply,
            log=keep,
            command=check.reproduction(".", errand.sha, errand.onto, errand.branch),
        )
        return await prove(job, tell)


async def lay_out(errand: Errand, tree: Path) -> Split:
    """Write the tree of the base, and give what the backport changes in it."""
    async with world().mirrors.open(errand.repository) as mirror:
        base = await _base(errand, mirror)
        await mirror.export(base, tree)
        return split(await mirror.difference(base, errand.sha), errand.plan.test_paths)


async def _base(errand: Errand, mirror: Mirror) -> str:
    """Find where the backport forked; another machine's mirror may have to fetch first."""
    onto: str | None = errand.onto
    if not (await mirror.has(errand.sha) and await mirror.has(errand.onto)):
        target = _HEADS + errand.branch
        token = await github(errand.repository).token()
        refs = await mirror.fetch(token, (_HEADS + errand.head_branch, target))
        onto = errand.onto if await mirror.has(errand.onto) else refs.get(target)
    if not await mirror.has(errand.sha):
        raise UserError(f"the commit {errand.sha[:12]} is gone: somebody pushed another one")
    base = await mirror.merge_base(errand.sha, onto) if onto else None
    if base is None:
        raise UserError(
            f"the branch {errand.branch} has no commit in common with this backport, so there is "
            "nothing to compare it with; a maintainer must look at the branch"
        )
    return base
