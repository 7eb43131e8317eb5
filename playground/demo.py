"""`make demo`: a conversation with the real bot, printed as people see it; the images go to `demo/`.

First act: buttons and a restart of the bot. Second act: one image through three engines.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playground.discord import Interaction, Message
from playground.driver import INTERIM, TIMEOUT, Environment, Scenario
from playground.images import Pace
from playground.platform import Pace as PlatformPace

PROFILES, PLATFORM = ("plus", "trueai", "newapi", "novicezk"), "clean"
PROMPT = "a paper boat on a quiet lake, mountains and a rising moon"
# The engines of the second act: one starts, the others continue with the image of the one before.
FIRST, OTHERS = "dall-e-3", (("gpt-4o-image", "make it a snowy night"), ("midjourney", f"{PROMPT}, in thick oil paint"))
DEMO_TIMEOUT = 3 * TIMEOUT


class Demo:
    """The conversation. `saved` are the files of its images."""

    def __init__(self, env: Environment, folder: Path) -> None:
        self._env = env
        self._folder = folder
        self.saved: list[Path] = []

    async def _shown(self, interaction: Interaction, name: str) -> Message:
        """Waits for a result, and saves its images."""
        message = await self._env.result_of(interaction, DEMO_TIMEOUT)
        for attachment in message.attachments:
            if not attachment.filename.startswith(INTERIM):
                path = self._folder / f"{len(self.saved) + 1}-{name}{Path(attachment.filename).suffix}"
                path.write_bytes(attachment.data)
                self.saved.append(path)
        return message

    async def buttons(self) -> None:
        """First act: imagine → U2 → zoom → a restart of the bot → reroll of the first message."""
        env = self._env
        say(f"ada uses /imagine: {PROMPT}")
        grid = await self._shown(await env.slash("imagine", {"prompt": PROMPT}), "imagine")
        say("ada presses U2.")
        single = await self._shown(await env.press(grid, "U2"), "u2")
        if env.images.profile != "novicezk":
            say("bob presses Zoom Out 2x under ada's image.")
            await self._shown(await env.press(single, "Zoom Out 2x", by="bob"), "zoom")
        say("The bot is stopped, and started again on its database.")
        await env.stop_bot()
        await env.start_bot()
        say("bob presses 🔄 under the very first message: its buttons never die.")
        await self._shown(await env.press(grid, "🔄", by="bob"), "reroll")

    async def engines(self) -> None:
        """Second act: one image through three engines."""
        env = self._env
        await env.until(lambda: any(call.status for call in env.platform.calls_of("/v1/models")))
        say(f"ada uses /imagine with {FIRST}: {PROMPT}")
        card = await self._shown(await env.slash("imagine", {"prompt": PROMPT, "engine": FIRST}), FIRST)
        for engine, prompt in OTHERS:
            say(f"ada presses Continue with… under it, and chooses {engine}: {prompt}")
            opened = await env.press(card, "Continue with…")
            card = await self._shown(await env.submit_modal(opened, {"engine": [engine], "prompt": prompt}), engine)


async def play(folder: Path, scenario: Scenario) -> list[Path]:
    """Plays the conversation and saves its images. Returns their files."""
    with tempfile.TemporaryDirectory(prefix="atelier-demo-") as data:
        async with Environment(Path(data), scenario) as env:
            demo = Demo(env, folder)
            say("The bot starts.")
            await env.start_bot()
            await demo.buttons()
            await demo.engines()
            print("\n" + "─" * 78 + "\nThe channel, as people see it:\n")
            print(env.discord.transcript(env.studio))
    print(f"\n{len(demo.saved)} images:")
    for path in demo.saved:
        print(f"  {path}")
    return demo.saved


def say(line: str) -> None:
    """Prints what happens."""
    print(f"• {line}", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the demo."""
    parser = argparse.ArgumentParser(prog="python -m playground.demo", description=__doc__)
    parser.add_argument("--profile", default="plus", choices=PROFILES)
    parser.add_argument("--folder", type=Path, default=Path("demo"))
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    scenario = Scenario(profile=options.profile, pace=Pace(), platform=PLATFORM, platform_pace=PlatformPace())
    asyncio.run(play(options.folder, scenario))
    return 0


if __name__ == "__main__":
    sys.exit(main())
