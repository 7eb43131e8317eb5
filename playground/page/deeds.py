"""What people do on the page: read from a request, carried out at their client, refused with the reason."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aiohttp import web

from playground.discord import (
    Channel,
    ClientRefused,
    Interaction,
    InteractionFailed,
    Json,
    Message,
    Person,
    Role,
    UploadedFile,
    User,
)
from playground.discord.errors import ApiError
from playground.driver import Environment

# What a person may hand in at once; a client of Discord's stops at the server's limit, which is checked afterwards.
MOST_BYTES = 110 * 1024 * 1024


@dataclass(frozen=True)
class Deed:
    """One request of the page. A value such as `{"file": 0}` or `{"user": "123"}` stands for a file or a record."""

    person: Person
    fields: Mapping[str, Any]
    files: list[UploadedFile]

    def text(self, name: str) -> str:
        """A field that is there. ClientRefused when it is not."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            raise ClientRefused(f"the page sent no {name}")
        return value


class Deeds:
    """The handlers behind `POST /api/…`, one a deed."""

    def __init__(self, world: Environment) -> None:
        self._world = world
        self._deeds: dict[str, Callable[[Deed], Awaitable[Json]]] = {
            "slash": self._slash,
            "autocomplete": self._autocomplete,
            "press": self._press,
            "choose": self._choose,
            "modal": self._modal,
            "menu": self._menu,
            "say": self._say,
            "delete": self._delete,
            "dismiss": self._dismiss,
        }

    async def serve(self, request: web.Request) -> web.Response:
        """Carries one out. 422 with `refused` for what Discord or its client does not allow."""
        carry_out = self._deeds.get(request.match_info["deed"])
        if carry_out is None:
            raise web.HTTPNotFound(text="There is no such deed.")
        try:
            return web.json_response(await carry_out(await self._read(request)))
        except ClientRefused as refusal:
            return _refused(str(refusal))
        except ApiError as error:
            return _refused(f"{error.message} ({error.code})")
        except InteractionFailed as failure:
            return _refused(str(failure))

    # the deeds

    async def _slash(self, deed: Deed) -> Json:
        options = {name: self._value(deed, value) for name, value in deed.fields.get("options", {}).items()}
        return _sent(await deed.person.slash(self._channel(deed), deed.text("command"), options))

    async def _autocomplete(self, deed: Deed) -> Json:
        typed = {name: self._value(deed, value) for name, value in deed.fields.get("options", {}).items()}
        channel, command = self._channel(deed), deed.text("command")
        choices = await deed.person.autocomplete(channel, command, typed, focused=deed.text("focused"))
        return {"choices": choices}

    async def _press(self, deed: Deed) -> Json:
        return _sent(await deed.person.press(self._message(deed), deed.text("custom_id")))

    async def _choose(self, deed: Deed) -> Json:
        values = [self._value(deed, value) for value in deed.fields.get("values", [])]
        users = [value for value in values if isinstance(value, User)]
        if users and len(users) == len(values):
            return _sent(await deed.person.choose(self._message(deed), deed.text("custom_id"), users))
        keys = [str(value.id) if isinstance(value, User | Role | Channel) else str(value) for value in values]
        return _sent(await deed.person.choose(self._message(deed), deed.text("custom_id"), keys))

    async def _modal(self, deed: Deed) -> Json:
        key = deed.text("interaction")
        opened = next((each for each in self._world.discord.interactions if str(each.id) == key), None)
        if opened is None:
            raise ClientRefused("no window is open")
        values = {name: self._entered(deed, value) for name, value in deed.fields.get("values", {}).items()}
        return _sent(await deed.person.submit_modal(opened, values))

    async def _menu(self, deed: Deed) -> Json:
        name = deed.text("command")
        if "user" in deed.fields:
            user = self._user(deed.text("user"))
            return _sent(await deed.person.context_menu(user, name, self._channel(deed)))
        return _sent(await deed.person.context_menu(self._message(deed), name))

    async def _say(self, deed: Deed) -> Json:
        message = await deed.person.say(self._channel(deed), str(deed.fields.get("text", "")), deed.files)
        return {"message": str(message.id)}

    async def _delete(self, deed: Deed) -> Json:
        await deed.person.delete(self._message(deed))
        return {}

    async def _dismiss(self, deed: Deed) -> Json:
        deed.person.dismiss(self._message(deed))
        return {}

    # reading

    async def _read(self, request: web.Request) -> Deed:
        files: list[UploadedFile] = []
        if request.content_type == "multipart/form-data":
            form = await request.post()
            text = str(form.get("deed", ""))
            parts = [part for part in form.getall("file", []) if isinstance(part, web.FileField)]
            files = [UploadedFile(part.filename, part.content_type, part.file.read()) for part in parts]
        else:
            text = await request.text()
        try:
            fields = json.loads(text)
        except ValueError:
            fields = None
        if not isinstance(fields, dict):
            raise ClientRefused("the page sent something that cannot be read")
        try:
            person = self._world.person(str(fields.get("as")))
        except KeyError:
            raise ClientRefused("the page did not say who acts") from None
        return Deed(person, fields, files)

    def _value(self, deed: Deed, value: Any) -> Any:
        """A value of the page's; an object stands for a file, user, channel or role."""
        if not isinstance(value, dict):
            return value
        if "file" in value:
            return self._file(deed, value["file"])
        if "user" in value:
            return self._user(str(value["user"]))
        if "channel" in value:
            return self._known_channel(str(value["channel"]))
        return self._role(str(value.get("role")))

    def _entered(self, deed: Deed, value: Any) -> Any:
        return [self._value(deed, each) for each in value] if isinstance(value, list) else value

    def _file(self, deed: Deed, number: Any) -> UploadedFile:
        if not isinstance(number, int) or not 0 <= number < len(deed.files):
            raise ClientRefused("a file is missing from the upload")
        return deed.files[number]

    def _channel(self, deed: Deed) -> Channel:
        return self._known_channel(deed.text("channel"))

    def _known_channel(self, key: str) -> Channel:
        found = self._world.discord.state.channels.get(_number(key))
        if found is None:
            raise ClientRefused("this channel is gone")
        return found

    def _message(self, deed: Deed) -> Message:
        found = self._world.discord.state.messages.get(_number(deed.text("message")))
        if found is None:
            raise ClientRefused("this message is gone")
        return found

    def _user(self, key: str) -> User:
        found = self._world.discord.state.users.get(_number(key))
        if found is None:
            raise ClientRefused("nobody here has this id")
        return found

    def _role(self, key: str) -> Role:
        for guild in self._world.discord.state.guilds.values():
            if _number(key) in guild.roles:
                return guild.roles[_number(key)]
        raise ClientRefused("there is no such role")


def _number(key: str) -> int:
    return int(key) if key.isdecimal() else 0


def _sent(interaction: Interaction) -> Json:
    return {"interaction": str(interaction.id)}


def _refused(reason: str) -> web.Response:
    return web.json_response({"refused": reason}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
