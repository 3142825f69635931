"""The README and the pages under `docs/` say what the code says."""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot import cli
from bot.core import config, defaults, exception_config, follow_config, request
from bot.metrics import Metrics
from bot.settings import Settings
from devkit.github.registration import PERMISSIONS
from tests.front import front

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCS = ROOT / "docs"
PAGES = sorted([README, ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])
NONE = "\N{EN DASH}"


def names_of(pages: list[Path]) -> list[str]:
    """Name pages by their path in the project."""
    return [page.relative_to(ROOT).as_posix() for page in pages]


def table(page: Path, heading: str) -> list[list[str]]:
    """Give the rows of the table whose first column has this heading, without back-ticks."""
    rows: list[list[str]] = []
    found = False
    for line in page.read_text().splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]] if line.startswith("|") else []
        if cells and cells[0] == heading:
            found = True
        elif found and not cells:
            return rows
        elif found and not set(cells[0]) <= set("-"):
            rows.append([cell.replace("`", "") for cell in cells])
    return rows


def subcommands() -> dict[str, str]:
    """Give the commands of the command line with their help."""
    groups = [a for a in cli._parser()._actions if isinstance(a, argparse._SubParsersAction)]
    return {choice.dest: choice.help or "" for g in groups for choice in g._choices_actions}


def keys(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, str]]:
    """Give every key of the configuration file with its default as TOML."""
    nested: dict[str, type[BaseModel]] = {
        "targets": config.TargetPattern,
        "who": config.Who,
        "tests": config.Tests,
        "sandbox": config.Sandbox,
        "resolvers": config.Resolvers,
        "exception": exception_config.Exceptions,
        "policy": exception_config.PolicyTable,
        "follow_up": follow_config.FollowUps,
        "reminders": follow_config.Reminders,
    }
    for name, field in model.model_fields.items():
        path = above + name
        if name not in {"who", "resolvers", "sandbox"}:
            yield path, shown(field)
        if name in nested:
            yield from keys(nested[name], f"{path}.")


def shown(field: FieldInfo) -> str:
    """Write a default as the documentation does."""
    if field.is_required():
        return "needed"
    default: Any = field.default
    if isinstance(default, str):
        return f'"{default}"'
    return NONE if default is None else str(list(default) if default == () else default)


def definition(name: str, body: list[ast.stmt]) -> ast.stmt | None:
    """Find a function, or a method of a class, by its dotted name."""
    first, _, rest = name.partition(".")
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    found = next((n for n in body if isinstance(n, kinds) and n.name == first), None)
    return definition(rest, found.body) if found and rest else found


def anchors(page: Path) -> set[str]:
    """Give the anchors that GitHub makes of a page's headings."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_readme_is_short() -> None:
    """The README has at most 200 lines."""
    assert len(README.read_text().splitlines()) <= 200


def test_the_commands_are_those_of_the_command_line() -> None:
    """The README lists every command with its help."""
    assert dict(table(README, "command")) == subcommands()


def test_the_comments_are_those_that_are_understood() -> None:
    """The README lists a comment for each command that is read, and none that gets help."""
    asked = [request.read(comment) for comment, _ in table(README, "comment")]
    assert {one.verb for one in asked if one} == {*request.Verb} - {request.Verb.HELP}
    assert any(one.first for one in asked if one)


def test_the_settings_are_those_that_are_read() -> None:
    """The README lists every setting with its default."""
    expected = [[name, default or NONE, what] for name, default, what in Settings.documentation()]
    assert table(README, "variable") == expected


def test_the_example_of_a_settings_file_has_every_setting() -> None:
    """`.env.example` names each variable, and no value that would be taken over."""
    lines = re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(name for name, _ in lines) == sorted(row[0] for row in Settings.documentation())
    assert {value for _, value in lines} == {""}


def test_the_keys_are_those_of_the_configuration() -> None:
    """The page on the configuration lists every key with its default."""
    documented = [(key, default) for key, default, _ in table(DOCS / "configuration.md", "key")]
    assert documented == list(keys(config.Configuration))
    branch = set(config.Tests.model_fields) - {"branches"}
    assert branch == set(config.BranchTests.model_fields)


def test_the_page_on_the_configuration_shows_djangos() -> None:
    """Django's configuration stands in the documentation as it is built in."""
    blocks = re.findall(r"```toml\n(.*?)```", (DOCS / "configuration.md").read_text(), re.DOTALL)
    assert defaults.DJANGO in blocks
    assert config.parse(blocks[0]).targets == ("stable/2.x", "stable/1.x")


def test_the_routes_are_those_of_the_application() -> None:
    """The README lists every route."""
    router = front().router
    served = {f"{route.method} {route.resource}" for route in router.routes() if route.resource}
    routes = {re.sub(r" <\w+ +(\S+)>$", r" \1", one) for one in served if "HEAD" not in one}
    assert {row[0] for row in table(README, "route")} == routes


@pytest.mark.parametrize("name", names_of(PAGES))
def test_links_lead_somewhere(name: str) -> None:
    """Every link to a file of the project leads to that file, and to a heading that is there."""
    page = ROOT / name
    for link in re.findall(r"\]\((?!https?://)([^)\s]+)\)", page.read_text()):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("name", names_of(PAGES))
def test_named_code_exists(name: str) -> None:
    """Each `path:function` and each path to code that a page names is there."""
    text = (ROOT / name).read_text()
    for path, function in re.findall(r"`([\w/]+\.py):([\w.]+)`", text):
        body = ast.parse((ROOT / path).read_text()).body
        assert definition(function, body), f"{path}:{function}"
    paths = re.findall(r"`((?:bot|handlers|devkit)/(?:[\w/]+\.py)?|tests/test_\w+\.py)`", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_architecture_names_every_module() -> None:
    """The page on the architecture lists each module of the product, and no other."""
    text = (DOCS / "architecture.md").read_text()
    homes = {"bot/core": "core", "bot/engine": "engine", "bot/adapters": "adapters"}
    named: set[str] = set()
    for section in re.split(r"\n(?=\| (?:modules of|the rest of))", text)[1:]:
        head, _, rows = section.partition("\n")
        folder = next((home for home in homes if f"`{home}/`" in head), "bot")
        for row in re.findall(r"^\| (`.+?) \|", rows.partition("\n\n")[0], re.MULTILINE):
            for module in re.findall(r"`([\w/]+)`", row):
                named.add(module if module.startswith("handlers/") else f"{folder}/{module}")
    files = [path for home in ("bot", "handlers") for path in (ROOT / home).rglob("*.py")]
    modules = {f.relative_to(ROOT).with_suffix("").as_posix() for f in files if f.stem[:2] != "__"}
    assert named == modules


def test_every_dependency_has_its_reason() -> None:
    """The page on the dependencies lists those of the service, then those of the development."""
    listed = [
        line.partition("==")[0]
        for name in ("requirements.in", "requirements-dev.in")
        for line in (ROOT / name).read_text().splitlines()
        if "==" in line
    ]
    text = (DOCS / "dependencies.md").read_text()
    assert re.findall(r"^\| `([^`]+)` \| .+ \| .+ \|$", text, re.MULTILINE) == listed


def test_the_metrics_are_those_that_are_counted() -> None:
    """The page on operating lists every figure of ours."""
    text = Metrics().render_metrics().decode()
    numbers = set(re.findall(r"^# TYPE (stablehand_\w+)", text, re.MULTILINE))
    own = {name for name in numbers if not name.endswith("_created")}
    assert {row[0] for row in table(DOCS / "operating.md", "metric")} == own


def test_the_permissions_are_those_that_the_tests_grant() -> None:
    """The App of the documentation may do what the App of the tests may, and no more."""
    rows = table(DOCS / "operating.md", "permission")
    assert {name: access for name, access, _ in rows} == dict(PERMISSIONS)


def test_the_events_are_those_that_are_handled() -> None:
    """The App of the documentation subscribes to what the handlers register."""
    text = "".join(path.read_text() for path in (ROOT / "handlers").glob("*.py"))
    handled = set(re.findall(r'@on\(router, "(\w+)"', text))
    assert {row[0] for row in table(DOCS / "operating.md", "event")} == handled


def test_the_requests_add_up() -> None:
    """The table of requests of a clean backport sums to the 28 that the decision names."""
    *rows, (_, _, total) = table(DOCS / "life-of-a-backport.md", "in step")
    assert sum(int(times) for _, _, times in rows) == int(total) == 28


def test_the_decisions_are_listed() -> None:
    """The list of decisions has each of them."""
    pages = {page.name for page in (DOCS / "decisions").glob("0*.md")}
    assert set(re.findall(r"\((\d.+?)\)", (DOCS / "decisions/README.md").read_text())) == pages
