"""Faults on request: what goes wrong, for which call, for how often, and what was done all the same."""

from __future__ import annotations

import asyncio
import sys
import time
from asyncio.subprocess import PIPE

import aiohttp
import pytest

from bot.engines.errors import AnswerLost, AuthFailed, EngineError, RateLimited, RefusalKind, ServiceRefused
from bot.platform.chat_answer import ChatEnd
from bot.platform.errors import EndpointMissing, ModelNotOffered, NoResult
from bot.platform.requests import ImageRequest, TranscriptionRequest
from playground.bot_process import ROOT
from playground.platform import MEANINGS, PROFILES, Fault, Reply
from playground.platform.speech import as_opus
from tests.playground_platform.conftest import Sell, Sold, asking, recording

CHAT, IMAGES = "/v1/chat/completions", "/v1/images/generations"
# What the bot's client makes of each meaning.
READ: dict[str, tuple[type[EngineError], RefusalKind | None]] = {
    "credit": (ServiceRefused, RefusalKind.NO_CREDIT),
    "key": (AuthFailed, RefusalKind.AUTH),
    "model": (ModelNotOffered, RefusalKind.NOT_OFFERED),
    "endpoint": (EndpointMissing, RefusalKind.NOT_OFFERED),
    "busy": (RateLimited, RefusalKind.SATURATED),
    "rate": (RateLimited, RefusalKind.LIMIT_REACHED),
    "content": (ServiceRefused, RefusalKind.BANNED_PROMPT),
    "invalid": (ServiceRefused, RefusalKind.INVALID),
    "lost": (AnswerLost, None),
    "blocked": (ServiceRefused, RefusalKind.SERVICE_FAULT),
}
TALK = asking("gpt-5-mini", "a paper boat on a lake")
PAINT = ImageRequest(model="dall-e-3", prompt="a paper boat on a lake")


@pytest.mark.parametrize("name", MEANINGS)
@pytest.mark.parametrize(("profile", "accepted"), [("clean", False), ("new-api", True)])
async def test_an_answer_means_what_its_fault_says(sell: Sell, name: str, profile: str, accepted: bool) -> None:
    sold = await sell(profile)
    sold.local.fail_next(CHAT, name, accepted=accepted)
    sold.local.fail_next(IMAGES, name, accepted=accepted)
    expected, kind = READ[MEANINGS[name]]
    for ask in (lambda: sold.client.chat.ask(TALK), lambda: sold.client.images.generate(PAINT)):
        with pytest.raises(expected) as caught:
            await ask()
        assert getattr(caught.value, "kind", None) is kind
    assert [call.carried_out for call in sold.local.requests] == [accepted, accepted]


@pytest.mark.parametrize(
    ("fault", "end"),
    [
        (Fault.CUT, ChatEnd.CUT),
        (Fault.DONE_EARLY, ChatEnd.CUT),
        (Fault.DELTA_ERROR, ChatEnd.FAILED),
        (Fault.ERROR_CHUNK, ChatEnd.FAILED),
        (Fault.ERROR_EVENT, ChatEnd.FAILED),
    ],
)
@pytest.mark.parametrize("profile", PROFILES)
async def test_a_stream_goes_wrong_behind_its_first_half(sell: Sell, profile: str, fault: Fault, end: ChatEnd) -> None:
    sold = await sell(profile)
    sold.local.fail_next(CHAT, fault)
    answer = await sold.client.chat.ask(TALK)
    assert (answer.end, answer.text.startswith("About")) == (end, True)
    whole = await sold.client.chat.ask(TALK)
    assert (whole.end, len(whole.text) > len(answer.text)) == (ChatEnd.COMPLETE, True)
    assert len(sold.local.billed) == 2


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.DELTA_ERROR, Fault.ERROR_CHUNK, Fault.NO_RESULT])
async def test_other_answers_go_wrong_likewise(clean: Sold, fault: Fault) -> None:
    clean.local.fail_next("images", fault)
    with pytest.raises(AnswerLost):
        await clean.client.images.generate(PAINT)
    clean.local.fail_next("chat", fault)
    with pytest.raises(AnswerLost):
        await clean.client.chat.ask(asking("gpt-5-mini", "a boat", stream=False))
    assert len(clean.local.billed) == 2


@pytest.mark.parametrize(
    ("fault", "end", "reason"),
    [(Fault.REFUSED_TEXT, ChatEnd.FAILED, "content policy"), (Fault.FAILED_TEXT, ChatEnd.FAILED, "timeout")],
)
async def test_a_model_says_why_it_draws_nothing(clean: Sold, fault: Fault, end: ChatEnd, reason: str) -> None:
    clean.local.fail_next(CHAT, fault, model="gpt-4o-image")
    answer = await clean.client.chat.ask(asking("gpt-4o-image", "a boat"), expects_images=True)
    assert (answer.end, answer.images) == (end, ())
    assert reason in f"{answer.reason} {answer.text} {answer.error}"


@pytest.mark.parametrize("profile", ["one-api", "new-api", "reverse"])
async def test_a_task_fails(sell: Sell, profile: str) -> None:
    sold = await sell(profile)
    (model,) = PROFILES[profile].tasks
    sold.local.fail_next(IMAGES, Fault.TASK_FAILED)
    task = (await sold.client.images.generate(ImageRequest(model=model, prompt="a boat"))).task
    assert task is not None
    async with asyncio.timeout(5):
        while task.error is None:
            task = await sold.client.image_tasks.fetch(task)
    assert task.images == ()


async def test_a_connection_is_closed_before_and_after_the_request_was_read(clean: Sold) -> None:
    for fault, carried_out in ((Fault.CLOSE_UNREAD, False), (Fault.CLOSE, True)):
        clean.local.fail_next(CHAT, fault)
        with pytest.raises(AnswerLost):
            await clean.client.chat.ask(TALK)
        assert (clean.local.requests[-1].carried_out, clean.local.requests[-1].status) == (carried_out, None)
    assert [call.model for call in clean.local.requests] == ["", "gpt-5-mini"]


async def test_an_answer_never_comes(sell: Sell) -> None:
    sold = await sell(billed=0.2)
    sold.local.fail_next(IMAGES, Fault.HANG)
    with pytest.raises(AnswerLost):
        await sold.client.images.generate(PAINT)
    assert len(sold.local.billed) == 1


async def test_a_slow_answer_comes_in_the_end(clean: Sold) -> None:
    clean.local.fail_next(CHAT, "slow", seconds=0.2)
    begun = time.monotonic()
    assert (await clean.client.chat.ask(TALK)).end is ChatEnd.COMPLETE
    assert time.monotonic() - begun >= 0.2


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_stream_that_is_left_open_ends_for_the_client(sell: Sell, profile: str) -> None:
    sold = await sell(profile, after_finish=0.1)
    sold.local.fail_next(CHAT, Fault.LINGER)
    async with asyncio.timeout(5):
        assert (await sold.client.chat.ask(TALK)).end is ChatEnd.COMPLETE


async def test_models_say_and_hear_what_a_test_wants(clean: Sold) -> None:
    words = "@everyone **look**:\n\n[here](https://example.org)"
    clean.local.say_next(words, model="gpt-5-mini")
    clean.local.say_next("heard", path="audio")
    assert (await clean.client.chat.ask(TALK)).text == words
    request = TranscriptionRequest(model="whisper-1", file=recording(as_opus("said")))
    assert (await clean.client.audio.transcribe(request)).text == "heard"
    assert (await clean.client.audio.transcribe(request)).text == "said"


async def test_a_fault_meets_only_its_path_and_model_and_as_often_as_planned(clean: Sold) -> None:
    clean.local.fail_next(CHAT, "saturated", model="^gpt-4o$", times=2)
    asked = asking("gpt-4o", "a boat")
    assert (await clean.client.chat.ask(TALK)).text
    assert (await clean.client.images.generate(PAINT)).images
    for _ in range(2):
        with pytest.raises(RateLimited):
            await clean.client.chat.ask(asked)
    assert (await clean.client.chat.ask(asked)).text


async def test_a_fault_stays_until_it_is_cleared(clean: Sold) -> None:
    clean.local.fail_always("/v1/", "saturated")
    for _ in range(3):
        with pytest.raises(RateLimited):
            await clean.client.chat.ask(TALK)
    clean.local.faults.clear()
    assert (await clean.client.chat.ask(TALK)).text


async def test_any_answer_can_be_planned(clean: Sold) -> None:
    clean.local.fail_next(CHAT, Reply(418, "I am a teapot.", "text/plain"))
    answer = await clean.post(CHAT, {"model": "gpt-5-mini", "messages": []})
    assert (answer.status, await answer.text()) == (418, "I am a teapot.")


async def test_retry_after_is_sent_when_wanted(clean: Sold) -> None:
    clean.local.fail_next(CHAT, "saturated", retry_after=7)
    with pytest.raises(RateLimited) as caught:
        await clean.client.chat.ask(TALK)
    assert caught.value.retry_after == 7


async def test_an_unknown_fault_is_refused(clean: Sold) -> None:
    with pytest.raises(ValueError, match="no_such_fault"):
        clean.local.fail_next(CHAT, "no_such_fault")


async def test_calls_are_held_back_until_they_are_released(clean: Sold) -> None:
    async with clean.local.holding("/v1/images"):
        held = asyncio.create_task(clean.client.images.generate(PAINT))
        await clean.local.until(lambda: clean.local.billed)
        assert (await clean.client.chat.ask(TALK)).text
        assert (held.done(), clean.local.requests[0].status) == (False, None)
    assert (await held).images


async def test_a_stream_is_held_back_in_the_middle(clean: Sold) -> None:
    clean.local.hold("chat")
    held = asyncio.create_task(clean.client.chat.ask(TALK))
    await clean.local.until(lambda: clean.local.billed)
    assert not held.done()
    await clean.local.release()
    assert (await held).end is ChatEnd.COMPLETE


async def test_a_caller_that_leaves_does_no_harm(clean: Sold) -> None:
    clean.local.hold("chat")
    held = asyncio.create_task(clean.client.chat.ask(TALK))
    await clean.local.until(lambda: clean.local.billed)
    held.cancel()
    await asyncio.gather(held, return_exceptions=True)
    await clean.local.release()
    assert (await clean.client.chat.ask(TALK)).text


async def test_the_platform_ends_while_a_call_is_held_back(sell: Sell) -> None:
    sold = await sell()
    sold.local.hold()
    held = asyncio.create_task(sold.client.chat.ask(TALK))
    await sold.local.until(lambda: sold.local.billed)
    await sold.local.__aexit__()
    async with asyncio.timeout(5):
        await asyncio.gather(held, return_exceptions=True)


async def test_request_ids_are_in_texts_and_headers_of_gateways(sell: Sell) -> None:
    for profile in PROFILES:
        sold = await sell(profile)
        sold.local.fail_next(CHAT, "wrong_key")
        answer = await sold.post(CHAT, {"model": "gpt-5-mini"})
        is_gateway = profile in ("one-api", "new-api")
        assert ("(request id: " in (await answer.json())["error"]["message"]) is is_gateway
        assert ("X-Oneapi-Request-Id" in answer.headers) is is_gateway


async def test_a_platform_without_network_fetches_no_foreign_links(clean: Sold) -> None:
    part = {"type": "image_url", "image_url": {"url": "https://images.example.org/a.png"}}
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": [part]}]}
    answer = await clean.post(CHAT, body)
    assert (answer.status, (await answer.json())["error"]["code"]) == (400, "count_token_failed")


async def test_a_result_that_is_none_is_no_success(clean: Sold) -> None:
    clean.local.fail_next(IMAGES, Fault.NO_RESULT)
    with pytest.raises(NoResult):
        await clean.client.images.generate(PAINT)


async def test_the_platform_runs_on_its_own() -> None:
    command = (sys.executable, "-m", "playground.platform", "--port", "0", "--profile", "new-api", "--key", "")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE)
    assert process.stdout is not None
    async with asyncio.timeout(20), aiohttp.ClientSession() as session:
        name, _, url = (await process.stdout.readline()).decode().strip().partition(": ")
        async with session.get(f"{url}/v1/models") as answer:
            assert (name, (await answer.json())["success"]) == ("platform (new-api)", True)
        process.terminate()
        assert await process.wait() == 0


async def test_a_port_that_is_taken_is_reported(clean: Sold) -> None:
    port = int(clean.local.base_url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        async with type(clean.local)(port=port):
            pass
    async with aiohttp.ClientSession() as session, session.get(clean.local.base_url + "/files/none.png") as answer:
        assert answer.status == 404
