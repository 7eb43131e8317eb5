"""The playground in the browser: one page in which people use the bot as they would in Discord.

async with Environment(folder) as env, Page(env, port=8430) as page:
    await env.start_bot()
    print(page.url)

The page talks to its own server only: requests go by POST, changes come by WebSocket, and files come through
`/media`, so that a strict Content-Security-Policy holds.
"""

from playground.page.server import Page

__all__ = ["Page"]
