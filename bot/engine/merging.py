"""What became of the backports: merged on GitHub, closed, or pushed to their branch by hand."""

from __future__ import annotations

from dataclasses import replace

from bot.core.checklist import Checklist, Row
from bot.core.commands import BackportClosed, Landed, LandedCommit
from bot.core.landing import Landing, Way
from bot.engine import durable, report
from bot.engine.world import github


async def note_closed(command: BackportClosed) -> None:
    """Show in the checklist that a backport pull request was merged or closed."""
    await durable.step("note closed", _note_closed, command, returns=None)


async def _note_closed(command: BackportClosed) -> None:
    pull = await github(command.repository).pull(command.pull)
    landing = (
        Landing(pull.merge_commit_sha, Way.PULL, pull.merged_by)
        if pull.merged and pull.merge_commit_sha
        else None
    )

    def change(row: Row) -> Row:
        if row.pull != command.pull:
            return row
        return replace(row, landing=landing or row.landing, closed=not pull.is_open)

    await report.amend(command.repository, command.source, lambda old: old.changed(change))


async def note_landed(command: Landed) -> None:
    """Show in the checklists which backports a push brought to their branch."""
    for commit in command.commits:
        await durable.step("note landed", _note_landed, command, commit, returns=None)


async def _note_landed(command: Landed, commit: LandedCommit) -> None:
    def change(row: Row) -> Row:
        return (
            replace(row, landing=Landing(commit.sha, Way.MENTION))
            if row.branch == command.branch
            else row
        )

    def change_if_ours(old: Checklist) -> Checklist:
        ours = any(source.startswith(commit.source_sha) for source in old.sources)
        return old.changed(change) if ours else old

    for pull in await github(command.repository).pulls_of_commit(commit.source_sha):
        await report.amend(command.repository, pull.number, change_if_ours)
