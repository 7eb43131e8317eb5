"""The machine's clock is set while tasks run: nothing is given up for it, and nothing waits for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.discord import Limits
from playground.driver import Scene, World, public_messages
from tests.support.worlds import captions


@pytest.mark.parametrize("step", [3_600.0, 86_400.0, -3_600.0])
async def test_a_clock_that_is_set_gives_no_task_up_and_results_still_come(tmp_path: Path, step: float) -> None:
    clock = tmp_path / "ahead"
    clock.write_text("0", encoding="ascii")
    scene = Scene(
        limits=Limits.off(),
        callbacks=False,
        poll_interval=0.1,
        settings={"CLOCK_FILE": str(clock)},
        program=("-m", "tests.support.stepped"),
    )
    async with World(tmp_path, scene) as world:
        await world.start_bot()
        world.images.hold()
        asked = await world.slash("imagine", {"prompt": "a paper boat"})
        await world.until(lambda: world.images.polls >= 3)
        part = tmp_path / "part"
        part.write_text(str(step), encoding="ascii")
        part.replace(clock)
        polls = world.images.polls
        await world.until(lambda: world.images.polls >= polls + 4)
        assert not any("No progress" in message.text for message in public_messages(asked))
        world.images.release()
        assert captions(await world.result_of(asked))
