"""The tables of exceptions and of the policy: `[exception]`, `[phases]` and `[policy]`.

Who is named by `requesters` and `recorders` is `anyone`, a permission, or else a team.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from bot.core.errors import UserError
from bot.core.phases import Clause, FixClass, Life, Phase, Policy
from bot.core.strict import Login, Path, Strict, Team, Text
from bot.core.votes import wording
from bot.core.votes.ballots import Means
from bot.core.votes.directives import Directive
from bot.core.votes.directives import read as read_directives
from bot.core.votes.rule import Rule
from bot.core.votes.rules import catalogue
from bot.core.votes.wording import Choice, Words

ANYONE = "anyone"
PERMISSIONS = ("read", "triage", "write", "maintain", "admin")
RULES = tuple(
    name for name in catalogue.IDS if Means.LABEL not in catalogue.make(name, {}).form.means
)
"""The rules that a project can name: those that count what people write."""

_Word = Literal["+1", "+0", "0", "-0", "-1", "abstain"]
_PHASES = {
    "development": Phase.DEVELOPMENT,
    "mainstream": Phase.MAINSTREAM,
    "security": Phase.EXTENDED,
    "ended": Phase.ENDED,
}


def _rule(value: str) -> str:
    if value not in RULES:
        raise ValueError(f"the rules are {', '.join(RULES)}")
    return value


def _directive(value: str) -> str:
    if not read_directives(f"- {value}", ()):
        raise ValueError("a directive is one line that says SHALL or MUST")
    return value


class Exceptions(Strict):
    """How the project decides on exceptions, and who takes part.

    `days` is the time of a vote by a rule without a period of its own. `records` is the
    `OWNER/NAME` into which decisions are written as files, empty for none.
    """

    rule: Annotated[str, AfterValidator(_rule)]
    options: dict[str, str | int] = Field(default={})
    days: Annotated[int, Field(ge=1, le=365)] | None = None
    team: Team | None = None
    members: tuple[Login, ...] = ()
    requesters: Team = ANYONE
    recorders: Team = "maintain"
    set_label: bool = False
    records: Annotated[str, Field(pattern=r"^([\w.-]+/[\w.-]+)?$")] = ""
    directives: tuple[Annotated[Text, AfterValidator(_directive)], ...] = ()
    words: dict[_Word, tuple[Text, ...]] = Field(default={})

    @field_validator("options")
    @classmethod
    def _settings(cls, value: dict[str, str | int], info: ValidationInfo) -> dict[str, str | int]:
        if name := info.data.get("rule"):
            try:
                catalogue.make(name, {key: str(one) for key, one in value.items()})
            except UserError as error:
                raise ValueError(error.message) from None
        return value

    @model_validator(mode="after")
    def _one_roster(self) -> Self:
        if (self.team is None) == (not self.members):
            raise ValueError("name those who decide, either by `team` or by `members`")
        return self

    def rule_on(self, day: date) -> Rule:
        """Give the rule in its version of a day; raises UserError where it is not in force."""
        settings = {key: str(value) for key, value in self.options.items()}
        return catalogue.in_force(self.rule, day, settings)

    def vocabulary(self) -> Words:
        """Give the words of a vote: the usual ones, and the project's own."""
        own = [(word.lower(), Choice(name)) for name, words in self.words.items() for word in words]
        return Words((*own, *wording.DEFAULT.alone), wording.DEFAULT.beside)

    def usual_directives(self) -> tuple[Directive, ...]:
        """Give the directives of a motion whose text has none."""
        return read_directives("\n".join(f"- {one}" for one in self.directives))


class Series(Strict):
    """The life of one series; each day is the last one of its phase."""

    mainstream_until: date | None = None
    security_until: date | None = None
    development: bool = False


class PolicyClause(Strict):
    """One sentence of the policy, and the classes of fix that it lets into a phase."""

    phase: Literal["development", "mainstream", "security", "ended"]
    classes: tuple[FixClass, ...]
    text: Annotated[str, Field(min_length=1, max_length=1000)]


class PolicyTable(Strict):
    """What the project's policy lets in without an exception, and where it is written.

    `team` hears of pushes by hand that the policy does not cover, but not of those that touch
    `release_paths` alone.
    """

    source: Text
    as_of: date
    team: Team | None = None
    label_prefix: Text = "fix: "
    release_paths: tuple[Path, ...] = ()
    clauses: Annotated[tuple[PolicyClause, ...], Field(min_length=1)]

    def policy(self, lives: Mapping[str, Series]) -> Policy:
        """Join the policy with the lives of the series."""
        return Policy(
            lives=tuple(
                Life(name, life.mainstream_until, life.security_until, life.development)
                for name, life in lives.items()
            ),
            clauses=tuple(
                Clause(_PHASES[one.phase], frozenset(one.classes), one.text) for one in self.clauses
            ),
            source=self.source,
            as_of=self.as_of,
        )
