"""The bot's process as tests see it: a line of its log is waited for."""

from pathlib import Path

import pytest

from playground.bot_process import BotProcess

LATE = "import time; print('first', flush=True); time.sleep(0.3); print('a late line', flush=True)"


def printing(program: str, folder: Path) -> BotProcess:
    return BotProcess({}, folder, program=("-c", program))


async def test_a_line_that_comes_later_is_waited_for(tmp_path: Path) -> None:
    bot = printing(f"{LATE}; time.sleep(60)", tmp_path)
    await bot.start()
    try:
        assert await bot.logged("late", "line") == "a late line"
    finally:
        await bot.kill()


async def test_a_line_is_found_after_the_end(tmp_path: Path) -> None:
    bot = printing(LATE, tmp_path)
    await bot.start()
    await bot.wait(10)
    assert await bot.logged("first") == "first"


async def test_a_line_that_never_comes_ends_the_wait_with_the_log(tmp_path: Path) -> None:
    bot = printing(LATE, tmp_path)
    await bot.start()
    with pytest.raises(TimeoutError, match=r"(?s)another.*a late line"):
        await bot.logged("another")
    running = printing("import time; print('first', flush=True); time.sleep(60)", tmp_path)
    await running.start()
    try:
        await running.logged("first")
        with pytest.raises(TimeoutError, match="first"):
            await running.logged("another", timeout=0.1)
    finally:
        await running.kill()
