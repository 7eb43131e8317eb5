"""Discord's JSON error codes and the bot's reaction to each.

The source is Discord's developer documentation, "Opcodes and Status Codes", "JSON Error Codes", quoted beside each
code; a code missing there cites its source. The table lists the codes that the calls of this bot can return:
interaction callbacks, messages through tokens and channels, and direct message channels. Any other response is
classified by its HTTP status; no response is retried without limit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import discord


class Remedy(StrEnum):
    """The reaction to an error response."""

    RETRY = "retry"  # repeat later, a limited number of times
    OTHER_WAY = "other_way"  # the token has expired: send through the channel
    DELETED = "deleted"  # a user deleted the message: do nothing
    NEW_MESSAGE = "new_message"  # the message cannot be edited: post a new one in its channel
    OTHER_PLACE = "other_place"  # the channel accepts no messages: send a direct message
    UNREACHABLE = "unreachable"  # the user accepts no direct messages from the bot
    SMALLER = "smaller"  # repeat with smaller images
    WITHOUT_PICTURES = "without_pictures"
    WITHOUT_WORDS = "without_words"
    WITHOUT_EMOJI = "without_emoji"
    WITHOUT_BUTTONS = "without_buttons"
    WITHOUT_REPLY = "without_reply"  # repeat, but not as a reply
    SIMPLER = "simpler"  # repeat without the part that the response names, or without one part after the other
    ACKNOWLEDGED = "acknowledged"  # the interaction already has a response
    FEW_TRIES = "few_tries"  # unknown error: repeat a few times, then stop


UNKNOWN_CHANNEL = 10003
INVALID_API_VERSION = 50041

REMEDIES: Mapping[int, Remedy] = {
    10002: Remedy.OTHER_WAY,  # Unknown application
    UNKNOWN_CHANNEL: Remedy.OTHER_PLACE,
    10004: Remedy.OTHER_PLACE,  # Unknown guild
    10007: Remedy.OTHER_PLACE,  # Unknown member
    10008: Remedy.DELETED,  # Unknown message
    10012: Remedy.OTHER_WAY,  # Unknown token
    10013: Remedy.UNREACHABLE,  # Unknown user
    10014: Remedy.WITHOUT_EMOJI,  # Unknown emoji
    10015: Remedy.OTHER_WAY,  # Unknown webhook
    10016: Remedy.OTHER_WAY,  # Unknown webhook service
    10062: Remedy.OTHER_WAY,  # Unknown interaction
    20009: Remedy.WITHOUT_PICTURES,  # Explicit content cannot be sent to the desired recipient(s)
    20016: Remedy.RETRY,  # This action cannot be performed due to slowmode rate limit
    20022: Remedy.RETRY,  # This message cannot be edited due to announcement rate limits
    20024: Remedy.WITHOUT_PICTURES,  # Under minimum age
    20026: Remedy.UNREACHABLE,  # the bot is quarantined as spam (discord-api-docs, issue 5987)
    20028: Remedy.RETRY,  # The write action you are performing on the channel has hit the write rate limit
    20029: Remedy.RETRY,  # The write action you are performing on the server has hit the write rate limit
    30015: Remedy.WITHOUT_PICTURES,  # Maximum number of attachments in a message reached (10)
    30046: Remedy.NEW_MESSAGE,  # Maximum number of edits to messages older than 1 hour reached. Try again later
    40001: Remedy.OTHER_PLACE,  # Unauthorized. Provide a valid token and try again
    40002: Remedy.OTHER_PLACE,  # You need to verify your account in order to perform this action
    40003: Remedy.UNREACHABLE,  # You are opening direct messages too fast: a retry makes it worse
    40004: Remedy.RETRY,  # Send messages has been temporarily disabled
    40005: Remedy.SMALLER,  # Request entity too large. Try sending something smaller in size
    40006: Remedy.RETRY,  # This feature has been temporarily disabled server-side
    40007: Remedy.OTHER_PLACE,  # The user is banned from this guild
    40012: Remedy.OTHER_PLACE,  # Connection has been revoked
    40043: Remedy.OTHER_WAY,  # Application interaction failed to send
    40058: Remedy.OTHER_PLACE,  # Cannot send a message in a forum channel
    40060: Remedy.ACKNOWLEDGED,  # Interaction has already been acknowledged
    40062: Remedy.RETRY,  # Service resource is being rate limited
    40067: Remedy.OTHER_PLACE,  # A tag is required to create a forum post in this channel
    40094: Remedy.OTHER_WAY,  # This interaction has hit the maximum number of follow up messages
    40333: Remedy.RETRY,  # Cloudflare is blocking your request
    50001: Remedy.OTHER_PLACE,  # Missing access
    50003: Remedy.OTHER_PLACE,  # Cannot execute action on a DM channel
    50005: Remedy.NEW_MESSAGE,  # Cannot edit a message authored by another user
    50006: Remedy.SIMPLER,  # Cannot send an empty message
    50007: Remedy.UNREACHABLE,  # Cannot send messages to this user
    50008: Remedy.OTHER_PLACE,  # Cannot send messages in a non-text channel
    50009: Remedy.OTHER_PLACE,  # Channel verification level is too high for you to gain access
    50013: Remedy.OTHER_PLACE,  # You lack permissions to perform that action
    50021: Remedy.NEW_MESSAGE,  # Cannot execute action on a system message
    50024: Remedy.OTHER_PLACE,  # Cannot execute action on this channel type
    50027: Remedy.OTHER_WAY,  # Invalid webhook token provided
    50033: Remedy.UNREACHABLE,  # Invalid Recipient(s)
    50035: Remedy.SIMPLER,  # Invalid form body
    50045: Remedy.SMALLER,  # File uploaded exceeds the maximum size
    50046: Remedy.WITHOUT_PICTURES,  # Invalid file uploaded
    50055: Remedy.OTHER_PLACE,  # Invalid Guild
    50068: Remedy.NEW_MESSAGE,  # Invalid message type
    50083: Remedy.NEW_MESSAGE,  # Tried to perform an operation on an archived thread
    50095: Remedy.OTHER_PLACE,  # This server is not available in your location
    50109: Remedy.SIMPLER,  # The request body contains invalid JSON.
    50110: Remedy.WITHOUT_PICTURES,  # The provided file is invalid.
    50123: Remedy.WITHOUT_PICTURES,  # The provided file type is invalid.
    50138: Remedy.SMALLER,  # Failed to resize asset below the maximum size: 262144
    50146: Remedy.WITHOUT_PICTURES,  # Uploaded file not found.
    50151: Remedy.WITHOUT_EMOJI,  # The specified emoji is invalid
    50162: Remedy.NEW_MESSAGE,  # Voice messages cannot be edited.
    50278: Remedy.UNREACHABLE,  # Cannot send messages to this user due to having no mutual guilds
    60003: Remedy.OTHER_PLACE,  # Two factor is required for this operation
    110001: Remedy.RETRY,  # Application not yet available. Try again later
    130000: Remedy.RETRY,  # API resource is currently overloaded. Try again a little later
    160002: Remedy.WITHOUT_REPLY,  # Cannot reply without permission to read message history
    160005: Remedy.OTHER_PLACE,  # Thread is locked
    200000: Remedy.WITHOUT_WORDS,  # Message was blocked by automatic moderation
    200001: Remedy.WITHOUT_WORDS,  # Title was blocked by automatic moderation
    220001: Remedy.OTHER_PLACE,  # Webhooks posted to forum channels must have a thread_name or thread_id
    220004: Remedy.OTHER_PLACE,  # Webhook services cannot be used in forum channels
    240000: Remedy.WITHOUT_WORDS,  # Message blocked by harmful links filter
    400001: Remedy.WITHOUT_PICTURES,  # Access to file uploads has been limited for this guild
}


class MessagePart(StrEnum):
    """The optional parts of a card, in the order in which they are left out."""

    EMOJI = "emoji"
    BUTTONS = "buttons"
    PICTURES = "pictures"
    WORDS = "words"


_PARTS = {
    Remedy.WITHOUT_EMOJI: MessagePart.EMOJI,
    Remedy.WITHOUT_BUTTONS: MessagePart.BUTTONS,
    Remedy.WITHOUT_PICTURES: MessagePart.PICTURES,
    Remedy.WITHOUT_WORDS: MessagePart.WORDS,
}
# Keys in the path of a 50035 ("Error Messages" in Discord's "Reference") and the part of a card that contains them. The
# first matching key of this table counts: a button's emoji is inside the buttons.
_IN_PATH = (
    ("emoji", MessagePart.EMOJI),
    ("media", MessagePart.PICTURES),
    ("file", MessagePart.PICTURES),
    ("items", MessagePart.PICTURES),
    ("attachments", MessagePart.PICTURES),
    ("files", MessagePart.PICTURES),
    ("content", MessagePart.WORDS),
    ("custom_id", MessagePart.BUTTONS),
    ("label", MessagePart.BUTTONS),
    ("style", MessagePart.BUTTONS),
)
_INVALID_EMOJI = "BUTTON_COMPONENT_INVALID_EMOJI"


def remedy_of(error: discord.HTTPException) -> Remedy:
    """The reaction to an error response of a call that sends or edits a message, or opens a channel for one.

    Decided by Discord's own code, because servers in front of Discord also respond with 403 and 404, but without a
    code.
    """
    if error.code in REMEDIES:
        return REMEDIES[error.code]
    if error.status == 413:
        return Remedy.SMALLER
    if error.status >= 500 or error.status in (408, 429):
        return Remedy.RETRY
    if error.status == 400:
        return Remedy.SIMPLER
    return Remedy.FEW_TRIES if error.code else Remedy.RETRY


def part_of(error: discord.HTTPException) -> MessagePart | None:
    """The part of a card that a response rejects; None if it does not name one."""
    remedy = remedy_of(error)
    if remedy in _PARTS:
        return _PARTS[remedy]
    for path, codes in _places(getattr(error, "_errors", None) or {}):
        if _INVALID_EMOJI in codes:
            return MessagePart.EMOJI
        for key, part in _IN_PATH:
            if key in path:
                return part
    return None


def described(error: discord.HTTPException) -> str:
    """A short description of a response for the log, without text that Discord may quote from a prompt."""
    places = [".".join(path) for path, _ in _places(getattr(error, "_errors", None) or {})]
    where = f", at {', '.join(places[:3])}" if places else ""
    return f"Discord answered {error.status} (code {error.code}{where})"


def _places(errors: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """The paths of the errors, with Discord's codes for each."""
    for key, value in errors.items():
        if key == "_errors" and isinstance(value, list):
            yield path, [str(each.get("code")) for each in value if isinstance(each, dict)]
        elif isinstance(value, dict):
            yield from _places(value, (*path, key))
