"""Who asks about tasks, where they are, and what is known of what they may do in other channels."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Access:
    """What a person may do in one channel: read it, and remove other people's messages there."""

    view: bool = False
    moderate: bool = False


NO_ACCESS = Access()

AccessLookup = Callable[[int], Access]
"""A person's access to a channel of the server that they are in now, by its id. No I/O."""


def unknown_access(channel_id: int) -> Access:
    """For where nothing is known of any other channel: what is not known cannot be seen."""
    return NO_ACCESS


@dataclass(frozen=True, slots=True)
class Actor:
    """A person in a channel. `guild_id` is None in direct messages, `channel_id` where Discord's kind of channel is not
    known. `access` speaks of the channels of this server; `owns_bot`: the bot is theirs."""

    user_id: int
    guild_id: int | None
    channel_id: int | None
    access: AccessLookup = unknown_access
    owns_bot: bool = False

    def access_to(self, guild_id: int | None, channel_id: int | None) -> Access:
        """Their access to a channel. They read the one that they are in; of other servers' channels, and of direct
        messages elsewhere, nothing is known."""
        if channel_id is None:
            return NO_ACCESS
        if channel_id == self.channel_id:
            return dataclasses.replace(self.access(channel_id), view=True)
        return self.access(channel_id) if guild_id is not None and guild_id == self.guild_id else NO_ACCESS
