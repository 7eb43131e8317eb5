"""`python -m playground.discord`: runs a local Discord until it is interrupted."""

import argparse
import asyncio
import contextlib
import sys

from playground.discord import LocalDiscord


async def serve(port: int, token: str | None) -> None:
    """Runs until cancelled."""
    async with LocalDiscord(port=port, bot_token=token) as discord:
        sys.stdout.write(f"DISCORD_API_URL={discord.api_url}\nDISCORD_TOKEN={discord.bot_token}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m playground.discord", description=__doc__)
    parser.add_argument("--port", type=int, default=8431, help="where to listen; 0 for any free port")
    parser.add_argument("--token", help="the bot's token; generated if left out")
    arguments = parser.parse_args()
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(serve(arguments.port, arguments.token))
    except OSError as error:
        sys.exit(f"cannot listen on port {arguments.port}: {error.strerror}")


if __name__ == "__main__":
    main()
