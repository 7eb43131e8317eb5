"""The Discord client as interaction handlers see it."""

from __future__ import annotations

import discord

from bot.discord_api.message_sender import TokenSession
from bot.platform.roles import Role
from bot.runtime.supervisor import TaskSupervisor

# Discord's "Teams": other roles have read-only access.
OWNING_ROLES = (discord.TeamMemberRole.admin, discord.TeamMemberRole.developer)


class InteractionClient(discord.Client):
    """A client that owns its interaction handlers, knows the application's owners, and can be shutting down."""

    answers: TaskSupervisor
    """Owns every handler until it has answered."""
    token_session: TokenSession
    """The session of responses to interactions."""
    shutting_down: bool = False

    def update_clock(self, interaction_id: int) -> None:
        """Updates Discord's clock from the ID of an interaction that has just arrived."""

    def serves(self, role: Role) -> bool:
        """Whether a platform has a model for this use now."""
        return False

    def is_owned_by(self, user_id: int) -> bool:
        """Whether this user owns the application or belongs to the team that may change it. False until the login."""
        application = self.application
        if application is None:
            return False
        if application.team is None:
            return user_id == application.owner.id
        return any(member.id == user_id and member.role in OWNING_ROLES for member in application.team.members)


Interaction = discord.Interaction[InteractionClient]
