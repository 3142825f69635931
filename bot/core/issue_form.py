"""The issue form by which people ask for an exception, for `.github/ISSUE_TEMPLATE/`."""

from __future__ import annotations

import json

from bot.core.config import Configuration, TargetPattern
from bot.core.votes import directives

PATH = ".github/ISSUE_TEMPLATE/exception.yml"
_ANY_SERIES = "SERIES"


def text(configuration: Configuration) -> str:
    """Write the form; what it asks for is read like any `/exception request` (`motion`)."""
    lines = [f"/exception request {_series(configuration)} of #", "", _QUESTION, ""]
    lines += [f"- {one.text}" for one in directives.DEFAULT]
    value = "\n".join(f"        {line}".rstrip() for line in lines)
    return _FORM.format(why=json.dumps(_WHY, ensure_ascii=False), value=value)


def _series(configuration: Configuration) -> str:
    """Name the listed targets, without the `.x` that nobody says; a pattern lists none."""
    if isinstance(configuration.targets, TargetPattern):
        return _ANY_SERIES
    names = (configuration.series(branch) for branch in configuration.targets)
    return " ".join(name.removesuffix(".x") for name in names)


_QUESTION = "Shall this fix go into the branches named above, where the policy does not allow it?"
_WHY = (
    "The first line names the series, and behind “of” the number of the merged pull request. What "
    "stands below it is what is decided on; it is frozen when the vote is opened. What is not "
    "asked for is taken out."
)
_FORM = """\
# The bot reads the first line and opens the vote.
name: Exception to the backport policy
description: Ask for a merged fix to be let into stable branches.
title: "Exception: "
body:
  - type: textarea
    id: request
    attributes:
      label: Request
      description: {why}
      value: |
{value}
    validations:
      required: true
"""
