"""Who may do what with a conversation, by place and person."""

from __future__ import annotations

import pytest

from bot.chat.policy import ChatOperation, check
from bot.tasks.errors import UserError
from bot.tasks.policy import Access, Actor
from storage import ChatTurn, Conversation, TurnMessage

ADA, BOB, EVE = 1, 2, 3
TALK = Conversation("c1", ADA, 20, 30, "m", "en-US")
BOBS_TURN = ChatTurn("c1", 2, 1, BOB, "make it dance", TurnMessage(1, 100, None, 0.0, 0))


def moderator(_: int) -> Access:
    return Access(view=True, moderate=True)


def allowed(actor: Actor) -> set[ChatOperation]:
    found = set()
    for operation in ChatOperation:
        try:
            check(actor, operation, TALK, BOBS_TURN)
        except UserError:
            continue
        found.add(operation)
    return found


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        (Actor(ADA, 20, 30), set(ChatOperation)),
        (Actor(BOB, 20, 30), {ChatOperation.USE, ChatOperation.REPEAT, ChatOperation.STOP}),
        (Actor(EVE, 20, 30), {ChatOperation.USE}),
        (Actor(EVE, 20, 30, moderator), {ChatOperation.USE, ChatOperation.STOP, ChatOperation.DELETE}),
        (Actor(EVE, 20, 30, owns_bot=True), set(ChatOperation)),
        (Actor(ADA, 20, 31), set()),
        (Actor(ADA, None, 32), set()),
        (Actor(ADA, 20, None), set()),
        (Actor(EVE, 20, 31, moderator, owns_bot=True), set()),
    ],
)
def test_a_place_has_its_conversations_and_people_their_turns(actor: Actor, expected: set[ChatOperation]) -> None:
    assert allowed(actor) == expected


@pytest.mark.parametrize(("conversation", "turn"), [(None, BOBS_TURN), (TALK, None)])
def test_what_is_gone_is_refused_like_what_is_elsewhere(
    conversation: Conversation | None, turn: ChatTurn | None
) -> None:
    for actor in (Actor(ADA, 20, 30), Actor(ADA, 20, 31)):
        with pytest.raises(UserError) as refused:
            check(actor, ChatOperation.USE, conversation, turn)
        assert refused.value.code == "no_such_conversation"
