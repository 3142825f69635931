"""Stored deliveries are read again, and what they ask for is said without being done."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.core.commands import Claim
from bot.core.errors import UserError
from bot.replay import replay
from devkit.github import LocalGitHub
from handlers import EVENTS, translate
from tests.scene import LABEL, Scene
from tests.test_handlers import payload

ROOT = Path(__file__).parents[1]
Json = dict[str, Any]


@dataclass(frozen=True)
class Ran:
    """How one call of the command line ended."""

    code: int
    out: str
    err: str


async def bot(*arguments: str, environment: Mapping[str, str]) -> Ran:
    """Run `python -m bot` with these settings and no others."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        cwd=ROOT,
        env={**kept, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return Ran(process.returncode or 0, out.decode(), err.decode())


def settings(github: LocalGitHub, data: Path) -> dict[str, str]:
    """Give the settings of the App on a local GitHub, with a database in a folder."""
    return {
        "STABLEHAND_DATA": str(data),
        "GITHUB_API_URL": github.api_url,
        "GITHUB_URL": github.url,
        "GITHUB_APP_ID": str(github.app.id),
        "GITHUB_PRIVATE_KEY": github.app.private_key,
    }


def delivered(body: Json, **changes: Any) -> Json:  # noqa: ANN401 - any JSON value
    """Wrap a body as GitHub's delivery API does."""
    headers = {"X-GitHub-Event": "pull_request", "X-GitHub-Delivery": "guid-1"}
    request = {"headers": headers, "payload": body}
    return {"id": 1, "guid": "guid-1", "event": "pull_request", "request": request, **changes}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda body: body,
        delivered,
        lambda body: {"headers": {"x-github-event": "pull_request"}, "body": body},
        lambda body: {"headers": {"X-GitHub-Event": "pull_request"}, "body": json.dumps(body)},
    ],
)
def test_every_stored_form_says_the_same(wrap: Any) -> None:  # noqa: ANN401 - a lambda
    """A body alone, GitHub's own record and headers with a body give the same commands."""
    found = replay(wrap(payload("pull_request.labeled")), None, translate, EVENTS)
    assert (found.event, found.action) == ("pull_request", "labeled")
    (command,) = found.commands
    assert isinstance(command, Claim)
    assert (command.pull, command.label) == (2, "bug")


def test_the_name_that_is_given_counts() -> None:
    """An event that is named by a person is not looked for in the content."""
    found = replay(payload("pull_request.labeled"), "push", lambda _: (), EVENTS)
    assert found.lines() == ["push.labeled", "nothing would be done"]


@pytest.mark.parametrize(
    ("stored", "event", "said"),
    [
        ([], None, "a delivery is a JSON object"),
        ({"zen": "x"}, None, "it does not tell its event"),
        ({"zen": "x"}, "ping", "no handler reads the event `ping`"),
        ({"headers": {}}, None, "no body that is a JSON object"),
        ({"headers": {}, "body": "{"}, None, "the body of the delivery is not JSON"),
        ({"headers": {}, "body": "[]"}, None, "no body that is a JSON object"),
        ({"action": "labeled"}, "pull_request", "malformed pull_request payload: `"),
        ({"action": 1}, "pull_request", "`action` is not text"),
    ],
)
def test_what_is_no_delivery_is_refused(stored: object, event: str | None, said: str) -> None:
    """Input that is no delivery of a known event is named for what it lacks."""
    with pytest.raises(UserError) as refused:
        replay(stored, event, translate, EVENTS)
    assert said in refused.value.message


async def test_without_settings_the_commands_are_said(tmp_path: Path) -> None:
    """On a machine that knows no App, the command says what the handlers make of a file."""
    file = tmp_path / "delivery.json"
    file.write_text(json.dumps(delivered(payload("pull_request.labeled"))))
    ran = await bot("replay", str(file), environment={})
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[:2] == [
        "pull_request.labeled, delivery guid-1",
        'would do: claim in Codertocat/Hello-World: pull 2, label "bug"',
    ]


@pytest.mark.parametrize("content", ["{", "[1]", '{"zen": "x"}'])
async def test_a_bad_file_is_wrong_input(tmp_path: Path, content: str) -> None:
    """A file that holds no delivery ends with 2 and one line why."""
    file = tmp_path / "delivery.json"
    file.write_text(content)
    ran = await bot("replay", str(file), environment={})
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("stablehand: ")
    assert ran.err.count("\n") == 1


async def test_with_settings_the_examination_is_said(scene: Scene, tmp_path: Path) -> None:
    """With the App's settings it says what the claim would come to, and writes nothing."""
    await scene.service.stop()
    scene.label(by="passer-by")
    delivery = next(
        one for one in reversed(scene.github.webhooks.deliveries) if one.event == "pull_request"
    )
    file = tmp_path / "delivery.json"
    file.write_text(json.dumps(delivered(delivery.payload)))
    given = settings(scene.github, tmp_path / "own")
    ran = await bot("replay", str(file), "--json", environment=given)
    assert ran.code == 0, ran.err
    (examined,) = json.loads(ran.out)["examined"]
    assert examined["take_off"] == [LABEL]
    assert not examined["job"]
    assert "passer-by may not set this label" in examined["said"]
    assert scene.said() == []
    assert scene.pull.labels == [LABEL]
