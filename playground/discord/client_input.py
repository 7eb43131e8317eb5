"""What a person's client sends for their input: options of commands and fields of modals, checked and encoded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from playground.discord import payloads
from playground.discord.command_rules import NESTED, OptionType
from playground.discord.components import ComponentType
from playground.discord.interactions import channel_payload
from playground.discord.records import Channel, Json, Role, UploadedFile, User
from playground.discord.state import ServerState

OptionValue = str | int | float | bool | UploadedFile | User | Channel | Role
FieldValue = str | bool | None | Sequence[str] | Sequence[UploadedFile] | Sequence[User]
Option, Type = OptionType, ComponentType


class ClientRefused(Exception):
    """The person's own client does not allow this; neither Discord nor the bot gets to know of it."""


@dataclass
class InputEncoder:
    """Encodes the input of one interaction in one channel; `resolved` describes the users, files, … in it."""

    state: ServerState
    channel: Channel
    resolved: dict[str, Json] = field(default_factory=dict)

    def attach(self, upload: UploadedFile) -> str:
        """Uploads a file that only the bot gets, and returns its id."""
        if len(upload.data) > self.state.size_limit(self.channel):
            raise ClientRefused(f"{upload.filename} is too large to upload here")
        stored = self.state.files.store(self.channel.id, upload, ephemeral=True)
        return self.resolve("attachments", stored.id, payloads.attachment(stored, self.state.files))

    def mention_user(self, user: User) -> str:
        """Names a user, and returns their id."""
        guild = self.state.guild_of(self.channel)
        if guild is not None and user.id in guild.members:
            held = self.state.permissions_of(user.id, self.channel)
            member = payloads.member(guild.members[user.id], permissions=held)
            del member["user"], member["deaf"], member["mute"]
            self.resolve("members", user.id, member)
        return self.resolve("users", user.id, payloads.user(user))

    def resolve(self, kind: str, key: int, payload: Json) -> str:
        self.resolved.setdefault(kind, {})[str(key)] = payload
        return str(key)

    # options of commands

    def options(
        self, name: str, registered: list[Json], values: Mapping[str, OptionValue], focused: str | None = None
    ) -> list[Json]:
        """The options as JSON, in the command's order. ClientRefused for what the client would mark red.

        While the cursor is in an option, the `focused` one, its value is any text, and none is required yet.
        """
        known = {option["name"] for option in registered}
        if unknown := set(values) - known:
            listed = ", ".join(sorted(unknown))
            raise ClientRefused(f"/{name} has no option {listed}; it has {', '.join(sorted(known))}")
        filled: list[Json] = []
        for option in registered:
            key = option["name"]
            encoded: Json = {"name": key, "type": option["type"]}
            if key == focused:
                filled.append(encoded | {"value": str(values.get(key, "")), "focused": True})
            elif key in values:
                filled.append(encoded | {"value": self._value(option, values[key])})
            elif option.get("required") and focused is None:
                raise ClientRefused(f"/{name}: the option {key} is required")
        return filled

    def _value(self, option: Json, value: OptionValue) -> Any:
        kind, what = option["type"], f"the option {option['name']}"
        if kind == Option.STRING and not isinstance(value, str):
            raise ClientRefused(f"{what} takes a text")
        if option.get("choices"):
            value = _choice(option, value)
        elif kind == Option.STRING and isinstance(value, str):
            low = option.get("min_length") or (1 if option.get("required") else 0)
            _check_length(what, value, low, option.get("max_length") or 6000)
        if kind in (Option.INTEGER, Option.NUMBER):
            return _number(option, value)
        if kind == Option.STRING or (kind == Option.BOOLEAN and isinstance(value, bool)):
            return value
        if kind == Option.ATTACHMENT and isinstance(value, UploadedFile):
            return self.attach(value)
        if kind in (Option.USER, Option.MENTIONABLE) and isinstance(value, User):
            return self.mention_user(value)
        if kind in (Option.ROLE, Option.MENTIONABLE) and isinstance(value, Role):
            return self.resolve("roles", value.id, payloads.role(value))
        if kind == Option.CHANNEL and isinstance(value, Channel):
            held = self.state.permissions_of(self.state.bot.id, value)
            return self.resolve("channels", value.id, channel_payload(value, held))
        raise ClientRefused(f"{what} does not take a {type(value).__name__}")

    # components

    def modal(self, modal: Json, values: Mapping[str, FieldValue]) -> list[Json]:
        """The `components` of a modal submit. A field that is left out keeps the value that the modal has for it."""
        fields = [_field(component) for component in modal["components"]]
        known = {each["custom_id"] for each in fields if each}
        if unknown := set(values) - known:
            listed = ", ".join(sorted(unknown))
            raise ClientRefused(f"the modal has no field {listed}; it has {', '.join(sorted(known))}")
        filled: list[Json] = []
        for number, (component, entry) in enumerate(zip(modal["components"], fields, strict=True), 1):
            answer: Json = {"type": component["type"], "id": component.get("id") or number}
            if entry:
                value = {"type": entry["type"], "custom_id": entry["custom_id"], "id": entry.get("id") or 100 + number}
                value |= self._fill(entry | {"required": entry.get("required") is not False}, values)
                answer |= {"components": [value]} if component["type"] == Type.ROW else {"component": value}
            filled.append(answer)
        return filled

    def _fill(self, field: Json, values: Mapping[str, FieldValue]) -> Json:
        kind, given = field["type"], values.get(field["custom_id"])
        if kind == Type.TEXT_INPUT:
            return {"value": _entered(field, field.get("value") or "" if given is None else given)}
        if kind == Type.CHECKBOX:
            return {"value": bool(field.get("default") if given is None else given)}
        if kind == Type.RADIO_GROUP:
            chosen = self.chosen(field, [given] if isinstance(given, str) else given)
            return {"value": chosen[0] if chosen else None}
        return {"values": self.chosen(field, given)}

    def chosen(self, select: Json, given: FieldValue) -> list[str]:
        """The values chosen in a select, group or upload: those of its options, or the ids of users or files."""
        what = select["custom_id"]
        options = select.get("options") or []
        if given is None:
            given = [option["value"] for option in options if option.get("default")]
        if isinstance(given, str | bool):
            raise ClientRefused(f"{what} takes a list of values")
        unknown = {value for value in given if isinstance(value, str)} - {option["value"] for option in options}
        if unknown and options:
            raise ClientRefused(f"{what} does not offer {', '.join(unknown)}")
        low = 1 if select.get("min_values") is None else select["min_values"]
        if select.get("required") and select["type"] != Type.STRING_SELECT:
            low = max(low, 1)
        high = select.get("max_values") or (len(options) if select["type"] == Type.CHECKBOX_GROUP else 1)
        if not low <= len(given) <= high and (given or select.get("required") is not False):
            raise ClientRefused(f"{what} takes {low} to {high} values, not {len(given)}")
        return [self._named(value) for value in given]

    def _named(self, value: str | UploadedFile | User) -> str:
        if isinstance(value, str):
            return value
        return self.attach(value) if isinstance(value, UploadedFile) else self.mention_user(value)


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
        kind = Option.GROUP if depth < len(path) else Option.SUBCOMMAND
        filled = [{"name": path[depth - 1], "type": kind, "options": filled}]
    return filled


def _field(component: Json) -> Json | None:
    """The field in a label or row; None for a text."""
    field: Json | None = component.get("component")
    return component["components"][0] if component["type"] == Type.ROW else field


def _entered(field: Json, value: FieldValue) -> str:
    what = f"the field {field['custom_id']}"
    if not isinstance(value, str):
        raise ClientRefused(f"{what} takes a text")
    if field["required"] and not value.strip():
        raise ClientRefused(f"{what} is required")
    _check_length(what, value, (field.get("min_length") or 0) if value else 0, field.get("max_length") or 4000)
    return value


def _check_length(what: str, value: str, low: int, high: int) -> None:
    if not low <= len(value) <= high:
        raise ClientRefused(f"{what} takes {low} to {high} characters, not {len(value)}")


def _number(option: Json, value: Any) -> int | float:
    name, whole = option["name"], option["type"] == Option.INTEGER
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise ClientRefused(f"the option {name} takes a {'whole ' if whole else ''}number")
    low, high = option.get("min_value"), option.get("max_value")
    if (low is not None and value < low) or (high is not None and value > high):
        raise ClientRefused(f"the option {name} takes {low} to {high}, not {value}")
    return value


def _choice(option: Json, value: OptionValue) -> str | int | float:
    """A choice by its value, or by the name that people see."""
    for choice in option["choices"]:
        if value in (choice["value"], choice["name"]):
            chosen: str | int | float = choice["value"]
            return chosen
    offered = ", ".join(str(choice["name"]) for choice in option["choices"])
    raise ClientRefused(f"the option {option['name']} offers {offered}, not {value}")
