"""The application's registered commands, global and of single guilds."""

from dataclasses import dataclass

from playground.discord.command_checks import CHAT, MESSAGE, USER, check_command
from playground.discord.errors import Found, invalid_form, too_many_commands, unknown_command
from playground.discord.forms import Form
from playground.discord.records import DM, Channel, Json
from playground.discord.world import World

MOST = {CHAT: 100, USER: 5, MESSAGE: 5}
Scope = int | None


@dataclass(frozen=True)
class Registered:
    """A command as it was registered; `scope` is its guild's id or None."""

    id: int
    scope: Scope
    version: int
    fields: Json

    @property
    def key(self) -> tuple[int, str]:
        return int(self.fields["type"]), str(self.fields["name"])

    @property
    def name(self) -> str:
        return str(self.fields["name"])


class Commands:
    """Registration with Discord's checks. Ids stay when a command of the same type and name is sent again."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._registered: dict[int, Registered] = {}

    def listed(self, scope: Scope) -> list[Registered]:
        return [each for each in self._registered.values() if each.scope == scope]

    def get(self, scope: Scope, command_id: int) -> Registered:
        command = self._registered.get(command_id)
        if command is None or command.scope != scope:
            raise unknown_command()
        return command

    def upsert(self, scope: Scope, body: Json) -> tuple[Registered, bool]:
        """Registers one command; the flag says whether it is new."""
        form = Form(body)
        check_command(form)
        form.finish()
        fields = _with_defaults(form.body, scope)
        old = self._find(scope, fields)
        if old is None:
            self._check_number(scope, fields)
        return self._store(scope, fields, old), old is None

    def replace_all(self, scope: Scope, bodies: list[Json]) -> list[Registered]:
        """The bulk overwrite: afterwards there are exactly these."""
        found: Found = []
        forms = [Form(body, (str(index),), found) for index, body in enumerate(bodies)]
        seen: set[tuple[int, str]] = set()
        for form in forms:
            check_command(form)
            key = int(form.body.get("type") or CHAT), str(form.body.get("name"))
            if key in seen:
                form.fail("name", "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
            seen.add(key)
        if found:
            raise invalid_form(found)
        all_fields = [_with_defaults(body, scope) for body in bodies]
        for kind, most in MOST.items():
            if sum(fields["type"] == kind for fields in all_fields) > most:
                raise too_many_commands(most)
        stored = [self._store(scope, fields, self._find(scope, fields)) for fields in all_fields]
        kept = {each.id for each in stored}
        for each in self.listed(scope):
            if each.id not in kept:
                del self._registered[each.id]
        return stored

    def patch(self, scope: Scope, command_id: int, body: Json) -> Registered:
        old = self.get(scope, command_id)
        form = Form({key: value for key, value in (old.fields | body).items() if key != "id"})
        check_command(form)
        form.finish()
        return self._store(scope, _with_defaults(form.body, scope), old)

    def delete(self, scope: Scope, command_id: int) -> None:
        del self._registered[self.get(scope, command_id).id]

    def payload(self, command: Registered) -> Json:
        payload = {
            "id": str(command.id),
            "application_id": str(self._world.application_id),
            "version": str(command.version),
            **command.fields,
        }
        return payload | {"guild_id": str(command.scope)} if command.scope is not None else payload

    def usable(self, user_id: int, channel: Channel) -> list[Registered]:
        """What a person is offered in a channel: by installation, context and the permissions that commands ask for."""
        return [each for each in self._registered.values() if self._offers(each, user_id, channel)]

    def find(self, user_id: int, channel: Channel, kind: int, name: str) -> Registered | None:
        found = [each for each in self.usable(user_id, channel) if each.key == (kind, name)]
        # A guild's own command hides a global one of the same name.
        return max(found, key=lambda each: each.scope is not None, default=None)

    def _offers(self, command: Registered, user_id: int, channel: Channel) -> bool:
        guild = self._world.guild_of(channel)
        if command.scope is not None:
            return guild is not None and command.scope == guild.id and self._permits(command, user_id, channel)
        context = channel.context
        contexts = command.fields["contexts"]
        if context not in ([0, 1] if contexts is None else contexts):
            return False
        here = channel.type == DM or (guild is not None and self._world.bot_is_in(guild))
        by_guild = 0 in command.fields["integration_types"] and here
        by_user = 1 in command.fields["integration_types"] and user_id in self._world.installed_for
        return (by_guild or by_user) and self._permits(command, user_id, channel)

    def _permits(self, command: Registered, user_id: int, channel: Channel) -> bool:
        needed = command.fields["default_member_permissions"]
        if needed is None or channel.guild_id is None:
            return True
        held = self._world.permissions_of(user_id, channel)
        return held & int(needed) == int(needed) and (needed != "0" or self._owns(user_id, channel))

    def _owns(self, user_id: int, channel: Channel) -> bool:
        guild = self._world.guild_of(channel)
        return guild is not None and guild.owner_id == user_id

    def _find(self, scope: Scope, fields: Json) -> Registered | None:
        key = int(fields["type"]), str(fields["name"])
        return next((each for each in self.listed(scope) if each.key == key), None)

    def _check_number(self, scope: Scope, added: Json) -> None:
        most = MOST[added["type"]]
        if sum(each.fields["type"] == added["type"] for each in self.listed(scope)) >= most:
            raise too_many_commands(most)

    def _store(self, scope: Scope, fields: Json, old: Registered | None) -> Registered:
        if old is not None and old.fields == fields:
            return old
        new = self._world.snowflakes.new
        command = Registered(old.id if old else new(), scope, new(), fields)
        self._registered[command.id] = command
        return command


def _with_defaults(body: Json, scope: Scope) -> Json:
    """The fields as Discord hands them back."""
    needed = body.get("default_member_permissions")
    fields: Json = {
        "type": body.get("type") or CHAT,
        "name": body["name"],
        "name_localizations": body.get("name_localizations"),
        "description": body.get("description") or "",
        "description_localizations": body.get("description_localizations"),
        "default_member_permissions": None if needed is None else str(needed),
        "nsfw": bool(body.get("nsfw")),
        "options": body.get("options") or [],
        "integration_types": body.get("integration_types") or [0],
        "contexts": body.get("contexts"),
    }
    if scope is None:
        fields["dm_permission"] = body.get("dm_permission") is not False
    return fields
