"""What of GitHub was looked at last, by place: what differs from it now is news."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from bot.engine import register

_SEEN = sa.Table(
    "stablehand_seen",
    register.META,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)


LOOKED = "looked"
"""The place under which the moment is kept of the last look at everything."""


def head(pull: int) -> str:
    """Name the place of the last commit of a pull request."""
    return f"head:{pull}"


TIPS = "tips"
"""The place under which the tips of all branches are kept, as JSON: name → object name."""


def judged(branch: str) -> str:
    """Name the place of the commits of a branch that were judged, oldest first, by blanks."""
    return f"judged:{branch}"


def note(sha: str) -> str:
    """Name the place of a commit of ours that writes release notes and nothing else."""
    return f"note:{sha}"


async def put(repository_id: int, place: str, value: str) -> None:
    """Note how a place of a repository was seen: a moment, or an object name."""
    key = {"key": f"{repository_id}:{place}"}
    row = {"value": value}
    await register.ask(lambda connection: register.put_row(connection, _SEEN, key, row))


async def get(repository_id: int, place: str) -> str:
    """Give how a place was seen last, empty where it never was."""
    query = sa.select(_SEEN.c.value).where(_SEEN.c.key == f"{repository_id}:{place}")
    found = await register.ask(lambda connection: connection.execute(query).scalar())
    return found or ""


async def known(repository_id: int, places: Iterable[str]) -> frozenset[str]:
    """Give those of some places of which anything was noted."""
    keys = {f"{repository_id}:{place}": place for place in places}
    query = sa.select(_SEEN.c.key).where(_SEEN.c.key.in_(keys))
    found = await register.ask(lambda connection: connection.execute(query).scalars().all())
    return frozenset(keys[key] for key in found)
