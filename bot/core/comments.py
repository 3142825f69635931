"""Every other word that the bot says, one named function each; all Markdown for GitHub.

Each comment opens with a mark of its kind (`bot.core.marker`), so that it is said once.
"""

from __future__ import annotations

import shlex

from bot.core import config, defaults, markdown, marker
from bot.core.model import Conflict, Recipe, Target

WAITS, LANDED = "waits-for-merge", "not-landed"
CONFIGURATION, PROPOSED = "configuration", "configuration-proposed"
PROBLEM, STUB, HELP, COMMAND = "problem", "release-note", "help", "command-refused"
COMPLAINTS = (CONFIGURATION, LANDED, PROBLEM)


def waits_for_merge(label: str) -> str:
    """Say on an open pull request that nothing happens before the merge."""
    return (
        f"{marker.mark(WAITS)}\nThe label {markdown.code(label)} is noted. The backports are made "
        "once this pull request is merged; nothing else needs to be done."
    )


def command_help() -> str:
    """List the commands, for who wrote one that is none."""
    return (
        f"{marker.mark(HELP)}\nThat is no command. There are, each on a line of its own:\n\n"
        "- `/backport to 4.0 3.2`: bring it to these series\n"
        "- `/backport with SHA to 3.2`: pick that commit first\n"
        "- `/backport retry`: try again what is not open yet\n"
        "- `/backport forecast`: say how it would pick\n"
        "- `/backport test 4.0`: run the tests of this backport once more\n"
        "- `/backport snooze 2w`: send no reminders for two weeks (`3d`, `1m`, `off`)\n"
        "- `/backport follow-up URL`: say where the policy is talked over after it\n"
        "- `/backport stop`: do nothing more here"
    )


def command_refused(why: str) -> str:
    """Say who may give commands."""
    return f"{marker.mark(COMMAND)}\nNothing was done: {markdown.plain(why)}"


def configuration_broken(problems: tuple[str, ...]) -> str:
    """List every mistake of the configuration file."""
    lines = "\n".join(f"- {problem}" for problem in problems)
    return (
        f"{marker.mark(CONFIGURATION)}\nNothing was backported, because "
        f"`{config.PATH}` on the default branch cannot be used:\n\n{lines}\n\n"
        "What cannot be checked is not let through. A maintainer has to mend the file; then take "
        "the label off, if it is still on, and set it again."
    )


def configuration_missing() -> str:
    """Offer a ready-made configuration file to a project that has none."""
    return (
        f"{marker.mark(CONFIGURATION)}\nNothing was backported, because this repository has no "
        f"`{config.PATH}` on its default branch. A maintainer can commit this one, which works as "
        f"it stands, and then set the label again:\n\n{markdown.block(defaults.STARTER, 'toml')}"
    )


def configuration_proposed(problems: tuple[str, ...]) -> str:
    """Say on a pull request what is wrong with the configuration that it brings, or no more."""
    if not problems:
        return f"{marker.mark(PROPOSED)}\n`{config.PATH}` of this pull request can be used now."
    lines = "\n".join(f"- {problem}" for problem in problems)
    return (
        f"{marker.mark(PROPOSED)}\n`{config.PATH}` of this pull request cannot be used:\n\n"
        f"{lines}\n\nOnce merged it would stop every backport. Please mend it here."
    )


def not_landed(branch: str, candidates: tuple[tuple[str, ...], ...]) -> str:
    """Say that a closed pull request's commit was not found, or that there are several."""
    if candidates:
        found = "; ".join(", ".join(commits) for commits in candidates)
        what = f"more than one commit on {markdown.code(branch)} fits: {found}."
    else:
        what = f"no commit of it was found on {markdown.code(branch)}."
    return (
        f"{marker.mark(LANDED)}\nThis pull request was closed without GitHub's merge, and {what} "
        "Name the full SHA of the commit in a comment here, then take the label off and set it "
        "again."
    )


def problem(message: str) -> str:
    """Tell the person what stopped the work."""
    return f"{marker.mark(PROBLEM)}\nThe backports stopped here. {message}"


def settled(kind: str) -> str:
    """Take the place of a complaint whose cause is gone."""
    return (
        f"{marker.mark(kind)}\nWhat stood in the way here is settled; the checklist has the rest."
    )


def fault() -> str:
    """Say that the service itself failed, and who must act."""
    return problem(
        "A fault in Stablehand itself stopped it; whoever runs it was told. What was done so far "
        "stays, and setting the label again goes on from there."
    )


def by_hand(
    commits: tuple[str, ...],
    target: Target,
    head: str,
    recipe: Recipe,
    conflicts: tuple[Conflict, ...],
) -> str:
    """Give the exact commands that finish a conflicting backport.

    The amended message is the picked one with prefix and trailer, so that author, co-authors and
    body stay as they are.
    """
    quoted = shlex.quote
    paths = " ".join(quoted(conflict.path) for conflict in conflicts)
    lines = [
        f"git fetch origin {quoted(target.branch)}",
        f"git switch -c {quoted(head)} origin/{quoted(target.branch)}",
        'MESSAGE="$(git rev-parse --git-path STABLEHAND_MSG)"',
    ]
    for sha in commits:
        trailer = recipe.trailer.replace("{sha}", sha)
        edit = quoted(f"1s/^/{_sed(recipe.subject_prefix)}/")
        lines += [
            f"git cherry-pick {sha}",
            f"# resolve what is left in: {paths}",
            f"git add -- {paths} && git -c core.editor=true cherry-pick --continue",
            f'git log -1 --format=%B | sed {edit} > "$MESSAGE"',
            f"printf '\\n%s\\n' {quoted(trailer)} >> \"$MESSAGE\"",
            'git commit --amend -F "$MESSAGE"',
        ]
    lines.append(f"git push origin {quoted(head)}")
    files = "\n".join(f"- {markdown.code(c.path)}: {c.reason}" for c in conflicts)
    return f"{files}\n\n{markdown.block(chr(10).join(lines), 'sh')}"


def in_the_draft(head: str, conflicts: tuple[Conflict, ...]) -> str:
    """Give the exact commands that finish a draft which holds the conflict's markers."""
    quoted = shlex.quote
    paths = " ".join(quoted(conflict.path) for conflict in conflicts)
    lines = [
        f"git fetch origin {quoted(head)}",
        f"git switch {quoted(head)}",
        f"# resolve the markers in: {paths}",
        f"git add -- {paths}",
        "git commit --amend --no-edit",
        f"git push --force-with-lease origin {quoted(head)}",
    ]
    files = "\n".join(f"- {markdown.code(c.path)}: {c.reason}" for c in conflicts)
    return f"{files}\n\n{markdown.block(chr(10).join(lines), 'sh')}"


def _sed(text: str) -> str:
    """Escape text for the right side of a `s/…/…/` command."""
    return "".join("\\" + char if char in "\\/&" else char for char in text)
