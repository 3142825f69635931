"""The App itself: its installations, its tokens and its deliveries."""

from __future__ import annotations

from devkit.github import gate
from devkit.github.rest import Answer, Call, Refused, serves
from devkit.github.state import Installation, Json
from devkit.github.views import moment
from devkit.github.webhooks import Delivery
from devkit.github.world import NotFound


@serves("apps/get-authenticated")
async def get_app(call: Call) -> Answer:
    """Show the App."""
    return Answer(200, call.site.views.app())


@serves("apps/list-installations")
async def list_installations(call: Call) -> Answer:
    """List where the App is installed."""
    return call.page(list(call.site.world.installations.values()), call.site.views.installation)


@serves("apps/get-installation")
async def get_installation(call: Call) -> Answer:
    """Show one installation."""
    return Answer(200, call.site.views.installation(_installation(call)))


@serves("apps/get-repo-installation")
async def get_repository_installation(call: Call) -> Answer:
    """Show the installation that covers a repository."""
    installation = call.site.world.installation(call.repository.owner.login)
    return Answer(200, call.site.views.installation(installation))


@serves("apps/list-repos-accessible-to-installation", "metadata:read")
async def list_repositories(call: Call) -> Answer:
    """List the repositories that a token reaches."""
    every = call.site.world.repositories.values()
    reached = [one for one in every if call.token and gate.reaches(call.token, one)]
    shown, headers = call.cut(reached)
    repositories = [call.site.views.repository(one) for one in shown]
    return Answer(200, {"total_count": len(reached), "repositories": repositories}, headers)


@serves("apps/create-installation-access-token")
async def create_token(call: Call) -> Answer:
    """Issue a token, never with more than the installation was granted."""
    installation = _installation(call)
    asked = call.body or {}
    if set(asked.get("permissions", {})) - set(installation.permissions):
        raise Refused(422, "The permissions requested are not granted to this installation.")
    value, token = call.site.world.issue_token(installation, asked)
    body = {
        "token": value,
        "expires_at": moment(token.expires_at),
        "permissions": token.permissions,
        "repository_selection": "all" if token.repositories is None else "selected",
    }
    return Answer(201, body)


@serves("apps/list-webhook-deliveries")
async def list_deliveries(call: Call) -> Answer:
    """List deliveries, newest first; `cursor` is the number of the next one to show."""
    newest = list(reversed(call.site.webhooks.deliveries))
    start = int(call.parameters.get("cursor", newest[0].id if newest else 0))
    size = call.parameters.get("per_page", 30)
    rest = [one for one in newest if one.id <= start]
    headers = {}
    if len(rest) > size:
        following = call.url.update_query(cursor=str(rest[size].id))
        headers["Link"] = f'<{following}>; rel="next"'
    return Answer(200, [_shown(one) for one in rest[:size]], headers)


@serves("apps/get-webhook-delivery")
async def get_delivery(call: Call) -> Answer:
    """Show one delivery with what was sent and answered."""
    delivery = _delivery(call)
    details = {
        "request": {"headers": {}, "payload": delivery.payload},
        "response": {"headers": {}, "payload": delivery.answer},
    }
    return Answer(200, {**_shown(delivery), **details})


@serves("apps/redeliver-webhook-delivery")
async def redeliver(call: Call) -> Answer:
    """Deliver again, under the same GUID."""
    call.site.webhooks.redeliver(_delivery(call).id)
    return Answer(202, {})


def _installation(call: Call) -> Installation:
    found = call.site.world.installations.get(call.parameters["installation_id"])
    if found is None:
        raise NotFound
    return found


def _delivery(call: Call) -> Delivery:
    try:
        return call.site.webhooks.find(call.parameters["delivery_id"])
    except KeyError as error:
        raise NotFound from error


def _shown(delivery: Delivery) -> Json:
    return {
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": moment(delivery.delivered_at),
        "redelivery": delivery.redelivery,
        "duration": delivery.duration,
        "status": delivery.status,
        "status_code": delivery.status_code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": delivery.installation,
        "repository_id": delivery.repository,
    }
