"""Every button of every engine of a platform works after the bot was killed and started again."""

from __future__ import annotations

import pytest

from playground.discord import Interaction, Message
from playground.driver import Environment, Scenario, is_finished
from tests.support.environments import MakeEnvironment
from tests.support.platform_calls import GEMINI, imagine, listed

ENGINES = (
    "dall-e-3",
    "gpt-image-2",
    "flux-schnell",
    "gpt-4o-image",
    "gpt-4-all",
    GEMINI,
    "stable-diffusion",
    "mj-chat",
)
# What the forms of buttons are filled with.
FILLED = {"prompt": "give it a hat", "ratio": ["1:1"], "area": ["top"]}


def names(component: object) -> set[str]:
    """The custom_ids of the fields of a form."""
    if isinstance(component, list):
        return set().union(*map(names, component))
    if not isinstance(component, dict):
        return set()
    own = {component["custom_id"]} if "custom_id" in component and component.get("type") != 1 else set()
    return own.union(*(names(value) for value in component.values()))


async def finished_after(env: Environment, pressed: Interaction) -> Message:
    """The result that was posted after a press."""

    def newest() -> Message | None:
        later = [each for each in env.discord.messages(env.studio) if each.id > pressed.id and not each.ephemeral]
        return next((each for each in later if each.attachments and is_finished(each)), None)

    found = await env.until(newest)
    assert found is not None
    return found


async def used(env: Environment, card: Message, custom_id: str) -> Interaction:
    """Presses a button and fills the form that it opens, if any."""
    pressed = await (await env.person("bob").press(card, custom_id)).answered()
    label = next(button.get("label") for button in card.buttons if button.get("custom_id") == custom_id)
    if label == "Vary (Region)":
        await env.until(lambda: bool(pressed.messages and pressed.messages[0].buttons))
        pressed = await env.press(pressed.messages[0], "Pick areas instead", by="bob")
    if pressed.modal:
        fields = names(pressed.modal["components"])
        return await env.submit_modal(pressed, {name: value for name, value in FILLED.items() if name in fields})
    return pressed


@pytest.mark.parametrize("engine", ENGINES)
async def test_every_button_works_after_a_kill(make_env: MakeEnvironment, engine: str) -> None:
    env = await listed(await make_env(Scenario(platform="clean")))
    card = await env.result_of(await imagine(engine)(env))
    await env.kill_bot()
    await env.start_bot()
    own = [button["custom_id"] for button in card.buttons if (button.get("custom_id") or "").startswith("mj:")]
    assert own
    for custom_id in own:
        billed = len(env.platform.billed)
        result = await finished_after(env, await used(env, card, custom_id))
        assert result.attachments
        assert len(env.platform.billed) == billed + 1, custom_id
