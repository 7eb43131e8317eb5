"""`make bench`: all measurements, one table each."""

from __future__ import annotations

import asyncio

from tests.bench import attaching, bodies, delivering, pressing, queries, running, starting, watching


async def main() -> None:
    """Runs them one after the other."""
    await pressing.measure()
    await running.measure()
    await watching.measure()
    await delivering.measure()
    await bodies.measure()
    await starting.measure()
    await queries.measure()
    await attaching.measure()


if __name__ == "__main__":
    asyncio.run(main())
