"""Interactions as no client makes them, and all that a person was told."""

from __future__ import annotations

import json
from typing import Any

from playground.discord import Channel, Interaction, InteractionType, Message, RawInteraction
from playground.driver import Environment

BUTTON, ROW, CONTAINER, LABEL, TEXT_INPUT = 2, 1, 17, 18, 4


async def forged_press(env: Environment, by: str, carrier: Message, custom_id: str) -> Interaction:
    """A press of a button that does not stand on the message, whose payload says that it does."""

    def change(payload: dict[str, Any]) -> dict[str, Any]:
        button = {"type": BUTTON, "id": 9, "style": 2, "label": "x", "custom_id": custom_id}
        payload["message"]["components"] = [
            {"type": CONTAINER, "id": 7, "components": [{"type": ROW, "id": 8, "components": [button]}]}
        ]
        return payload

    data = {"component_type": BUTTON, "custom_id": custom_id, "id": 9}
    return await _sent(env, by, carrier, RawInteraction(InteractionType.COMPONENT, data, carrier, change))


async def forged_modal(env: Environment, by: str, carrier: Message, custom_id: str, **values: Any) -> Interaction:
    """A window of this custom_id, submitted though it was never opened."""
    fields = [
        {"type": TEXT_INPUT, "id": 2, "custom_id": name, "value": value}
        if isinstance(value, str)
        else {"type": 3, "id": 3, "custom_id": name, "values": value}
        for name, value in values.items()
    ]
    labels = [{"type": LABEL, "id": number, "component": field} for number, field in enumerate(fields, 10)]
    return await _sent(
        env,
        by,
        carrier,
        RawInteraction(InteractionType.MODAL_SUBMIT, {"custom_id": custom_id, "components": labels}, carrier),
    )


async def _sent(env: Environment, by: str, carrier: Message, event: RawInteraction) -> Interaction:
    channel: Channel = env.discord.state.channels[carrier.channel_id]
    return await env.discord.inject(env.person(by), channel, event).answered()


def everything_told(env: Environment, name: str) -> str:
    """All that a person's own interactions brought them, as it went over the wire: answers, windows, suggestions, and
    every message at every moment that they could see it."""
    person = env.person(name)
    told: list[Any] = []
    for interaction in env.discord.interactions:
        if interaction.user is person.user:
            told += [interaction.callback_data, interaction.modal, interaction.choices]
            told += [message.text for message in interaction.messages]
    for message in env.discord.state.messages.values():
        if person.sees(message):
            told += [revision.payload for revision in message.revisions]
    return json.dumps(told)
