"""Readings of private panels."""

from __future__ import annotations

from typing import Any

from playground.discord import Interaction, Message, walk
from playground.driver import Environment, is_finished


async def panel_of(env: Environment, interaction: Interaction) -> Message:
    """The private panel that answers a command or a menu."""

    def shown() -> Message | None:
        return next((each for each in interaction.messages if each.ephemeral and each.components), None)

    found = await env.until(shown)
    assert found is not None
    return found


async def drawn(env: Environment, *prompts: str, by: str = "ada") -> list[Message]:
    """Finished pictures of these prompts."""
    return [await env.result_of(await env.slash("imagine", {"prompt": prompt}, by=by)) for prompt in prompts]


async def posted_after(env: Environment, interaction: Interaction) -> Message:
    """The finished result of what was used on a private message: it is posted in the channel, or follows there."""

    def newest() -> Message | None:
        later = [each for each in env.discord.state.messages.values() if each.id > interaction.id]
        public = [each for each in later if not each.ephemeral and not each.deleted]
        return next((each for each in public if each.channel_id == interaction.channel.id and is_finished(each)), None)

    found = await env.until(newest)
    assert found is not None
    return found


def selects(panel: Message) -> list[dict[str, Any]]:
    """Its selects, in reading order."""
    return [part for part in walk(panel.components) if part["type"] == 3]


def chosen_in(panel: Message, number: int) -> str:
    """What a select of the panel shows."""
    return next(str(option["value"]) for option in selects(panel)[number]["options"] if option.get("default"))


async def choose(env: Environment, panel: Message, number: int, value: str, by: str = "ada") -> Interaction:
    """Chooses from a panel's select."""
    used = await env.person(by).choose(panel, selects(panel)[number]["custom_id"], [value])
    return await used.answered()
