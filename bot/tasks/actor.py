"""The user who requests something about tasks, their location, and their permissions in other channels."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Access:
    """A user's permissions in one channel: `view` to read it, `moderate` to delete other users' messages there."""

    view: bool = False
    moderate: bool = False


NO_ACCESS = Access()

AccessLookup = Callable[[int], Access]
"""Returns a user's access to a channel of their current server, by channel ID. Does no I/O."""


def unknown_access(channel_id: int) -> Access:
    """The lookup for contexts without information about other channels: grants no access."""
    return NO_ACCESS


@dataclass(frozen=True, slots=True)
class Actor:
    """A user in a channel. `guild_id` is None in direct messages; `channel_id` is None if Discord does not provide it.
    `access` covers the channels of the current server. `owns_bot`: the user owns the bot's application."""

    user_id: int
    guild_id: int | None
    channel_id: int | None
    access: AccessLookup = unknown_access
    owns_bot: bool = False

    def access_to(self, guild_id: int | None, channel_id: int | None) -> Access:
        """The user's access to a channel. The current channel is always readable; channels of other servers and other
        direct messages grant no access."""
        if channel_id is None:
            return NO_ACCESS
        if channel_id == self.channel_id:
            access = self.access(channel_id)
            return access if access.view else dataclasses.replace(access, view=True)
        return self.access(channel_id) if guild_id is not None and guild_id == self.guild_id else NO_ACCESS
