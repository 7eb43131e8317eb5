"""`make play`: the local Discord, the local image API and the bot, until Ctrl+C."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playground.driver import Scene, World
from playground.images.pace import Pace


async def play(profile: str) -> None:
    """Runs everything until it is interrupted."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with tempfile.TemporaryDirectory(prefix="atelier-playground-") as folder:
        async with World(Path(folder), Scene(profile=profile, pace=Pace.lively(), echo=True)) as world:
            await world.start_bot()
            print(f"\nDiscord's API   {world.discord.api_url}")
            print(f"the image API   {world.images.base_url}  (profile {profile})")
            print(f"the bot         http://127.0.0.1:{world.web_port}/healthz")
            print("Ctrl+C ends it.\n", flush=True)
            await stop.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the playground."""
    parser = argparse.ArgumentParser(prog="atelier playground", description=__doc__)
    parser.add_argument("--profile", default="plus", choices=("plus", "trueai", "newapi", "novicezk"))
    options = parser.parse_args(arguments)
    asyncio.run(play(options.profile))
    return 0


if __name__ == "__main__":
    sys.exit(main())
