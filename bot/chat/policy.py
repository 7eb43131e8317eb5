"""The only module that decides who may do what with a conversation.

A conversation belongs to the place where it began: a channel, a thread or direct messages. Elsewhere it is refused like
one that does not exist. In its place everyone may continue it, each turn in the name of the person who wrote it, and
make images and sound of its answers. An answer is repeated and stopped by the person who asked, or by the person who
began the conversation; moderators may also stop it. Who began it and moderators can delete it.
"""

from __future__ import annotations

from enum import StrEnum

from bot.tasks.errors import UserError
from bot.tasks.policy import Actor
from storage import ChatTurn, Conversation


class ChatOperation(StrEnum):
    """What a user can do with a turn of a conversation."""

    USE = "use"
    """Continue it, and make an image or sound of its answer."""
    REPEAT = "repeat"
    STOP = "stop"
    DELETE = "delete"
    """Delete the whole conversation."""


def check(
    actor: Actor, operation: ChatOperation, conversation: Conversation | None, turn: ChatTurn | None
) -> tuple[Conversation, ChatTurn]:
    """Both of them, if this user may do this where they are. Raises UserError."""
    if conversation is None or turn is None or not _is_there(actor, conversation):
        raise UserError("no_such_conversation")
    owns = actor.user_id == conversation.owner_id or actor.owns_bot
    asked = actor.user_id == turn.user_id
    moderates = actor.access_to(conversation.guild_id, conversation.channel_id).moderate
    if operation is ChatOperation.REPEAT and not (owns or asked):
        raise UserError("not_yours_to_repeat")
    if operation is ChatOperation.STOP and not (owns or asked or moderates):
        raise UserError("not_yours_to_stop")
    if operation is ChatOperation.DELETE and not (owns or moderates):
        raise UserError("not_yours_to_forget")
    return conversation, turn


def _is_there(actor: Actor, conversation: Conversation) -> bool:
    return conversation.channel_id is not None and actor.channel_id == conversation.channel_id
