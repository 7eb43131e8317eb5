"""What a person's client makes of a slash command's options: checked against the registration, put on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from playground.discord import payloads
from playground.discord.attachments import Files
from playground.discord.command_checks import (
    ATTACHMENT,
    BOOLEAN,
    GROUP,
    INTEGER,
    MENTIONABLE,
    NUMBER,
    STRING,
    SUBCOMMAND,
    TO_CHANNEL,
    TO_ROLE,
    TO_USER,
)
from playground.discord.interaction_payloads import channel_for, size_limit
from playground.discord.records import Channel, Json, Role, UploadedFile, User
from playground.discord.world import World

OptionValue = str | int | float | bool | UploadedFile | User | Channel | Role


class ClientRefused(Exception):
    """The person's own client does not let them do this; Discord never hears of it."""


@dataclass
class Typed:
    """The options that a person has filled in, for one command in one channel."""

    world: World
    files: Files
    channel: Channel
    resolved: dict[str, Json] = field(default_factory=dict)

    def options(self, name: str, registered: list[Json], values: Mapping[str, OptionValue]) -> list[Json]:
        """The wire form, in the command's order. ClientRefused for what the client would mark red."""
        known = {option["name"] for option in registered}
        unknown = set(values) - known
        if unknown:
            raise ClientRefused(
                f"/{name} has no option {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}"
            )
        filled = []
        for option in registered:
            if option["name"] in values:
                value = self._value(option, values[option["name"]])
                filled.append({"name": option["name"], "type": option["type"], "value": value})
            elif option.get("required"):
                raise ClientRefused(f"/{name}: the option {option['name']} is required")
        return filled

    def partial(self, registered: list[Json], values: Mapping[str, OptionValue], focused: str) -> list[Json]:
        """The wire form while typing: nothing is required yet, one option has the cursor."""
        filled = []
        for option in registered:
            if option["name"] == focused:
                typed = {"value": str(values.get(focused, "")), "focused": True}
                filled.append({"name": focused, "type": option["type"], **typed})
            elif option["name"] in values:
                value = self._value(option, values[option["name"]])
                filled.append({"name": option["name"], "type": option["type"], "value": value})
        return filled

    def _value(self, option: Json, value: OptionValue) -> str | int | float | bool:
        kind, name = option["type"], option["name"]
        if kind == STRING:
            return _text(option, value)
        if kind in (INTEGER, NUMBER):
            return _number(option, value)
        if kind == BOOLEAN and isinstance(value, bool):
            return value
        if kind == ATTACHMENT and isinstance(value, UploadedFile):
            return self.attach(value)
        if kind in (TO_USER, MENTIONABLE) and isinstance(value, User):
            return self.mention_user(value)
        if kind == TO_CHANNEL and isinstance(value, Channel):
            held = self.world.permissions_of(self.world.bot.id, value)
            return self._resolve("channels", value.id, channel_for(value, held))
        if kind in (TO_ROLE, MENTIONABLE) and isinstance(value, Role):
            return self._resolve("roles", value.id, payloads.role(value))
        raise ClientRefused(f"the option {name} does not take a {type(value).__name__}")

    def attach(self, upload: UploadedFile) -> str:
        """Uploads a file privately and returns its id."""
        if len(upload.data) > size_limit(self.world.guild_of(self.channel)):
            raise ClientRefused(f"{upload.filename} is too large to upload here")
        stored = self.files.store(self.channel.id, upload, ephemeral=True)
        return self._resolve("attachments", stored.id, payloads.attachment(stored, self.files))

    def mention_user(self, user: User) -> str:
        guild = self.world.guild_of(self.channel)
        if guild is not None and user.id in guild.members:
            held = self.world.permissions_of(user.id, self.channel)
            member = payloads.member(guild.members[user.id], permissions=held)
            del member["user"], member["deaf"], member["mute"]
            self._resolve("members", user.id, member)
        return self._resolve("users", user.id, payloads.user(user))

    def _resolve(self, kind: str, key: int, payload: Json) -> str:
        self.resolved.setdefault(kind, {})[str(key)] = payload
        return str(key)


def descend(command: Json, path: list[str]) -> list[Json]:
    """The options of the subcommand that a path of names leads to; those of the command for an empty path."""
    options: list[Json] = command.get("options") or []
    for name in path:
        found = next((each for each in options if each["name"] == name and each["type"] in (SUBCOMMAND, GROUP)), None)
        if found is None:
            raise ClientRefused(f"/{command['name']} has no subcommand {name}")
        options = found.get("options") or []
    if any(each["type"] in (SUBCOMMAND, GROUP) for each in options):
        raise ClientRefused(f"/{command['name']} needs a subcommand")
    return options


def wrap(command: Json, path: list[str], filled: list[Json]) -> list[Json]:
    """Filled options put below their subcommand."""
    for depth in range(len(path), 0, -1):
        kind = GROUP if depth < len(path) else SUBCOMMAND
        filled = [{"name": path[depth - 1], "type": kind, "options": filled}]
    return filled


def _text(option: Json, value: OptionValue) -> str:
    if not isinstance(value, str):
        raise ClientRefused(f"the option {option['name']} takes a text")
    choices = option.get("choices")
    if choices:
        return str(_choice(option, value))
    low, high = option.get("min_length") or 0, option.get("max_length") or 6000
    if not low <= len(value) <= high or (not value and option.get("required")):
        raise ClientRefused(f"the option {option['name']} takes {low} to {high} characters, not {len(value)}")
    return value


def _number(option: Json, value: OptionValue) -> int | float:
    whole = option["type"] == INTEGER
    if isinstance(value, str) and option.get("choices"):
        value = _choice(option, value)
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise ClientRefused(f"the option {option['name']} takes a {'whole ' if whole else ''}number")
    if option.get("choices"):
        _choice(option, value)
    low, high = option.get("min_value"), option.get("max_value")
    if (low is not None and value < low) or (high is not None and value > high):
        raise ClientRefused(f"the option {option['name']} takes {low} to {high}, not {value}")
    return value


def _choice(option: Json, value: str | float) -> str | int | float:
    """A choice by its value, or by the name that people see."""
    for choice in option["choices"]:
        if value in (choice["value"], choice["name"]):
            chosen: str | int | float = choice["value"]
            return chosen
    offered = ", ".join(str(choice["name"]) for choice in option["choices"])
    raise ClientRefused(f"the option {option['name']} offers {offered}, not {value}")
