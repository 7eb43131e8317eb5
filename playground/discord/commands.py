"""The application's registered commands, global and of single servers, and the REST routes that register them."""

from collections.abc import Iterable

from playground.discord import errors
from playground.discord.command_rules import CommandType, check_command
from playground.discord.errors import ApiError, FormErrors
from playground.discord.forms import Form, fail_repeated
from playground.discord.http_server import RequestRecord, Route
from playground.discord.records import Channel, ChannelType, Json
from playground.discord.state import ServerState

MAX_COMMANDS = {CommandType.CHAT: 100, CommandType.USER: 15, CommandType.MESSAGE: 15}
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


class Commands:
    """Registration with Discord's checks. A command keeps its id when one of the same type and name replaces it.

    A command is the JSON that Discord sends for it. Its scope is its server's id, None for a global one.
    """

    def __init__(self, state: ServerState) -> None:
        self._state = state
        # By scope, type and name.
        self._registered: dict[tuple[Scope, int, str], Json] = {}

    # offering

    def usable(self, user_id: int, channel: Channel) -> list[Json]:
        """The commands offered to a person in a channel: by installation, context and required permissions."""
        return [each for each in self._registered.values() if self._offers(each, user_id, channel)]

    def find(self, user_id: int, channel: Channel, kind: int, name: str) -> Json | None:
        """A server's own command hides a global one of the same name."""
        both = [self._registered.get((scope, kind, name)) for scope in (channel.guild_id, None)]
        return next((each for each in both if each and self._offers(each, user_id, channel)), None)

    def _offers(self, command: Json, user_id: int, channel: Channel) -> bool:
        if not self._permits(command, user_id, channel):
            return False
        if "guild_id" in command:
            return bool(command["guild_id"] == str(channel.guild_id))
        contexts = command["contexts"]
        if channel.context not in ([0, 1] if contexts is None else contexts):
            return False
        member = channel.type == ChannelType.DM or self._state.bot_is_in(self._state.guild_of(channel))
        by_guild = 0 in command["integration_types"] and member
        return by_guild or (1 in command["integration_types"] and user_id in self._state.installed_for)

    def _permits(self, command: Json, user_id: int, channel: Channel) -> bool:
        needed = command["default_member_permissions"]
        guild = self._state.guild_of(channel)
        if needed is None or guild is None:
            return True
        held = self._state.permissions_of(user_id, channel)
        return held & int(needed) == int(needed) and (needed != "0" or guild.owner_id == user_id)

    # registration

    def routes(self) -> Iterable[Route]:
        for scope in ("/applications/{application_id}", "/applications/{application_id}/guilds/{guild_id}"):
            commands = f"{scope}/commands"
            yield Route("GET", commands, lambda call: self._of(self._scope(call)))
            yield Route("POST", commands, self._upsert)
            yield Route("PUT", commands, self._replace_all)
            if "guild_id" in scope:
                yield Route("GET", f"{commands}/permissions", self._all_permissions)
                yield Route("GET", f"{commands}/{{command_id}}/permissions", self._permissions)
            yield Route("GET", f"{commands}/{{command_id}}", self._command)
            yield Route("PATCH", f"{commands}/{{command_id}}", self._patch)
            yield Route("DELETE", f"{commands}/{{command_id}}", self._delete)

    def _upsert(self, call: RequestRecord) -> Json:
        scope = self._scope(call)
        (fields,) = _read([Form(call.json)], scope)
        if (scope, fields["type"], fields["name"]) not in self._registered:
            _check_number([*self._of(scope), fields])
            call.success = 201
        return self._store(scope, fields)

    def _replace_all(self, call: RequestRecord) -> list[Json]:
        """The bulk overwrite: commands that are not in the list are deleted."""
        scope = self._scope(call)
        found: FormErrors = []
        bodies = call.json if isinstance(call.json, list) else []
        fields = _read([Form(body, (str(index),), found) for index, body in enumerate(bodies)], scope)
        _check_number(fields)
        stored = [self._store(scope, each) for each in fields]
        kept = {key: each for key, each in self._registered.items() if key[0] != scope or each in stored}
        self._registered = kept
        return stored

    def _patch(self, call: RequestRecord) -> Json:
        old = self._command(call)
        scope = self._scope(call)
        (fields,) = _read([Form(old | (call.json or {}))], scope)
        self._delete(call)
        return self._store(scope, fields, old)

    def _delete(self, call: RequestRecord) -> None:
        command = self._command(call)
        del self._registered[self._scope(call), command["type"], command["name"]]

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

    def _command(self, call: RequestRecord) -> Json:
        own = {int(each["id"]): each for each in self._of(self._scope(call))}
        return call.find(own, "command_id", errors.UNKNOWN_COMMAND)

    def _of(self, scope: Scope) -> list[Json]:
        return [each for key, each in self._registered.items() if key[0] == scope]

    def _store(self, scope: Scope, fields: Json, old: Json | None = None) -> Json:
        key = (scope, fields["type"], fields["name"])
        old = old or self._registered.get(key)
        if old is not None and old == old | fields:
            self._registered[key] = old
            return old
        version = str(self._state.snowflakes.new())
        command: Json = {"id": old["id"] if old else version, "version": version, **fields}
        command["application_id"] = str(self._state.application_id)
        self._registered[key] = command if scope is None else command | {"guild_id": str(scope)}
        return self._registered[key]


def _check_number(commands: list[Json]) -> None:
    for kind, most in MAX_COMMANDS.items():
        if sum(fields["type"] == kind for fields in commands) > most:
            raise ApiError(*errors.TOO_MANY_COMMANDS)


def _read(forms: list[Form], scope: Scope) -> list[Json]:
    """The fields of commands as Discord sends them back. ApiError 50035 if any is invalid."""
    for kind in CommandType:
        same_kind = [form for form in forms if (form.body.get("type") or CommandType.CHAT) == kind]
        code = "APPLICATION_COMMANDS_DUPLICATE_NAME"
        fail_repeated(same_kind, "name", code, "Application command names must be unique")
    for form in forms:
        check_command(form)
    for form in forms:
        form.finish()
    return [_with_defaults(form.body, scope) for form in forms]


def _with_defaults(body: Json, scope: Scope) -> Json:
    given = {key: body[key] for key in _DEFAULTS if body.get(key) not in (None, [])}
    fields: Json = {"type": body.get("type") or CommandType.CHAT, "name": body["name"], **_DEFAULTS, **given}
    if "default_member_permissions" in given:
        fields["default_member_permissions"] = str(given["default_member_permissions"])
    return fields | ({"dm_permission": body.get("dm_permission") is not False} if scope is None else {})
