"""Workflows of GitHub Actions: an order to run one, and the runs that came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.adapters.github_errors import NotFound, Rejected
from bot.adapters.github_session import InstallationSession, Json
from bot.core.errors import UserError
from bot.core.model import Repository
from bot.core.workflow_run import EVENT, Run

_DETAILS = "return_run_details"
_MEND = "A committer must put it right: `python -m bot doctor --workflow` prints the file."


class Workflows:
    """The workflows of one repository, named by their file (`stablehand.yml`)."""

    def __init__(self, session: InstallationSession, repository: Repository) -> None:
        self._session = session
        self._repository = repository

    async def dispatch(self, workflow: str, inputs: Mapping[str, str]) -> int | None:
        """Order a run of the workflow as it stands on the default branch.

        Gives the run's id where this GitHub tells it. Raises UserError, saying who must act, where
        the file is missing, does not take the order or its inputs, or the App may not give it.
        """
        home = await self._session.get(self._url(""))
        order: Json = {"ref": home["default_branch"], "inputs": dict(inputs)}
        try:
            return await self._ordered(workflow, order)
        except NotFound as error:
            raise UserError(
                f"The workflow `.github/workflows/{workflow}` is not on `{order['ref']}`, or "
                f"Actions are switched off. {_MEND}"
            ) from error
        except Rejected as refusal:
            raise UserError(
                f"The workflow `.github/workflows/{workflow}` cannot be started. "
                f"{refusal.message}. {_MEND}"
            ) from refusal

    async def _ordered(self, workflow: str, order: Json) -> int | None:
        """Order the run and ask for its id, which servers of one's own may not know to give."""
        url = self._url("/actions/workflows/{workflow}/dispatches", workflow=workflow)
        try:
            answer = await self._session.order(url, {**order, _DETAILS: True})
        except Rejected as refusal:
            if _DETAILS not in refusal.message:
                raise
            answer = await self._session.order(url, order)
        found: int | None = answer.get("workflow_run_id")
        return found

    async def runs(self, workflow: str) -> tuple[Run, ...]:
        """Give the hundred newest runs that were ordered, the newest first."""
        url = self._url(
            f"/actions/workflows/{{workflow}}/runs?event={EVENT}&per_page=100", workflow=workflow
        )
        answer = await self._session.get(url)
        return tuple(map(_run, answer["workflow_runs"]))

    async def run(self, run_id: int) -> Run | None:
        """Give one run, None if there is none or it was deleted."""
        try:
            return _run(await self._session.get(self._url(f"/actions/runs/{run_id}")))
        except NotFound:
            return None

    def _url(self, template: str, **names: str) -> str:
        owner, repo = self._repository.owner, self._repository.name
        return self._session.url(
            f"/repos/{{owner}}/{{repo}}{template}", owner=owner, repo=repo, **names
        )


def _run(raw: Json) -> Run:
    """Read a run."""
    begun = datetime.fromisoformat(raw.get("run_started_at") or raw["created_at"])
    now = datetime.fromisoformat(raw["updated_at"])
    return Run(
        id=raw["id"],
        title=raw.get("display_title") or "",
        by_app=(raw.get("actor") or {}).get("type") == "Bot",
        attempt=raw.get("run_attempt") or 1,
        status=raw.get("status") or "",
        conclusion=raw.get("conclusion") or "",
        url=raw["html_url"],
        seconds=(now - begun).total_seconds(),
    )
