"""What large attachments of one member cost: the bot's memory at its peak, and another member's wait."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import tempfile
import time
from pathlib import Path

from PIL import Image

from playground.discord import Limits, UploadedFile
from playground.driver import Environment, Scenario
from playground.images import Pace
from tests.bench.process import megabytes, peak_megabytes
from tests.bench.tables import Table

COMMANDS, A_COMMAND = 12, 4
# A picture of chance cannot be made smaller: 9.9 million bytes as PNG.
EDGE = 1_815


def large_picture(folder: Path, name: str) -> UploadedFile:
    """A picture almost as large as the bot takes."""
    path = folder / name
    Image.frombytes("RGB", (EDGE, EDGE), os.urandom(EDGE * EDGE * 3)).save(path, compress_level=0)
    return UploadedFile(name, "image/png", path.read_bytes())


async def measure() -> Table:
    """With a service that answers at once, and with a slow one."""
    rows = []
    for seconds in (0.0, 3.0):
        with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
            rows.append([f"{seconds:g} s", *await _attached(Path(folder), seconds)])
    heads = [
        "the service answers after",
        "memory before",
        f"peak with {COMMANDS} × {A_COMMAND} × 9.9 MB",
        "all sent after",
        "another's picture alone",
        "beside",
    ]
    return Table("attaching", heads, rows)


async def _attached(folder: Path, seconds: float) -> list[str]:
    scenario = Scenario(
        pace=dataclasses.replace(Pace.quick(), side=64),
        limits=Limits.off(),
        settings={"LOG_LEVEL": "WARNING", "MJ_PROFILE": "plus"},
    )
    async with Environment(folder, scenario) as env:
        env.images.service.queue.queue_limit = 1_000
        await env.start_bot()
        picture = await asyncio.to_thread(large_picture, folder, "noise.png")
        before, alone = megabytes(env.bot.pid), await _one(env)
        if seconds:
            env.images.fail_next("submit/imagine", "slow", times=COMMANDS * 2, seconds=seconds)
        began = time.monotonic()
        options = {f"image{number}": picture for number in range(1, A_COMMAND + 1)}
        flood = [
            asyncio.create_task(env.slash("imagine", {"prompt": f"boat {number}", **options}))
            for number in range(COMMANDS)
        ]
        await asyncio.sleep(0.5)
        beside = await _one(env)
        for interaction in await asyncio.gather(*flood):
            await env.result_of(interaction, 120)
        took = time.monotonic() - began
        return [
            f"{before:.0f} MB",
            f"{peak_megabytes(env.bot.pid):.0f} MB",
            f"{took:.1f} s",
            f"{alone:.2f} s",
            f"{beside:.2f} s",
        ]


async def _one(env: Environment) -> float:
    """Seconds that another member waits for a picture of a small one."""
    small = UploadedFile("small.png", "image/png", _small())
    began = time.monotonic()
    asked = await env.slash("imagine", {"prompt": "an owl", "image1": small}, by="bob")
    await env.result_of(asked, 120)
    return time.monotonic() - began


def _small() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small.png"
        Image.new("RGB", (64, 64), "teal").save(path)
        return path.read_bytes()
