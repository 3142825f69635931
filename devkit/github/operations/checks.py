"""Check runs: created, brought forward and found again."""

from __future__ import annotations

from devkit.github.operations.commits import resolved
from devkit.github.rest import Answer, Call, invalid, serves
from devkit.github.state import Check
from devkit.github.views import moment
from devkit.github.world import now


@serves("checks/create", "checks:write")
async def create(call: Call) -> Answer:
    """Create a check run on a commit that the repository holds."""
    site, repository, sha = call.site, call.repository, call.body["head_sha"]
    if await repository.git.resolve(sha) is None:
        message = f"No commit found for SHA: {sha}"
        raise invalid("CheckRun", field="head_sha", code="custom", message=message)
    check = Check(site.world.next_id(), _suite(call, sha), now(), {})
    repository.checks[check.id] = check
    _set(call, check)
    _announce(call, check, "created")
    return Answer(201, site.views.check(repository, check))


@serves("checks/update", "checks:write")
async def update(call: Call) -> Answer:
    """Bring a check run to a new state."""
    check = _check(call)
    _set(call, check)
    if check.fields["status"] == "completed":
        _announce(call, check, "completed")
    return Answer(200, call.site.views.check(call.repository, check))


@serves("checks/get", "checks:read")
async def get(call: Call) -> Answer:
    """Show a check run."""
    return Answer(200, call.site.views.check(call.repository, _check(call)))


@serves("checks/list-annotations", "checks:read")
async def list_annotations(call: Call) -> Answer:
    """List the annotations of a check run."""
    return call.page(_check(call).annotations, lambda annotation: annotation)


@serves("checks/list-for-ref", "checks:read")
async def list_for_ref(call: Call) -> Answer:
    """List the check runs of a commit, by name and status; the latest of a name unless told."""
    sha, wanted = await resolved(call, call.parameters["ref"]), call.parameters
    checks = [
        check
        for check in call.repository.checks.values()
        if check.fields["head_sha"] == sha
        and wanted.get("check_name", check.fields["name"]) == check.fields["name"]
        and wanted.get("status", check.fields["status"]) == check.fields["status"]
    ]
    if wanted.get("filter", "latest") == "latest":
        checks = list({check.fields["name"]: check for check in checks}.values())
    shown, headers = call.cut(checks)
    views = [call.site.views.check(call.repository, check) for check in shown]
    return Answer(200, {"total_count": len(checks), "check_runs": views}, headers)


def _check(call: Call) -> Check:
    return call.site.world.check(call.repository, call.parameters["check_run_id"])


def _set(call: Call, check: Check) -> None:
    """Take over what was sent; a conclusion completes the run and annotations add up, as there."""
    output = {**check.fields.get("output", {}), **call.body.get("output", {})}
    check.annotations += output.pop("annotations", ())
    check.fields |= call.body
    if output:
        check.fields["output"] = output
    if "conclusion" in call.body:
        check.fields["status"] = "completed"
        check.fields.setdefault("completed_at", moment(now()))
    check.fields.setdefault("status", "queued")


def _suite(call: Call, sha: str) -> int:
    """Give the suite of the App on a commit: one for all its check runs there."""
    for check in call.repository.checks.values():
        if check.fields.get("head_sha") == sha:
            return check.suite
    return call.site.world.next_id()


def _announce(call: Call, check: Check, action: str) -> None:
    facts = {"check_run": call.site.views.check(call.repository, check)}
    call.site.activity.emit(f"check_run.{action}", call.repository, call.actor, facts)
