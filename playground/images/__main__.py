"""The image API on its own: `python -m playground.images --profile plus --port 8432 --key secret`."""

import argparse
import asyncio
import contextlib
import logging
import signal

from playground.images.pace import Pace
from playground.images.profiles import PROFILES
from playground.images.server import LocalImages
from playground.images.service_state import Options


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m playground.images", description="Emulates the image API.")
    parser.add_argument("--profile", choices=list(PROFILES), default="plus", help="which service is emulated")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8432)
    parser.add_argument("--key", default="secret", help="the key that requests must bring; empty for none")
    parser.add_argument("--slots", type=int, default=3, help="how many tasks are drawn at a time")
    parser.add_argument("--queue-limit", type=int, default=10, help="how many more may wait")
    parser.add_argument("--quick", action="store_true", help="small pictures at once, as in tests")
    parser.add_argument("--remix", action="store_true", help="variations wait in a modal")
    parser.add_argument("--partner", action="store_true", help="tasks keep the job id of their grid")
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    images = LocalImages(
        arguments.profile,
        host=arguments.host,
        port=arguments.port,
        key=arguments.key,
        pace=Pace.quick() if arguments.quick else Pace.lively(),
        slots=arguments.slots,
        queue_limit=arguments.queue_limit,
        options=Options(remix=arguments.remix, partner=arguments.partner),
    )
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # where the platform has no such handlers, Ctrl-C still works
            loop.add_signal_handler(name, stop.set)
    async with images:
        print(f"image API ({images.profile}): {images.base_url}", flush=True)
        await stop.wait()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(_arguments()))
