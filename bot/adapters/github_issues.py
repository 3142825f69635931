"""Issues that we open, each once: one that a crash left behind is found again by its mark."""

from __future__ import annotations

from bot.adapters import github_payloads as payloads
from bot.adapters.github_errors import NotFound, Rejected
from bot.adapters.github_session import InstallationSession, Json
from bot.core.errors import UserError
from bot.core.model import Issue


async def open_issue(
    session: InstallationSession, issues: str, text: tuple[str, str], mark: str
) -> Issue:
    """Open an issue with a title and a body; `issues` is the address of a repository's issues.

    One of a bot's that holds the mark and is among the newest hundred is given instead.
    """
    newest = f"{issues}?state=all&sort=created&direction=desc&per_page=100"
    for raw in await session.page(newest):
        if mark in (raw.get("body") or "") and payloads.comment(raw).by_bot:
            return _issue(raw)
    title, body = text
    try:
        return _issue(await session.post(issues, {"title": title, **payloads.body(body)}))
    except Rejected as refusal:
        raise UserError(f"No issue could be opened. {refusal.message}") from refusal


async def find_issue(session: InstallationSession, issue: str) -> Issue | None:
    """Read an issue or pull request by its address, None where there is none."""
    try:
        return _issue(await session.get(issue))
    except NotFound:
        return None


async def edit_issue(session: InstallationSession, issue: str, text: str) -> None:
    """Replace the text of an issue of ours."""
    try:
        await session.patch(issue, payloads.body(text))
    except Rejected as refusal:
        raise UserError(
            f"The issue could not be brought up to date. {refusal.message}"
        ) from refusal


def _issue(raw: Json) -> Issue:
    return Issue(raw["number"], raw["html_url"], raw["state"] == "open", raw.get("body") or "")
