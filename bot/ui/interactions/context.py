"""From Discord's interaction to the facts that the task service needs."""

from __future__ import annotations

import dataclasses

import discord

from bot.i18n import Translator
from bot.tasks.actor import NO_ACCESS, Access, AccessLookup, Actor
from bot.tasks.results import InteractionContext
from bot.ui.interactions.client import Interaction


def context_of(interaction: Interaction) -> InteractionContext:
    """Who asks, where, what they may see, and how the answer is reached."""
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
    )


def posts_publicly(interaction: Interaction) -> bool:
    """Was a private message used in a channel where the bot can post by itself?

    A message that is sent through such an interaction's token replies to the private message, which others
    see as deleted.
    """
    message = interaction.message
    if message is None or not message.flags.ephemeral or not interaction.is_guild_integration():
        return False
    may = interaction.app_permissions
    in_thread = isinstance(interaction.channel, discord.Thread)
    return may.view_channel and may.attach_files and (may.send_messages_in_threads if in_thread else may.send_messages)


def public_context_of(interaction: Interaction) -> InteractionContext:
    """The same for a message that everybody is to see, where a private one may have been used."""
    return dataclasses.replace(context_of(interaction), by_channel=posts_publicly(interaction))


def translator_of(interaction: Interaction) -> Translator:
    """The texts in the language of whoever asks, for what they alone see."""
    return Translator(str(interaction.locale))


def actor_of(interaction: Interaction) -> Actor:
    """Who asks, and what they may see."""
    return context_of(interaction).actor


def _access_of(interaction: Interaction) -> AccessLookup:
    """Where they are, the interaction tells what they may do. Of other channels the bot's cache of its servers does,
    with the roles that the interaction tells; where it is no member it knows of none."""
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
    # Without the intent for members Discord tells nobody's membership in private threads but the bot's own.
    hidden = isinstance(channel, discord.Thread) and channel.is_private() and not held.manage_threads
    # What is written in a voice channel is read by those who may join it.
    closed = isinstance(channel, discord.VoiceChannel | discord.StageChannel) and not held.connect
    return discord.Permissions.none() if hidden or closed else held
