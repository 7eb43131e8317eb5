"""`make demo`: its conversation succeeds with each service that it offers, and leaves its images."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from playground import demo
from playground.driver import Scenario
from tests.support.forked import ForkedBotProcess

# What is saved, in this order. The oldest service has no button to zoom.
SAVED = ["imagine", "u2", "zoom", "reroll", "dall-e-3", "gpt-4o-image", "midjourney"]


@pytest.mark.parametrize("profile", demo.PROFILES)
async def test_the_demo_plays_its_conversation_and_saves_its_images(
    profile: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = Scenario(profile=profile, platform=demo.PLATFORM, process=ForkedBotProcess)
    saved = await demo.play(tmp_path, scenario)
    names = [name for name in SAVED if name != "zoom" or profile != "novicezk"]
    assert [path.stem for path in saved] == [f"{number}-{name}" for number, name in enumerate(names, 1)]
    assert sorted(tmp_path.iterdir()) == saved
    for path in saved:
        with Image.open(path) as image:
            image.load()
            assert min(image.size) >= 100, path.name
    assert len({path.read_bytes() for path in saved}) == len(saved)
    printed = capsys.readouterr().out
    assert "The channel, as people see it" in printed
    assert [path for path in saved if str(path) not in printed] == []
