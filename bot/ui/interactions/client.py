"""The Discord client as handlers of interactions see it."""

from __future__ import annotations

import discord

from bot.runtime.supervisor import TaskSupervisor


class InteractionClient(discord.Client):
    """A client that owns its handlers, knows its owners, and can be about to stop."""

    answers: TaskSupervisor
    """Owns every handler until it has answered."""
    shutting_down: bool = False

    def is_owned_by(self, user_id: int) -> bool:
        """Is this person one of the application's owners? No I/O."""
        raise NotImplementedError


Interaction = discord.Interaction[InteractionClient]
