"""What people do: their client's part of Discord. A person can only do what the client in front of them would allow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from playground.discord import payloads
from playground.discord.attachments import Files
from playground.discord.bodies import MOST_CONTENT, MOST_FILES, Body
from playground.discord.command_checks import CHAT, MESSAGE, USER
from playground.discord.commands import Commands, Registered
from playground.discord.desk import Desk
from playground.discord.events import Bus
from playground.discord.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT, Interaction
from playground.discord.messages import Messages
from playground.discord.modal_forms import Entered, fill
from playground.discord.options import ClientRefused, OptionValue, Typed, descend, wrap
from playground.discord.records import Channel, Json, Message, Sticker, UploadedFile, User, walk
from playground.discord.selects import SELECTS, STRING_SELECT
from playground.discord.world import World


@dataclass(frozen=True)
class Client:
    """The parts of a local Discord that a person's client speaks to."""

    world: World
    bus: Bus
    files: Files
    messages: Messages
    commands: Commands
    desk: Desk


class Person:
    """One person at their client. Every deed returns at once; `await interaction.answered()` waits for the bot."""

    def __init__(self, user: User, client: Client) -> None:
        self.user = user
        self._client = client

    def __repr__(self) -> str:
        return f"<Person {self.user.name}>"

    # commands

    def offered(self, channel: Channel) -> list[Json]:
        """The commands that the client offers here, as registered."""
        return [self._client.commands.payload(each) for each in self._client.commands.usable(self.user.id, channel)]

    async def slash(self, channel: Channel, name: str, options: Mapping[str, OptionValue] | None = None) -> Interaction:
        """Uses a slash command; `name` may go on with subcommands ("a b"). ClientRefused for wrong options."""
        command, path = self._command(channel, name)
        typed = Typed(self._client.world, self._client.files, channel)
        registered = descend(command.fields, path)
        filled = wrap(command.fields, path, typed.options(name, registered, options or {}))
        shown = " ".join(f"{key}: {_shown(value)}" for key, value in (options or {}).items())
        return self._send(COMMAND, channel, _command_data(command, filled, typed), said=f"/{name} {shown}".strip())

    async def autocomplete(
        self, channel: Channel, name: str, typed_so_far: Mapping[str, OptionValue], *, focused: str
    ) -> list[Json]:
        """The choices that the bot offers while one types. Raises InteractionFailed when it offers none in time."""
        command, path = self._command(channel, name)
        typed = Typed(self._client.world, self._client.files, channel)
        registered = descend(command.fields, path)
        option = next((each for each in registered if each["name"] == focused), None)
        if option is None or not option.get("autocomplete"):
            raise ClientRefused(f"the option {focused} of /{name} does not autocomplete")
        filled = wrap(command.fields, path, typed.partial(registered, typed_so_far, focused))
        data = _command_data(command, filled, typed)
        interaction = self._send(AUTOCOMPLETE, channel, data, said=f"/{name} {focused}: …")
        await interaction.answered()
        return interaction.choices or []

    async def context_menu(self, target: Message | User, name: str, channel: Channel | None = None) -> Interaction:
        """Uses a message's context menu, or a user's in `channel`."""
        world, files = self._client.world, self._client.files
        if isinstance(target, Message):
            self._must_see(target)
            where, kind = world.channels[target.channel_id], MESSAGE
        elif channel is not None:
            where, kind = channel, USER
        else:
            raise ClientRefused("a user's context menu is opened in a channel")
        command = self._client.commands.find(self.user.id, where, kind, name)
        if command is None:
            raise ClientRefused(f"there is no context menu {name!r} here")
        typed = Typed(world, files, where)
        if isinstance(target, Message):
            typed.resolved["messages"] = {str(target.id): payloads.message(target, world, files)}
        else:
            typed.mention_user(target)
        data = _command_data(command, [], typed) | {"target_id": str(target.id)}
        del data["options"]
        return self._send(COMMAND, where, data, said=f"Apps > {name}")

    def _command(self, channel: Channel, name: str) -> tuple[Registered, list[str]]:
        self._must_enter(channel, "use_application_commands")
        first, *path = name.split()
        command = self._client.commands.find(self.user.id, channel, CHAT, first)
        if command is None:
            offered = ", ".join(f"/{each.name}" for each in self._client.commands.usable(self.user.id, channel))
            raise ClientRefused(f"there is no command /{first} here; there are {offered or 'none'}")
        return command, path

    # components and modals

    async def press(self, message: Message, custom_id: str) -> Interaction:
        """Presses a button that stands on a message this person sees."""
        button = self._component(message, custom_id)
        if button["type"] != 2:
            raise ClientRefused(f"{custom_id} is no button")
        data = {"component_type": 2, "custom_id": custom_id, "id": button["id"]}
        emoji = (button.get("emoji") or {}).get("name")
        return self._use(message, data, said=f"[{button.get('label') or emoji}]")

    async def choose(self, message: Message, custom_id: str, values: Sequence[str] | Sequence[User]) -> Interaction:
        """Chooses from a select menu: values of its options, or users from a user select."""
        select = self._component(message, custom_id)
        if select["type"] not in SELECTS:
            raise ClientRefused(f"{custom_id} is no select menu")
        low, high = select.get("min_values", 1), select.get("max_values", 1)
        if not low <= len(values) <= high:
            raise ClientRefused(f"{custom_id} takes {low} to {high} values, not {len(values)}")
        typed = Typed(self._client.world, self._client.files, self._client.world.channels[message.channel_id])
        chosen = [typed.mention_user(each) if isinstance(each, User) else each for each in values]
        if select["type"] == STRING_SELECT:
            offered = {option["value"] for option in select["options"]}
            if not set(chosen) <= offered:
                raise ClientRefused(f"{custom_id} does not offer {', '.join(set(chosen) - offered)}")
        data = {"component_type": select["type"], "custom_id": custom_id, "id": select["id"], "values": chosen}
        if typed.resolved:
            data["resolved"] = typed.resolved
        return self._use(message, data, said=f"({', '.join(chosen)})")

    async def submit_modal(self, opened_by: Interaction, values: Mapping[str, Entered]) -> Interaction:
        """Submits the modal that an interaction of this person opened. Once, but again after a failure."""
        modal = opened_by.modal
        if modal is None or opened_by.user is not self.user:
            raise ClientRefused("no window is open")
        if opened_by.modal_submit is not None and not opened_by.modal_submit.failed:
            raise ClientRefused("the window was submitted already")
        typed = Typed(self._client.world, self._client.files, opened_by.channel)
        data: Json = {"custom_id": modal["custom_id"], "components": fill(modal, values, typed)}
        if typed.resolved:
            data["resolved"] = typed.resolved
        interaction = self._new(MODAL_SUBMIT, opened_by.channel, data, f"“{modal['title']}” submitted")
        interaction.message = opened_by.message
        interaction.opened_by = opened_by
        opened_by.modal_submit = interaction
        return self._client.desk.dispatch(interaction)

    def _component(self, message: Message, custom_id: str) -> Json:
        self._must_see(message)
        for component in walk(message.components):
            if component.get("custom_id") == custom_id:
                if component.get("disabled"):
                    raise ClientRefused(f"{custom_id} is disabled")
                return component
        shown = ", ".join(str(each["custom_id"]) for each in walk(message.components) if each.get("custom_id"))
        raise ClientRefused(f"the message has no {custom_id}; it has {shown or 'no components'}")

    def _use(self, message: Message, data: Json, said: str) -> Interaction:
        channel = self._client.world.channels[message.channel_id]
        interaction = self._new(COMPONENT, channel, data, said)
        interaction.message = message
        return self._client.desk.dispatch(interaction)

    # messages

    async def say(
        self,
        channel: Channel,
        text: str = "",
        files: Sequence[UploadedFile] = (),
        stickers: Sequence[Sticker] = (),
    ) -> Message:
        """Writes a message oneself."""
        self._must_enter(channel, "send_messages")
        if not (text.strip() or files or stickers) or len(text) > MOST_CONTENT or len(files) > MOST_FILES:
            raise ClientRefused(f"a message has text or files: {MOST_CONTENT} characters, {MOST_FILES} files at most")
        body = Body({"content": text}, uploads=[(upload, None) for upload in files])
        return self._client.messages.create(channel, self.user, body, stickers=stickers)

    async def forward(self, message: Message, channel: Channel) -> Message:
        """Forwards a message that one sees."""
        self._must_see(message)
        self._must_enter(channel, "send_messages")
        return self._client.messages.forward(message, channel, self.user)

    async def delete(self, message: Message) -> None:
        """Deletes one's own message, or as a moderator anybody's. An ephemeral one is dismissed instead."""
        self._must_see(message)
        channel = self._client.world.channels[message.channel_id]
        own = message.author is self.user
        if message.ephemeral or not (own or self._client.world.may(self.user.id, channel, "manage_messages")):
            raise ClientRefused(f"{self.user.name} may not delete this message")
        self._client.messages.delete(message)

    def dismiss(self, message: Message) -> None:
        """Takes an ephemeral message off one's screen; for the bot it is still there."""
        self._must_see(message)
        if not message.ephemeral:
            raise ClientRefused("only a message that nobody else sees can be dismissed")
        message.dismissed = True
        self._client.bus.tell("message_delete", message)

    def sees(self, message: Message) -> bool:
        return self._client.world.sees(self.user.id, message)

    # helpers

    def _must_see(self, message: Message) -> None:
        if not self.sees(message):
            raise ClientRefused(f"{self.user.name} does not see this message")

    def _must_enter(self, channel: Channel, permission: str) -> None:
        may = self._client.world.may(self.user.id, channel, "view_channel")
        allowed = channel.guild_id is None or self._client.world.may(self.user.id, channel, permission)
        if not may or not allowed or channel.deleted:
            raise ClientRefused(f"{self.user.name} may not do this in {channel}")

    def _new(self, kind: int, channel: Channel, data: Json, said: str) -> Interaction:
        return Interaction(self._client.world.snowflakes.new(), kind, self.user, channel, data, said=said)

    def _send(self, kind: int, channel: Channel, data: Json, said: str) -> Interaction:
        return self._client.desk.dispatch(self._new(kind, channel, data, said))


def _command_data(command: Registered, filled: list[Json], typed: Typed) -> Json:
    data: Json = {
        "id": str(command.id),
        "name": command.name,
        "type": command.fields["type"],
        "options": filled,
    }
    if typed.resolved:
        data["resolved"] = typed.resolved
    if command.scope is not None:
        data["guild_id"] = str(command.scope)
    return data


def _shown(value: OptionValue) -> str:
    if isinstance(value, UploadedFile):
        return value.filename
    return str(value.name if isinstance(value, User | Channel) else value)
