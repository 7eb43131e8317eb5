"""`POST /api/…`: what people do on the page, carried out by their Discord client, or refused with the reason."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

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
from playground.page.switches import Switches

# The most bytes of one upload. Discord's own limit is lower and is checked afterwards.
MAX_BYTES = 110 * 1024 * 1024
Record = TypeVar("Record")


@dataclass(frozen=True)
class PageRequest:
    """One request of the page. A value such as `{"file": 0}` or `{"user": "123"}` means a file or a record."""

    person: Person
    fields: Mapping[str, Any]
    files: list[UploadedFile]

    def text(self, name: str) -> str:
        """A field that has to be there. ClientRefused when it is not."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            raise ClientRefused(f"the page sent no {name}")
        return value


Handler = Callable[[PageRequest], Awaitable[Json]]


class PageApi:
    """`POST /api/press` is handled by `do_press`, and so on."""

    def __init__(self, env: Environment, switches: Switches) -> None:
        self._env = env
        self._switches = switches
        self._discord = env.discord
        self._records = env.discord.state

    async def serve(self, request: web.Request) -> web.Response:
        """Handles one. 422 with `refused` for what Discord or its client does not allow."""
        handler: Handler | None = getattr(self, f"do_{request.match_info['name']}", None)
        if handler is None:
            raise web.HTTPNotFound(text="There is no such request.")
        try:
            return web.json_response(await handler(await self._read(request)))
        except ApiError as error:
            return _refused(f"{error.message} ({error.code})")
        except (ClientRefused, InteractionFailed) as error:
            return _refused(str(error))

    async def do_slash(self, request: PageRequest) -> Json:
        channel, command = self._channel(request.text("channel")), request.text("command")
        return _sent(await request.person.slash(channel, command, self._options(request)))

    async def do_autocomplete(self, request: PageRequest) -> Json:
        channel, command = self._channel(request.text("channel")), request.text("command")
        options, focused = self._options(request), request.text("focused")
        return {"choices": await request.person.autocomplete(channel, command, options, focused=focused)}

    async def do_press(self, request: PageRequest) -> Json:
        return _sent(await request.person.press(self._message(request), request.text("custom_id")))

    async def do_choose(self, request: PageRequest) -> Json:
        values = self._value(request, request.fields.get("values", []))
        if not all(isinstance(value, User) for value in values):
            values = [str(value.id) if isinstance(value, User | Role | Channel) else str(value) for value in values]
        return _sent(await request.person.choose(self._message(request), request.text("custom_id"), values))

    async def do_answer(self, request: PageRequest) -> Json:
        """Waits until the bot has answered an interaction, or is too late."""
        interaction = self._interaction(request, "there is no such interaction")
        await interaction.settled.wait()
        return {"failed": interaction.failed, "modal": interaction.modal}

    async def do_modal(self, request: PageRequest) -> Json:
        opener = self._interaction(request, "no modal is open")
        values = {name: self._value(request, value) for name, value in request.fields.get("values", {}).items()}
        return _sent(await request.person.submit_modal(opener, values))

    async def do_menu(self, request: PageRequest) -> Json:
        if "user" not in request.fields:
            return _sent(await request.person.context_menu(self._message(request), request.text("command")))
        user, channel = self._user(request.text("user")), self._channel(request.text("channel"))
        return _sent(await request.person.context_menu(user, request.text("command"), channel))

    async def do_say(self, request: PageRequest) -> Json:
        text = str(request.fields.get("text", ""))
        message = await request.person.say(self._channel(request.text("channel")), text, request.files)
        return {"message": str(message.id)}

    async def do_switch(self, request: PageRequest) -> Json:
        return await self._switches.set(request.text("name"), request.fields.get("value"))

    async def do_delete(self, request: PageRequest) -> Json:
        await request.person.delete(self._message(request))
        return {}

    async def do_dismiss(self, request: PageRequest) -> Json:
        request.person.dismiss(self._message(request))
        return {}

    # reading a request

    async def _read(self, request: web.Request) -> PageRequest:
        form = await request.post()
        parts = [part for part in form.getall("file", []) if isinstance(part, web.FileField)]
        files = [UploadedFile(part.filename, part.content_type, part.file.read()) for part in parts]
        try:
            fields = json.loads(str(form.get("fields")))
            person = self._env.person(str(fields.get("as")))
        except (ValueError, AttributeError):
            raise ClientRefused("the page sent something that cannot be read") from None
        except KeyError:
            raise ClientRefused("the page did not say who acts") from None
        return PageRequest(person, fields, files)

    def _options(self, request: PageRequest) -> Json:
        return {name: self._value(request, value) for name, value in request.fields.get("options", {}).items()}

    def _value(self, request: PageRequest, value: Any) -> Any:
        """A value of the page's; an object in it means a file, user, channel or role."""
        if isinstance(value, list):
            return [self._value(request, each) for each in value]
        match value:
            case {"file": int(number)} if 0 <= number < len(request.files):
                return request.files[number]
            case {"file": _}:
                raise ClientRefused("a file is missing from the upload")
            case {"user": key}:
                return self._user(key)
            case {"channel": key}:
                return self._channel(key)
            case {"role": key}:
                roles = {key: role for guild in self._records.guilds.values() for key, role in guild.roles.items()}
                return _found(roles, key, "there is no such role")
        return value

    def _channel(self, key: str) -> Channel:
        return _found(self._records.channels, key, "this channel is gone")

    def _message(self, request: PageRequest) -> Message:
        return _found(self._records.messages, request.text("message"), "this message is gone")

    def _interaction(self, request: PageRequest, reason: str) -> Interaction:
        own = {each.id: each for each in self._discord.interactions if each.user is request.person.user}
        return _found(own, request.text("interaction"), reason)

    def _user(self, key: str) -> User:
        return _found(self._records.users, key, "there is no such user")


def _found(records: Mapping[int, Record], key: object, reason: str) -> Record:
    """The record of an id that the page sent. ClientRefused with the reason when there is none."""
    found = records.get(int(str(key)) if str(key).isdecimal() else 0)
    if found is None:
        raise ClientRefused(reason)
    return found


def _sent(interaction: Interaction) -> Json:
    return {"interaction": str(interaction.id)}


def _refused(reason: str) -> web.Response:
    """The answer that makes the page show why something was not done."""
    return web.json_response({"refused": reason}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
