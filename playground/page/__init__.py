"""The playground in the browser: one page in which people use the bot as they would in Discord.

async with World(folder) as world, Page(world, port=8430) as page:
    await world.start_bot()
    print(page.url)

The page speaks to its own server only: deeds go by POST, everything that changes comes by WebSocket, and pictures
come through `/media`, so that a strict Content-Security-Policy holds.
"""

from playground.page.server import Page

__all__ = ["Page"]
