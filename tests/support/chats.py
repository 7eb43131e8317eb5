"""Readings of chat answers in tests of the running bot."""

from __future__ import annotations

from playground.discord import Channel, Interaction, Message
from playground.driver import Environment, public_messages

CHAT = "/v1/chat/completions"


async def until_listed(env: Environment) -> None:
    """Waits until the bot has read the list of models."""
    await env.until(lambda: any(call.path == "/v1/models" and call.status == 200 for call in env.platform.requests))


def is_over(message: Message) -> bool:
    """Whether the message shows how its answer ended."""
    return any(button.get("label") == "Regenerate" for button in message.buttons)


async def answer_of(env: Environment, used: Interaction) -> Message:
    """The message of an answer that has ended."""
    return (await env.until(lambda: list(filter(is_over, public_messages(used)))))[0]


async def replies_in(env: Environment, channel: Channel, count: int) -> list[Message]:
    """The bot's messages in a channel, when so many answers have ended."""

    def ended() -> list[Message] | None:
        found = [message for message in env.discord.messages(channel) if message.author.bot]
        return found if sum(map(is_over, found)) >= count else None

    found = await env.until(ended)
    assert found is not None
    return found


def asked_of(env: Environment, number: int = -1) -> list[dict[str, object]]:
    """The messages of the conversation that the platform was sent, without the instruction."""
    messages = env.platform.calls_of(CHAT)[number].body["messages"]
    return [message for message in messages if message["role"] != "system"]
