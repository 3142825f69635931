"""What a backport pull request says of its pick: equality, rules, findings, open conflicts."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core import advice as advices
from bot.core import equality as equalities
from bot.core import markdown, marker
from bot.core.advice import NO_ADVICE, Advice
from bot.core.counts import quantity
from bot.core.equality import Equality
from bot.core.model import Pick

KIND, RULES = "pick", "rules"


@dataclass(frozen=True, slots=True)
class About:
    """All that is known of one pick; `settled` is a patch of what rules settled."""

    pick: Pick
    series: str
    by_hand: str = ""
    settled: str = ""
    equality: Equality | None = None
    advice: Advice = NO_ADVICE


def sections(about: About) -> str:
    """Write the marked sections of the pull request's body."""
    return write_into("", about)


def write_into(body: str, about: About) -> str:
    """Put both sections into a body: what the rules did, and how the pick stands now."""
    return marker.replace_section(
        marker.replace_section(body, RULES, _resolved(about)), KIND, text(about)
    )


def text(about: About) -> str:
    """Write how the pick stands, which a person's push may change."""
    parts = [_equality(about), _findings(about.pick), _conflicts(about)]
    return "\n\n".join(part for part in parts if part)


def needs_a_person(pick: Pick) -> bool:
    """Tell whether the pull request must be a draft: open conflicts, or findings of the gate."""
    return bool(pick.conflicts or pick.findings)


def summary(about: About) -> str:
    """Say it in a few words for the checklist's row."""
    rules = sorted({resolution.by for resolution in about.pick.resolved})
    paths = [markdown.code(conflict.path) for conflict in about.pick.conflicts]
    return "; ".join(
        part
        for part in (
            ", ".join(paths),
            f"resolved by {', '.join(rules)}" if rules else "",
            f"**{quantity(len(about.pick.findings), 'finding')}**" if about.pick.findings else "",
            equalities.line(about.equality) if about.equality else "",
        )
        if part
    )


def _equality(about: About) -> str:
    if about.equality is None:
        return ""
    said = equalities.line(about.equality)
    return f"{said[:1].upper()}{said[1:]}.\n\n{equalities.section(about.equality)}".strip()


def _resolved(about: About) -> str:
    if not about.pick.resolved:
        return ""
    lines = [f"- {markdown.code(one.path)}: {one.by}" for one in about.pick.resolved]
    patch = markdown.block(about.settled, "diff")
    title = "<details><summary>What the rules made of these files</summary>"
    return (
        "#### Resolved by rule\n\nGit found conflicts in these files, and a rule settled them. "
        "Please check them:\n\n" + "\n".join(lines) + f"\n\n{title}\n\n{patch}\n\n</details>"
    )


def _findings(pick: Pick) -> str:
    if not pick.findings:
        return ""
    lines = [
        f"- {markdown.code(f'{one.path}:{one.line}')}: {markdown.plain(one.message)}"
        for one in pick.findings
    ]
    return (
        "#### This does not look right\n\nThis is a draft, because the picked files do not fit "
        "this branch:\n\n" + "\n".join(lines)
    )


def _conflicts(about: About) -> str:
    if not about.pick.conflicts:
        return ""
    help_ = advices.text(about.advice, about.series)
    return (
        "#### Unresolved conflicts\n\nThis is a draft, because conflict markers stand in these "
        f"files. To finish it:\n\n{about.by_hand}" + (f"\n\n{help_}" if help_ else "")
    )
