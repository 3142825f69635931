"""Create head branches on GitHub, all in one push, and never move one that is there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.adapters.git.objects import Objects
from bot.adapters.git.remote import Answer, Remote, failure, talk
from bot.core.model import Push, PushState

HEADS = "refs/heads/"


@dataclass(frozen=True, slots=True)
class Pusher:
    """Pushes to one project; `bot` is our own `Name <email>`, by which we know our commits."""

    objects: Objects
    remote: Remote
    bot: str

    async def push(
        self, heads: Mapping[str, str], standing: Mapping[str, str], replace: Collection[str]
    ) -> Mapping[str, Push]:
        """Create each branch (name → sha) that is not among those standing (name → sha).

        One that is to be replaced is moved, if it still stands there as an earlier pick of ours.
        """
        done = {
            name: self._compare(sha, standing[name])
            for name, sha in heads.items()
            if name in standing
        }
        kept = {name for name, push in done.items() if push.state is PushState.KEPT}
        leases = {name: standing[name] for name in kept.intersection(replace)}
        new = {name: sha for name, sha in heads.items() if name not in done or name in leases}
        if new:
            done |= await self._create(new, leases)
        return {name: done[name] for name in heads}

    async def _create(self, heads: Mapping[str, str], leases: Mapping[str, str]) -> dict[str, Push]:
        done = _read_answer(heads, await self._send(heads, leases, "--atomic"))
        refused = {name: sha for name, sha in heads.items() if _is_refused(done[name])}
        if refused and len(heads) > 1:
            # Together they fail for the sake of one: each for itself shows which.
            done |= _read_answer(refused, await self._send(refused, leases))
        return done | await self._look_again(
            {name: push for name, push in done.items() if _is_refused(push)}, heads
        )

    async def _send(
        self, heads: Mapping[str, str], there: Mapping[str, str], *options: str
    ) -> Answer:
        leases = [f"--force-with-lease={HEADS}{name}:{there.get(name, '')}" for name in heads]
        refspecs = [f"{sha}:{HEADS}{name}" for name, sha in heads.items()]
        answer = await talk(
            *(self.objects.git, self.remote, "push", "--porcelain", "--no-verify"),
            *(*options, *leases, self.remote.url, *refspecs),
        )
        if answer.result.code and not _lines(answer):
            raise failure(self.remote, "Pushing to", answer)
        return answer

    async def _look_again(
        self, refused: Mapping[str, Push], heads: Mapping[str, str]
    ) -> dict[str, Push]:
        """Say what stands where a push was refused: perhaps our own, its answer lost."""
        if not refused:
            return {}
        refs = [HEADS + name for name in refused]
        answer = await talk(self.objects.git, self.remote, "ls-remote", self.remote.url, *refs)
        if answer.result.code:
            raise failure(self.remote, "Reading from", answer)
        lines = [line.split("\t") for line in answer.result.out.decode().splitlines()]
        standing = {ref: sha for sha, ref in lines}
        return {
            name: self._compare(heads[name], standing[HEADS + name])
            if HEADS + name in standing
            else push
            for name, push in refused.items()
        }

    def _compare(self, wanted: str, there: str) -> Push:
        if wanted == there:
            return Push(PushState.UNCHANGED, there)
        commit = self.objects.commit(there)
        if commit is None:
            return Push(
                PushState.REFUSED, there, "The branch was created meanwhile, with another commit."
            )
        if commit.committer.startswith(f"{self.bot} ".encode()):
            return Push(PushState.KEPT, there, "An earlier pick of ours stands there.")
        return Push(PushState.FOREIGN, there, "It holds a commit that we did not make.")


def _is_refused(push: Push) -> bool:
    return push.state is PushState.REFUSED


def _lines(answer: Answer) -> list[list[str]]:
    """Give (flag, from:to, summary) of each ref in the porcelain output."""
    lines = answer.result.out.decode(errors="replace").splitlines()
    return [fields for line in lines if len(fields := line.split("\t")) == 3]  # noqa: PLR2004 - as documented by git


def _read_answer(heads: Mapping[str, str], answer: Answer) -> dict[str, Push]:
    said = {fields[1].partition(":")[2]: fields for fields in _lines(answer)}
    return {
        name: _read_ref(sha, said.get(HEADS + name), answer.words) for name, sha in heads.items()
    }


def _read_ref(sha: str, fields: list[str] | None, words: str) -> Push:
    if fields is None:
        return Push(PushState.REFUSED, None, words or "GitHub did not say why.")
    flag, _, summary = fields
    if flag in {"*", "+", " "}:
        return Push(PushState.CREATED, sha)
    if flag == "=":
        return Push(PushState.UNCHANGED, sha)
    return Push(PushState.REFUSED, None, f"{summary} {words}".strip())
