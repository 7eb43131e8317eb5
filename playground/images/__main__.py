"""The image service on its own: `python -m playground.images --profile plus --port 8432 --key secret`."""

import argparse
import asyncio
import logging
import signal

from playground.images.profiles import PROFILES
from playground.images.server import LocalImages
from playground.images.task_queue import Pace


async def _serve(images: LocalImages) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with images:
        print(f"image service ({images.profile}): {images.base_url}", flush=True)
        await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m playground.images", description="Emulates the image service.")
    parser.add_argument("--profile", choices=list(PROFILES), default="plus", help="which service is emulated")
    parser.add_argument("--port", type=int, default=8432)
    parser.add_argument("--key", default="secret", help="the key that requests must bring; empty for none")
    parser.add_argument("--quick", action="store_true", help="small images at once, as in tests")
    options = parser.parse_args()
    pace = Pace.quick() if options.quick else Pace()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    images = LocalImages(options.profile, port=options.port, key=options.key, pace=pace)
    asyncio.run(_serve(images))


if __name__ == "__main__":
    main()
