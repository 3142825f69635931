"""GitHub Actions without machines: runs are ordered by the App, and driven by whoever tests it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from devkit.github.activity import Activity
from devkit.github.bare import GitFailed
from devkit.github.state import Json, Repository, Run, User
from devkit.github.views import moment
from devkit.github.world import NotFound, now

FOLDER = ".github/workflows"
EVENT = "workflow_dispatch"
_RUN_NAME = re.compile(r"^run-name: *(.+)$", re.MULTILINE)
_INPUTS = re.compile(r"^( *)inputs:\n((?:\1  .*\n)*)", re.MULTILINE)


class NotStartable(Exception):  # noqa: N818 - reads as what happened
    """A workflow does not take an order; the message is GitHub's."""


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow file of the default branch, and its name."""

    name: str
    text: str

    def demand(self, inputs: Mapping[str, str]) -> None:
        """Raise `NotStartable` where the file does not take an order with these inputs."""
        if not re.search(rf"^ *{EVENT}:", self.text, re.MULTILINE):
            raise NotStartable(f"Workflow does not have '{EVENT}' trigger")
        if strange := sorted(inputs.keys() - self._declared()):
            raise NotStartable(f"Unexpected inputs provided: {json.dumps(strange)}")

    def title(self, inputs: Mapping[str, str]) -> str:
        """Give the title of a run: that of `run-name`, or else the file's name."""
        found = _RUN_NAME.search(self.text)
        if found is None:
            return self.name
        title = found[1].strip().strip('"')
        return re.sub(r"\$\{\{ *inputs\.(\w+) *\}\}", lambda name: inputs.get(name[1], ""), title)

    def _declared(self) -> set[str]:
        found = _INPUTS.search(self.text)
        indent = len(found[1]) + 2 if found else 0
        return set(re.findall(rf"^ {{{indent}}}(\w+):", found[2], re.MULTILINE)) if found else set()


class Actions:
    """The runs of all repositories.

    `tells_ids` is false for a server that does not know to tell the id of a run; `loses_orders` is
    true where no run comes of an order; `doubles_orders` where two come of one.
    """

    def __init__(self, activity: Activity) -> None:
        self.tells_ids = True
        self.loses_orders = False
        self.doubles_orders = False
        self._activity = activity

    async def workflow(self, repository: Repository, name: str) -> Workflow:
        """Give a workflow of the default branch; NotFound where its file is not there."""
        path = f"{repository.branch(repository.default_branch)}:{FOLDER}/{name}"
        try:
            raw = await repository.git.run("cat-file", "blob", path)
        except GitFailed as error:
            raise NotFound from error
        return Workflow(name, raw.decode())

    def order(
        self, repository: Repository, workflow: Workflow, inputs: Mapping[str, str], by: User
    ) -> Run | None:
        """Queue a run, as a `workflow_dispatch` does; None where the order is lost."""
        workflow.demand(inputs)
        if self.loses_orders:
            return None
        run = self._queue(repository, workflow, inputs, by)
        if self.doubles_orders:
            self._queue(repository, workflow, inputs, by)
        return run

    def start(self, repository: Repository, run: Run) -> None:
        """Let a machine take a run."""
        run.status, run.started_at = "in_progress", now()
        self._tell("in_progress", repository, run)

    def complete(self, repository: Repository, run: Run, conclusion: str = "success") -> None:
        """End a run, however far it was; `cancelled`, `action_required` and so on are ends too."""
        run.status, run.conclusion = "completed", conclusion
        self._tell("completed", repository, run)

    def again(self, repository: Repository, run: Run) -> None:
        """Have a run made once more, as one attempt more of the same run."""
        run.attempt += 1
        run.status, run.conclusion, run.started_at = "queued", None, now()
        self._tell("requested", repository, run)

    def view(self, repository: Repository, run: Run) -> Json:
        """Show a run."""
        views = self._activity.views
        actor = views.user(run.actor)
        page = f"{views.web}/{repository.full_name}/actions/runs/{run.id}"
        return {
            "id": run.id,
            "name": "Stablehand tests",
            "display_title": run.title,
            "path": f"{FOLDER}/{run.workflow}",
            "event": EVENT,
            "status": run.status,
            "conclusion": run.conclusion,
            "run_number": run.id,
            "run_attempt": run.attempt,
            "head_branch": repository.default_branch,
            "head_sha": run.head_sha,
            "actor": actor,
            "triggering_actor": actor,
            "created_at": moment(run.created_at),
            "run_started_at": moment(run.started_at),
            "updated_at": moment(now()),
            "url": f"{views.api}/repos/{repository.full_name}/actions/runs/{run.id}",
            "html_url": page,
        }

    def _queue(
        self, repository: Repository, workflow: Workflow, inputs: Mapping[str, str], by: User
    ) -> Run:
        moment_ = now()
        run = Run(
            id=self._activity.world.next_id(),
            workflow=workflow.name,
            title=workflow.title(inputs),
            inputs=dict(inputs),
            actor=by,
            head_sha=repository.branch(repository.default_branch) or "",
            created_at=moment_,
            started_at=moment_,
        )
        repository.runs[run.id] = run
        self._tell("requested", repository, run)
        return run

    def _tell(self, action: str, repository: Repository, run: Run) -> None:
        facts = {"workflow_run": self.view(repository, run), "workflow": None}
        self._activity.emit(f"workflow_run.{action}", repository, run.actor, facts)
