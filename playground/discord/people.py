"""What people do at their clients. A person can only do what the client in front of them would allow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playground.discord.client_input import ClientRefused, FieldValue, InputEncoder, OptionValue, descend, nest
from playground.discord.command_rules import CommandType
from playground.discord.commands import Commands
from playground.discord.components import SELECTS, ComponentType
from playground.discord.interaction_flow import InteractionFlow
from playground.discord.interactions import Interaction, InteractionType
from playground.discord.message_body import MAX_CONTENT, MAX_FILES, Body
from playground.discord.messages import Messages
from playground.discord.records import Channel, Json, Message, Sticker, UploadedFile, User, walk
from playground.discord.state import ServerState


@dataclass(frozen=True)
class ClientBackend:
    """The parts of a local Discord that a person's client talks to."""

    state: ServerState
    messages: Messages
    commands: Commands
    flow: InteractionFlow


class Person:
    """One person at their client. Every action returns at once; `await interaction.answered()` waits for the bot."""

    def __init__(self, user: User, backend: ClientBackend) -> None:
        self.user = user
        self._backend = backend
        self._state = backend.state

    def __repr__(self) -> str:
        return f"<Person {self.user.name}>"

    # commands

    def offered(self, channel: Channel) -> list[Json]:
        """The commands that the client offers in a channel, as registered."""
        return self._backend.commands.usable(self.user.id, channel)

    async def slash(self, channel: Channel, name: str, options: Mapping[str, OptionValue] | None = None) -> Interaction:
        """Uses a slash command; `name` may include subcommands ("a b"). ClientRefused for wrong options."""
        shown = " ".join(f"{key}: {_shown(value)}" for key, value in (options or {}).items())
        return self._use_command(channel, name, options or {}, f"/{name} {shown}".strip())

    async def autocomplete(
        self, channel: Channel, name: str, typed: Mapping[str, OptionValue], *, focused: str
    ) -> list[Json]:
        """The choices that the bot offers while one types. InteractionFailed if it does not offer them in time."""
        interaction = self._use_command(channel, name, typed, f"/{name} {focused}: …", focused)
        await interaction.answered()
        return interaction.choices or []

    async def context_menu(self, target: Message | User, name: str, channel: Channel | None = None) -> Interaction:
        """Uses a message's context menu, or a user's in `channel`."""
        if isinstance(target, Message):
            channel = self._channel_of(target)
        if channel is None:
            raise ClientRefused("a user's context menu is opened in a channel")
        kind = CommandType.MESSAGE if isinstance(target, Message) else CommandType.USER
        command = self._backend.commands.find(self.user.id, channel, kind, name)
        if command is None:
            raise ClientRefused(f"there is no context menu {name!r} here")
        encoder = InputEncoder(self._state, channel)
        if isinstance(target, Message):
            encoder.resolve("messages", target.id, self._backend.messages.payload(target))
        else:
            encoder.mention_user(target)
        data = _command_data(command) | {"target_id": str(target.id)}
        return self._interact(InteractionType.COMMAND, encoder, data, f"Apps > {name}")

    def _use_command(
        self, channel: Channel, name: str, options: Mapping[str, OptionValue], said: str, focused: str | None = None
    ) -> Interaction:
        self._must_enter(channel, "use_application_commands")
        first, *path = name.split()
        command = self._backend.commands.find(self.user.id, channel, CommandType.CHAT, first)
        if command is None:
            offered = ", ".join(f"/{each['name']}" for each in self.offered(channel))
            raise ClientRefused(f"there is no command /{first} here; there are {offered or 'none'}")
        registered = descend(command, path)
        if focused and not any(each["name"] == focused and each.get("autocomplete") for each in registered):
            raise ClientRefused(f"the option {focused} of /{name} does not autocomplete")
        encoder = InputEncoder(self._state, channel)
        filled = nest(path, encoder.options(name, registered, options, focused))
        kind = InteractionType.AUTOCOMPLETE if focused else InteractionType.COMMAND
        return self._interact(kind, encoder, _command_data(command) | {"options": filled}, said)

    # components and modals

    async def press(self, message: Message, custom_id: str) -> Interaction:
        """Presses a button of a message that this person sees."""
        button = self._component(message, custom_id)
        if button["type"] != ComponentType.BUTTON:
            raise ClientRefused(f"{custom_id} is no button")
        emoji = (button.get("emoji") or {}).get("name")
        return self._use_component(message, button, {}, f"[{button.get('label') or emoji}]")

    async def choose(self, message: Message, custom_id: str, values: Sequence[str] | Sequence[User]) -> Interaction:
        """Chooses from a select menu: values of its options, or users from a user select."""
        select = self._component(message, custom_id)
        if select["type"] not in SELECTS:
            raise ClientRefused(f"{custom_id} is no select menu")
        encoder = InputEncoder(self._state, self._channel_of(message))
        chosen = encoder.chosen(select, values)
        return self._use_component(message, select, {"values": chosen}, f"({', '.join(chosen)})", encoder)

    async def submit_modal(self, opened_by: Interaction, values: Mapping[str, FieldValue]) -> Interaction:
        """Submits the modal that an interaction of this person opened: once, but again after a failure."""
        modal = opened_by.modal
        if modal is None or opened_by.user is not self.user:
            raise ClientRefused("no modal is open")
        if opened_by.modal_submit is not None and not opened_by.modal_submit.failed:
            raise ClientRefused("the modal was submitted already")
        encoder = InputEncoder(self._state, opened_by.channel)
        data = {"custom_id": modal["custom_id"], "components": encoder.modal(modal, values)}
        origin = {"message": opened_by.message, "opened_by": opened_by}
        said = f"“{modal['title']}” submitted"
        opened_by.modal_submit = self._interact(InteractionType.MODAL_SUBMIT, encoder, data, said, **origin)
        return opened_by.modal_submit

    def _component(self, message: Message, custom_id: str) -> Json:
        self._channel_of(message)
        components = {each["custom_id"]: each for each in walk(message.components) if each.get("custom_id")}
        component = components.get(custom_id)
        if component is None:
            raise ClientRefused(f"the message has no {custom_id}; it has {', '.join(components) or 'no components'}")
        if component.get("disabled"):
            raise ClientRefused(f"{custom_id} is disabled")
        return component

    def _use_component(
        self, message: Message, component: Json, extra: Json, said: str, encoder: InputEncoder | None = None
    ) -> Interaction:
        data = {"component_type": component["type"], "custom_id": component["custom_id"], "id": component["id"]}
        encoder = encoder or InputEncoder(self._state, self._channel_of(message))
        return self._interact(InteractionType.COMPONENT, encoder, data | extra, said, message=message)

    # messages

    async def say(
        self,
        channel: Channel,
        text: str = "",
        files: Sequence[UploadedFile] = (),
        stickers: Sequence[Sticker] = (),
        *,
        reply_to: Message | None = None,
        ping: bool = True,
    ) -> Message:
        """Posts a message, as a reply if `reply_to` is given; with `ping` a reply mentions its author."""
        self._must_enter(channel, "send_messages")
        if not (text.strip() or files or stickers) or len(text) > MAX_CONTENT or len(files) > MAX_FILES:
            raise ClientRefused(f"a message has text or files: {MAX_CONTENT} characters, {MAX_FILES} files at most")
        fields: Json = {"content": text}
        if not ping:
            fields["allowed_mentions"] = {"parse": ["users", "roles", "everyone"], "replied_user": False}
        body = Body(fields, uploads=[(upload, None) for upload in files])
        origin: Json = {}
        if reply_to is not None:
            if self._channel_of(reply_to) is not channel:
                raise ClientRefused("a reply is in the channel of its message")
            origin = {"type": 19, "reference_id": reply_to.id}
        return self._backend.messages.create(channel, self.user, body, stickers, **origin)

    async def forward(self, message: Message, channel: Channel) -> Message:
        """Forwards a message that this person sees."""
        self._channel_of(message)
        self._must_enter(channel, "send_messages")
        return self._backend.messages.forward(message, channel, self.user)

    async def delete(self, message: Message) -> None:
        """Deletes one's own message, as a moderator any message. An ephemeral one is dismissed instead."""
        channel = self._channel_of(message)
        allowed = message.author is self.user or self._state.may(self.user.id, channel, "manage_messages")
        if message.ephemeral or not allowed:
            raise ClientRefused(f"{self.user.name} may not delete this message")
        self._backend.messages.delete(message)

    def dismiss(self, message: Message) -> None:
        """Removes an ephemeral message from one's screen; for the bot it still exists."""
        self._channel_of(message)
        if not message.ephemeral:
            raise ClientRefused("only an ephemeral message can be dismissed")
        message.dismissed = True
        self._state.bus.publish("message_delete", message)

    def sees(self, message: Message) -> bool:
        return self._state.sees(self.user.id, message)

    # helpers

    def _channel_of(self, message: Message) -> Channel:
        """The channel of a message that this person sees; otherwise ClientRefused."""
        if not self.sees(message):
            raise ClientRefused(f"{self.user.name} does not see this message")
        return self._state.channels[message.channel_id]

    def _must_enter(self, channel: Channel, permission: str) -> None:
        needed = ("view_channel",) if channel.guild_id is None else ("view_channel", permission)
        if channel.deleted or not self._state.may(self.user.id, channel, *needed):
            raise ClientRefused(f"{self.user.name} may not do this in {channel}")

    def _interact(
        self, kind: InteractionType, encoder: InputEncoder, data: Json, said: str, **origin: Any
    ) -> Interaction:
        if encoder.resolved:
            data |= {"resolved": encoder.resolved}
        new_id = self._state.snowflakes.new()
        return self._backend.flow.dispatch(
            Interaction(new_id, kind, self.user, encoder.channel, data, said=said, **origin)
        )


def _command_data(command: Json) -> Json:
    return {key: command[key] for key in ("id", "name", "type", "guild_id") if key in command}


def _shown(value: OptionValue) -> str:
    if isinstance(value, UploadedFile):
        return value.filename
    return str(value.name if isinstance(value, User | Channel) else value)
