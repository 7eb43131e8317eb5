"""REST: interactions answered by their token, and commands registered."""

from typing import Any

from playground.discord import errors
from playground.discord.commands import Commands, Scope
from playground.discord.desk import Desk
from playground.discord.forms import Form
from playground.discord.interactions import DEFER_REPLY, REPLY, UPDATE, Interaction
from playground.discord.messages import Messages
from playground.discord.records import Json
from playground.discord.requests import Call
from playground.discord.world import World

Answer = tuple[int, Any]


class Answers:
    """Handlers of the routes below /interactions and /webhooks."""

    def __init__(self, messages: Messages, desk: Desk) -> None:
        self._messages = messages
        self._desk = desk

    async def callback(self, call: Call) -> Answer:
        interaction = self._desk.callback(
            call.id("interaction_id"), call.params["interaction_token"], Form(call.body), call.files
        )
        if call.record.query.get("with_response", "").lower() not in ("1", "true"):
            return 204, None
        return 200, self._callback_response(interaction)

    async def follow_up(self, call: Call) -> Answer:
        interaction = self._interaction(call)
        message = self._desk.follow_up(interaction, Form(call.body), call.files)
        return 200, self._messages.payload(message)

    async def get(self, call: Call) -> Answer:
        message = self._desk.message_of(self._interaction(call), call.params.get("message_id", "@original"))
        return 200, self._messages.payload(message)

    async def edit(self, call: Call) -> Answer:
        interaction = self._interaction(call)
        message = self._desk.message_of(interaction, call.params.get("message_id", "@original"))
        self._desk.edit(interaction, message, Form(call.body), call.files)
        return 200, self._messages.payload(message)

    async def delete(self, call: Call) -> Answer:
        interaction = self._interaction(call)
        message = self._desk.message_of(interaction, call.params.get("message_id", "@original"))
        self._desk.delete(interaction, message)
        return 204, None

    def _interaction(self, call: Call) -> Interaction:
        return self._desk.by_token(call.id("webhook_id"), call.params["webhook_token"])

    def _callback_response(self, interaction: Interaction) -> Json:
        told: Json = {
            "id": str(interaction.id),
            "type": interaction.type,
            "channel_id": str(interaction.channel.id),
        }
        if interaction.channel.guild_id is not None:
            told["guild_id"] = str(interaction.channel.guild_id)
        response: Json = {"interaction": told}
        message = interaction.response_message
        if message is not None:
            told["response_message_id"] = str(message.id)
            told["response_message_loading"] = interaction.callback_type == DEFER_REPLY
            told["response_message_ephemeral"] = message.ephemeral
        if message is not None and interaction.callback_type in (REPLY, UPDATE):
            response["resource"] = {"type": interaction.callback_type, "message": self._messages.payload(message)}
        return response


class CommandRoutes:
    """Handlers of the routes below /applications/{application_id}."""

    def __init__(self, world: World, commands: Commands) -> None:
        self._world = world
        self._commands = commands

    async def listed(self, call: Call) -> Answer:
        return 200, [self._commands.payload(each) for each in self._commands.listed(self._scope(call))]

    async def get(self, call: Call) -> Answer:
        return 200, self._commands.payload(self._commands.get(self._scope(call), call.id("command_id")))

    async def upsert(self, call: Call) -> Answer:
        command, new = self._commands.upsert(self._scope(call), call.body)
        return 201 if new else 200, self._commands.payload(command)

    async def replace_all(self, call: Call) -> Answer:
        bodies = call.body if isinstance(call.body, list) else []
        stored = self._commands.replace_all(self._scope(call), bodies)
        return 200, [self._commands.payload(each) for each in stored]

    async def patch(self, call: Call) -> Answer:
        patched = self._commands.patch(self._scope(call), call.id("command_id"), call.body or {})
        return 200, self._commands.payload(patched)

    async def delete(self, call: Call) -> Answer:
        self._commands.delete(self._scope(call), call.id("command_id"))
        return 204, None

    async def all_permissions(self, call: Call) -> Answer:
        self._scope(call)
        return 200, []

    async def permissions(self, call: Call) -> Answer:
        self._commands.get(self._scope(call), call.id("command_id"))
        raise errors.unknown_command_permissions()

    def _scope(self, call: Call) -> Scope:
        if call.id("application_id") != self._world.application_id:
            raise errors.ApiError(404, 10002, "Unknown Application")
        if "guild_id" not in call.params:
            return None
        guild = self._world.guilds.get(call.id("guild_id"))
        if guild is None or not self._world.bot_is_in(guild):
            raise errors.missing_access()
        return guild.id
