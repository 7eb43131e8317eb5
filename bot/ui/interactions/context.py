"""Extracts the data that the task service needs from Discord's interaction."""

from __future__ import annotations

import discord

from bot.i18n import Translator
from bot.tasks.policy import NO_ACCESS, TOKEN_SECONDS, Access, AccessLookup, Actor, InteractionContext
from bot.ui.interactions.client import Interaction


def context_of(interaction: Interaction, *, by_channel: bool = False) -> InteractionContext:
    """The user, the place, the user's permissions, and the data needed to answer the interaction. `by_channel`: the
    answer is posted in the channel."""
    return InteractionContext(
        interaction_id=interaction.id,
        application_id=interaction.application_id,
        user_id=interaction.user.id,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id,
        token=interaction.token,
        created_at=interaction.created_at.timestamp(),
        upload_limit=interaction.filesize_limit,
        locale=str(interaction.locale),
        guild_locale=str(interaction.guild_locale) if interaction.guild_locale else None,
        access=_access_of(interaction),
        owns_bot=interaction.client.is_owned_by(interaction.user.id),
        by_channel=by_channel,
        shown=shown_images(interaction.message),
    )


def token_of(interaction: Interaction) -> tuple[str, float]:
    """The interaction's token, and when it expires (unix seconds)."""
    return interaction.token, interaction.created_at.timestamp() + TOKEN_SECONDS


def posts_publicly(interaction: Interaction) -> bool:
    """Whether a private message was used in a channel where the bot can post on its own.

    A message sent through the token of such an interaction replies to the private message, which other users see as
    deleted.
    """
    message = interaction.message
    if message is None or not message.flags.ephemeral or not interaction.is_guild_integration():
        return False
    may = interaction.app_permissions
    in_thread = isinstance(interaction.channel, discord.Thread)
    return may.view_channel and may.attach_files and (may.send_messages_in_threads if in_thread else may.send_messages)


def public_context_of(interaction: Interaction) -> InteractionContext:
    """The context for a public message, also if a private message was used."""
    return context_of(interaction, by_channel=posts_publicly(interaction))


def translator_of(interaction: Interaction) -> Translator:
    """Texts in the user's language, for private messages."""
    return Translator(str(interaction.locale))


def shown_images(message: discord.Message | None) -> tuple[str, ...]:
    """The URLs of the images in a message's layout, in order. Discord renews them with every interaction.

    Images in components are not among the message's attachments (Discord's "Message Object").
    """
    urls: list[str] = []
    for part in message.components if message else ():
        for component in part.children if isinstance(part, discord.Container) else (part,):
            if isinstance(component, discord.MediaGalleryComponent):
                urls += [item.media.url for item in component.items if item.media.width]
    return tuple(urls)


def actor_of(interaction: Interaction) -> Actor:
    """The user, and what they may see."""
    return context_of(interaction).actor


def _access_of(interaction: Interaction) -> AccessLookup:
    """Looks up the user's permissions in a channel.

    For the interaction's own channel, the interaction contains them. For other channels they are computed from the
    bot's cache of the server, with the roles in the interaction. Without the bot in the server there is no access.
    """
    member = interaction.user

    def access(channel_id: int) -> Access:
        if channel_id == interaction.channel_id:
            in_server = interaction.guild_id is not None
            return Access(view=True, moderate=in_server and interaction.permissions.manage_messages)
        guild = interaction.client.get_guild(interaction.guild_id) if interaction.guild_id else None
        channel = guild.get_channel_or_thread(channel_id) if guild else None
        if channel is None or not isinstance(member, discord.Member):
            return NO_ACCESS
        held = _permissions_in(channel, member)
        return Access(view=held.view_channel, moderate=held.view_channel and held.manage_messages)

    return access


def _permissions_in(channel: discord.abc.GuildChannel | discord.Thread, member: discord.Member) -> discord.Permissions:
    if isinstance(channel, discord.Thread) and channel.parent is None:
        return discord.Permissions.none()
    held = channel.permissions_for(member)
    # Without the members intent, Discord reports only the bot's own membership in private threads.
    hidden = isinstance(channel, discord.Thread) and channel.is_private() and not held.manage_threads
    # The text of a voice channel is visible to members who may join the channel.
    closed = isinstance(channel, discord.VoiceChannel | discord.StageChannel) and not held.connect
    return discord.Permissions.none() if hidden or closed else held
