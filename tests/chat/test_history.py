"""What a model is sent: the newest turns that fit, with few images."""

from __future__ import annotations

import dataclasses

from bot.chat.history import MAX_CHARACTERS, MAX_SENT_IMAGES, messages_of
from bot.platform.requests import ImagePart
from storage import ChatImage, ChatTurn, TurnEnd, TurnMessage, TurnState

IMAGE = ChatImage("image/jpeg", b"jpeg", "https://files.example.org/a.jpg")


def turn(number: int, prompt: str = "", answer: str = "", state: TurnState = TurnState.COMPLETE) -> ChatTurn:
    return ChatTurn(
        "c1",
        number,
        number - 1 or None,
        7,
        prompt or f"prompt {number}",
        TurnMessage(1, 100, None, 0.0, 0),
        TurnEnd(state, answer, answer and f"raw {answer}"),
    )


async def said(*turns: ChatTurn, instruction: str = "") -> list[tuple[str, object]]:
    messages = await messages_of([*reversed(turns)], {}, instruction)
    return [(message.role, message.content) for message in messages]


async def test_the_instruction_comes_first_and_answers_as_the_model_gave_them() -> None:
    assert await said(turn(1, answer="one"), turn(2), instruction=" Be brief. ") == [
        ("system", "Be brief."),
        ("user", "prompt 1"),
        ("assistant", "raw one"),
        ("user", "prompt 2"),
    ]


async def test_turns_without_an_answer_are_left_out_and_the_earlier_answer_of_the_prompt_is_not_sent() -> None:
    failed = turn(2, state=TurnState.FAILED)
    again = turn(3, answer="an earlier answer")
    assert await said(turn(1, answer="one"), failed, again) == [
        ("user", "prompt 1"),
        ("assistant", "raw one"),
        ("user", "prompt 3"),
    ]


async def test_the_oldest_turns_are_dropped_as_a_whole() -> None:
    long = "x" * (MAX_CHARACTERS // 3)
    found = await said(*(turn(number, long, "yes") for number in range(1, 4)), turn(4, long))
    assert [role for role, _ in found] == ["user", "assistant", "user"]


async def test_a_prompt_is_sent_whatever_its_length() -> None:
    assert len(await said(turn(1, "y", "yes"), turn(2, "x" * (MAX_CHARACTERS + 1)))) == 1


async def test_only_the_newest_images_are_sent_in_the_form_that_the_model_takes() -> None:
    path = [turn(3), turn(2, answer="two"), turn(1, answer="one")]
    images = {1: [IMAGE], 2: [IMAGE] * (MAX_SENT_IMAGES - 1), 3: [IMAGE]}

    async def refresh(url: str) -> str:
        return f"{url}?fresh"

    data = await messages_of(path, images, "")
    links = await messages_of(path, images, "", refresh=refresh)
    for messages, url in ((data, "data:image/jpeg;base64,anBlZw=="), (links, f"{IMAGE.url}?fresh")):
        urls = [
            [part.image_url.url for part in message.content if isinstance(part, ImagePart)]
            for message in messages
            if message.role == "user"
        ]
        assert urls == [[], [url] * (MAX_SENT_IMAGES - 1), [url]]


async def test_a_prompt_that_is_only_an_image_has_no_empty_text() -> None:
    alone = dataclasses.replace(turn(1), prompt="")
    (message,) = await messages_of([alone], {1: [IMAGE]}, "")
    assert len(message.content) == 1
    (without,) = await messages_of([alone], {}, "")
    assert without.content
