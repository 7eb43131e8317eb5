"""The application's registered commands, global and of single servers, and the REST routes that register them."""

from collections.abc import Iterable
from dataclasses import dataclass

from playground.discord import errors
from playground.discord.command_rules import CommandType, check_command
from playground.discord.errors import ApiError, FormErrors
from playground.discord.forms import Form
from playground.discord.http_server import RequestRecord, Route
from playground.discord.records import Channel, ChannelType, Json
from playground.discord.state import ServerState

MAX_COMMANDS = {CommandType.CHAT: 100, CommandType.USER: 5, CommandType.MESSAGE: 5}
_DEFAULTS: Json = {
    "name_localizations": None,
    "description": "",
    "description_localizations": None,
    "nsfw": False,
    "default_member_permissions": None,
    "options": [],
    "integration_types": [0],
    "contexts": None,
}
Scope = int | None


@dataclass(frozen=True)
class RegisteredCommand:
    """A command as it was registered; `scope` is its server's id, None for a global one."""

    id: int
    scope: Scope
    version: int
    fields: Json

    @property
    def key(self) -> tuple[int, str]:
        return int(self.fields["type"]), self.name

    @property
    def name(self) -> str:
        return str(self.fields["name"])


class Commands:
    """Registration with Discord's checks. A command keeps its id when one of the same type and name replaces it."""

    def __init__(self, state: ServerState) -> None:
        self._state = state
        self._registered: dict[int, RegisteredCommand] = {}

    # offering

    def usable(self, user_id: int, channel: Channel) -> list[RegisteredCommand]:
        """The commands offered to a person in a channel: by installation, context and required permissions."""
        return [each for each in self._registered.values() if self._offers(each, user_id, channel)]

    def find(self, user_id: int, channel: Channel, kind: int, name: str) -> RegisteredCommand | None:
        found = [each for each in self.usable(user_id, channel) if each.key == (kind, name)]
        # A server's own command hides a global one of the same name.
        return max(found, key=lambda each: each.scope is not None, default=None)

    def payload(self, command: RegisteredCommand) -> Json:
        payload: Json = {
            "id": str(command.id),
            "application_id": str(self._state.application_id),
            "version": str(command.version),
            **command.fields,
        }
        return payload | {"guild_id": str(command.scope)} if command.scope is not None else payload

    def _offers(self, command: RegisteredCommand, user_id: int, channel: Channel) -> bool:
        if not self._permits(command, user_id, channel):
            return False
        guild = self._state.guild_of(channel)
        if command.scope is not None:
            return guild is not None and command.scope == guild.id
        contexts = command.fields["contexts"]
        if channel.context not in ([0, 1] if contexts is None else contexts):
            return False
        member = channel.type == ChannelType.DM or self._state.bot_is_in(guild)
        by_guild = 0 in command.fields["integration_types"] and member
        return by_guild or (1 in command.fields["integration_types"] and user_id in self._state.installed_for)

    def _permits(self, command: RegisteredCommand, user_id: int, channel: Channel) -> bool:
        needed = command.fields["default_member_permissions"]
        guild = self._state.guild_of(channel)
        if needed is None or guild is None:
            return True
        held = self._state.permissions_of(user_id, channel)
        return held & int(needed) == int(needed) and (needed != "0" or guild.owner_id == user_id)

    # registration

    def routes(self) -> Iterable[Route]:
        for scope in ("/applications/{application_id}", "/applications/{application_id}/guilds/{guild_id}"):
            commands = f"{scope}/commands"
            yield Route("GET", commands, lambda call: [self.payload(each) for each in self._of(self._scope(call))])
            yield Route("POST", commands, self._upsert)
            yield Route("PUT", commands, self._replace_all)
            if "guild_id" in scope:
                yield Route("GET", f"{commands}/permissions", self._all_permissions)
                yield Route("GET", f"{commands}/{{command_id}}/permissions", self._permissions)
            yield Route("GET", f"{commands}/{{command_id}}", lambda call: self.payload(self._command(call)))
            yield Route("PATCH", f"{commands}/{{command_id}}", self._patch)
            yield Route("DELETE", f"{commands}/{{command_id}}", self._delete)

    def _upsert(self, call: RequestRecord) -> Json:
        scope = self._scope(call)
        form = Form(call.json)
        check_command(form)
        form.finish()
        fields = _with_defaults(form.body, scope)
        old = self._same(scope, fields)
        if old is None:
            _check_number([*(each.fields for each in self._of(scope)), fields])
        call.success = 200 if old else 201
        return self.payload(self._store(scope, fields, old))

    def _replace_all(self, call: RequestRecord) -> list[Json]:
        """The bulk overwrite: commands that are not in the list are deleted."""
        scope = self._scope(call)
        found: FormErrors = []
        bodies = call.json if isinstance(call.json, list) else []
        seen: set[tuple[int, str]] = set()
        for index, body in enumerate(bodies):
            form = Form(body, (str(index),), found)
            check_command(form)
            key = int(form.body.get("type") or CommandType.CHAT), str(form.body.get("name"))
            if key in seen:
                form.fail("name", "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
            seen.add(key)
        if found:
            raise errors.invalid_form(found)
        fields = [_with_defaults(body, scope) for body in bodies]
        _check_number(fields)
        stored = [self._store(scope, each, self._same(scope, each)) for each in fields]
        for each in self._of(scope):
            if each not in stored:
                del self._registered[each.id]
        return [self.payload(each) for each in stored]

    def _patch(self, call: RequestRecord) -> Json:
        old = self._command(call)
        form = Form({key: value for key, value in (old.fields | (call.json or {})).items() if key != "id"})
        check_command(form)
        form.finish()
        return self.payload(self._store(old.scope, _with_defaults(form.body, old.scope), old))

    def _delete(self, call: RequestRecord) -> None:
        del self._registered[self._command(call).id]

    def _all_permissions(self, call: RequestRecord) -> list[Json]:
        self._scope(call)
        return []

    def _permissions(self, call: RequestRecord) -> None:
        self._command(call)
        raise ApiError(*errors.UNKNOWN_COMMAND_PERMISSIONS)

    def _scope(self, call: RequestRecord) -> Scope:
        if call.id("application_id") != self._state.application_id:
            raise ApiError(*errors.UNKNOWN_APPLICATION)
        if "guild_id" not in call.params:
            return None
        guild = call.find(self._state.guilds, "guild_id", errors.MISSING_ACCESS)
        if not self._state.bot_is_in(guild):
            raise ApiError(*errors.MISSING_ACCESS)
        return guild.id

    def _command(self, call: RequestRecord) -> RegisteredCommand:
        scope = self._scope(call)
        command = call.find(self._registered, "command_id", errors.UNKNOWN_COMMAND)
        if command.scope != scope:
            raise ApiError(*errors.UNKNOWN_COMMAND)
        return command

    def _of(self, scope: Scope) -> list[RegisteredCommand]:
        return [each for each in self._registered.values() if each.scope == scope]

    def _same(self, scope: Scope, fields: Json) -> RegisteredCommand | None:
        key = int(fields["type"]), str(fields["name"])
        return next((each for each in self._of(scope) if each.key == key), None)

    def _store(self, scope: Scope, fields: Json, old: RegisteredCommand | None) -> RegisteredCommand:
        if old is not None and old.fields == fields:
            return old
        new = self._state.snowflakes.new
        command = RegisteredCommand(old.id if old else new(), scope, new(), fields)
        self._registered[command.id] = command
        return command


def _check_number(commands: list[Json]) -> None:
    for kind, most in MAX_COMMANDS.items():
        if sum(fields["type"] == kind for fields in commands) > most:
            raise ApiError(*errors.TOO_MANY_COMMANDS)


def _with_defaults(body: Json, scope: Scope) -> Json:
    """The fields as Discord sends them back."""
    given = {key: body[key] for key in _DEFAULTS if body.get(key) is not None}
    fields: Json = {"type": body.get("type") or CommandType.CHAT, "name": body["name"], **_DEFAULTS, **given}
    if "default_member_permissions" in given:
        fields["default_member_permissions"] = str(given["default_member_permissions"])
    if not fields["integration_types"]:
        fields["integration_types"] = [0]
    return fields | ({"dm_permission": body.get("dm_permission") is not False} if scope is None else {})
