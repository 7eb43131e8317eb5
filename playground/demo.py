"""`make demo`: a conversation with the real bot, printed as people see it; the images go to `demo/`.

imagine → U2 → zoom → a restart of the bot → reroll of the first message.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playground.discord import Interaction, Message
from playground.driver import TIMEOUT, Environment, Scenario
from playground.images.pace import Pace

PROMPT = "a paper boat on a quiet lake, mountains and a rising moon"
DEMO_TIMEOUT = 3 * TIMEOUT


async def play(folder: Path, profile: str) -> int:
    """Plays the conversation and saves its images. Returns their number."""
    saved: list[Path] = []
    with tempfile.TemporaryDirectory(prefix="atelier-demo-") as data:
        async with Environment(Path(data), Scenario(profile=profile, pace=Pace())) as env:
            say("The bot starts.")
            await env.start_bot()

            async def shown(interaction: Interaction, name: str) -> Message:
                message = await env.result_of(interaction, DEMO_TIMEOUT)
                saved.extend(save(message, folder, f"{len(saved) + 1}-{name}"))
                return message

            say(f"ada uses /imagine: {PROMPT}")
            grid = await shown(await env.slash("imagine", {"prompt": PROMPT}), "imagine")
            say("ada presses U2.")
            single = await shown(await env.press(grid, "U2"), "u2")
            if profile != "novicezk":
                say("bob presses Zoom Out 2x under ada's image.")
                await shown(await env.press(single, "Zoom Out 2x", by="bob"), "zoom")
            say("The bot is stopped, and started again on its database.")
            await env.stop_bot()
            await env.start_bot()
            say("bob presses 🔄 under the very first message: its buttons never die.")
            await shown(await env.press(grid, "🔄", by="bob"), "reroll")
            print("\n" + "─" * 78 + "\nThe channel, as people see it:\n")
            print(env.discord.transcript(env.studio))
    print(f"\n{len(saved)} images:")
    for path in saved:
        print(f"  {path}")
    return len(saved)


def say(line: str) -> None:
    """Prints what happens."""
    print(f"• {line}", flush=True)


def save(message: Message, folder: Path, name: str) -> list[Path]:
    """Writes a message's images to files."""
    paths = []
    for attachment in message.attachments:
        path = folder / f"{name}{Path(attachment.filename).suffix}"
        path.write_bytes(attachment.data)
        paths.append(path)
    return paths


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the demo."""
    parser = argparse.ArgumentParser(prog="python -m playground.demo", description=__doc__)
    parser.add_argument("--profile", default="plus", choices=("plus", "trueai", "newapi", "novicezk"))
    parser.add_argument("--folder", type=Path, default=Path("demo"))
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(play(options.folder, options.profile))
    return 0


if __name__ == "__main__":
    sys.exit(main())
