"""The machine's clock is set while tasks run: nothing is given up for it, and nothing waits for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.discord import Limits
from playground.driver import Environment, Scenario, public_messages
from tests.support.environments import captions


@pytest.mark.parametrize("step", [3_600.0, 86_400.0, -3_600.0])
async def test_a_clock_that_is_set_gives_no_task_up_and_results_still_come(tmp_path: Path, step: float) -> None:
    clock = tmp_path / "ahead"
    clock.write_text("0", encoding="ascii")
    scenario = Scenario(
        limits=Limits.off(),
        callbacks=False,
        poll_interval=0.1,
        settings={"CLOCK_FILE": str(clock)},
        program=("-m", "tests.support.stepped"),
    )
    async with Environment(tmp_path, scenario) as env:
        await env.start_bot()
        env.images.hold()
        asked = await env.slash("imagine", {"prompt": "a paper boat"})
        await env.until(lambda: env.images.polls >= 3)
        part = tmp_path / "part"
        part.write_text(str(step), encoding="ascii")
        part.replace(clock)
        polls = env.images.polls
        await env.until(lambda: env.images.polls >= polls + 4)
        assert not any("No progress" in message.text for message in public_messages(asked))
        env.images.release()
        assert captions(await env.result_of(asked))
