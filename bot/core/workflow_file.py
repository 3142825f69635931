"""The workflow file by which GitHub Actions runs the tests of a backport."""

from __future__ import annotations

import json
import math
import re
import shlex

from bot.core import workflow_run
from bot.core.model import TestPlan

FOLDER = ".github/workflows"
_SETTING_UP = 10  # minutes beside those of the tests
_NAME = re.compile(r"\{(python|tree|labels)\}")
_ANY_PYTHON = "3.x"
_TREE = "${{ github.workspace }}"


def inputs(plan: TestPlan, sha: str, nonce: str) -> dict[str, str]:
    """Give what an order says; the plan's labels are all that is to run."""
    return {
        "ref": sha,
        "labels": " ".join(plan.labels),
        "python": python(plan),
        "nonce": nonce,
    }


def python(plan: TestPlan) -> str:
    """Give the version of Python to ask for: GitHub has each, so the preferred one."""
    return plan.python[0] if plan.python else _ANY_PYTHON


def path(plan: TestPlan) -> str:
    """Give where the file belongs, on the default branch."""
    return f"{FOLDER}/{plan.workflow}"


def text(plan: TestPlan) -> str:
    """Write the file for the plan of a branch.

    Labels and interpreter come with each order. Branches whose command, requirements, environment
    or time limit differ need files of their own, by other names.
    """
    return _FILE.format(
        title=_quoted(workflow_run.title("${{ inputs.nonce }}")),
        minutes=math.ceil(plan.timeout / 60) + _SETTING_UP,
        environment="".join(
            f"          {name}: {_quoted(value.replace('{tree}', _TREE))}\n"
            for name, value in plan.env
        ),
        install=_quoted(_install(plan.requirements)),
        command=_quoted(_command(plan.command)),
    )


_FILE = """\
# Stablehand starts this for each backport (tests.backend = "actions").
name: Stablehand tests
run-name: {title}

on:
  workflow_dispatch:
    inputs:
      ref:
        description: The commit to test
        required: true
        type: string
      labels:
        description: What to test, separated by spaces
        default: ""
        type: string
      python:
        description: The version of Python
        default: "3.x"
        type: string
      nonce:
        description: The name by which Stablehand finds the run again
        required: true
        type: string

permissions:
  contents: read

jobs:
  tests:
    runs-on: ubuntu-latest
    timeout-minutes: {minutes}
    steps:
      - uses: actions/checkout@v4
        with:
          ref: ${{{{ inputs.ref }}}}
          persist-credentials: false
      - uses: actions/setup-python@v5
        with:
          python-version: ${{{{ inputs.python }}}}
      - run: {install}
      - env:
{environment}          LABELS: ${{{{ inputs.labels }}}}
        run: {command}
"""


def _quoted(value: str) -> str:
    """Write a text as YAML, which takes JSON's strings."""
    return json.dumps(value, ensure_ascii=False)


def _install(requirements: tuple[str, ...]) -> str:
    """Write the line that brings the packages: wheels only, nothing of the tree's own."""
    if not requirements:
        return "python --version"
    return shlex.join(["python", "-m", "pip", "install", "--only-binary=:all:", *requirements])


def _command(command: tuple[str, ...]) -> str:
    """Write the command as a line of shell.

    Labels come by the environment, so that none of them is read as shell: `set -f` keeps `*` as
    it is.
    """
    return "set -f; " + " ".join(map(_word, command))


def _word(word: str) -> str:
    """Quote a word, and put in what stands for the interpreter, the tree and the labels."""
    if word == "{labels}":
        return "$LABELS"
    values = {"python": "python", "tree": '"$GITHUB_WORKSPACE"', "labels": '"$LABELS"'}
    parts = _NAME.split(word)  # text and names by turns
    return "".join(
        values[part] if number % 2 else shlex.quote(part) if part else ""
        for number, part in enumerate(parts)
    )
