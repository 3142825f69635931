"""GitHub Actions: workflows ordered, and their runs looked at."""

from __future__ import annotations

from devkit.github.actions import NotStartable
from devkit.github.rest import Answer, Call, Refused, serves
from devkit.github.world import NotFound

DETAILS = "return_run_details"


@serves("actions/create-workflow-dispatch", "actions:write")
async def dispatch(call: Call) -> Answer:
    """Order a run of a workflow of the default branch; tell its id where that is asked for."""
    actions, repository, body = call.site.actions, call.repository, call.body
    workflow = await actions.workflow(repository, call.parameters["workflow_id"])
    if DETAILS in body and not actions.tells_ids:
        raise Refused(422, f'Invalid request.\n\n"{DETAILS}" is not a permitted key.')
    if repository.branch(body["ref"]) is None:
        raise Refused(422, f"No ref found for: {body['ref']}")
    try:
        run = actions.order(repository, workflow, body.get("inputs", {}), call.actor)
    except NotStartable as error:
        raise Refused(422, str(error)) from error
    if not body.get(DETAILS):
        return Answer(204, None)
    number = run.id if run else call.site.world.next_id()
    address = f"{repository.full_name}/actions/runs/{number}"
    told = {
        "workflow_run_id": number,
        "run_url": f"{call.site.views.api}/repos/{address}",
        "html_url": f"{call.site.views.web}/{address}",
    }
    return Answer(200, told)


@serves("actions/list-workflow-runs", "actions:read")
async def list_runs(call: Call) -> Answer:
    """List the runs of a workflow, the newest first; all here were ordered."""
    repository, workflow = call.repository, call.parameters["workflow_id"]
    runs = [run for run in reversed(repository.runs.values()) if run.workflow == workflow]
    shown, headers = call.cut(runs)
    views = [call.site.actions.view(repository, run) for run in shown]
    return Answer(200, {"total_count": len(runs), "workflow_runs": views}, headers)


@serves("actions/get-workflow-run", "actions:read")
async def get_run(call: Call) -> Answer:
    """Show a run."""
    run = call.repository.runs.get(call.parameters["run_id"])
    if run is None:
        raise NotFound
    return Answer(200, call.site.actions.view(call.repository, run))
