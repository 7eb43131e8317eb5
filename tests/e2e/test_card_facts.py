"""What a card says of its task: mode, model and version, how long it usually takes, and where the original is."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from playground.discord import Message
from playground.driver import Environment
from tests.support.environments import captions
from tests.support.panels import drawn
from tests.support.pictures import png

ORIGINAL = "https://pictures.example.org/a_fox.png"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"prompt": "a fox --v 6.1 --fast"}, " · fast · Midjourney 6.1 · "),
        ({"prompt": "a fox --niji 6", "mode": "turbo"}, " · turbo · Niji 6 · "),
        ({"prompt": "a fox", "model": "Niji"}, "> · Niji 6 · "),
        ({"prompt": "a fox --version 7"}, "> · Midjourney 7 · "),
    ],
)
async def test_a_card_says_its_mode_its_model_and_the_version(
    env: Environment, options: dict[str, str], words: str
) -> None:
    card = await env.result_of(await env.slash("imagine", options))
    assert words in card.text
    if "--" in options["prompt"]:
        single = await env.result_of(await env.press(card, "U1"))
        assert words.split(" · ")[-2] in single.text


async def test_what_no_one_chose_is_named_as_the_services_final_prompt_tells_it(env: Environment) -> None:
    (card,) = await drawn(env, "a niji fox in midjourney style - v 6 of it")
    assert "> · Midjourney 7 · " in card.text


async def test_where_neither_person_nor_service_names_a_model_the_card_leaves_it_out(env: Environment) -> None:
    card = await env.result_of(await env.slash("describe", {"image": png("a.png")}))
    assert "· Midjourney" not in card.text
    assert "· Niji" not in card.text


def took(env: Environment, seconds: float, prompt: str) -> None:
    """Makes earlier tasks of these prompts such as took so long."""
    with closing(sqlite3.connect(env.folder / "atelier.db")) as connection, connection:
        connection.execute("UPDATE tasks SET created_at = finished_at - ? WHERE prompt LIKE ?", (seconds, f"{prompt}%"))


async def waiting_card(env: Environment, prompt: str, **options: str) -> Message:
    env.images.hold()
    asked = await env.slash("imagine", {"prompt": prompt, **options})
    card = await env.until(lambda: next((each for each in asked.messages if "started <t:" in each.text), None))
    assert card is not None
    return card


async def test_a_card_says_how_long_its_kind_usually_takes_once_that_is_known(env: Environment) -> None:
    await drawn(env, "a fox", "a fox", "a fox")
    await env.result_of(await env.slash("imagine", {"prompt": "an owl", "mode": "relax"}))
    (card,) = await drawn(env, "a cat")
    for caption in ("U1", "U2", "U3"):
        await env.result_of(await env.press(card, caption))
    await env.kill_bot()
    took(env, 38.0, "a fox")
    took(env, 300.0, "an owl")
    await env.start_bot()
    known = await waiting_card(env, "a boat")
    assert "usually about 40 s" in known.text
    # One alone says nothing of its kind, and neither does another mode.
    unknown = await waiting_card(env, "a boat", mode="relax")
    assert "usually" not in unknown.text
    env.images.release()
    await env.until(lambda: "started <t:" not in known.text)
    assert "usually" not in known.text


async def test_long_durations_are_told_in_minutes(env: Environment) -> None:
    await drawn(env, "a fox", "a fox", "a fox")
    await env.kill_bot()
    took(env, 250.0, "a fox")
    await env.start_bot()
    assert "usually about 4 min" in (await waiting_card(env, "a boat")).text
    env.images.release()


async def test_the_original_can_be_opened_where_its_address_may_be_shown(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    (hidden,) = await drawn(env, "an owl")
    assert "Open original" not in captions(hidden)
    monkeypatch.setattr(env.images.service.urls, "of", lambda *_: ORIGINAL)
    shown = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}), 60)
    assert shown.button("Open original")["url"] == ORIGINAL
    assert shown.button("Open original")["style"] == 5
