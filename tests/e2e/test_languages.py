"""A card speaks the language of its server, a private answer that of its reader, and commands that of each reader."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from playground.discord import Message
from playground.driver import Environment, Scenario
from tests.e2e.test_commands_settings import switch
from tests.e2e.test_region_card import PACE, link_of, repaint
from tests.support.environments import MakeEnvironment, captions
from tests.support.forked import CATALOGS
from tests.support.languages import DUTCH, FRENCH
from tests.support.panels import drawn, panel_of
from tests.support.pictures import png

DUTCH_CARD, FRENCH_CARD, ENGLISH_CARD = "gevraagd door", "demandé par", "for <@"


@pytest.fixture
def catalogs(tmp_path: Path) -> Path:
    """Catalogs of two languages that are not shipped."""
    folder = tmp_path / "catalogs"
    folder.mkdir()
    (folder / "nl.toml").write_text(DUTCH, encoding="utf-8")
    (folder / "fr.toml").write_text(FRENCH, encoding="utf-8")
    return folder


@pytest.fixture
async def env(make_env: MakeEnvironment, catalogs: Path) -> Environment:
    """A Dutch server, with Ada, who reads French, and Bob, who reads English."""
    env = await make_env(Scenario(pace=PACE, settings={CATALOGS: str(catalogs)}))
    guild_of(env, "nl")
    env.person("ada").user.locale = "fr"
    return env


def guild_of(env: Environment, locale: str) -> None:
    """The server prefers this language from now on."""
    env.discord.state.guilds[env.studio.guild_id or 0].locale = locale


def registrations(env: Environment) -> int:
    """How often the bot has registered its commands."""
    return sum(each.method == "PUT" and each.path.endswith("/commands") for each in env.discord.requests)


def labels(message: Message) -> Sequence[str | None]:
    return [button.get("label") for button in message.buttons]


async def restarted(env: Environment) -> None:
    await env.stop_bot()
    await env.start_bot()


async def test_a_press_shows_its_card_in_the_servers_language_and_its_answer_in_the_readers(env: Environment) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a paper boat"}))
    assert DUTCH_CARD in grid.text
    single = await env.result_of(await env.press(grid, "U2", by="bob"))
    assert DUTCH_CARD in single.text

    pressed = await env.press(single, "Vary (Region)")
    url = await link_of(env, pressed)
    private = next(message for message in pressed.messages if message.ephemeral)
    assert "Peignez" in private.text
    assert labels(private) == ["Ouvrir le peintre", "Pick areas instead"]  # the second is not translated
    await repaint(url)
    assert DUTCH_CARD in (await env.result_of(pressed)).text
    await env.until(lambda: "C'est parti" in private.text)

    bobs = await env.press(single, "Vary (Region)", by="bob")
    assert "Paint" in await env.private_answer(bobs)


async def test_cards_keep_their_language_after_a_restart_whatever_the_server_prefers_then(env: Environment) -> None:
    env.images.hold()
    asked = await env.slash("imagine", {"prompt": "a brass owl", "notify": "always"})
    card = await env.until(lambda: next((each for each in asked.messages if DUTCH_CARD in each.text), None))
    assert card is not None
    await env.kill_bot()
    guild_of(env, "en-US")
    env.person("ada").user.locale = "en-US"
    await env.start_bot()
    env.images.release()
    grid = await env.result_of(asked)
    assert grid is card
    assert DUTCH_CARD in grid.text
    replies = await env.until(lambda: [each for each in env.discord.messages(env.studio) if each.mentions])
    assert "Je resultaat is er" in replies[0].text

    assert ENGLISH_CARD in (await env.result_of(await env.press(grid, "U1"))).text


async def test_a_refused_prompt_is_given_back_in_its_authors_language(env: Environment) -> None:
    asked = await env.slash("imagine", {"prompt": " "})
    assert "Votre demande est vide" in await env.private_answer(asked)
    bobs = await env.slash("imagine", {"prompt": " "}, by="bob")
    assert "Your prompt is empty" in await env.private_answer(bobs)


async def test_where_there_is_no_server_a_card_speaks_its_askers_language(env: Environment) -> None:
    dm = env.discord.dm(env.person("ada"))
    card = await env.result_of(await env.slash("imagine", {"prompt": "a glass fox"}, where=dm))
    assert FRENCH_CARD in card.text
    await restarted(env)
    assert FRENCH_CARD in (await env.result_of(await env.press(card, "U1"))).text


async def test_copies_and_further_cards_of_one_press_speak_the_language_of_its_card(
    make_env: MakeEnvironment, catalogs: Path
) -> None:
    env = await make_env(Scenario(profile="trueai", pace=PACE, settings={CATALOGS: str(catalogs)}))
    guild_of(env, "nl")
    await switch(env, await panel_of(env, await env.slash("settings")), "direct")
    described = await env.result_of(await env.slash("describe", {"image": png("sea.png")}))
    await env.press(described, "Imagine all")
    guild_of(env, "en-US")
    places = (env.studio, env.discord.dm(env.person("ada")))

    def drawn() -> list[Message]:
        return [each for place in places for each in env.discord.messages(place) if captions(each)[:1] == ["U1"]]

    await env.until(lambda: len(drawn()) == 8)
    assert all(DUTCH_CARD in each.text for each in (described, *drawn()))


async def test_lists_and_what_they_show_privately_speak_the_readers_language(env: Environment) -> None:
    (card,) = await drawn(env, "a tin robot")
    assert DUTCH_CARD in card.text
    listed = await panel_of(env, await env.slash("tasks"))
    assert "Vos tâches" in listed.text
    preview = await panel_of(env, await env.press(listed, "Montrer"))
    assert FRENCH_CARD in preview.text
    bobs = await panel_of(env, await env.slash("queue", by="bob"))
    assert "Queue" in bobs.text


async def test_descriptions_and_menus_are_registered_in_every_language(env: Environment) -> None:
    offered = {each["name"]: each for each in env.person("bob").offered(env.studio)}
    assert offered["imagine"]["description_localizations"] == {"nl": "Een beeld uit woorden", "fr": "Une image de mots"}
    (prompt, *_) = offered["imagine"]["options"]
    assert prompt["description_localizations"] == {"fr": "Que montre l'image ?"}
    assert offered["Describe"]["name_localizations"] == {"nl": "Beschrijven"}
    assert not offered["blend"].get("description_localizations")


async def test_commands_are_registered_again_when_only_a_translation_has_changed(
    env: Environment, catalogs: Path
) -> None:
    assert registrations(env) == 1
    await restarted(env)
    assert registrations(env) == 1
    (catalogs / "nl.toml").write_text(DUTCH.replace("Een beeld uit woorden", "Maak een beeld"), encoding="utf-8")
    await restarted(env)
    assert registrations(env) == 2
    (catalogs / "nl.toml").write_text('[imagine]\ndescription = "Maak een beeld"\n[menu]\ndescribe = "Beschrijven"\n')
    await restarted(env)
    assert registrations(env) == 2  # other texts are no commands'
    (catalogs / "nl.toml").unlink()
    await restarted(env)
    assert registrations(env) == 3
