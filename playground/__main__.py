"""`make play`: a local Discord, a local image API and platform, the real bot between them and the page over them, until
Ctrl+C."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playground.driver import Environment, Scenario
from playground.images import Pace
from playground.local_service import interruption
from playground.page.server import PORT, Page
from playground.platform import PROFILES
from playground.platform import Pace as PlatformPace

# The one way of authorisation that the services of all profiles read (docs/image-api.md#authentication), so that the
# page can change the profile under the running bot.
SETTINGS = {"MJ_AUTH": "secret"}


async def play(profile: str, platform: str, port: int) -> None:
    """Runs everything until it is interrupted."""
    stop = interruption()
    scenario = Scenario(
        profile=profile,
        pace=Pace(),
        platform=platform,
        platform_pace=PlatformPace(),
        echo=True,
        settings=SETTINGS,
    )
    with tempfile.TemporaryDirectory(prefix="atelier-playground-") as folder:
        async with Environment(Path(folder), scenario) as env, Page(env, port=port) as page:
            await env.start_bot()
            if page.moved:
                print(f"\nPort {port} is taken, so the page is at another.")
            print(f"\n  Open {page.url} and type / in the message box.\n")
            print(f"Discord's API   {env.discord.api_url}")
            print(f"the image API   {env.images.base_url}  (profile {profile})")
            print(f"the platform    {env.platform.base_url}  (profile {platform})")
            print(f"the bot         http://127.0.0.1:{env.web_port}/healthz")
            print("Ctrl+C ends it.\n", flush=True)
            await stop.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the playground."""
    parser = argparse.ArgumentParser(prog="atelier playground", description=__doc__)
    parser.add_argument("--profile", default="plus", choices=("plus", "trueai", "newapi", "novicezk"))
    parser.add_argument("--platform", default="clean", choices=tuple(PROFILES), help="who sells the other models")
    parser.add_argument("--port", type=int, default=PORT, help="where the page listens; 0 for any free port")
    options = parser.parse_args(arguments)
    try:
        asyncio.run(play(options.profile, options.platform, options.port))
    except RuntimeError as error:
        sys.exit(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
