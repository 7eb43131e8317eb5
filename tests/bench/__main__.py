"""`make bench`: all measurements, one table each."""

from __future__ import annotations

import asyncio

from tests.bench import starting


async def main() -> None:
    """Runs them one after the other."""
    await starting.measure()


if __name__ == "__main__":
    asyncio.run(main())
