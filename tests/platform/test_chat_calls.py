"""Chat over HTTP: answers are seen while they arrive, waits have limits, and refusals change the form of a request."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
from contextlib import aclosing

import pytest

from bot.engines.errors import AnswerLost, NotSent, RefusalKind, ServiceRefused
from bot.platform.chat_answer import ChatAnswer, ChatEnd
from bot.platform.client import PlatformClient
from bot.platform.errors import CompletionsOnly, EndpointMissing, FieldRefused, ModelNotOffered
from bot.platform.requests import ChatMessage, ChatRequest, ImageLink, ImagePart, TextPart
from bot.platform.switches import LearnedSwitches
from tests.midjourney.service import DROP, Reply, ScriptedService, js, stream
from tests.platform.conftest import MakePlatform
from tests.support import platform_samples as samples

BOAT = "A paper boat."
ASKED = ChatRequest(model="any", messages=[ChatMessage(role="user", content="a boat")], stream=True, temperature=0.5)


def line(content: str = "", finish: str | None = None) -> bytes:
    document = {"choices": [{"index": 0, "delta": {"content": content}, "finish_reason": finish}]}
    return f"data: {json.dumps(document)}\n\n".encode()


DONE = b"data: [DONE]\n\n"


def refusal(message: str, status: int = 400, **more: object) -> Reply:
    return js({"error": {"message": message, "type": "invalid_request_error", **more}}, status)


async def all_of(platform: PlatformClient, request: ChatRequest = ASKED, *, images: bool = False) -> list[ChatAnswer]:
    return [answer async for answer in platform.chat.stream(request, expects_images=images)]


async def test_an_answer_is_seen_while_it_arrives(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(stream(line("A "), line("paper "), line("boat.", "stop"), DONE, pause=0.3))
    answers = await all_of(platform)
    assert answers[0].text in ("A", "A paper")
    assert answers[-1].text == BOAT
    assert [answer.end for answer in answers] == [None] * (len(answers) - 1) + [ChatEnd.COMPLETE]
    assert all(later.text.startswith(earlier.text) for earlier, later in itertools.pairwise(answers))


async def test_what_arrived_is_seen_while_the_stream_pauses(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(stream(line("A "), line("paper "), misdeed="silence"))
    async with asyncio.timeout(5), aclosing(platform.chat.stream(ASKED)) as answers:
        seen = ""
        while seen != "A paper":
            seen = (await anext(answers)).text


@pytest.mark.parametrize("last", [DONE, b""])
async def test_the_connection_may_stay_open_after_the_end(
    service: ScriptedService, make_platform: MakePlatform, last: bytes
) -> None:
    service.will(stream(line(BOAT, "stop") + last, misdeed="silence"))
    async with asyncio.timeout(8):  # the limit of silence is ten seconds
        answer = await make_platform(after_finish=0.2).chat.ask(ASKED)
    assert (answer.text, answer.end) == (BOAT, ChatEnd.COMPLETE)


async def test_one_document_ends_at_its_terminator_too(service: ScriptedService, platform: PlatformClient) -> None:
    document = json.dumps({"choices": [{"message": {"content": BOAT}}]}).encode()
    service.will(stream(document, b"\n\n" + DONE, misdeed="silence"))
    async with asyncio.timeout(8):  # the limit of silence is ten seconds
        answer = await platform.chat.ask(ASKED)
    assert (answer.text, answer.end) == (BOAT, ChatEnd.COMPLETE)


async def test_a_stream_that_falls_silent_is_cut(service: ScriptedService, make_platform: MakePlatform) -> None:
    service.will(stream(line("A paper "), misdeed="silence"))
    answer = await make_platform(idle=0.2).chat.ask(ASKED)
    assert (answer.text, answer.end) == ("A paper", ChatEnd.CUT)
    assert len(service.heard) == 1


async def test_the_time_that_the_caller_takes_is_no_silence(
    service: ScriptedService, make_platform: MakePlatform
) -> None:
    service.will(stream(line("A paper "), line("boat.", "stop") + DONE, pause=0.7))
    answer = ChatAnswer()
    async with aclosing(make_platform(idle=0.5).chat.stream(ASKED)) as answers:
        async for answer in answers:
            await asyncio.sleep(0 if answer.end else 0.3)
    assert (answer.text, answer.end) == (BOAT, ChatEnd.COMPLETE)


async def test_a_stream_has_a_limit_in_all(service: ScriptedService, make_platform: MakePlatform) -> None:
    service.will(stream(*[line("word ")] * 100, pause=0.05))
    answer = await make_platform(billed=0.5).chat.ask(ASKED)
    assert answer.end is ChatEnd.CUT
    assert answer.text.startswith("word")


async def test_comments_keep_a_stream_alive(service: ScriptedService, make_platform: MakePlatform) -> None:
    service.will(stream(line("A paper "), *[b": PING\n\n"] * 8, line("boat.", "stop"), DONE, pause=0.1))
    assert (await make_platform(idle=0.5).chat.ask(ASKED)).text == BOAT


async def test_a_stream_that_breaks_is_cut_and_not_requested_again(
    service: ScriptedService, platform: PlatformClient
) -> None:
    service.will(stream(line("A paper "), misdeed="drop", pause=0.05))
    answer = await platform.chat.ask(ASKED)
    assert (answer.text, answer.end) == ("A paper", ChatEnd.CUT)
    assert len(service.heard) == 1


@pytest.mark.parametrize("reply", [DROP, stream(b": PING\n\n", misdeed="drop", pause=0.05), stream(DONE), stream(b" ")])
async def test_a_stream_without_anything_is_lost(
    service: ScriptedService, platform: PlatformClient, reply: Reply
) -> None:
    service.will(reply)
    with pytest.raises(AnswerLost):
        await platform.chat.ask(ASKED)
    assert len(service.heard) == 1


async def test_an_error_before_any_text_is_raised(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(Reply(200, samples.body("stream-asked-json-error.json")))
    with pytest.raises(ModelNotOffered):
        await platform.chat.ask(ASKED)
    with pytest.raises(ModelNotOffered, match="does not sell"):
        await platform.chat.ask(ASKED)
    assert len(service.heard) == 1


async def test_a_refusal_without_text_is_raised_as_one(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(Reply(200, samples.body("chat-content-null-filter.json")))
    with pytest.raises(ServiceRefused) as caught:
        await platform.chat.ask(ASKED)
    assert caught.value.kind is RefusalKind.BANNED_PROMPT


UNKNOWN_FIELDS = {
    "unknown": refusal("Unknown parameter: 'temperature'.", param="temperature", code="unknown_parameter"),
    "unsupported value": refusal(
        "Unsupported value: 'temperature' does not support 0.5 with this model.",
        param="temperature",
        code="unsupported_value",
    ),
    "argument": refusal("Unrecognized request argument supplied: temperature"),
    "litellm": refusal("UnsupportedParamsError: x does not support parameters: ['temperature'], for model=any"),
    "under 200": js({"error": {"message": "Unsupported parameter: 'temperature'", "code": "invalid_request"}}),
}


@pytest.mark.parametrize("name", UNKNOWN_FIELDS)
async def test_a_refused_field_is_left_out_once_and_for_good(
    service: ScriptedService, platform: PlatformClient, name: str
) -> None:
    good = stream(line(BOAT, "stop"), DONE)
    service.will(UNKNOWN_FIELDS[name], good)
    assert (await platform.chat.ask(ASKED)).text == BOAT
    await platform.chat.ask(ASKED)
    assert ["temperature" in heard.json for heard in service.heard] == [True, False, False]


async def test_a_refused_field_of_another_model_is_sent(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(UNKNOWN_FIELDS["unknown"], stream(line(BOAT, "stop"), DONE))
    await platform.chat.ask(ASKED)
    await platform.chat.ask(ASKED.model_copy(update={"model": "other"}))
    assert ["temperature" in heard.json for heard in service.heard] == [True, False, True]


async def test_a_field_that_stays_refused_is_not_sent_for_ever(
    service: ScriptedService, platform: PlatformClient
) -> None:
    service.will(UNKNOWN_FIELDS["unknown"])
    with pytest.raises(FieldRefused):
        await platform.chat.ask(ASKED)
    assert len(service.heard) == 2


NOT_CHAT = refusal(
    "This is not a chat model and thus not supported in the v1/chat/completions endpoint."
    " Did you mean to use v1/completions?",
    404,
    param="model",
)


async def test_a_model_that_only_completes_is_asked_by_the_legacy_endpoint(
    service: ScriptedService, platform: PlatformClient
) -> None:
    good = stream(b'data: {"choices": [{"text": "A paper boat.", "finish_reason": "stop"}]}\n\n', DONE)
    service.will(NOT_CHAT, good)
    talk = [ChatMessage(role=role, content=text) for role, text in (("system", "Be brief."), ("user", "a boat"))]  # type: ignore[arg-type] # the roles are literals
    request = ChatRequest(model="any", messages=talk, stream=True)
    assert [(await platform.chat.ask(request)).text for _ in range(2)] == [BOAT, BOAT]
    assert service.paths == ["/v1/chat/completions", "/v1/completions", "/v1/completions"]
    assert service.heard[1].json == {
        "model": "any",
        "prompt": "system: Be brief.\n\nuser: a boat\n\nassistant:",
        "max_tokens": 1_000,
        "stream": True,
    }


async def test_an_image_cannot_be_sent_to_the_legacy_endpoint(
    service: ScriptedService, platform: PlatformClient
) -> None:
    service.will(NOT_CHAT)
    image = ImagePart(image_url=ImageLink(url="https://a.example/x.png"))
    content: list[TextPart | ImagePart] = [TextPart(text="What is this?"), image]
    with pytest.raises(NotSent, match="reads no images"):
        await platform.chat.ask(ChatRequest(model="any", messages=[ChatMessage(role="user", content=content)]))
    assert len(service.heard) == 1


async def test_a_platform_with_neither_endpoint_is_asked_once_each(
    service: ScriptedService, platform: PlatformClient
) -> None:
    service.will(NOT_CHAT)
    with pytest.raises(CompletionsOnly):
        await platform.chat.ask(ASKED)
    assert len(service.heard) == 2


async def test_a_gateway_that_loses_images_in_streams_is_asked_without(
    service: ScriptedService, platform: PlatformClient
) -> None:
    whole = js({"choices": [{"message": {"content": "![b](https://a.example/x.png)"}, "finish_reason": "stop"}]})
    service.will(stream(line("Here it is: "), DONE), whole)
    assert (await platform.chat.ask(ASKED, expects_images=True)).end is ChatEnd.CUT
    assert (await platform.chat.ask(ASKED, expects_images=True)).end is ChatEnd.COMPLETE
    assert ["stream" in heard.json for heard in service.heard] == [True, False]


@pytest.mark.parametrize(
    "reply",
    [
        stream(line("Here: "), misdeed="drop", pause=0.05),
        stream(line("> 12%\n", "stop"), DONE),
        stream(line("No."), DONE),
    ],
)
async def test_a_stream_that_broke_or_ended_well_is_no_reason_to_do_without(
    service: ScriptedService, platform: PlatformClient, reply: Reply
) -> None:
    service.will(reply)
    expects_images = reply.parts != (line("No."), DONE)
    for _ in range(2):
        await platform.chat.ask(ASKED, expects_images=expects_images)
    assert ["stream" in heard.json for heard in service.heard] == [True, True]


async def test_a_missing_endpoint_is_not_asked_again_until_an_hour_has_passed(
    service: ScriptedService, make_platform: MakePlatform
) -> None:
    now = [0.0]
    platform = make_platform(switches=LearnedSwitches(lambda: now[0]))
    service.will(Reply(404, samples.body("error-404-url.json")), stream(line(BOAT, "stop"), DONE))
    for _ in range(3):
        with pytest.raises(EndpointMissing):
            await platform.chat.ask(ASKED)
    assert len(service.heard) == 1
    now[0] = 3_601.0
    assert (await platform.chat.ask(ASKED)).text == BOAT


async def test_a_model_that_was_missing_is_asked_again_after_some_minutes(
    service: ScriptedService, make_platform: MakePlatform
) -> None:
    now = [0.0]
    platform = make_platform(switches=LearnedSwitches(lambda: now[0]))
    service.will(Reply(503, samples.body("error-503-no-channel.json")), stream(line(BOAT, "stop"), DONE))
    for _ in range(2):
        with pytest.raises(ModelNotOffered):
            await platform.chat.ask(ASKED)
    assert (await platform.chat.ask(ASKED.model_copy(update={"model": "other"}))).text == BOAT
    now[0] = 601.0
    assert (await platform.chat.ask(ASKED)).text == BOAT
    assert len(service.heard) == 3


async def test_a_stream_that_is_closed_early_leaves_the_client_usable(
    service: ScriptedService, platform: PlatformClient
) -> None:
    service.will(stream(*[line("word ")] * 1_000, pause=0.01))
    async with aclosing(platform.chat.stream(ASKED)) as answers:
        await anext(answers)
    service.will(stream(line(BOAT, "stop"), DONE))
    assert (await platform.chat.ask(ASKED)).text == BOAT


async def test_a_compressed_stream_is_read(service: ScriptedService, platform: PlatformClient) -> None:
    body = gzip.compress(line("A paper ") + line("boat.", "stop") + DONE)
    service.will(Reply(200, body, "text/event-stream", {"Content-Encoding": "gzip"}))
    assert (await platform.chat.ask(ASKED)).text == BOAT


async def test_an_image_of_megabytes_in_one_line_is_read_and_not_repeated_in_text(
    service: ScriptedService, platform: PlatformClient
) -> None:
    data_url = f"data:image/png;base64,{'A' * 6_000_000}"
    body = line(f"![i]({data_url})") + line("", "stop") + DONE
    service.will(stream(*[body[at : at + 65_536] for at in range(0, len(body), 65_536)]))
    answer = await platform.chat.ask(ASKED, expects_images=True)
    assert [len(image.data_url) for image in answer.images] == [len(data_url)]
    assert len(repr(answer)) < 1_000
