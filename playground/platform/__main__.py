"""The platform on its own: `python -m playground.platform --profile new-api --port 8433 --key secret`."""

import argparse

from playground.local_service import run
from playground.platform import PROFILES, LocalPlatform


def main() -> None:
    """Runs the platform until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m playground.platform", description="Emulates a platform.")
    parser.add_argument("--profile", choices=list(PROFILES), default="clean", help="which kind of platform")
    parser.add_argument("--port", type=int, default=8433)
    parser.add_argument("--key", default="secret", help="the key that requests must bring; empty for none")
    options = parser.parse_args()
    run(LocalPlatform(options.profile, port=options.port, key=options.key), f"platform ({options.profile})")


if __name__ == "__main__":
    main()
