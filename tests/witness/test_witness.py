"""The client before a server of the same API by other people: it agrees with more than the fakes of this project."""

from __future__ import annotations

import pytest

from bot.engines.errors import RefusalKind, ServiceRefused
from bot.platform.chat_answer import ChatEnd
from bot.platform.requests import (
    ChatMessage,
    ChatRequest,
    File,
    ImageEditRequest,
    ImageRequest,
    SpeechRequest,
    TranscriptionRequest,
    TranslationRequest,
)
from playground.platform.pictures import Pictures
from playground.platform.speech import as_opus, heard_in
from tests.witness.conftest import BOAT, SPOKEN, Witness


def asking(text: str, *, stream: bool = False) -> ChatRequest:
    message = ChatMessage(role="user", content=text)
    return ChatRequest(model="gpt-5-mini", messages=[message], stream=True if stream else None)


async def test_every_endpoint_is_understood_both_ways(witness: Witness) -> None:
    client = witness.client
    for stream in (True, False):
        answer = await client.chat.ask(asking("a boat", stream=stream))
        assert (answer.end, answer.text) == (ChatEnd.COMPLETE, BOAT)

    drawn = await client.images.generate(ImageRequest(model="dall-e-3", prompt="a boat", size="1024x1024"))
    assert [image.revised_prompt for image in drawn.images] == ["a boat of paper"]
    assert len((await client.images.generate(ImageRequest(model="gpt-image-2", prompt="two boats", n=2))).images) == 1
    png = File(data=Pictures(side=64).paint("a lake").data, name="image.png", media_type="image/png")
    edited = await client.images.edit(ImageEditRequest(model="gpt-image-2", prompt="a boat", images=[png], mask=png))
    assert edited.images[0].data_url.startswith("data:image/png;base64,")

    vectors = await client.embeddings.embed("text-embedding-3-small", ["a boat", "a fox"], dimensions=64)
    assert [len(vector) for vector in vectors.vectors] == [64, 64]

    recording = File(data=as_opus(SPOKEN), name="voice.ogg", media_type="audio/ogg")
    for request in (
        TranscriptionRequest(model="whisper-1", file=recording, language="en"),
        TranslationRequest(model="whisper-1", file=recording),
    ):
        assert (await client.audio.transcribe(request)).text == SPOKEN
    sound = await client.audio.speak(SpeechRequest(model="tts-1", input="a boat", voice="alloy"))
    assert (sound.media_type, heard_in(sound.data)) == ("audio/ogg", SPOKEN)

    assert (await client.models.models()).sells("gpt-5-mini")


async def test_a_refusal_is_understood_and_not_repeated(witness: Witness) -> None:
    for text, kind in (("forbidden", RefusalKind.BANNED_PROMPT), ("money", RefusalKind.NO_CREDIT)):
        for stream in (True, False):
            with pytest.raises(ServiceRefused) as refused:
                await witness.client.chat.ask(asking(text, stream=stream))
            assert refused.value.kind is kind
    assert len(await witness.journal()) == 4


async def test_a_stream_that_breaks_off_is_no_complete_answer(witness: Witness) -> None:
    answer = await witness.client.chat.ask(asking("cut", stream=True))
    assert answer.end is ChatEnd.CUT
    assert (BOAT * 20).startswith(answer.text)
    assert answer.text
