"""One interaction: what a person did, and everything the bot answered to it."""

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from playground.discord.records import Channel, Json, Message, User

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
PONG, REPLY, DEFER_REPLY, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 1, 4, 5, 6, 7, 8, 9

State = Literal["waiting", "acknowledged", "failed"]


class InteractionFailed(Exception):
    """No answer came in time: people see "The application did not respond"."""


@dataclass(eq=False)
class Interaction:
    """`acknowledged_at` is the seconds from the creation to the first answer; None as long as there is none."""

    id: int
    type: int
    user: User
    channel: Channel
    data: Json
    message: Message | None = None
    opened_by: "Interaction | None" = None
    said: str = ""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(96), repr=False)
    created_at: float = field(default_factory=time.monotonic)
    payload: Json = field(default_factory=dict, repr=False)
    state: State = "waiting"
    acknowledged_at: float | None = None
    callback_type: int | None = None
    callback_data: Json | None = None
    modal: Json | None = None
    modal_submit: "Interaction | None" = None
    choices: list[Json] | None = None
    response_message: Message | None = None
    followups: list[Message] = field(default_factory=list)
    deliveries: int = 0
    reply_is_due: bool = False
    settled: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    @property
    def failed(self) -> bool:
        return self.state == "failed"

    @property
    def messages(self) -> list[Message]:
        """All messages it brought about: the response and the follow-ups."""
        own = [self.response_message] if self.response_message and self.callback_type in (REPLY, DEFER_REPLY) else []
        return own + self.followups

    @property
    def original(self) -> Message | None:
        """What `@original` means: its response, or the message whose component was used."""
        if self.callback_type in (DEFER_UPDATE, UPDATE):
            return self.message
        return self.response_message

    async def answered(self, timeout: float = 10.0) -> "Interaction":
        """Waits for the first answer. InteractionFailed when Discord gave up on it, TimeoutError after `timeout`."""
        async with asyncio.timeout(timeout):
            await self.settled.wait()
        if self.failed:
            raise InteractionFailed(f"the application did not respond to {self.said or self.id} in time")
        return self


def _unchanged(payload: Json) -> Json:
    return payload


@dataclass(frozen=True)
class Event:
    """An interaction as no client makes it: any `data`, on any message; `change` makes the whole payload another."""

    type: int
    data: Any
    message: Message | None = None
    change: Callable[[Json], Any] = _unchanged

    def interaction(self, interaction_id: int, user: User, channel: Channel) -> Interaction:
        """The interaction that the event is sent for."""
        data = self.data if isinstance(self.data, dict) else {}
        return Interaction(interaction_id, self.type, user, channel, data, self.message, said="(made by hand)")
