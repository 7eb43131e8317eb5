"""One interaction: what a person did, everything the bot answered, and the event that the gateway sends for it."""

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Literal

from playground.discord import payloads, permissions
from playground.discord.records import Channel, Json, Message, User
from playground.discord.state import ServerState


class InteractionType(IntEnum):
    """Interaction resource, "Interaction Type"."""

    COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5


class CallbackType(IntEnum):
    """Interaction resource, "Interaction Callback Type"."""

    REPLY, DEFER_REPLY, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9


class InteractionFailed(Exception):
    """The bot did not answer in time: people see "The application did not respond"."""


@dataclass(eq=False)
class Interaction:
    """`acknowledged_at` is the seconds from creation to the first answer; None until then."""

    id: int
    type: int
    user: User
    channel: Channel
    data: Json
    message: Message | None = None
    opened_by: "Interaction | None" = None
    said: str = ""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(96), repr=False)
    created_at: float = field(default_factory=time.monotonic)
    payload: Json = field(default_factory=dict, repr=False)
    state: Literal["waiting", "acknowledged", "failed"] = "waiting"
    acknowledged_at: float | None = None
    callback_type: int | None = None
    callback_data: Json | None = None
    modal: Json | None = None
    modal_submit: "Interaction | None" = None
    choices: list[Json] | None = None
    response_message: Message | None = None
    followups: list[Message] = field(default_factory=list)
    deliveries: int = 0
    settled: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    timer: asyncio.TimerHandle | None = field(default=None, repr=False)

    @property
    def failed(self) -> bool:
        return self.state == "failed"

    @property
    def messages(self) -> list[Message]:
        """The messages that it created: the response and the follow-ups."""
        created = self.callback_type in (CallbackType.REPLY, CallbackType.DEFER_REPLY)
        own = [self.response_message] if self.response_message and created else []
        return own + self.followups

    @property
    def original(self) -> Message | None:
        """What `@original` means: its response, or the message whose component was used."""
        deferred_update = self.callback_type == CallbackType.DEFER_UPDATE
        return self.message if deferred_update else self.response_message

    async def answered(self, timeout: float = 10.0) -> "Interaction":
        """Waits for the first answer. InteractionFailed if it did not come in time, TimeoutError after `timeout`."""
        async with asyncio.timeout(timeout):
            await self.settled.wait()
        if self.failed:
            raise InteractionFailed(f"the application did not respond to {self.said or self.id} in time")
        return self


@dataclass(frozen=True)
class RawInteraction:
    """An interaction that no client would send: any `data`, on any message; `change` edits the whole payload."""

    type: int
    data: Any
    message: Message | None = None
    change: Callable[[Json], Any] = lambda payload: payload


def interaction_create(interaction: Interaction, state: ServerState) -> Json:
    """INTERACTION_CREATE (interaction resource, "Interaction Object")."""
    channel = interaction.channel
    guild = state.guild_of(channel)
    held = state.permissions_of(interaction.user.id, channel)
    outside = state.bot_is_outside(channel)
    payload: Json = {
        "id": str(interaction.id),
        "application_id": str(state.application_id),
        "type": interaction.type,
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "channel_id": str(channel.id),
        "channel": channel_payload(channel, held),
        "app_permissions": str(permissions.OUTSIDE if outside else state.permissions_of(state.bot.id, channel)),
        "locale": interaction.user.locale,
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": installation_owners(interaction, state),
        "context": channel.context,
        "attachment_size_limit": state.size_limit(channel),
    }
    if guild is None:
        payload["user"] = payloads.user(interaction.user)
    else:
        payload["member"] = payloads.member(guild.members[interaction.user.id], permissions=held)
        payload |= {"guild_id": str(guild.id), "guild_locale": guild.locale}
        payload["guild"] = {"id": str(guild.id), "locale": guild.locale, "features": []}
    if interaction.message is not None:
        payload["message"] = payloads.message(interaction.message, state)
    return payload


def channel_payload(channel: Channel, held: int) -> Json:
    """A channel inside an interaction, with the permissions of the person."""
    payload = payloads.channel(channel)
    if channel.guild_id is not None:
        payload.pop("permission_overwrites", None)
        payload["permissions"] = str(held)
    return payload


def installation_owners(interaction: Interaction, state: ServerState) -> Json:
    """`authorizing_integration_owners`: whose installation ("0" a guild's, "1" a user's) allows this."""
    message = interaction.message
    if message is not None and message.interaction_metadata is not None:
        inherited: Json = message.interaction_metadata["authorizing_integration_owners"]
        return inherited
    owners: Json = {}
    if not state.bot_is_outside(interaction.channel):
        owners["0"] = str(interaction.channel.guild_id or 0)
    if interaction.user.id in state.installed_for:
        owners["1"] = str(interaction.user.id)
    return owners


def metadata(interaction: Interaction, state: ServerState, *, followup: bool = False) -> Json:
    """`interaction_metadata` of the messages that an interaction creates."""
    data = interaction.data
    found: Json = {
        "id": str(interaction.id),
        "type": interaction.type,
        "user": payloads.user(interaction.user),
        "authorizing_integration_owners": installation_owners(interaction, state),
    }
    if interaction.type == InteractionType.COMMAND:
        found |= {"name": str(data.get("name", "")), "command_type": data.get("type", 1)} | _target(data)
    if interaction.type == InteractionType.COMPONENT and interaction.message is not None:
        found["interacted_message_id"] = str(interaction.message.id)
    if interaction.opened_by is not None:
        found["triggering_interaction_metadata"] = metadata(interaction.opened_by, state)
    if followup and interaction.original is not None:
        found["original_response_message_id"] = str(interaction.original.id)
    return found


def _target(data: Json) -> Json:
    """The message or user whose context menu was used."""
    match data:
        case {"type": 3, "target_id": str(target)}:
            return {"target_message_id": target}
        case {"target_id": str(target), "resolved": {"users": {**users}}} if target in users:
            return {"target_user": users[target]}
    return {}
