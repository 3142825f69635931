"""Which rules a pick may use, and what becomes of a guess that the gate does not like."""

from __future__ import annotations

from pathlib import Path

from bot.core import config
from bot.core.model import Outcome, Pick, Recipe, Rules
from tests.git_toys import File, ToyCommit, make_toy, opened

RECIPE = Recipe("[1.x] ", "Backport of {sha}.", "Bot", "bot@example.org")
GUESS = Rules(frozenset({"formatter", "adjacent", "imports", "tokens"}))


def test_the_configuration_says_which_rules_are_allowed() -> None:
    """Safe rules by default, guesses when asked for, each switched off by its own key."""
    targets = 'targets = ["a"]\n'
    assert config.parse(targets).rules() == Rules(frozenset({"formatter"}))
    guess = config.parse(targets + 'resolve = "guess"\nresolvers = {tokens = false}').rules()
    assert guess.enabled == {"formatter", "adjacent", "imports"}
    notes = config.parse(targets + 'release_notes = "django"')
    assert notes.rules().notes == "django"
    off = config.parse(targets + 'release_notes = "django"\nresolvers = {release_notes = false}')
    assert off.rules().notes == ""


async def pick(folder: Path, *texts: bytes, rules: Rules) -> Pick:
    """Pick a change of `x.py` from base to fix on to a target; the texts are in that order."""
    base, fix, target = ({b"x.py": File(text)} for text in texts)
    commits = [
        ToyCommit("base", base),
        ToyCommit("fix", fix, ["base"]),
        ToyCommit("target", target, ["base"]),
    ]
    toy = make_toy(folder, *commits)
    with opened(toy) as clone:
        return await clone.pick([toy.shas["fix"]], toy.shas["target"], RECIPE, rules)


async def test_a_guess_is_made_only_when_allowed(tmp_path: Path) -> None:
    """Touching edits are a conflict, unless guesses are allowed; then the rule is named."""
    texts = (b"a = 1\nb = 1\n", b"a = 1\nb = 2\n", b"a = 3\nb = 1\n")
    for name in ("safe", "guess"):
        (tmp_path / name).mkdir()
    safe = await pick(tmp_path / "safe", *texts, rules=Rules(frozenset({"formatter"})))
    assert safe.outcome is Outcome.CONFLICT
    guessed = await pick(tmp_path / "guess", *texts, rules=GUESS)
    assert guessed.outcome is Outcome.PICKED
    assert [one.by for one in guessed.resolved] == ["adjacent"]


async def test_a_guess_that_the_gate_dislikes_is_taken_back(tmp_path: Path) -> None:
    """A guess that leaves a name undefined becomes the conflict that it was."""
    texts = (
        b"import os\na = 1\nb = 1\n",
        b"import os\na = 1\nb = os.sep\n",
        b"a = 3\nb = 1\n",
    )
    found = await pick(tmp_path, *texts, rules=GUESS)
    assert found.outcome is Outcome.CONFLICT
    assert found.resolved == ()
