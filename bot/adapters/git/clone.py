"""What can be asked of any git repository once it is at hand."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bot.adapters.git.difference import difference
from bot.adapters.git.equality import compare
from bot.adapters.git.export import export
from bot.adapters.git.gated import gated
from bot.adapters.git.objects import Objects
from bot.adapters.git.owners import owners
from bot.adapters.git.pick import pick
from bot.adapters.git.prerequisites import prerequisites
from bot.adapters.git.run import Call
from bot.adapters.resolvers import Read, settlers
from bot.core.advice import Advice
from bot.core.equality import Equality
from bot.core.model import GUESSES, Conflict, Pick, Recipe, Rules
from bot.core.split import FileChange
from bot.mirror_ports import NO_RULES


class Clone:
    """A repository that is read, and in whose quarantine picked commits are written.

    `environ` is for the tool that fetches the formatter which a branch keeps to.
    """

    def __init__(self, objects: Objects, environ: Mapping[str, str]) -> None:
        self.objects = objects
        self._environ = environ

    async def pick(
        self, commits: Sequence[str], onto: str, recipe: Recipe, rules: Rules = NO_RULES
    ) -> Pick:
        """Bring commits (oldest first) on to a commit, without any work tree.

        What git cannot merge is shown to the resolvers that the rules allow; release notes are
        settled by their style wherever the commits touch them. The gate looks at the result, and
        a guess in which it finds something is taken back.
        """
        found = await self._pick(commits, onto, recipe, rules)
        doubtful = {finding.path for finding in found.findings}
        if any(one.by in GUESSES and one.path in doubtful for one in found.resolved):
            sober = replace(rules, enabled=rules.enabled - GUESSES)
            return await self._pick(commits, onto, recipe, sober)
        return found

    async def _pick(self, commits: Sequence[str], onto: str, recipe: Recipe, rules: Rules) -> Pick:
        source, target = self._reads(commits[-1] if commits else onto), self._reads(onto)
        allowed = settlers(rules, source, target, self._environ)
        return await self.gated(onto, await pick(self.objects, commits, onto, recipe, allowed))

    async def gated(self, onto: str, picked: Pick) -> Pick:
        """Add what the gate finds to a pick; every pick goes through it."""
        return await gated(self.objects, onto, picked)

    async def compare(self, sources: Sequence[str], base: str, head: str) -> Equality:
        """Say how the change from `base` to `head` differs from that of the sources together."""
        return await compare(self.objects, sources, base, head)

    async def advise(
        self, source: str, onto: str, conflicts: Sequence[Conflict], main: str
    ) -> Advice:
        """Find what a conflict may lack and who knows its lines; empty where that takes long."""
        return Advice(
            await prerequisites(self.objects, source, onto, conflicts, main),
            await owners(self.objects, source, onto, conflicts),
        )

    async def difference(self, old: str, new: str) -> tuple[FileChange, ...]:
        """Give each file that differs between two commits, whole; a rename is two changes."""
        return difference(self.objects, old, new)

    async def diff(self, old: str, new: str, paths: Sequence[str]) -> str:
        """Give the difference of some paths between two commits, as a patch for people."""
        call = Call(env={"GIT_LITERAL_PATHSPECS": "1"})
        done = await self.objects.git("diff", "--no-color", old, new, "--", *paths, call=call)
        return done.out.decode(errors="replace")

    def _reads(self, commit: str) -> Read:
        """Give a reader of the files of a commit."""

        def read(path: str) -> bytes | None:
            found = self.objects.read(commit.encode() + b":" + os.fsencode(path))
            return found.data if found is not None and found.kind == "blob" else None

        return read

    async def read(self, commit: str, path: str) -> bytes | None:
        """Give a file's bytes at a commit, None if it is not there."""
        return self._reads(commit)(path)

    async def subject(self, commit: str) -> str:
        """Give the first line of a commit's message, in whatever encoding it was written."""
        return await self.objects.git.line("log", "-1", "--format=%s", commit)

    async def message(self, commit: str) -> str:
        """Give a commit's whole message, in whatever encoding it was written."""
        return await self.objects.git.line("log", "-1", "--format=%B", commit)

    async def merge_base(self, one: str, other: str) -> str | None:
        """Give the best common ancestor of two commits, None if there is none."""
        call = Call(accept=(0, 1))
        return await self.objects.git.line("merge-base", one, other, call=call) or None

    async def has(self, commit: str) -> bool:
        """Tell whether the repository holds a commit (full object name)."""
        return self.objects.commit(commit) is not None

    async def export(self, commit: str, into: Path) -> None:
        """Write the whole tree of a commit into an empty folder."""
        await export(self.objects.git, commit, into)
