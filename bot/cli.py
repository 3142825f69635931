"""The command line: the service, and local mode. Exit codes: 0 good, 1 not all of it, 2 input."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, NoReturn

from bot.core.errors import Transient, UserError
from bot.core.printable import one_line
from bot.local import Request
from bot.local_main import LocalOptions, local_mode, prove_mode
from bot.local_proof import Asked

BAD_INPUT = 2
_SERVICE = frozenset({"serve", "work"})
_LOOKUPS = frozenset({"explain", "release", "replay", "rebuild"})


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: {one_line(message)} (see {self.prog} --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give the exit code."""
    asked = _parser().parse_args(arguments)
    try:
        if asked.command in _SERVICE:
            # Imported here, because the service's libraries take a second that local mode spares.
            from bot import main as service  # noqa: PLC0415 - see above

            service.run(asked.command)
        if asked.command == "doctor":
            return _doctor(asked)
        if asked.command in _LOOKUPS:
            from bot import lookups  # noqa: PLC0415 - for the same reason

            return asyncio.run(lookups.run(asked))
        return asyncio.run(_prove(asked) if asked.command == "prove" else _local(asked))
    except (UserError, Transient) as error:
        # The service lists its settings line by line; local mode promises one line.
        whole = asked.command in _SERVICE | _LOOKUPS
        message = error.message if whole else one_line(error.message)
        sys.stderr.write(f"stablehand: {message}\n")
        return BAD_INPUT
    except KeyboardInterrupt:
        return 130


def _doctor(asked: argparse.Namespace) -> int:
    # Imported here for the same reason.
    from bot import doctor  # noqa: PLC0415 - see above

    if asked.workflow:
        sys.stdout.write(doctor.workflow(asked.config))
        return 0
    if asked.issue_form:
        sys.stdout.write(doctor.form(asked.config))
        return 0
    return asyncio.run(doctor.doctor(as_json=asked.json))


def _local(asked: argparse.Namespace) -> Coroutine[Any, Any, int]:
    request = Request(tuple(asked.commit), tuple(asked.onto))
    options = LocalOptions(
        repository=asked.repository,
        config=asked.config,
        json=asked.json,
        create=asked.command == "backport",
        test=asked.test,
    )
    return local_mode(request, options)


def _prove(asked: argparse.Namespace) -> Coroutine[Any, Any, int]:
    options = LocalOptions(repository=asked.repository, config=asked.config, json=asked.json)
    return prove_mode(Asked(asked.commit, asked.base, asked.branch), options)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m bot", description="Backports, from the label to the release.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("serve", help="run the service: webhooks and work")
    commands.add_parser("work", help="run a worker without the web part")
    forecast = commands.add_parser("forecast", help="say how commits would pick, changing nothing")
    backport = commands.add_parser("backport", help="the same, and create the head branches")
    for command in (forecast, backport):
        _add_picking(command)
        _add_place(command)
    prove = commands.add_parser("prove", help="run the tests that prove a backport")
    _add_proving(prove)
    _add_place(prove)
    explain = commands.add_parser("explain", help="say whether a fix is allowed, and why")
    _add_explaining(explain)
    release = commands.add_parser("release", help="say what waits for a version, or is in it")
    release.add_argument("version", nargs="?", metavar="VERSION", help="default: list them all")
    release.add_argument("--repository", required=True, metavar="OWNER/REPO", help="on GitHub")
    replay = commands.add_parser("replay", help="say what a stored delivery asks for")
    replay.add_argument("payload", type=Path, metavar="FILE", help="a body, or headers and body")
    replay.add_argument("--event", metavar="NAME", help="its event, where the file does not tell")
    rebuild = commands.add_parser("rebuild", help="restore votes and decisions from GitHub alone")
    rebuild.add_argument("repositories", nargs="*", metavar="OWNER/REPO", help="default: all")
    rebuild.add_argument(
        "--mend", action="store_true", help="write wrong comments anew, as the database has them"
    )
    for command in (explain, release, replay, rebuild):
        command.add_argument("--json", action="store_true", help="print one JSON object")
    doctor = commands.add_parser("doctor", help="say whether this machine is fit, and what is not")
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    doctor.add_argument(
        "--workflow", action="store_true", help="print the file by which GitHub Actions runs tests"
    )
    doctor.add_argument(
        "--issue-form", action="store_true", help="print the form that asks for an exception"
    )
    doctor.add_argument(
        "--config", type=Path, metavar="FILE", help="whose file that shall be (default: Django's)"
    )
    return parser


def _add_explaining(command: argparse.ArgumentParser) -> None:
    command.add_argument("place", metavar="OWNER/REPO#N", help="a pull request, or an issue")
    command.add_argument("--at", default="", metavar="DATE", help="suppose that it is this moment")
    command.add_argument(
        "--vote",
        action="append",
        default=[],
        metavar="@MEMBER=+1",
        help="suppose this vote too; may be repeated",
    )
    command.add_argument("--rule", default="", metavar="NAME", help="suppose this rule")


def _add_picking(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--commit",
        nargs="+",
        action="extend",
        required=True,
        metavar="REV",
        help="what to pick, oldest first; may be repeated",
    )
    command.add_argument(
        "--onto",
        nargs="+",
        action="extend",
        required=True,
        metavar="REV",
        help="branches, tags or commits to pick on to; may be repeated",
    )
    command.add_argument("--test", action="store_true", help="run the tests that prove each")


def _add_proving(command: argparse.ArgumentParser) -> None:
    command.add_argument("--commit", required=True, metavar="REV", help="the backport")
    command.add_argument(
        "--base", metavar="REV", help="what it goes on to, where that is not its parent alone"
    )
    command.add_argument(
        "--branch", metavar="NAME", help="the target branch (default: as the commit's subject says)"
    )


def _add_place(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--repository", type=Path, default=Path(), metavar="PATH", help="the clone (default: here)"
    )
    command.add_argument(
        "--config", type=Path, metavar="FILE", help="a stablehand.toml (default: the repository's)"
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")
