"""Whatever a service says: people read all of it as plain words, are sent nowhere private, and the log stays a log."""

from __future__ import annotations

import asyncio
import io
import json
import os
from typing import Any

import pytest
from aiohttp import web
from PIL import Image

from playground.driver import Environment, Scenario, public_messages
from playground.images.replies import Reply
from playground.images.tasks import Status
from tests.bench.process import cpu_seconds
from tests.support.environments import MakeEnvironment
from tests.support.picture_host import picture_host

FORMATTED = "**bold** @everyone <@1> [free](https://bad.example/x) `code`\n# head\n> quote ||x|| <t:1:R> \u202eevil"
PLAIN = r"\*\*bold\*\* \@everyone \<\@1\> \[free\]"
LOG_FORGERY = "no\r\n2026-01-01 00:00:00,000 ERROR   bot.app: forged \x1b[31mred\u2028\u202e"


def clear_noise(width: int, height: int) -> bytes:
    """A picture of noise that is seen through, as PNG: nothing takes longer to encode again."""
    buffer = io.BytesIO()
    drawn = Image.frombytes("RGBA", (width, height), os.urandom(width * height * 4))
    drawn.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


async def refused(env: Environment, body: dict[str, Any]) -> str:
    """What somebody is told whose /imagine the service refuses with this body."""
    env.images.fail_next("submit/imagine", Reply(200, json.dumps(body), content_type="application/json"))
    asked = await env.slash("imagine", {"prompt": "a fox"})
    said = await env.private_answer(asked)
    assert public_messages(asked) == []
    return said


@pytest.mark.parametrize(
    "word", ["x" * 5_000, "画" * 5_000, "*" * 5_000, "🦊" * 5_000, "\n" * 5_000 + "x", "\u202e" * 5_000 + "x"]
)
async def test_a_banned_word_of_any_length_is_told(env: Environment, word: str) -> None:
    body = {"code": 24, "description": "banned", "properties": {"bannedWord": word}}
    said = await refused(env, body)
    assert "doesn't allow the word" in said
    assert "Edit your prompt and try again" in said
    assert len(said) <= 2_000


@pytest.mark.parametrize(
    "body",
    [
        {"code": 24, "description": "no", "properties": {"bannedWord": FORMATTED}},
        {"code": 4, "description": FORMATTED},
        {"code": 9, "description": FORMATTED},
    ],
    ids=["word", "invalid", "fault"],
)
async def test_text_of_a_refusal_is_shown_as_it_is(env: Environment, body: dict[str, Any]) -> None:
    said = await refused(env, body)
    assert PLAIN in said
    assert "\n#" not in said
    assert "\u202e" not in said


async def test_a_refusal_hides_where_the_service_is(env: Environment) -> None:
    reason = f"upstream {env.images.base_url}/mj/x and http://10.0.0.5:3000/y refused; see https://docs.example.org/z"
    said = await refused(env, {"code": 9, "description": reason})
    assert said.count("URL hidden") == 2
    assert "127.0.0.1" not in said
    assert "10.0.0.5" not in said
    assert "https\\://docs.example.org/z" in said


async def test_a_failed_task_hides_where_the_service_is(env: Environment) -> None:
    env.images.fail_task(f"cannot read {env.images.base_url}/pictures/1.png or http://192.168.1.9/a")
    card = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))
    assert "URL hidden" in card.text
    assert env.images.base_url not in card.text
    assert "192.168" not in card.text


@pytest.mark.parametrize(
    "address",
    ["https://ada:secret@cdn.example.invalid/a.png", "http://169.254.169.254/meta.png", "http://localhost:1/a.png"],
)
async def test_a_card_never_links_to_where_people_should_not_go(
    make_env: MakeEnvironment, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr("playground.images.files.PictureUrls.of", lambda *_: address)
    env = await make_env(Scenario())
    card = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}), timeout=60)
    assert "couldn't be downloaded" in card.text
    assert "://" not in card.text
    assert address not in json.dumps(card.revisions, default=str)


@pytest.mark.parametrize("host", ["192.0.0.192", "192.88.99.1", "[fec0::1]"])
async def test_a_special_address_that_python_calls_global_is_neither_asked_nor_linked_to(
    make_env: MakeEnvironment, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setattr("playground.images.files.PictureUrls.of", lambda *_: f"http://{host}/a.png")
    env = await make_env(Scenario())
    card = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}), timeout=60)
    assert "://" not in card.text
    assert any("the URL leads to a private address" in line for line in env.bot.lines)


async def test_a_picture_on_another_port_of_the_services_host_is_neither_fetched_nor_linked_to(
    make_env: MakeEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = await make_env(Scenario())
    # The bot's own web server: whatever listens beside the service is not the service.
    monkeypatch.setattr("playground.images.files.PictureUrls.of", lambda *_: f"http://127.0.0.1:{env.web_port}/healthz")
    card = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}), timeout=60)
    assert "couldn't be downloaded" in card.text
    assert "://" not in card.text
    assert any("the URL leads to a private address" in line for line in env.bot.lines)


async def test_a_large_picture_of_noise_is_made_to_fit_with_little_work(
    make_env: MakeEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with picture_host() as host:
        # A little less than the 64 MiB that are fetched at most.
        data = await asyncio.to_thread(clear_noise, 4_096, 4_080)
        url = host.serve("/noise.png", web.Response(body=data))
        monkeypatch.setattr(
            "playground.images.files.PictureUrls.of", lambda _, task, __: url if task.status is Status.SUCCESS else None
        )
        env = await make_env(Scenario(settings={"ALLOW_PRIVATE_IMAGE_HOSTS": "true"}))
        before = cpu_seconds(env.bot.pid)
        card = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}), timeout=90)
        (attached,) = card.attachments
        assert attached.filename.endswith(".webp")
        # It costs about four seconds; trying one size and quality after another cost half a minute.
        assert cpu_seconds(env.bot.pid) - before < 10


async def test_a_clip_that_is_left_out_is_not_linked_to_at_the_service(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(profile="trueai"))
    env.discord.guild("Atelier").attachment_size_limit = 80 * 1024
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a lighthouse"}))
    single = await env.result_of(await env.press(grid, "U1"))
    video = await env.result_of(await env.press(single, "Animate (Low motion)"))
    assert "is too large to attach here" in video.text
    assert "://" not in video.text


@pytest.mark.parametrize("status", [500, 504])
async def test_an_error_text_cannot_forge_a_line_of_the_log(env: Environment, status: int) -> None:
    before = len(env.bot.lines)
    env.images.fail_next("submit/imagine", Reply(status, LOG_FORGERY, content_type="text/plain"))
    await env.slash("imagine", {"prompt": "a fox"})
    await env.bot.logged("forged")
    lines = env.bot.lines[before:]
    assert not [line for line in lines if line.startswith("2026-01-01")]
    assert all(line.isprintable() for line in lines)
