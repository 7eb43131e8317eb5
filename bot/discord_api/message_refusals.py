"""Why Discord refuses a message: one exception for each remedy."""

from __future__ import annotations

import discord

from bot.discord_api.errors import MessagePart, Remedy, described, part_of, remedy_of
from storage import Message, Route


class MessageRefused(Exception):
    """Discord refuses a message, and would refuse the same message again."""


class Unreachable(MessageRefused):
    """The message is permanently unreachable."""


class ChannelUnavailable(MessageRefused):
    """The message cannot be shown where it is. `channel_takes_new`: whether its channel accepts a new message."""

    def __init__(self, reason: str, *, channel_takes_new: bool) -> None:
        super().__init__(reason)
        self.channel_takes_new = channel_takes_new


class MessageTooLarge(MessageRefused):
    """The attachments are larger than the channel allows."""


class PartRefused(MessageRefused):
    """Discord rejects the message because of this part. None if Discord does not name the part."""

    def __init__(self, reason: str, part: MessagePart | None) -> None:
        super().__init__(reason)
        self.part = part


class UnexplainedRefusal(MessageRefused):
    """Discord refuses the message for an unknown reason."""


def classify(error: discord.HTTPException, message: Message) -> Exception:
    """Maps an error to the exception to raise."""
    said, remedy = described(error), remedy_of(error)
    match remedy:
        case Remedy.DELETED:
            return Unreachable(f"{said}: the message was deleted")
        case Remedy.UNREACHABLE:
            return Unreachable(f"{said}: the user does not accept direct messages")
        case Remedy.NEW_MESSAGE if message.message_id is not None:
            return ChannelUnavailable(said, channel_takes_new=True)
        case Remedy.NEW_MESSAGE | Remedy.OTHER_PLACE | Remedy.OTHER_WAY:
            direct = message.route in (Route.REDIRECTED, Route.DIRECT)
            return Unreachable(said) if direct else ChannelUnavailable(said, channel_takes_new=False)
        case Remedy.SMALLER:
            return MessageTooLarge(said)
        case Remedy.RETRY:
            return error
        case Remedy.FEW_TRIES | Remedy.ACKNOWLEDGED:
            return UnexplainedRefusal(said)
        case _:
            return PartRefused(said, part_of(error))
