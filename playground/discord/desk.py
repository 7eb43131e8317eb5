"""Where interactions pass: dispatched to the bot, answered by its callbacks, given up when no answer comes."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from playground.discord import errors
from playground.discord.attachments import Files
from playground.discord.bodies import Body, check_words, read_body
from playground.discord.command_checks import check_choices
from playground.discord.events import Bus
from playground.discord.forms import Form
from playground.discord.gateway import Gateway
from playground.discord.interaction_payloads import interaction_create, metadata, size_limit
from playground.discord.interactions import (
    AUTOCOMPLETE,
    CHOICES,
    COMMAND,
    COMPONENT,
    DEFER_REPLY,
    DEFER_UPDATE,
    MODAL,
    REPLY,
    UPDATE,
    Interaction,
)
from playground.discord.limits import Limits
from playground.discord.messages import Messages, Origin
from playground.discord.modals import check_modal
from playground.discord.records import EPHEMERAL, GROUP_DM, Json, Message, UploadedFile
from playground.discord.world import World

MOST_OUTSIDE_FOLLOWUPS = 5
STANDS_AS_REPLY, CHAT_COMMAND, CONTEXT_MENU = 19, 20, 23  # message resource, "Message Types"


class Desk:
    """All interactions of a local Discord, oldest first in `all`."""

    def __init__(
        self, world: World, bus: Bus, gateway: Gateway, files: Files, messages: Messages, limits: Limits
    ) -> None:
        self.all: list[Interaction] = []
        self._world = world
        self._bus = bus
        self._gateway = gateway
        self._files = files
        self._messages = messages
        self._limits = limits
        self._by_token: dict[str, Interaction] = {}
        self._timers: dict[int, asyncio.TimerHandle] = {}

    # to the bot

    def dispatch(self, interaction: Interaction) -> Interaction:
        """Hands a new interaction to the bot and starts its clock."""
        return self._send(interaction, interaction_create(interaction, self._world, self._files))

    def inject(self, interaction: Interaction, data: Any, change: Callable[[Json], Any]) -> Interaction:
        """The same for an interaction as no client makes it: `data` in place of its own, and the payload changed."""
        payload = interaction_create(interaction, self._world, self._files) | {"data": data}
        return self._send(interaction, change(payload))

    def _send(self, interaction: Interaction, payload: Any) -> Interaction:
        interaction.payload = payload
        self.all.append(interaction)
        self._by_token[interaction.token] = interaction
        loop = asyncio.get_running_loop()
        self._timers[interaction.id] = loop.call_later(self._limits.acknowledge, self._give_up, interaction)
        self.deliver(interaction)
        return interaction

    def deliver(self, interaction: Interaction) -> None:
        """Sends the event; a second time is Discord's own re-delivery."""
        interaction.deliveries += 1
        self._gateway.dispatch("INTERACTION_CREATE", interaction.payload, guild_id=interaction.channel.guild_id)
        self._bus.tell("interaction", interaction)

    def close(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _give_up(self, interaction: Interaction) -> None:
        self._timers.pop(interaction.id, None)
        interaction.state = "failed"
        interaction.settled.set()
        self._bus.tell("interaction", interaction)

    # from the bot: the first answer

    def callback(self, interaction_id: int, token: str, body: Form, files: Mapping[int, UploadedFile]) -> Interaction:
        """Takes the first answer. 10062 for an unknown or given-up interaction, 40060 for a second answer."""
        interaction = self._by_token.get(token)
        if interaction is None or interaction.id != interaction_id or interaction.failed:
            raise errors.unknown_interaction()
        if interaction.state == "acknowledged":
            raise errors.already_acknowledged()
        kind = body.choice("type", _answers_to(interaction), required=True)
        body.finish()
        self._must_be_there(interaction)
        data = body.child("data") if body.has("data") else Form({}, ("data",), body.found)
        if kind == REPLY:
            interaction.response_message = self._reply(interaction, data, files)
        elif kind == DEFER_REPLY:
            origin = self._origin(interaction, data)
            interaction.response_message = self._messages.create_loading(interaction.channel, origin)
            interaction.reply_is_due = True
        elif kind == UPDATE:
            interaction.response_message = self._update(interaction, data, files)
        elif kind == CHOICES:
            check_choices(data.children("choices", 0, 25), text=_focused_is_text(interaction))
            data.finish()
            interaction.choices = data.body.get("choices") or []
        elif kind == MODAL:
            check_modal(data)
            data.finish()
            interaction.modal = data.body
        self._acknowledge(interaction, kind or 0, data)
        return interaction

    def _acknowledge(self, interaction: Interaction, kind: int, data: Form) -> None:
        interaction.acknowledged_at = time.monotonic() - interaction.created_at
        interaction.callback_type = kind
        interaction.callback_data = data.body or None
        interaction.state = "acknowledged"
        timer = self._timers.pop(interaction.id, None)
        if timer is not None:
            timer.cancel()
        interaction.settled.set()
        self._bus.tell("interaction", interaction)

    def _reply(self, interaction: Interaction, data: Form, files: Mapping[int, UploadedFile]) -> Message:
        body = self._read(interaction, data, files)
        origin = self._origin(interaction, data)
        return self._messages.create(interaction.channel, self._world.bot, body, origin)

    def _update(self, interaction: Interaction, data: Form, files: Mapping[int, UploadedFile]) -> Message:
        if interaction.message is None:
            raise errors.unknown_message()
        self._messages.edit(interaction.message, self._read(interaction, data, files, interaction.message))
        return interaction.message

    # from the bot: what follows, by the token

    def by_token(self, application_id: int, token: str) -> Interaction:
        """The answered interaction of a token. 10015 before its first answer, 50027 for a wrong token; an ended one
        is told of by the code in the limits."""
        if application_id != self._world.application_id:
            raise errors.unknown_webhook()
        interaction = self._by_token.get(token)
        if interaction is None:
            raise errors.invalid_webhook_token()
        if time.monotonic() - interaction.created_at > self._limits.token:
            raise errors.token_ended(self._limits.ended)
        if interaction.state != "acknowledged":
            raise errors.unknown_webhook()
        return interaction

    def follow_up(self, interaction: Interaction, form: Form, files: Mapping[int, UploadedFile]) -> Message:
        """A follow-up message. The first after a deferred reply becomes that reply, as private as it was deferred."""
        self._must_be_there(interaction)
        if interaction.reply_is_due and interaction.response_message is not None:
            return self.edit(interaction, interaction.response_message, form, files)
        if self._is_outside(interaction) and len(interaction.followups) >= MOST_OUTSIDE_FOLLOWUPS:
            raise errors.too_many_followups()
        body = self._read(interaction, form, files)
        origin = self._origin(interaction, form, followup=True)
        message = self._messages.create(interaction.channel, self._world.bot, body, origin)
        interaction.followups.append(message)
        self._bus.tell("interaction", interaction)
        return message

    def message_of(self, interaction: Interaction, message_id: str) -> Message:
        """The message that a token may read and change; `@original` or an id. 10008 for any other."""
        if message_id == "@original":
            found = interaction.original
        else:
            own = [*interaction.followups, *([interaction.original] if interaction.original else [])]
            found = next((each for each in own if str(each.id) == message_id), None)
        if found is None or found.deleted:
            raise errors.unknown_message()
        return found

    def edit(
        self, interaction: Interaction, message: Message, form: Form, files: Mapping[int, UploadedFile]
    ) -> Message:
        self._must_be_there(interaction)
        self._messages.edit(message, self._read(interaction, form, files, message))
        if message is interaction.response_message:
            interaction.reply_is_due = False
        return message

    def delete(self, interaction: Interaction, message: Message) -> None:
        self._messages.delete(message)
        if message is interaction.response_message:
            interaction.reply_is_due = False

    # helpers

    def _read(
        self, interaction: Interaction, form: Form, files: Mapping[int, UploadedFile], before: Message | None = None
    ) -> Body:
        guild = self._world.guild_of(interaction.channel)
        body = read_body(form, files, size_limit=size_limit(guild), before=before)
        if guild is not None and not self._world.bot_is_in(guild):
            check_words(body, guild.blocked_words)
        return body

    def _must_be_there(self, interaction: Interaction) -> None:
        if interaction.channel.deleted:
            raise errors.unknown_channel()
        if interaction.channel.locked:
            raise errors.archived_thread()

    def _is_outside(self, interaction: Interaction) -> bool:
        guild = self._world.guild_of(interaction.channel)
        return interaction.channel.type == GROUP_DM or (guild is not None and not self._world.bot_is_in(guild))

    def _origin(self, interaction: Interaction, form: Form, *, followup: bool = False) -> Origin:
        flags = form.body.get("flags")
        private = isinstance(flags, int) and bool(flags & EPHEMERAL)
        reference = interaction.original if followup else interaction.message
        message_type = STANDS_AS_REPLY if reference else 0
        if interaction.type == COMMAND and not followup:
            message_type = CHAT_COMMAND if interaction.data.get("type") == 1 else CONTEXT_MENU
        return Origin(
            type=message_type,
            ephemeral_for=interaction.user.id if private else None,
            metadata=metadata(interaction, self._world, followup=followup),
            webhook_id=self._world.application_id,
            reference_id=reference.id if reference else None,
        )


def _answers_to(interaction: Interaction) -> tuple[int, ...]:
    """The callback types an interaction allows (interaction resource, "Interaction Callback Type")."""
    if interaction.type == AUTOCOMPLETE:
        return (CHOICES,)
    if interaction.type == COMMAND:
        return (REPLY, DEFER_REPLY, MODAL)
    if interaction.type == COMPONENT:
        return (REPLY, DEFER_REPLY, DEFER_UPDATE, UPDATE, MODAL)
    return (REPLY, DEFER_REPLY, DEFER_UPDATE, UPDATE) if interaction.message else (REPLY, DEFER_REPLY)


def _focused_is_text(interaction: Interaction) -> bool:
    options = interaction.data.get("options")
    while isinstance(options, list) and options and isinstance(options[0], dict) and "options" in options[0]:
        options = options[0]["options"]
    listed = [option for option in options if isinstance(option, dict)] if isinstance(options, list) else []
    return any(option.get("focused") and option.get("type") == 3 for option in listed)
