"""The Discord client as interaction handlers see it."""

from __future__ import annotations

import discord

from bot.runtime.supervisor import TaskSupervisor


class InteractionClient(discord.Client):
    """A client that owns its interaction handlers, knows the application's owners, and can be shutting down."""

    answers: TaskSupervisor
    """Owns every handler until it has answered."""
    shutting_down: bool = False

    def is_owned_by(self, user_id: int) -> bool:
        """Whether the user is one of the application's owners. No I/O."""
        raise NotImplementedError


Interaction = discord.Interaction[InteractionClient]
