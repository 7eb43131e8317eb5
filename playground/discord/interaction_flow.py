"""The course of interactions: sent to the bot, answered by its callback and by its token, failed without an answer."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any

from playground.discord import errors
from playground.discord.command_rules import CommandType, OptionType, check_choices
from playground.discord.components import check_modal
from playground.discord.errors import ApiError
from playground.discord.forms import Form
from playground.discord.gateway import Gateway
from playground.discord.http_server import RequestRecord, Route
from playground.discord.interactions import CallbackType, Interaction, InteractionType, interaction_create, metadata
from playground.discord.message_body import Uploads
from playground.discord.messages import Messages
from playground.discord.records import Json, Message, MessageFlag
from playground.discord.state import ServerState

MAX_OUTSIDE_FOLLOWUPS = 5
REPLY_MESSAGE, CHAT_COMMAND_MESSAGE, CONTEXT_MENU_MESSAGE = 19, 20, 23  # message resource, "Message Types"


class InteractionFlow:
    """All interactions of a local Discord, oldest first in `all`."""

    def __init__(self, state: ServerState, gateway: Gateway, messages: Messages) -> None:
        self.all: list[Interaction] = []
        self._state = state
        self._gateway = gateway
        self._messages = messages
        self._by_token: dict[str, Interaction] = {}

    # to the bot

    def dispatch(
        self, interaction: Interaction, change: Callable[[Json], Any] = lambda payload: payload
    ) -> Interaction:
        """Sends a new interaction to the bot and starts its time limit. `change` edits the payload first."""
        interaction.payload = change(interaction_create(interaction, self._state))
        self.all.append(interaction)
        self._by_token[interaction.token] = interaction
        seconds = self._state.limits.acknowledge
        interaction.timer = asyncio.get_running_loop().call_later(seconds, self._settle, interaction, "failed")
        self.deliver(interaction)
        return interaction

    def deliver(self, interaction: Interaction) -> None:
        """Sends the event; a second time simulates Discord's own re-delivery."""
        interaction.deliveries += 1
        self._gateway.dispatch("INTERACTION_CREATE", interaction.payload, guild_id=interaction.channel.guild_id)
        self._state.bus.publish("interaction", interaction)

    def close(self) -> None:
        for interaction in self.all:
            if interaction.timer is not None:
                interaction.timer.cancel()

    def _settle(self, interaction: Interaction, state: Any) -> None:
        if interaction.timer is not None:
            interaction.timer.cancel()
        interaction.state = state
        interaction.settled.set()
        self._state.bus.publish("interaction", interaction)

    # from the bot

    def routes(self) -> Iterable[Route]:
        """The routes below /interactions and /webhooks."""
        callback = "/interactions/{interaction_id}/{interaction_token}/callback"
        yield Route("POST", callback, self._callback, by_token=True, unlimited=True)
        webhook = "/webhooks/{webhook_id}/{webhook_token}"
        yield Route("POST", webhook, self._follow_up, by_token=True)
        for message in ("@original", "{message_id}"):
            path = f"{webhook}/messages/{message}"
            yield Route("GET", path, lambda call: self._messages.payload(self._target(call)[1]), by_token=True)
            yield Route("PATCH", path, lambda call: self._edit(*self._target(call), call), by_token=True)
            yield Route("DELETE", path, self._delete, by_token=True)

    def _callback(self, call: RequestRecord) -> Json | None:
        """The first answer. 10062 for an unknown or failed interaction, 40060 for a second answer."""
        interaction = self._by_token.get(call.params["interaction_token"])
        if interaction is None or interaction.id != call.id("interaction_id") or interaction.failed:
            raise ApiError(*errors.UNKNOWN_INTERACTION)
        if interaction.state == "acknowledged":
            raise ApiError(*errors.ALREADY_ACKNOWLEDGED)
        body = Form(call.json)
        kind = body.choice("type", _allowed_callbacks(interaction), required=True) or 0
        body.finish()
        _check_channel(interaction)
        data = body.child("data") if body.has("data") else Form({}, ("data",), body.errors)
        self._answer(interaction, kind, data, call.uploads)
        interaction.acknowledged_at = time.monotonic() - interaction.created_at
        interaction.callback_type = kind
        interaction.callback_data = data.body or None
        self._settle(interaction, "acknowledged")
        with_response = call.query.get("with_response", "").lower() in ("1", "true")
        return self._callback_response(interaction) if with_response else None

    def _answer(self, interaction: Interaction, kind: int, data: Form, files: Uploads) -> None:
        if kind == CallbackType.REPLY:
            interaction.response_message = self._create(interaction, data, files)
        elif kind == CallbackType.DEFER_REPLY:
            origin = self._origin(interaction, data)
            interaction.response_message = self._messages.create_loading(interaction.channel, **origin)
        elif kind == CallbackType.UPDATE:
            if interaction.message is None:
                raise ApiError(*errors.UNKNOWN_MESSAGE)
            self._messages.edit(interaction.message, data, files)
            interaction.response_message = interaction.message
        elif kind == CallbackType.CHOICES:
            check_choices(data.children("choices", 0, 25), text=_focused_is_text(interaction.data))
            data.finish()
            interaction.choices = data.body.get("choices") or []
        elif kind == CallbackType.MODAL:
            check_modal(data)
            interaction.modal = data.body

    def _callback_response(self, interaction: Interaction) -> Json:
        """Interaction resource, "Interaction Callback Response Object"."""
        channel, message = interaction.channel, interaction.response_message
        described: Json = {"id": str(interaction.id), "type": interaction.type, "channel_id": str(channel.id)}
        if channel.guild_id is not None:
            described["guild_id"] = str(channel.guild_id)
        if message is None:
            return {"interaction": described}
        described["response_message_id"] = str(message.id)
        described["response_message_loading"] = message.loading
        described["response_message_ephemeral"] = message.ephemeral
        resource = {"type": interaction.callback_type, "message": self._messages.payload(message)}
        return {"interaction": described} | ({} if message.loading else {"resource": resource})

    def _follow_up(self, call: RequestRecord) -> Json:
        """A follow-up message. The first after a deferred reply becomes that reply, with its visibility."""
        interaction = self._of_token(call)
        _check_channel(interaction)
        response = interaction.response_message
        if response is not None and response.loading and not response.deleted:
            return self._edit(interaction, response, call)
        if self._state.bot_is_outside(interaction.channel) and len(interaction.followups) >= MAX_OUTSIDE_FOLLOWUPS:
            raise ApiError(*errors.TOO_MANY_FOLLOWUPS)
        message = self._create(interaction, Form(call.json), call.uploads, followup=True)
        interaction.followups.append(message)
        self._state.bus.publish("interaction", interaction)
        return self._messages.payload(message)

    def _edit(self, interaction: Interaction, message: Message, call: RequestRecord) -> Json:
        _check_channel(interaction)
        self._messages.edit(message, Form(call.json), call.uploads)
        return self._messages.payload(message)

    def _delete(self, call: RequestRecord) -> None:
        self._messages.delete(self._target(call)[1])

    def _of_token(self, call: RequestRecord) -> Interaction:
        """The answered interaction of a token. 10015 before its first answer, 50027 for a wrong token, and the code in
        the limits for an expired one."""
        if call.id("webhook_id") != self._state.application_id:
            raise ApiError(*errors.UNKNOWN_WEBHOOK)
        interaction = self._by_token.get(call.params["webhook_token"])
        if interaction is None:
            raise ApiError(*errors.INVALID_WEBHOOK_TOKEN)
        if time.monotonic() - interaction.created_at > self._state.limits.token:
            raise ApiError(*errors.TOKEN_EXPIRED[self._state.limits.expired_code])
        if interaction.state != "acknowledged":
            raise ApiError(*errors.UNKNOWN_WEBHOOK)
        return interaction

    def _target(self, call: RequestRecord) -> tuple[Interaction, Message]:
        """The message that a token may read and change: `@original` or an id. 10008 for any other."""
        interaction = self._of_token(call)
        original = interaction.original
        if "message_id" in call.params or original is None or original.deleted:
            own = {each.id: each for each in (original, *interaction.followups) if each is not None}
            return interaction, call.find(own, "message_id", errors.UNKNOWN_MESSAGE)
        return interaction, original

    # helpers

    def _create(self, interaction: Interaction, form: Form, files: Uploads, *, followup: bool = False) -> Message:
        body = self._messages.validated(interaction.channel, form, files)
        origin = self._origin(interaction, form, followup=followup)
        return self._messages.create(interaction.channel, self._state.bot, body, **origin)

    def _origin(self, interaction: Interaction, form: Form, *, followup: bool = False) -> Json:
        """The fields of a message that say what it answers, and who sees it."""
        flags = form.body.get("flags")
        private = isinstance(flags, int) and bool(flags & MessageFlag.EPHEMERAL)
        reference = interaction.original if followup else interaction.message
        kind = REPLY_MESSAGE if reference else 0
        if interaction.type == InteractionType.COMMAND and not followup:
            chat = interaction.data.get("type") == CommandType.CHAT
            kind = CHAT_COMMAND_MESSAGE if chat else CONTEXT_MENU_MESSAGE
        return {
            "type": kind,
            "ephemeral_for": interaction.user.id if private else None,
            "interaction_metadata": metadata(interaction, self._state, followup=followup),
            "webhook_id": self._state.application_id,
            "reference_id": reference.id if reference else None,
        }


def _check_channel(interaction: Interaction) -> None:
    if interaction.channel.deleted:
        raise ApiError(*errors.UNKNOWN_CHANNEL)
    if interaction.channel.locked:
        raise ApiError(*errors.THREAD_ARCHIVED)


def _allowed_callbacks(interaction: Interaction) -> tuple[int, ...]:
    """The callback types an interaction allows (interaction resource, "Interaction Callback Type")."""
    if interaction.type == InteractionType.AUTOCOMPLETE:
        return (CallbackType.CHOICES,)
    reply, update = (CallbackType.REPLY, CallbackType.DEFER_REPLY), (CallbackType.DEFER_UPDATE, CallbackType.UPDATE)
    updates = interaction.type == InteractionType.COMPONENT or interaction.message is not None
    allowed = reply + update if updates else reply
    return allowed if interaction.type == InteractionType.MODAL_SUBMIT else (*allowed, CallbackType.MODAL)


def _focused_is_text(data: Any) -> bool:
    """Whether the option with the cursor takes a text."""
    match data:
        case {"focused": True, "type": kind}:
            return bool(kind == OptionType.STRING)
        case {"options": [*options]}:
            return any(_focused_is_text(option) for option in options)
    return False
