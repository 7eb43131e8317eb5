"""Whatever a service says: people read all of it as plain words, are sent nowhere private, and the log stays a log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from playground.driver import Scene, World, public_messages
from playground.images.replies import Reply
from tests.support.worlds import MakeWorld

FORMATTED = "**bold** @everyone <@1> [free](https://bad.example/x) `code`\n# head\n> quote ||x|| <t:1:R> \u202eevil"
PLAIN = r"\*\*bold\*\* \@everyone \<\@1\> \[free\]"
LOG_FORGERY = "no\r\n2026-01-01 00:00:00,000 ERROR   bot.app: forged \x1b[31mred\u2028\u202e"


@contextmanager
def answering(monkeypatch: pytest.MonkeyPatch, body: dict[str, Any]) -> Iterator[None]:
    """Every refusal of the service for no reason of the request's has this body."""
    with monkeypatch.context() as patch:
        patch.setattr(
            "playground.images.faults.refusal_body",
            lambda _: Reply(200, json.dumps(body), content_type="application/json"),
        )
        yield


async def refused(world: World, monkeypatch: pytest.MonkeyPatch, body: dict[str, Any]) -> str:
    """What somebody is told whose /imagine the service refuses with this body."""
    with answering(monkeypatch, body):
        world.images.fail_next("submit/imagine", "code_24")
        asked = await world.slash("imagine", {"prompt": "a fox"})
        said = await world.private_answer(asked)
    assert public_messages(asked) == []
    return said


@pytest.mark.parametrize(
    "word", ["x" * 5_000, "画" * 5_000, "*" * 5_000, "🦊" * 5_000, "\n" * 5_000 + "x", "\u202e" * 5_000 + "x"]
)
async def test_a_banned_word_of_any_length_is_told(world: World, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    body = {"code": 24, "description": "banned", "properties": {"bannedWord": word}}
    said = await refused(world, monkeypatch, body)
    assert "bans the word" in said
    assert "Change it and try again" in said
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
async def test_text_of_a_refusal_is_shown_as_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch, body: dict[str, Any]
) -> None:
    said = await refused(world, monkeypatch, body)
    assert PLAIN in said
    assert "\n#" not in said
    assert "\u202e" not in said


async def test_a_refusal_hides_where_the_service_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    reason = f"upstream {world.images.base_url}/mj/x and http://10.0.0.5:3000/y refused; see https://docs.example.org/z"
    said = await refused(world, monkeypatch, {"code": 9, "description": reason})
    assert said.count("address hidden") == 2
    assert "127.0.0.1" not in said
    assert "10.0.0.5" not in said
    assert "https\\://docs.example.org/z" in said


async def test_a_failed_task_hides_where_the_service_is(world: World) -> None:
    world.images.fail_task(f"cannot read {world.images.base_url}/pictures/1.png or http://192.168.1.9/a")
    card = await world.result_of(await world.slash("imagine", {"prompt": "a fox"}))
    assert "address hidden" in card.text
    assert world.images.base_url not in card.text
    assert "192.168" not in card.text


@pytest.mark.parametrize(
    "address",
    ["https://ada:secret@cdn.example.invalid/a.png", "http://169.254.169.254/meta.png", "http://localhost:1/a.png"],
)
async def test_a_card_never_links_to_where_people_should_not_go(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr("playground.images.files.PictureUrls.of", lambda *_: address)
    world = await make_world(Scene())
    card = await world.result_of(await world.slash("imagine", {"prompt": "a fox"}), timeout=60)
    assert "does not hand it out" in card.text
    assert "://" not in card.text
    assert address not in json.dumps(card.revisions, default=str)


async def test_a_picture_on_another_port_of_the_services_host_is_neither_fetched_nor_linked_to(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await make_world(Scene())
    # The bot's own web server: whatever listens beside the service is not the service.
    monkeypatch.setattr(
        "playground.images.files.PictureUrls.of", lambda *_: f"http://127.0.0.1:{world.web_port}/healthz"
    )
    card = await world.result_of(await world.slash("imagine", {"prompt": "a fox"}), timeout=60)
    assert "does not hand it out" in card.text
    assert "://" not in card.text
    assert any("its address is a private one" in line for line in world.bot.lines)


async def test_a_clip_that_is_left_out_is_not_linked_to_at_the_service(make_world: MakeWorld) -> None:
    world = await make_world(Scene(profile="trueai"))
    world.discord.guild("Atelier").attachment_size_limit = 80 * 1024
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a lighthouse"}))
    single = await world.result_of(await world.press(grid, "U1"))
    video = await world.result_of(await world.press(single, "Animate (Low motion)"))
    assert "is too large to attach here" in video.text
    assert "://" not in video.text


@pytest.mark.parametrize("status", [500, 504])
async def test_an_error_text_cannot_forge_a_line_of_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    before = len(world.bot.lines)
    body = Reply(status, LOG_FORGERY, content_type="text/plain")
    monkeypatch.setattr("playground.images.faults.refusal_body", lambda _: body)
    world.images.fail_next("submit/imagine", "code_9")
    await world.slash("imagine", {"prompt": "a fox"})
    await world.until(lambda: any("forged" in line for line in world.bot.lines))
    lines = world.bot.lines[before:]
    assert not [line for line in lines if line.startswith("2026-01-01")]
    assert all(line.isprintable() for line in lines)
