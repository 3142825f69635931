from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.core import config, defaults, exception_command, workflow_file
from bot.core.exception_command import Verb
from bot.core.votes import directives

ROOT = Path(__file__).parents[1]


def doctor(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m bot doctor` in a folder, with these settings alone."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "bot", "doctor", *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), **settings},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the path of a private key of the right kind."""
    path = tmp_path_factory.mktemp("key") / "app.pem"
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = (Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    path.write_bytes(private.private_bytes(*pem))
    return str(path)


def test_what_is_missing_needs_attention(tmp_path: Path) -> None:
    """Without settings the exit code is 1, and the names of the missing ones are said."""
    done = doctor(tmp_path, GITHUB_WEBHOOK_SECRET="hunter2")
    assert done.returncode == 1
    assert "set: GITHUB_WEBHOOK_SECRET\n" in done.stdout
    assert "missing: GITHUB_APP_ID, GITHUB_PRIVATE_KEY\n" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


def test_a_fit_machine_is_fit(tmp_path: Path, key: str) -> None:
    """With all settings this machine is fit, and JSON has one finding for each thing."""
    settings = {"GITHUB_APP_ID": "1", "GITHUB_PRIVATE_KEY": key, "GITHUB_WEBHOOK_SECRET": "hunter2"}
    done = doctor(tmp_path, "--json", **settings)
    answer = json.loads(done.stdout)
    findings = {one["name"]: one for one in answer["findings"]}
    assert [name for name, one in findings.items() if not one["good"]] == []
    assert (done.returncode, answer["fit"]) == (0, True)
    assert findings["sandbox"]["detail"].startswith("bubblewrap ")
    assert "hunter2" not in done.stdout


def test_a_setting_that_cannot_be_used_needs_attention(tmp_path: Path) -> None:
    """A key that is no key is named; its text is not shown."""
    settings = {"GITHUB_APP_ID": "1", "GITHUB_WEBHOOK_SECRET": "x", "GITHUB_PRIVATE_KEY": "hunter2"}
    done = doctor(tmp_path, **settings)
    assert done.returncode == 1
    assert "GITHUB_PRIVATE_KEY is not usable" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


def test_the_workflow_is_offered(tmp_path: Path) -> None:
    """The file for GitHub Actions is that of the configuration, Django's by default."""
    tests = config.parse(defaults.DJANGO).tests
    assert tests is not None
    assert doctor(tmp_path, "--workflow").stdout == workflow_file.text(tests.plan(""))
    own = tmp_path / "own.toml"
    own.write_text(defaults.DJANGO.replace("tests/runtests.py", "tests/own.py"))
    assert "tests/own.py" in doctor(tmp_path, "--workflow", "--config", str(own)).stdout


def test_the_issue_form_asks_as_a_comment_does(tmp_path: Path) -> None:
    """What stands in the form is a request for Django's series; only the number is left open."""
    shown = doctor(tmp_path, "--issue-form").stdout
    value = shown.partition("value: |\n")[2].partition("    validations:")[0]
    asked = exception_command.read(dedent(value).replace("of #", "of #16210"))
    assert asked is not None
    assert (asked.verb, asked.series) == (Verb.REQUEST, ("4.1", "4.0", "3.2"))
    assert asked.source == "#16210"
    assert directives.read(asked.text, ()) == directives.DEFAULT


@pytest.mark.parametrize(
    "arguments",
    [
        ["--bogus"],
        ["--workflow", "--config", "missing.toml"],
        ["--issue-form", "--config", "broken.toml"],
    ],
)
def test_wrong_use_has_an_exit_code_of_its_own(tmp_path: Path, arguments: list[str]) -> None:
    """What cannot be understood or read ends with 2 and one line."""
    (tmp_path / "broken.toml").write_text("targets = 1")
    done = doctor(tmp_path, *arguments)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
