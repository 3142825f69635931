"""An exception from its vote to its releases and to what follows, whatever becomes of webhooks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.release_plot import told
from tests.release_scene import story
from tests.weather import ALL_LOST, CALM, DOUBLED_AND_SHUFFLED, EVERY_SECOND_LOST, Weather

pytestmark = pytest.mark.timeout(900)  # a story of six weeks, also beside all other tests


async def test_to_the_very_end(tmp_path: Path) -> None:
    """Merged by whatever hand, taken back, brought again, released, followed up: word by word."""
    async with story(tmp_path, CALM) as scene:
        await told(scene)
        scene.same("story", scene.chapters)
        scene.same("end", [scene.end()])
        assert scene.twice() == []


@pytest.mark.parametrize(
    "weather",
    [EVERY_SECOND_LOST, ALL_LOST, DOUBLED_AND_SHUFFLED],
    ids=["every second lost", "all lost", "doubled and shuffled"],
)
async def test_whatever_becomes_of_webhooks(tmp_path: Path, weather: Weather) -> None:
    """The same story ends the same, in the same words, and nothing is said twice."""
    async with story(tmp_path, weather) as scene:
        await told(scene)
        assert scene.twice() == []
        scene.same("end", [scene.end()])
