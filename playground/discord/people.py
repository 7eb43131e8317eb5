"""What people do at their clients. A person can only do what the client in front of them would allow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from playground.discord.client_input import ClientRefused, FieldValue, InputEncoder, OptionValue, descend, nest
from playground.discord.command_rules import CommandType
from playground.discord.commands import Commands, RegisteredCommand
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

    def encoder(self, channel: Channel) -> InputEncoder:
        return InputEncoder(self.state, channel)


class Person:
    """One person at their client. Every action returns at once; `await interaction.answered()` waits for the bot."""

    def __init__(self, user: User, backend: ClientBackend) -> None:
        self.user = user
        self._backend = backend

    def __repr__(self) -> str:
        return f"<Person {self.user.name}>"

    # commands

    def offered(self, channel: Channel) -> list[Json]:
        """The commands that the client offers in a channel, as registered."""
        commands = self._backend.commands
        return [commands.payload(each) for each in commands.usable(self.user.id, channel)]

    async def slash(self, channel: Channel, name: str, options: Mapping[str, OptionValue] | None = None) -> Interaction:
        """Uses a slash command; `name` may include subcommands ("a b"). ClientRefused for wrong options."""
        command, path = self._command(channel, name)
        encoder = self._backend.encoder(channel)
        filled = encoder.options(name, descend(command.fields, path), options or {})
        data = _command_data(command, nest(path, filled), encoder)
        shown = " ".join(f"{key}: {_shown(value)}" for key, value in (options or {}).items())
        return self._send(InteractionType.COMMAND, channel, data, f"/{name} {shown}".strip())

    async def autocomplete(
        self, channel: Channel, name: str, typed: Mapping[str, OptionValue], *, focused: str
    ) -> list[Json]:
        """The choices that the bot offers while one types. InteractionFailed if it does not offer them in time."""
        command, path = self._command(channel, name)
        encoder = self._backend.encoder(channel)
        registered = descend(command.fields, path)
        if not any(each["name"] == focused and each.get("autocomplete") for each in registered):
            raise ClientRefused(f"the option {focused} of /{name} does not autocomplete")
        data = _command_data(command, nest(path, encoder.options(name, registered, typed, focused)), encoder)
        interaction = self._send(InteractionType.AUTOCOMPLETE, channel, data, f"/{name} {focused}: …")
        await interaction.answered()
        return interaction.choices or []

    async def context_menu(self, target: Message | User, name: str, channel: Channel | None = None) -> Interaction:
        """Uses a message's context menu, or a user's in `channel`."""
        backend = self._backend
        if isinstance(target, Message):
            self._must_see(target)
            channel = backend.state.channels[target.channel_id]
        if channel is None:
            raise ClientRefused("a user's context menu is opened in a channel")
        kind = CommandType.MESSAGE if isinstance(target, Message) else CommandType.USER
        command = backend.commands.find(self.user.id, channel, kind, name)
        if command is None:
            raise ClientRefused(f"there is no context menu {name!r} here")
        encoder = backend.encoder(channel)
        if isinstance(target, Message):
            encoder.resolve("messages", target.id, backend.messages.payload(target))
        else:
            encoder.mention_user(target)
        data = _command_data(command, None, encoder) | {"target_id": str(target.id)}
        return self._send(InteractionType.COMMAND, channel, data, f"Apps > {name}")

    def _command(self, channel: Channel, name: str) -> tuple[RegisteredCommand, list[str]]:
        self._must_enter(channel, "use_application_commands")
        first, *path = name.split()
        command = self._backend.commands.find(self.user.id, channel, CommandType.CHAT, first)
        if command is None:
            offered = ", ".join(f"/{each['name']}" for each in self.offered(channel))
            raise ClientRefused(f"there is no command /{first} here; there are {offered or 'none'}")
        return command, path

    # components and modals

    async def press(self, message: Message, custom_id: str) -> Interaction:
        """Presses a button of a message that this person sees."""
        button = self._component(message, custom_id)
        if button["type"] != ComponentType.BUTTON:
            raise ClientRefused(f"{custom_id} is no button")
        emoji = (button.get("emoji") or {}).get("name")
        return self._use(message, button, {}, said=f"[{button.get('label') or emoji}]")

    async def choose(self, message: Message, custom_id: str, values: Sequence[str] | Sequence[User]) -> Interaction:
        """Chooses from a select menu: values of its options, or users from a user select."""
        select = self._component(message, custom_id)
        if select["type"] not in SELECTS:
            raise ClientRefused(f"{custom_id} is no select menu")
        encoder = self._backend.encoder(self._backend.state.channels[message.channel_id])
        chosen = encoder.chosen(select, values)
        extra = {"values": chosen} | ({"resolved": encoder.resolved} if encoder.resolved else {})
        return self._use(message, select, extra, said=f"({', '.join(chosen)})")

    async def submit_modal(self, opened_by: Interaction, values: Mapping[str, FieldValue]) -> Interaction:
        """Submits the modal that an interaction of this person opened: once, but again after a failure."""
        modal = opened_by.modal
        if modal is None or opened_by.user is not self.user:
            raise ClientRefused("no modal is open")
        if opened_by.modal_submit is not None and not opened_by.modal_submit.failed:
            raise ClientRefused("the modal was submitted already")
        encoder = self._backend.encoder(opened_by.channel)
        data: Json = {"custom_id": modal["custom_id"], "components": encoder.modal(modal, values)}
        if encoder.resolved:
            data["resolved"] = encoder.resolved
        submit = self._new(InteractionType.MODAL_SUBMIT, opened_by.channel, data, f"“{modal['title']}” submitted")
        submit.message, submit.opened_by = opened_by.message, opened_by
        opened_by.modal_submit = submit
        return self._backend.flow.dispatch(submit)

    def _component(self, message: Message, custom_id: str) -> Json:
        self._must_see(message)
        components = {each["custom_id"]: each for each in walk(message.components) if each.get("custom_id")}
        component = components.get(custom_id)
        if component is None:
            raise ClientRefused(f"the message has no {custom_id}; it has {', '.join(components) or 'no components'}")
        if component.get("disabled"):
            raise ClientRefused(f"{custom_id} is disabled")
        return component

    def _use(self, message: Message, component: Json, extra: Json, said: str) -> Interaction:
        data = {"component_type": component["type"], "custom_id": component["custom_id"], "id": component["id"]}
        channel = self._backend.state.channels[message.channel_id]
        interaction = self._new(InteractionType.COMPONENT, channel, data | extra, said)
        interaction.message = message
        return self._backend.flow.dispatch(interaction)

    # messages

    async def say(
        self, channel: Channel, text: str = "", files: Sequence[UploadedFile] = (), stickers: Sequence[Sticker] = ()
    ) -> Message:
        """Posts a message."""
        self._must_enter(channel, "send_messages")
        if not (text.strip() or files or stickers) or len(text) > MAX_CONTENT or len(files) > MAX_FILES:
            raise ClientRefused(f"a message has text or files: {MAX_CONTENT} characters, {MAX_FILES} files at most")
        body = Body({"content": text}, uploads=[(upload, None) for upload in files])
        return self._backend.messages.create(channel, self.user, body, stickers=stickers)

    async def forward(self, message: Message, channel: Channel) -> Message:
        """Forwards a message that this person sees."""
        self._must_see(message)
        self._must_enter(channel, "send_messages")
        return self._backend.messages.forward(message, channel, self.user)

    async def delete(self, message: Message) -> None:
        """Deletes one's own message, as a moderator any message. An ephemeral one is dismissed instead."""
        self._must_see(message)
        channel = self._backend.state.channels[message.channel_id]
        allowed = message.author is self.user or self._backend.state.may(self.user.id, channel, "manage_messages")
        if message.ephemeral or not allowed:
            raise ClientRefused(f"{self.user.name} may not delete this message")
        self._backend.messages.delete(message)

    def dismiss(self, message: Message) -> None:
        """Removes an ephemeral message from one's screen; for the bot it still exists."""
        self._must_see(message)
        if not message.ephemeral:
            raise ClientRefused("only a message that nobody else sees can be dismissed")
        message.dismissed = True
        self._backend.state.bus.publish("message_delete", message)

    def sees(self, message: Message) -> bool:
        return self._backend.state.sees(self.user.id, message)

    # helpers

    def _must_see(self, message: Message) -> None:
        if not self.sees(message):
            raise ClientRefused(f"{self.user.name} does not see this message")

    def _must_enter(self, channel: Channel, permission: str) -> None:
        needed = ("view_channel",) if channel.guild_id is None else ("view_channel", permission)
        if channel.deleted or not self._backend.state.may(self.user.id, channel, *needed):
            raise ClientRefused(f"{self.user.name} may not do this in {channel}")

    def _new(self, kind: int, channel: Channel, data: Json, said: str) -> Interaction:
        return Interaction(self._backend.state.snowflakes.new(), kind, self.user, channel, data, said=said)

    def _send(self, kind: int, channel: Channel, data: Json, said: str) -> Interaction:
        return self._backend.flow.dispatch(self._new(kind, channel, data, said))


def _command_data(command: RegisteredCommand, filled: list[Json] | None, encoder: InputEncoder) -> Json:
    data: Json = {"id": str(command.id), "name": command.name, "type": command.fields["type"]}
    if filled is not None:
        data["options"] = filled
    if encoder.resolved:
        data["resolved"] = encoder.resolved
    return data | ({} if command.scope is None else {"guild_id": str(command.scope)})


def _shown(value: OptionValue) -> str:
    if isinstance(value, UploadedFile):
        return value.filename
    return str(value.name if isinstance(value, User | Channel) else value)
