"""`python -m tests.page.screenshots`: takes the README's images from the real page with the real bot.

Needs Chromium and the development dependencies. The text is set in what this machine has of the page's fonts: with
Noto Sans and Noto Color Emoji (Debian: fonts-noto-core, fonts-noto-color-emoji) it looks as in the repository.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.async_api import Browser
from playwright.async_api import Page as Tab

from playground.driver import Environment, Scenario
from playground.images import Pace
from playground.page.server import Page
from tests.support.browsers import browsing

TIMEOUT_MS = 30_000
MAX_BYTES = 400_000
COLORS = 256
SHRINK = 0.85
PACE = Pace(queue=0.2, step=0.2, steps=5)


@dataclass(frozen=True)
class Shot:
    """One screenshot: its file, the color scheme, the page's size in CSS pixels, and how many pixels each of those is.

    With a prompt the bot first generates images of it; without, the page shows those of the shots before.
    """

    name: str
    theme: Literal["dark", "light"]
    width: int
    height: int
    scale: float
    prompt: str | None = None
    phone: bool = False

    @property
    def channel(self) -> str:
        return "lounge" if self.phone else "studio"


BOAT = "a paper boat on a quiet lake, mountains and a rising moon"
FOX = "a red fox in the snow, tall pines"
SHOTS = (
    Shot("playground-dark", "dark", 1400, 1060, 1.5, BOAT),
    Shot("playground-light", "light", 1400, 1060, 1.5),
    Shot("playground-phone-dark", "dark", 390, 844, 2, FOX, phone=True),
    Shot("playground-phone-light", "light", 390, 844, 2, phone=True),
)


async def take(folder: Path, shots: Sequence[Shot] = SHOTS) -> list[Path]:
    """Generates images with the bot and takes the screenshots into the folder; their files.

    Raises FileNotFoundError if there is no Chromium.
    """
    saved = []
    with tempfile.TemporaryDirectory(prefix="atelier-screenshots-") as data:
        async with (
            Environment(Path(data), Scenario(pace=PACE, platform="clean")) as env,
            Page(env, port=0) as page,
            browsing() as browser,
        ):
            await env.start_bot()
            for shot in shots:
                if shot.prompt:
                    await _generate(env, shot.prompt, shot)
                path = folder / f"{shot.name}.png"
                await asyncio.to_thread(path.write_bytes, await _take(browser, page.url, shot))
                saved.append(path)
    return saved


async def _generate(env: Environment, prompt: str, shot: Shot) -> None:
    """Ada's grid of a prompt, and on a large page the image that Bob picks from it."""
    used = await env.slash("imagine", {"prompt": prompt}, where=env.discord.channel(shot.channel))
    grid = await env.result_of(used)
    if not shot.phone:
        await env.result_of(await env.press(grid, "U2", by="bob"))


async def _take(browser: Browser, url: str, shot: Shot) -> bytes:
    context = await browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        device_scale_factor=shot.scale,
        color_scheme=shot.theme,
        is_mobile=shot.phone,
        has_touch=shot.phone,
        reduced_motion="reduce",
    )
    async with context:
        context.set_default_timeout(TIMEOUT_MS)
        tab = await context.new_page()
        await tab.goto(url)
        await tab.wait_for_selector("#account b", state="attached")
        if shot.phone:
            await tab.tap("#open-sidebar")
            await tab.get_by_role("button", name=f"Channel {shot.channel}").tap()
        return await _screenshot(tab)


async def _screenshot(tab: Tab) -> bytes:
    """The page as PNG, small enough for a README, when every image in it is loaded."""
    decoded = "(all) => Promise.all(all.map((one) => one.decode())).then(() => all.length)"
    await tab.locator("#messages img").evaluate_all(decoded)
    await tab.mouse.move(2, 2)
    return await asyncio.to_thread(_small, await tab.screenshot())


def _small(png: bytes) -> bytes:
    """The same image in at most MAX_BYTES: fewer colors first, then fewer pixels."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    while len(png) > MAX_BYTES:
        buffer = io.BytesIO()
        image.quantize(COLORS, kmeans=2, dither=Image.Dither.FLOYDSTEINBERG).save(buffer, "PNG", optimize=True)
        png = buffer.getvalue()
        image = image.resize((round(image.width * SHRINK), round(image.height * SHRINK)), Image.Resampling.LANCZOS)
    return png


def main(arguments: Sequence[str] | None = None) -> int:
    """Takes the images; 1 where there is no Chromium."""
    parser = argparse.ArgumentParser(prog="python -m tests.page.screenshots", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("docs"))
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    try:
        taken = asyncio.run(take(options.folder))
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    for path in taken:
        print(f"{path}  {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
