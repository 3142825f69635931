"""Issues, and the side of a pull request that every issue has: labels, milestone, timeline."""

from __future__ import annotations

from devkit.github.rest import Answer, Call, Refused, invalid, serves
from devkit.github.state import Json

READ = ("issues:read", "pull_requests:read")
WRITE = ("issues:write", "pull_requests:write")


@serves("issues/get", *READ)
async def get(call: Call) -> Answer:
    """Show an issue, or a pull request as one."""
    issue = call.repository.issues.get(call.parameters["issue_number"])
    if issue:
        return Answer(200, call.site.issues.show(call.repository, issue))
    return Answer(200, call.site.views.issue(call.repository, call.pull))


@serves("issues/create", "issues:write")
async def create(call: Call) -> Answer:
    """Open an issue."""
    text = (call.body["title"], call.body.get("body") or "")
    issue = call.site.issues.open(call.repository, text, call.actor)
    return Answer(201, call.site.issues.show(call.repository, issue))


@serves("issues/list-for-repo", *READ)
async def list_issues(call: Call) -> Answer:
    """List issues and pull requests, the newest first; open ones, unless others are asked for."""
    repository, state = call.repository, call.parameters.get("state", "open")
    every = call.site.issues.every(repository)
    wanted = [one for one in every if state in {one["state"], "all"}]
    return call.page(wanted, lambda one: one)


@serves("issues/update", *WRITE)
async def update(call: Call) -> Answer:
    """Set labels, milestone, title, body or state in one call; of a mere issue its text alone."""
    issue = call.repository.issues.get(call.parameters["issue_number"])
    if issue:
        call.site.issues.edit(call.repository, issue, call.body["body"], call.actor)
        return Answer(200, call.site.issues.show(call.repository, issue))
    repository, pull, body, activity = call.repository, call.pull, call.body, call.site.activity
    milestone = body.get("milestone", pull.milestone)
    if milestone is not None and int(milestone) not in repository.milestones:
        raise invalid("Issue", field="milestone", code="invalid")
    pull.milestone = milestone and int(milestone)
    if "labels" in body:
        activity.set_labels(repository, pull, _names(body["labels"]), call.actor)
    changes = {name: body[name] for name in ("title", "body") if body.get(name) is not None}
    if changes:
        activity.edit(repository, pull, changes, call.actor)
    activity.set_state(repository, pull, body.get("state", pull.state), call.actor)
    return Answer(200, call.site.views.issue(repository, pull))


@serves("issues/list-events-for-timeline", *READ)
async def list_timeline(call: Call) -> Answer:
    """List what happened on a pull request, oldest first."""
    repository, pull = call.repository, call.pull
    return call.page(pull.timeline, lambda event: call.site.views.event(repository, pull, event))


@serves("issues/list-labels-on-issue", *READ)
async def list_labels(call: Call) -> Answer:
    """List the labels that are on."""
    return call.page(call.pull.labels, lambda name: call.site.views.label(call.repository, name))


@serves("issues/add-labels", *WRITE)
async def add_labels(call: Call) -> Answer:
    """Put labels on and show all that are on then."""
    body = call.body
    for name in _names(body["labels"] if isinstance(body, dict) else body):
        call.site.activity.label(call.repository, call.pull, name, call.actor)
    return Answer(200, _labels(call))


@serves("issues/remove-label", *WRITE)
async def remove_label(call: Call) -> Answer:
    """Take a label off and show those left."""
    name = call.parameters["name"]
    if name not in call.pull.labels:
        raise Refused(404, "Label does not exist")
    call.site.activity.unlabel(call.repository, call.pull, name, call.actor)
    return Answer(200, _labels(call))


def _labels(call: Call) -> Json:
    return [call.site.views.label(call.repository, name) for name in call.pull.labels]


def _names(labels: Json) -> list[str]:
    return [one if isinstance(one, str) else one["name"] for one in labels]
