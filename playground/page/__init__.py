"""The playground in the browser: one page in which people use the bot as they would in Discord.

It talks to its own server only: requests go by POST, changes come by WebSocket, and files come through `/media`, so
that a strict Content-Security-Policy holds.
"""

from playground.page.server import Page

__all__ = ["Page"]
