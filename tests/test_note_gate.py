"""What the policy gate says of pull requests in which we write release notes."""

from __future__ import annotations

from pathlib import Path

from bot.core import gate_text
from tests.note_case import SENTENCE, NoteCase, note_case

_POLICY = """
[phases."4.1.x"]
mainstream_until = 2999-12-31
[phases."4.0.x"]
mainstream_until = 2022-08-03
security_until = 2999-12-31
[phases."3.2.x"]
mainstream_until = 2021-12-07
security_until = 2999-12-31
[policy]
source = "https://example.org/policy"
as_of = 2022-12-30
[[policy.clauses]]
phase = "mainstream"
classes = ["crash"]
text = "Crashes are mended."
"""


def verdicts(scene: NoteCase) -> dict[str, str]:
    """Give what the gate says of the head of each pull request to a stable branch, by branch."""
    repository = scene.case.repository
    heads = {
        one.head_sha: one.head
        for one in repository.pulls.values()
        if one.base.startswith("stable/") and one.state == "open"
    }
    found = [one.fields for one in repository.checks.values()]
    return {
        heads[one["head_sha"]]: f"{one['conclusion']}: {one['output']['title']}"
        for one in found
        if one["name"] == gate_text.NAME and one["head_sha"] in heads
    }


async def test_notes_need_no_source_of_their_own(tmp_path: Path) -> None:
    """A backport goes in with its note, and what brings notes alone goes in as such.

    A commit that a person adds to either is asked for its source.
    """
    async with note_case(tmp_path, tables=_POLICY) as scene:
        await scene.say(f"/note {SENTENCE}")
        await scene.brought()
        alone = f"success: {gate_text.NOTES}"
        newer, oldest = scene.forwarded("stable/4.1.x"), scene.backport("3.2.x")
        assert newer
        assert verdicts(scene)[newer.head] == alone
        await scene.say(f"/note {SENTENCE.replace('lost', 'forgot')}")
        said = verdicts(scene)
        assert said[newer.head] == alone
        assert said[oldest.head].startswith("success: ")
        for pull in (newer, oldest):
            await scene.write(pull.head, {"more.txt": "More.\n"}, "[4.1.x] Fixed #1 -- More.")
        await scene.case.settled()
        assert {verdicts(scene)[pull.head].split(":")[0] for pull in (newer, oldest)} == {"failure"}
