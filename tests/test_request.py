from __future__ import annotations

import pytest

from bot.core import request
from bot.core.request import Request, Verb

SHA = "abc1234"
FORUM = "https://forum.djangoproject.com/t/revisit-the-policy,once/17920"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("/backport to 4.0", Request(Verb.TO, ("4.0",))),
        ("Please.\n\n  /backport to 4.0, 3.2 \n", Request(Verb.TO, ("4.0", "3.2"))),
        (f"/backport with {SHA} to 3.2", Request(Verb.TO, ("3.2",), (SHA,))),
        ("/backport retry", Request(Verb.RETRY)),
        ("/backport stop", Request(Verb.STOP)),
        ("/backport forecast", Request(Verb.FORECAST)),
        ("/backport test 4.0, 3.2", Request(Verb.TEST, ("4.0", "3.2"))),
        ("/backport test", Request(Verb.TEST)),
        ("/backport snooze 2w", Request(Verb.SNOOZE, days=14)),
        ("/backport snooze 3d", Request(Verb.SNOOZE, days=3)),
        ("/backport snooze 1m", Request(Verb.SNOOZE, days=30)),
        ("/backport snooze off", Request(Verb.SNOOZE)),
        (f"/backport follow-up {FORUM}", Request(Verb.FOLLOW_UP, url=FORUM)),
        ("/backport snooze", Request(Verb.HELP)),
        ("/backport snooze 0d", Request(Verb.HELP)),
        ("/backport snooze 100d", Request(Verb.HELP)),
        ("/backport snooze 2w 3d", Request(Verb.HELP)),
        ("/backport follow-up", Request(Verb.HELP)),
        ("/backport follow-up later", Request(Verb.HELP)),
        ("/backport follow-up javascript:alert(1)", Request(Verb.HELP)),
        ("/backport", Request(Verb.HELP)),
        ("/backport to", Request(Verb.HELP)),
        ("/backport with to 3.2", Request(Verb.HELP)),
        ("/backport with it to 3.2", Request(Verb.HELP)),
        (f"/backport to 3.2 with {SHA}", Request(Verb.HELP)),
        ("/backport stop it", Request(Verb.HELP)),
        ("/backports to 4.0", None),
        ("Say `/backport to 4.0`.", None),
        ("> /backport to 4.0", None),
        ("```\n/backport to 4.0\n```\n", None),
        ("Thanks!", None),
    ],
)
def test_what_a_comment_asks_for(body: str, expected: Request | None) -> None:
    """A command is a line of its own; quotes and code are nobody's command."""
    assert request.read(body) == expected
