"""Interactions: read from Discord's payloads, and the data that the task service needs from them.

Discord creates the payloads, but much of their content comes from users, and discord.py does not validate it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import aiohttp
import discord

from bot.discord_api.message_sender import TokenSession
from bot.i18n import Translator
from bot.platform.roles import Role
from bot.runtime.supervisor import TaskSupervisor
from bot.tasks.policy import NO_ACCESS, TOKEN_SECONDS, Access, AccessLookup, Actor, InteractionContext, no_images
from bot.tasks.requests import SNOWFLAKE_BITS
from bot.ui.components.payloads import MAX_ID, InvalidPayload, chosen_in

# Discord's "Teams": other roles have read-only access.
OWNING_ROLES = (discord.TeamMemberRole.admin, discord.TeamMemberRole.developer)
# Discord's "Component Types" and "Message Flags".
_GALLERY, _CONTAINER = discord.ComponentType.media_gallery.value, discord.ComponentType.container.value
_EPHEMERAL = discord.MessageFlags.ephemeral.flag
# The key of the used message in the extras of an interaction.
_USED = "used message"
_NO_MESSAGE = object()
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Lone surrogates, which UTF-8 cannot encode, and NUL, which ends a C string.
_UNENCODABLE = re.compile("[\ud800-\udfff\0]")
_TOKEN = re.compile(r"[\w.\-]{1,400}", re.ASCII)
_ID = re.compile(r"[0-9]{1,20}")
_MAX_UPLOAD = 1 << 40
_MAX_LOCALE = 20


class InteractionClient(discord.Client):
    """A client that owns its interaction handlers, knows the application's owners, and can be shutting down."""

    answers: TaskSupervisor
    """Owns every handler until it has answered."""
    token_session: TokenSession
    """The session of responses to interactions."""
    shutting_down: bool = False

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


class UsedMessage:
    """What handlers read of the message whose component was used. discord.py would make objects of all of it, above all
    of each button.

    Discord renews the URLs of a message's images with every interaction.
    """

    def __init__(self, message: Any) -> None:
        """`message`: the message in the payload. Raises InvalidPayload."""
        self._fields: dict[str, Any] = message if isinstance(message, dict) else {}
        message_id, flags = self._fields.get("id"), self._fields.get("flags", 0)
        if not isinstance(message_id, str) or not _ID.fullmatch(message_id) or not are_ids(int(message_id)):
            raise InvalidPayload("invalid message")
        if type(flags) is not int:
            raise InvalidPayload("invalid flags")
        self.id = int(message_id)
        self.ephemeral = bool(flags & _EPHEMERAL)

    def images(self) -> tuple[str, ...]:
        """The URLs of the images in its layout, in order."""
        galleries = (part for part in _layout(self._fields) if part.get("type") == _GALLERY)
        return _image_urls(item.get("media") for gallery in galleries for item in _dicts(gallery.get("items")))

    def attached(self) -> tuple[str, ...]:
        """The URLs of its attached images. Those in its layout are not among them (Discord's "Message Object")."""
        return _image_urls(_dicts(self._fields.get("attachments")))


def read_interaction(payload: Any, state: Any, session: aiohttp.ClientSession) -> Interaction:
    """Reads an interaction; its message is what `used_message` returns. `state`: discord.py's connection state.
    `session`: sends the responses.

    Raises InvalidPayload, or any error of discord.py.
    """
    if not isinstance(payload, dict) or not isinstance(payload.get("data"), dict) or address_of(payload) is None:
        raise InvalidPayload("not an interaction")
    fields = dict(payload)
    message = fields.pop("message", _NO_MESSAGE)
    fields = encodable(fields)
    interaction: Interaction = discord.Interaction(data=fields, state=state)
    # discord.py has no public way to choose the session of responses (2.7.1, interactions.py).
    interaction._session = session
    if message is not _NO_MESSAGE:
        interaction.extras[_USED] = UsedMessage(message)
    user = interaction.user
    if not isinstance(user, discord.User | discord.Member):
        raise InvalidPayload("no user")
    where = (interaction.channel_id, interaction.guild_id)
    if not are_ids(interaction.id, interaction.application_id, user.id, *where):
        raise InvalidPayload("invalid id")
    limit = interaction.filesize_limit
    if type(limit) is not int or not 0 <= limit <= _MAX_UPLOAD:
        raise InvalidPayload("invalid file size")
    for locale in (interaction.locale, interaction.guild_locale):
        told: Any = locale.value if locale else ""  # discord.py keeps unknown locales unchanged
        if not isinstance(told, str) or len(told) > _MAX_LOCALE:
            raise InvalidPayload("invalid locale")
    return interaction


def used_message(interaction: Interaction) -> UsedMessage | None:
    """The message whose component was used, or from which a modal was opened; None if there is none."""
    found: UsedMessage | None = interaction.extras.get(_USED)
    return found


def _layout(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The components of a message, and of its containers."""
    for part in _dicts(message.get("components")):
        yield part
        if part.get("type") == _CONTAINER:
            yield from _dicts(part.get("components"))


def _image_urls(files: Iterable[Any]) -> tuple[str, ...]:
    """The URLs of these files that are images: only these have a width."""
    images = [file for file in files if isinstance(file, dict) and isinstance(file.get("url"), str)]
    return tuple(encodable([file["url"] for file in images if file.get("width")]))


def _dicts(values: Any) -> list[dict[str, Any]]:
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []


def encodable(value: Any) -> Any:
    """The value with every character replaced that cannot be stored or sent, in keys and values. A copy if there is
    any.

    Raises RecursionError if the value is nested too deeply.
    """
    # None of these characters is printable, so `repr` escapes them. It reads the whole value without a call for each
    # part, and nearly no payload has one of them.
    shown = repr(value)
    return _replaced(value) if "\\ud" in shown or "\\x00" in shown else value


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return _UNENCODABLE.sub(_REPLACEMENT, value)
    if isinstance(value, dict):
        return {_replaced(key): _replaced(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each) for each in value]
    return value


def address_of(payload: Any) -> tuple[str, str, int] | None:
    """An interaction's id, token and type, which are needed to answer it. None if it cannot be answered."""
    fields = payload if isinstance(payload, dict) else {}
    interaction_id, token, kind = fields.get("id"), fields.get("token"), fields.get("type")
    if not isinstance(interaction_id, str) or not _ID.fullmatch(interaction_id):
        return None
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        return None
    return interaction_id, token, kind if isinstance(kind, int) else 0


def are_ids(*values: int | None) -> bool:
    """Whether all of these values that are not None can be stored as ids."""
    for value in values:  # noqa: SIM110 - a generator costs several times as much, for each press
        if value is not None and not 0 < value <= MAX_ID:
            return False
    return True


def created_at(interaction: Interaction) -> float:
    """When the interaction was created, by Discord's clock (unix seconds). Source: Discord's "Snowflakes"."""
    return ((interaction.id >> SNOWFLAKE_BITS) + discord.utils.DISCORD_EPOCH) / 1000


def context_of(interaction: Interaction, *, by_channel: bool = False) -> InteractionContext:
    """The user, the place, the user's permissions, and the data needed to answer the interaction. `by_channel`: the
    answer is posted in the channel."""
    message, user_id, of_guild = used_message(interaction), interaction.user.id, interaction.guild_locale
    return InteractionContext(
        interaction_id=interaction.id,
        application_id=interaction.application_id,
        user_id=user_id,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id,
        token=interaction.token,
        created_at=created_at(interaction),
        upload_limit=interaction.filesize_limit,
        locale=interaction.locale.value,
        guild_locale=of_guild.value if of_guild else None,
        access=_access_of(interaction),
        owns_bot=interaction.client.is_owned_by(user_id),
        by_channel=by_channel,
        shown=message.images if message else no_images,
    )


def public_context_of(interaction: Interaction) -> InteractionContext:
    """The context for a public message, also if a private message was used."""
    return context_of(interaction, by_channel=posts_publicly(interaction))


def posts_publicly(interaction: Interaction) -> bool:
    """Whether a private message was used in a channel where the bot can post on its own.

    A message sent through the token of such an interaction replies to the private message, which other users see as
    deleted.
    """
    message = used_message(interaction)
    if message is None or not message.ephemeral or not interaction.is_guild_integration():
        return False
    may = interaction.app_permissions
    in_thread = isinstance(interaction.channel, discord.Thread)
    return may.view_channel and may.attach_files and (may.send_messages_in_threads if in_thread else may.send_messages)


def actor_of(interaction: Interaction) -> Actor:
    """The user, and what they may see."""
    return context_of(interaction).actor


def translator_of(interaction: Interaction) -> Translator:
    """Texts in the user's language, for private messages."""
    return Translator(str(interaction.locale))


def token_of(interaction: Interaction) -> tuple[str, float]:
    """The interaction's token, and when it expires (unix seconds)."""
    return interaction.token, created_at(interaction) + TOKEN_SECONDS


def chosen_values(interaction: Interaction) -> list[str]:
    """The selected values of a select."""
    data: Any = interaction.data
    return list(chosen_in(data))


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
