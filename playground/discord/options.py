"""Options of a slash command as a person's client fills them in: checked against the registration, and encoded."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from playground.discord import payloads
from playground.discord.command_rules import NESTED, OptionType
from playground.discord.interactions import channel_payload
from playground.discord.records import Channel, Json, Role, UploadedFile, User
from playground.discord.state import ServerState

OptionValue = str | int | float | bool | UploadedFile | User | Channel | Role
Encoded = str | int | float | bool
Type = OptionType


class ClientRefused(Exception):
    """The person's own client does not allow this; neither Discord nor the bot gets to know of it."""


@dataclass
class OptionEncoder:
    """Encodes the values of one interaction in one channel; `resolved` describes the users, files, … they name."""

    state: ServerState
    channel: Channel
    resolved: dict[str, Json] = field(default_factory=dict)

    def options(self, name: str, registered: list[Json], values: Mapping[str, OptionValue]) -> list[Json]:
        """The options as JSON, in the command's order. ClientRefused for what the client would mark red."""
        known = {option["name"] for option in registered}
        if unknown := set(values) - known:
            listed = ", ".join(sorted(unknown))
            raise ClientRefused(f"/{name} has no option {listed}; it has {', '.join(sorted(known))}")
        missing = [option for option in registered if option.get("required") and option["name"] not in values]
        if missing:
            raise ClientRefused(f"/{name}: the option {missing[0]['name']} is required")
        return [self._encoded(option, values) for option in registered if option["name"] in values]

    def partial(self, registered: list[Json], values: Mapping[str, OptionValue], focused: str) -> list[Json]:
        """The options while typing: none is required yet, one has the cursor."""
        filled = []
        for option in registered:
            if option["name"] == focused:
                typed = {"value": str(values.get(focused, "")), "focused": True}
                filled.append({"name": focused, "type": option["type"], **typed})
            elif option["name"] in values:
                filled.append(self._encoded(option, values))
        return filled

    def _encoded(self, option: Json, values: Mapping[str, OptionValue]) -> Json:
        value = self._value(option, values[option["name"]])
        return {"name": option["name"], "type": option["type"], "value": value}

    def _value(self, option: Json, value: OptionValue) -> Encoded:
        kind = option["type"]
        if kind == Type.STRING:
            return _text(option, value)
        if kind in (Type.INTEGER, Type.NUMBER):
            return _number(option, value)
        if kind == Type.BOOLEAN and isinstance(value, bool):
            return value
        if kind == Type.ATTACHMENT and isinstance(value, UploadedFile):
            return self.attach(value)
        if kind in (Type.USER, Type.MENTIONABLE) and isinstance(value, User):
            return self.mention_user(value)
        if kind in (Type.ROLE, Type.MENTIONABLE) and isinstance(value, Role):
            return self._resolve("roles", value.id, payloads.role(value))
        if kind == Type.CHANNEL and isinstance(value, Channel):
            held = self.state.permissions_of(self.state.bot.id, value)
            return self._resolve("channels", value.id, channel_payload(value, held))
        raise ClientRefused(f"the option {option['name']} does not take a {type(value).__name__}")

    def attach(self, upload: UploadedFile) -> str:
        """Uploads a file that only the bot gets, and returns its id."""
        if len(upload.data) > self.state.size_limit(self.channel):
            raise ClientRefused(f"{upload.filename} is too large to upload here")
        stored = self.state.files.store(self.channel.id, upload, ephemeral=True)
        return self._resolve("attachments", stored.id, payloads.attachment(stored, self.state.files))

    def mention_user(self, user: User) -> str:
        """Names a user, and returns their id."""
        guild = self.state.guild_of(self.channel)
        if guild is not None and user.id in guild.members:
            held = self.state.permissions_of(user.id, self.channel)
            member = payloads.member(guild.members[user.id], permissions=held)
            del member["user"], member["deaf"], member["mute"]
            self._resolve("members", user.id, member)
        return self._resolve("users", user.id, payloads.user(user))

    def _resolve(self, kind: str, key: int, payload: Json) -> str:
        self.resolved.setdefault(kind, {})[str(key)] = payload
        return str(key)


def descend(command: Json, path: list[str]) -> list[Json]:
    """The options of the subcommand at a path of names; those of the command itself for an empty path."""
    options: list[Json] = command.get("options") or []
    for name in path:
        found = next((each for each in options if each["name"] == name and each["type"] in NESTED), None)
        if found is None:
            raise ClientRefused(f"/{command['name']} has no subcommand {name}")
        options = found.get("options") or []
    if any(each["type"] in NESTED for each in options):
        raise ClientRefused(f"/{command['name']} needs a subcommand")
    return options


def nest(path: list[str], filled: list[Json]) -> list[Json]:
    """Encoded options inside their subcommand."""
    for depth in range(len(path), 0, -1):
        kind = Type.GROUP if depth < len(path) else Type.SUBCOMMAND
        filled = [{"name": path[depth - 1], "type": kind, "options": filled}]
    return filled


def _text(option: Json, value: OptionValue) -> Encoded:
    if not isinstance(value, str):
        raise ClientRefused(f"the option {option['name']} takes a text")
    if option.get("choices"):
        return str(_choice(option, value))
    low, high = option.get("min_length") or 0, option.get("max_length") or 6000
    if not low <= len(value) <= high or (not value and option.get("required")):
        raise ClientRefused(f"the option {option['name']} takes {low} to {high} characters, not {len(value)}")
    return value


def _number(option: Json, value: OptionValue) -> Encoded:
    name, whole = option["name"], option["type"] == Type.INTEGER
    if option.get("choices") and isinstance(value, str | int | float):
        value = _choice(option, value)
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise ClientRefused(f"the option {name} takes a {'whole ' if whole else ''}number")
    low, high = option.get("min_value"), option.get("max_value")
    if (low is not None and value < low) or (high is not None and value > high):
        raise ClientRefused(f"the option {name} takes {low} to {high}, not {value}")
    return value


def _choice(option: Json, value: Encoded) -> Encoded:
    """A choice by its value, or by the name that people see."""
    for choice in option["choices"]:
        if value in (choice["value"], choice["name"]):
            chosen: Encoded = choice["value"]
            return chosen
    offered = ", ".join(str(choice["name"]) for choice in option["choices"])
    raise ClientRefused(f"the option {option['name']} offers {offered}, not {value}")
