"""Conversations are trees of turns; an answer has one end, and a message of a person is answered once."""

from __future__ import annotations

import dataclasses

from storage import ChatImage, ChatTurn, Conversation, Store, TurnEnd, TurnMessage, TurnState

ADA, BOB = 7, 8
TALK = Conversation("c1", ADA, 20, 30, "gpt-4o-mini", "en-US")
MESSAGE = TurnMessage(1, 100, "token", 2000.0, 10_000_000)
TURN = ChatTurn("c1", 0, None, ADA, "a name for a boat", MESSAGE)
ANSWER = TurnEnd(TurnState.COMPLETE, "The Paper Swan", "raw", ("https://i.example.org/1.png",))
IMAGE = ChatImage("image/png", b"png", "https://files.example.org/a.png")


async def begun(store: Store, turn: ChatTurn = TURN, conversation: Conversation = TALK) -> ChatTurn:
    first = await store.conversations.begin(conversation, turn, [IMAGE], 1000.0)
    assert first
    return first


async def continued(store: Store, parent: int, **fields: object) -> ChatTurn:
    turn = dataclasses.replace(TURN, parent=parent, **fields)  # type: ignore[arg-type] # fields of a turn
    added = await store.conversations.add(turn, [], 1001.0)
    assert added
    return added


async def test_a_conversation_comes_back_as_it_was(store: Store) -> None:
    first = await begun(store)
    assert first == dataclasses.replace(TURN, number=1)
    assert await store.conversations.get("c1") == TALK
    assert await store.conversations.turn("c1", 1) == first
    assert await store.conversations.by_message(100) == first
    assert await store.conversations.images("c1", [1, 2]) == {1: [IMAGE]}
    assert await store.conversations.get("c2") is None


async def test_a_turn_leads_back_to_those_that_it_continues_and_to_no_others(store: Store) -> None:
    await begun(store)
    await continued(store, 1)
    await continued(store, 1)
    fourth = await continued(store, 3)
    assert [turn.number for turn in await store.conversations.path("c1", fourth.number, 10)] == [4, 3, 1]
    assert [turn.number for turn in await store.conversations.path("c1", fourth.number, 2)] == [4, 3]
    assert await store.conversations.path("c2", 1, 10) == []


async def test_an_answer_ends_once(store: Store) -> None:
    await begun(store)
    assert await store.conversations.end("c1", 1, ANSWER)
    assert not await store.conversations.end("c1", 1, TurnEnd(TurnState.STOPPED))
    await store.conversations.keep("c1", 1, "late", "late")
    found = await store.conversations.turn("c1", 1)
    assert found
    assert found.end == ANSWER


async def test_what_has_arrived_is_kept_until_the_end(store: Store) -> None:
    await begun(store)
    await store.conversations.keep("c1", 1, "The Paper", "The Paper raw")
    found = await store.conversations.turn("c1", 1)
    assert found
    assert found.end == TurnEnd(TurnState.RUNNING, "The Paper", "The Paper raw")


async def test_only_an_ended_turn_is_answered_again_and_keeps_its_answer_meanwhile(store: Store) -> None:
    await begun(store)
    later = dataclasses.replace(MESSAGE, token="later")
    assert not await store.conversations.run_again("c1", 1, later, 1002.0)
    await store.conversations.end("c1", 1, ANSWER)
    await store.conversations.mark_shown("c1", 1)
    assert await store.conversations.run_again("c1", 1, later, 1002.0)
    found = await store.conversations.turn("c1", 1)
    assert found
    assert (found.end, found.message, found.shown) == (
        dataclasses.replace(ANSWER, state=TurnState.RUNNING),
        later,
        False,
    )


async def test_turns_whose_end_is_not_shown_are_found_after_a_restart(store: Store) -> None:
    await begun(store)
    await store.conversations.mark_shown("c1", 1)  # it still runs
    assert [turn.number for turn in await store.conversations.unshown()] == [1]
    await store.conversations.end("c1", 1, ANSWER)
    assert [turn.number for turn in await store.conversations.unshown()] == [1]
    await store.conversations.mark_shown("c1", 1)
    assert await store.conversations.unshown() == []


async def test_a_message_of_a_person_is_answered_once(store: Store) -> None:
    await begun(store, dataclasses.replace(TURN, source_id=55))
    again = dataclasses.replace(TURN, conversation_id="c2", source_id=55)
    assert await store.conversations.begin(dataclasses.replace(TALK, id="c2"), again, [], 1000.0) is None
    assert await store.conversations.get("c2") is None
    assert [await store.conversations.is_answered(source_id) for source_id in (55, 56)] == [True, False]
    assert await store.conversations.add(dataclasses.replace(TURN, parent=1, source_id=55), [], 1000.0) is None


async def test_the_conversation_that_was_used_last_in_a_channel_is_found(store: Store) -> None:
    await begun(store)
    other = dataclasses.replace(TALK, id="c2", channel_id=31)
    await begun(store, dataclasses.replace(TURN, conversation_id="c2"), other)
    await continued(store, 1, message=dataclasses.replace(MESSAGE, message_id=None))
    newest = await store.conversations.newest(30, 1000.0)
    assert newest
    assert newest.key == "c1:2"
    assert await store.conversations.newest(30, 1001.0) is None
    await store.conversations.placed("c1", 2, 101)
    assert await store.conversations.messages("c1") == [100, 101]


async def test_a_removed_conversation_leaves_nothing_behind(store: Store) -> None:
    await begun(store)
    assert await store.conversations.remove("c1")
    assert not await store.conversations.remove("c1")
    assert await store.conversations.by_message(100) is None
    assert await store.conversations.images("c1", [1]) == {}
    assert await store.conversations.add(TURN, [], 1001.0) is None


async def test_old_conversations_and_tokens_are_forgotten(store: Store) -> None:
    await begun(store)
    assert await store.conversations.forget_tokens(1999.0) == 0
    assert await store.conversations.forget_tokens(2001.0) == 1
    found = await store.conversations.turn("c1", 1)
    assert found
    assert found.message.token is None
    assert await store.conversations.forget(1000.0, limit=500) == 0
    assert await store.conversations.forget(1001.0, limit=500) == 1
    assert await store.conversations.turn("c1", 1) is None
