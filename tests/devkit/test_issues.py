"""Issues: the App opens and finds them, people close them and open them again."""

from __future__ import annotations

from devkit.github import LocalGitHub
from devkit.github.client import AppClient
from devkit.github.state import Pull, Repository

REPOSITORY = "/repos/django/django"


async def test_issue_of_the_app_is_found_again(client: AppClient, pull: Pull) -> None:
    """An issue counts its number with pull requests, and stands first in the list of both."""
    made = await client.ask("POST", f"{REPOSITORY}/issues", {"title": "Revisit", "body": "Why."})
    assert (made.status, made.json["number"]) == (201, pull.number + 1)
    assert made.json["user"]["type"] == "Bot"
    every = await client.ask("GET", f"{REPOSITORY}/issues?state=all&per_page=100")
    assert [one["number"] for one in every.json] == [pull.number + 1, pull.number]
    assert [bool(one.get("pull_request")) for one in every.json] == [False, True]
    client.github.check()


async def test_person_closes_and_reopens(
    client: AppClient, github: LocalGitHub, django: Repository
) -> None:
    """Each change of state is sent as a webhook; a closed issue is in the list of all alone."""
    issue = github.open_issue(django, "Revisit", by="someone", body="Why.")
    github.close_issue(django, issue, by="felixxm")
    github.close_issue(django, issue, by="felixxm")
    shown = await client.ask("GET", f"{REPOSITORY}/issues/{issue.number}")
    assert shown.json["state"] == "closed"
    assert (await client.ask("GET", f"{REPOSITORY}/issues")).json == []
    github.reopen_issue(django, issue, by="felixxm")
    await github.webhooks.idle()
    sent = [one.action for one in github.webhooks.deliveries if one.event == "issues"]
    assert sent == ["opened", "closed", "reopened"]
