"""The platform on its own: `python -m playground.platform --profile new-api --port 8433 --key secret`."""

import argparse
import asyncio
import logging
import signal

from playground.platform import PROFILES, LocalPlatform


async def _serve(platform: LocalPlatform) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with platform:
        print(f"platform ({platform.profile}): {platform.base_url}", flush=True)
        await stop.wait()


def main() -> None:
    """Runs the platform until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m playground.platform", description="Emulates a platform.")
    parser.add_argument("--profile", choices=list(PROFILES), default="clean", help="which kind of platform")
    parser.add_argument("--port", type=int, default=8433)
    parser.add_argument("--key", default="secret", help="the key that requests must bring; empty for none")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    asyncio.run(_serve(LocalPlatform(options.profile, port=options.port, key=options.key)))


if __name__ == "__main__":
    main()
