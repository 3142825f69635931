"""`.github/stablehand.toml`: parsed once, strictly, into a frozen `Configuration`.

Every problem names the key's path, the value that was found and what is allowed, so that the
person who wrote the file can mend it without reading this code.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import ErrorDetails

from bot.core import series as series_names
from bot.core.exception_config import Exceptions, PolicyClause, PolicyTable, Series
from bot.core.follow_config import FollowUps, Reminders
from bot.core.model import GUESSES, Recipe, Rules, Target, TestPlan
from bot.core.phases import Policy
from bot.core.strict import Path, Strict, Team, Text

PATH = ".github/stablehand.toml"
BOT_NAME = "stablehand[bot]"
BOT_EMAIL = "stablehand[bot]@users.noreply.github.com"
DEFAULT_LABEL = "council exception"


def _template(*, needs: tuple[str, ...] = (), may: tuple[str, ...] = ()) -> AfterValidator:
    """Check the `{placeholders}` of a template."""

    def check(value: str) -> str:
        found = set(re.findall(r"\{(\w*)\}", value))
        allowed = {*needs, *may}
        if strange := sorted(found - allowed):
            names = ", ".join(f"{{{name}}}" for name in sorted(allowed))
            raise ValueError(f"unknown placeholder {{{strange[0]}}}; allowed are {names}")
        if missing := [name for name in needs if name not in found]:
            raise ValueError(f"the placeholder {{{missing[0]}}} is needed")
        return value

    return AfterValidator(check)


def _refname(value: str) -> str:
    """Refuse what git would refuse as a branch name (git-check-ref-format)."""
    bare = re.sub(r"\{\w+\}", "x", value)
    bad = re.search(r"[\x00-\x20~^:?*\[\\\x7f]|\.\.|@\{|//|/\.|\.lock(/|$)", bare)
    if bad or bare.startswith(("/", ".", "-")) or bare.endswith(("/", ".")):
        raise ValueError("this is no valid git branch name")
    return value


_Branch = Annotated[Text, AfterValidator(_refname)]
_Python = Annotated[str, Field(pattern=r"^\d+\.\d+$")]
_Seconds = Annotated[float, Field(gt=0, le=3600)]
_Deadline = Annotated[float, Field(gt=0, le=86400)]
_Workflow = Annotated[str, Field(pattern=r"^[\w.-]+\.ya?ml$")]
_Results = Literal["auto", "junit", "exit"]
_Backend = Literal["sandbox", "actions"]


class TargetPattern(Strict):
    """All branches that match `pattern`, for projects that do not list them."""

    pattern: Annotated[_Branch, _template(needs=("series",))]
    order: Literal["newest-first", "oldest-first"] = "newest-first"


def _kind_of_targets(value: object) -> str:
    return "as pattern" if isinstance(value, (Mapping, TargetPattern)) else "as list"


_TAGS = ("as pattern", "as list")  # pydantic puts them into the path of an error


class Who(Strict):
    """Who may set the label: members of the team, or people with at least the permission."""

    team: Team | None = None
    permission: Literal["write", "maintain", "admin"] = "maintain"


class BranchTests(Strict):
    """What differs in the tests of one branch; unset keys are those of `[tests]`."""

    command: tuple[Text, ...] | None = None
    labels: tuple[Text, ...] | None = None
    regression: tuple[Text, ...] | None = None
    test_paths: tuple[Path, ...] | None = None
    results: _Results | None = None
    python: tuple[_Python, ...] | None = None
    substitute: bool | None = None
    requirements: tuple[Text, ...] | None = None
    env: dict[str, str] | None = None
    timeout: _Seconds | None = None
    backend: _Backend | None = None
    workflow: _Workflow | None = None
    deadline: _Deadline | None = None


class Tests(Strict):
    """What to run on each backport; times in seconds, `python` in order of preference."""

    command: Annotated[tuple[Text, ...], Field(min_length=1)]
    labels: tuple[Text, ...] = ()
    regression: tuple[Text, ...] = ()
    test_paths: tuple[Path, ...] = ()
    results: _Results = "auto"
    python: tuple[_Python, ...] = ()
    substitute: bool = True
    requirements: tuple[Text, ...] = ()
    env: dict[str, str] = Field(default={})
    timeout: _Seconds = 300.0
    backend: _Backend = "sandbox"
    workflow: _Workflow = "stablehand-tests.yml"
    deadline: _Deadline = 3600.0
    branches: dict[str, BranchTests] = Field(default={})

    def plan(self, branch: str, *, allow_weak: bool = False) -> TestPlan:
        """Give what to run on one branch."""
        own = self.branches.get(branch, BranchTests()).model_dump(exclude_none=True)
        whole = self.model_dump(exclude={"branches"}) | own
        env = tuple(sorted(whole.pop("env").items()))
        return TestPlan(env=env, allow_weak=allow_weak, **whole)


class Sandbox(Strict):
    """Whether tests may run where only a weak sandbox is to be had."""

    allow_weak: bool = False


class Resolvers(Strict):
    """Which rules may settle what git cannot; the last three only where `resolve` is `guess`."""

    release_notes: bool = True
    formatter: bool = True
    chain: bool = True
    adjacent: bool = True
    imports: bool = True
    tokens: bool = True


class Configuration(Strict):
    """How one project wants its backports."""

    label: Annotated[Text, _template(may=("series",))] = DEFAULT_LABEL
    targets: Annotated[
        Annotated[tuple[_Branch, ...], Tag("as list"), Field(min_length=1)]
        | Annotated[TargetPattern, Tag("as pattern")],
        Discriminator(_kind_of_targets),
    ]
    branch: Annotated[_Branch, _template(needs=("series",))] = "stable/{series}"
    subject_prefix: Annotated[str, _template(may=("series",)), Field(max_length=80)] = "[{series}] "
    trailer: Annotated[Text, _template(needs=("sha",), may=("branch",))] = (
        "Backport of {sha} from {branch}."
    )
    head_branch: Annotated[_Branch, _template(needs=("series", "sha"))] = "backport/{series}/{sha}"
    ticket_url: Annotated[Text, _template(needs=("ticket",))] | None = None
    release_notes: Literal["django", "towncrier", "blurb", "changelog", "none"] = "none"
    notes: Literal["comment", "commit"] = "comment"
    resolve: Literal["safe", "guess"] = "safe"
    conflict: Literal["draft", "comment"] = "draft"
    ready_when_resolved: bool = False
    resolvers: Resolvers = Resolvers()
    who: Who = Who()
    tests: Tests | None = None
    sandbox: Sandbox = Sandbox()
    exception: Exceptions | None = None
    phases: dict[str, Series] = Field(default={})
    policy: PolicyTable | None = None
    follow_up: FollowUps | None = None
    reminders: Reminders | None = None

    def follow_ups(self) -> FollowUps | None:
        """Say how exceptions are followed up; None where no policy is decided on here."""
        return self.follow_up or (FollowUps() if self.exception else None)

    def policy_table(self) -> Policy | None:
        """Give the policy with the phases of the series; None where none is configured."""
        return self.policy.policy(self.phases) if self.policy else None

    def test_plan(self, branch: str) -> TestPlan | None:
        """Give what to test on one branch; None where no tests are configured."""
        if self.tests is None:
            return None
        return self.tests.plan(branch, allow_weak=self.sandbox.allow_weak)

    def series(self, branch: str) -> str:
        """Give the series of a branch."""
        return series_names.of_revision(self.branch, branch)

    def label_matches(self, label: str) -> bool:
        """Tell whether a label is this project's claim."""
        return label_fits(self.label, label)

    def recipe(self, branch: str, default_branch: str) -> Recipe:
        """Say how commits picked to a branch are written down."""
        return self.recipe_for(self.series(branch), default_branch)

    def recipe_for(self, series: str, default_branch: str) -> Recipe:
        """Say how commits picked for a series are written down."""
        return Recipe(
            subject_prefix=series_names.fill(self.subject_prefix, series),
            trailer=self.trailer.replace("{branch}", default_branch),
            committer_name=BOT_NAME,
            committer_email=BOT_EMAIL,
        )

    def rules(self) -> Rules:
        """Give the rules that may settle conflicts here."""
        on = self.resolvers.model_dump()
        names = {"formatter"} | (GUESSES if self.resolve == "guess" else set())
        styled = self.release_notes != "none" and on["release_notes"]
        return Rules(
            enabled=frozenset(name for name in names if on[name]),
            notes=self.release_notes if styled else "",
        )

    def head_branch_for(self, series: str, sha: str) -> str:
        """Name the head branch of a backport after the last source commit."""
        return series_names.fill(self.head_branch, series).replace("{sha}", sha[:12])

    def targets_for(self, labels: tuple[str, ...], branches: tuple[str, ...]) -> tuple[Target, ...]:
        """Choose the targets that the labels ask for, in the configured order.

        `branches` are the branches that exist. A listed target that does not exist stays in the
        answer, so that it can be reported as missing; so does a series that a label names.
        """
        if isinstance(self.targets, TargetPattern):
            pattern = self.targets.pattern
            listed = [b for b in branches if series_names.match(pattern, b) is not None]
        else:
            listed = list(self.targets)
        targets = [Target(branch, self.series(branch)) for branch in listed]
        if "{series}" in self.label:
            wanted = [series_names.match(self.label.lower(), label.lower()) for label in labels]
            known = {target.series.lower(): target for target in targets}
            targets = [
                known.get(name, Target(series_names.fill(self.branch, name), name))
                for name in wanted
                if name
            ]
        ordered = series_names.newest_first(dict.fromkeys(targets))
        oldest = isinstance(self.targets, TargetPattern) and self.targets.order == "oldest-first"
        return ordered[::-1] if oldest else ordered

    def asked_targets(
        self, asked: tuple[str, ...], branches: tuple[str, ...]
    ) -> tuple[Target, ...]:
        """Choose the targets that a command names: `4.0` and `4.0.x` both mean `4.0.x`.

        A series without a branch stays in the answer, so that it can be reported as missing.
        """
        known = {self.series(b): b for b in branches if series_names.match(self.branch, b)}
        named = [next((n for n in (name, f"{name}.x") if n in known), name) for name in asked]
        targets = [
            Target(known.get(name, series_names.fill(self.branch, name)), name) for name in named
        ]
        return series_names.newest_first(dict.fromkeys(targets))


class ConfigurationError(ValueError):
    """The file cannot be used; `problems` holds one sentence for each mistake."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def parse(text: str) -> Configuration:
    """Read the file's text; raises `ConfigurationError` with every mistake found."""
    try:
        return TypeAdapter(Configuration).validate_python(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError((f"this is no valid TOML: {error}",)) from None
    except ValidationError as error:
        raise ConfigurationError(tuple(_explain(detail) for detail in error.errors())) from None


def _explain(detail: ErrorDetails) -> str:
    """Say one mistake as `path`: what was found, what is allowed."""
    keys = [key for key in detail["loc"] if key not in _TAGS]
    path = ".".join(str(key) for key in keys)
    if detail["type"] == "extra_forbidden":
        return f"`{path}`: unknown key; allowed here are {_allowed_keys(keys[:-1])}"
    if detail["type"] == "missing":
        return f"`{path}`: this key is needed"
    message = detail["msg"].removeprefix("Value error, ")
    message = f"{message[:1].lower()}{message[1:]}".replace("tuple", "list")
    return f"`{path}`: found `{detail['input']!r}`; {message}"


def _allowed_keys(path: list[int | str]) -> str:
    """List the keys that the table at `path` knows."""
    known: dict[tuple[int | str, ...], type[BaseModel]] = {
        ("exception",): Exceptions,
        ("follow_up",): FollowUps,
        ("policy",): PolicyTable,
        ("reminders",): Reminders,
        (): Configuration,
        ("targets",): TargetPattern,
        ("who",): Who,
        ("tests",): Tests,
        ("sandbox",): Sandbox,
        ("resolvers",): Resolvers,
    }
    inside: dict[int | str, type[BaseModel]] = {"phases": Series, "policy": PolicyClause}
    model = known.get(tuple(path)) or inside.get(path[0], BranchTests)
    return ", ".join(f"`{name}`" for name in sorted(model.model_fields))


def label_fits(template: str, label: str) -> bool:
    """Compare a label with the configured one, which may hold `{series}`; case is ignored."""
    if "{series}" in template:
        return series_names.match(template.lower(), label.lower()) is not None
    return label.lower() == template.lower()


def label_of_broken(text: str) -> str | None:
    """Find the label that a file meant, though the file cannot be used; None if unreadable."""
    try:
        label: Any = tomllib.loads(text).get("label", DEFAULT_LABEL)
    except tomllib.TOMLDecodeError:
        return None
    return label if isinstance(label, str) else None
