"""The image service on its own: `python -m playground.images --profile plus --port 8432 --key secret`."""

import argparse

from playground.images.profiles import PROFILES
from playground.images.server import LocalImages
from playground.images.task_queue import Pace
from playground.local_service import run


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m playground.images", description="Emulates the image service.")
    parser.add_argument("--profile", choices=list(PROFILES), default="plus", help="which service is emulated")
    parser.add_argument("--port", type=int, default=8432)
    parser.add_argument("--key", default="secret", help="the key that requests must bring; empty for none")
    parser.add_argument("--quick", action="store_true", help="small images at once, as in tests")
    options = parser.parse_args()
    pace = Pace.quick() if options.quick else Pace()
    images = LocalImages(options.profile, port=options.port, key=options.key, pace=pace)
    run(images, f"image service ({images.profile})")


if __name__ == "__main__":
    main()
