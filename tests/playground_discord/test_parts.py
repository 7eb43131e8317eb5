"""Emoji, image sizes, ids, validation and the OpenAPI check, each by itself."""

import asyncio
import io
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from playground.discord.attachments import image_size
from playground.discord.components import is_emoji
from playground.discord.errors import ApiError
from playground.discord.forms import Form
from playground.discord.message_body import validate_body
from playground.discord.records import Snowflakes, created_at
from tests.support.openapi import OpenApi

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "text",
    [
        "🔄",
        "✨",
        "❤",
        "❤️",
        "⬆️",
        "↩️",
        "1️⃣",
        "#️⃣",
        "🇩🇪",
        "👍🏽",
        "👩🏽‍🎨",
        "👨‍👩‍👧‍👦",
        "🏳️‍🌈",
        "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
        "🪄",
        "🫠",
        "©️",
        "▶️",
        "🅰️",
        "㊙️",
    ],
)
def test_emoji_are_recognized(text: str) -> None:
    assert is_emoji(text)


@pytest.mark.parametrize(
    "text", ["", "upscale_1", "U1", "x", "1", "#", ":fox:", "é", "狐", "🔄🔄", "🔄 ", "🔄x", "‍", "️", "→"]
)
def test_other_texts_are_not_emoji(text: str) -> None:
    assert not is_emoji(text)


@settings(deadline=None)
@given(st.characters(max_codepoint=0xA8))
def test_no_ascii_sign_is_an_emoji(sign: str) -> None:
    assert not is_emoji(sign)


@pytest.mark.parametrize(
    ("kind", "options", "media_type"),
    [
        ("PNG", {}, "image/png"),
        ("JPEG", {}, "image/jpeg"),
        ("JPEG", {"progressive": True, "exif": b"Exif\0\0" + b"x" * 500}, "image/jpeg"),
        ("GIF", {}, "image/gif"),
        ("WEBP", {}, "image/webp"),
        ("WEBP", {"lossless": True}, "image/webp"),
        ("WEBP", {"exif": b"Exif\0\0xx"}, "image/webp"),
    ],
)
def test_the_size_of_an_image_is_read_from_its_first_bytes(kind: str, options: dict[str, Any], media_type: str) -> None:
    data = io.BytesIO()
    Image.new("RGB", (321, 123), "red").save(data, kind, **options)
    assert image_size(data.getvalue()) == (media_type, 321, 123)


@settings(deadline=None)
@given(st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"GIF8", b"\xff\xd8\xff\xe0", b"RIFF1234WEBPVP8X"]), st.binary())
def test_the_reader_of_sizes_raises_for_no_bytes(head: bytes, rest: bytes) -> None:
    found = image_size(head + rest)
    assert found is None or len(found) == 3


def test_ids_grow_and_contain_their_time() -> None:
    snowflakes = Snowflakes()
    ids = [snowflakes.new() for _ in range(1000)]
    assert ids == sorted(set(ids))
    assert abs(created_at(ids[0]) - datetime.now(UTC)) < timedelta(seconds=10)


COMPONENT_KEYS = st.sampled_from(
    (
        *("type", "id", "components", "custom_id", "style", "label", "emoji", "name", "url", "options", "value"),
        *("accessory", "items", "media", "file", "content", "description", "min_values", "max_values", "spacing"),
    )
)
BODY_KEYS = st.sampled_from(["content", "embeds", "components", "flags", "attachments", "allowed_mentions", "tts"])
VALUES = st.none() | st.booleans() | st.integers(-2, 40) | st.sampled_from([1 << 15, "attachment://x", "1", "🔄"])
NESTED = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(COMPONENT_KEYS, inner, max_size=6),
    max_leaves=25,
)


@settings(deadline=None)
@given(st.dictionaries(BODY_KEYS, NESTED) | NESTED)
def test_validation_raises_only_api_errors(body: Any) -> None:
    form = Form(body)
    with suppress(ApiError):
        validate_body(form, {}, size_limit=10)
        assert form.errors == []


# the OpenAPI check


@pytest.fixture
def checker(spec: OpenApi | None) -> OpenApi:
    if spec is None:
        pytest.skip("Discord's OpenAPI description is not available")
    return spec


@pytest.mark.parametrize(
    ("method", "path", "body", "problem"),
    [
        ("POST", "/channels/1/messages", {"content": "x", "tts": False}, None),
        ("POST", "/channels/1/messages", {"attachments": [{"id": 0, "filename": "a.png"}]}, None),
        ("POST", "/channels/1/messages", {"content": 7}, "content: 7 is not of type"),
        ("PATCH", "/webhooks/1/abc/messages/@original", {"content": "x" * 2001}, "content"),
        ("POST", "/interactions/1/abc/callback", {"type": 6}, None),
        ("POST", "/interactions/1/abc/callback", {"type": 4, "data": {"content": 7}}, "data.content: 7 is not of type"),
        (
            "POST",
            "/interactions/1/abc/callback",
            {"type": 9, "data": {"title": "t"}},
            'data: "custom_id" is a required',
        ),
        ("POST", "/channels/1/typing", None, None),
        ("POST", "/channels/1/messages", None, "a body is required"),
        ("GET", "/users/@me", None, None),
        ("POST", "/nowhere", {}, "Discord has no POST /nowhere"),
    ],
)
def test_a_request_is_checked_against_discords_description(
    checker: OpenApi, method: str, path: str, body: Any, problem: str | None
) -> None:
    found = checker.check(method, path, body)
    assert (found == []) if problem is None else any(problem in each for each in found), found


def test_an_error_deep_in_a_message_is_reported_by_its_path(checker: OpenApi) -> None:
    button = {"type": 2, "style": 9, "custom_id": "x"}
    card = {"type": 17, "components": [{"type": 10, "content": "x"}, {"type": 1, "components": [button]}]}
    found = checker.check("POST", "/channels/1/messages", {"flags": 1 << 15, "components": [card]})
    assert [each.partition(":")[0] for each in found][:1] == ["components.0.components.1.components.0.style"]


def test_a_response_is_checked_too(checker: OpenApi) -> None:
    assert checker.check_answer("DELETE", "/channels/1/messages/2", 204, None) == []
    assert checker.check_answer("GET", "/users/@me", 200, {"id": "1"}) != []
    assert checker.check_answer("GET", "/users/@me", 202, {}) != []
    assert checker.check_answer("GET", "/users/@me", 404, {"code": 0}) == []


# the program


async def started(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "playground.discord", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )


async def test_the_program_prints_where_it_listens(http: aiohttp.ClientSession) -> None:
    process = await started("--port", "0", "--token", "secret")
    assert process.stdout is not None
    try:
        lines = [(await asyncio.wait_for(process.stdout.readline(), 20)).decode().strip() for _ in range(2)]
        assert lines[1] == "DISCORD_TOKEN=secret"
        url = lines[0].removeprefix("DISCORD_API_URL=")
        async with http.get(f"{url}/users/@me", headers={"Authorization": "Bot secret"}) as response:
            assert (await response.json())["username"] == "test_bot"
        taken = await started("--port", url.split(":")[2].partition("/")[0])
        _, errors = await asyncio.wait_for(taken.communicate(), 20)
        assert taken.returncode == 1
        assert errors.decode().startswith("cannot listen on port")
        assert errors.decode().count("\n") == 1
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 20)
