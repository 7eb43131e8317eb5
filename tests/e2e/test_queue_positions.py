"""The place in the queue counts down where the service lists its queue, and is not claimed where it does not."""

from __future__ import annotations

import pytest

from playground.discord import Interaction, Message
from playground.driver import Environment, Scenario
from tests.support.environments import MakeEnvironment, task_id_of

# The local image API draws three at once.
SLOTS = 3


async def waiting(env: Environment, *people: str) -> list[Interaction]:
    """What these people ask for, in this order, behind tasks that are being drawn and go on for ever."""
    env.images.hold()
    asked = []
    for number, person in enumerate(["owner"] * SLOTS + list(people)):
        asked.append(await env.slash("imagine", {"prompt": f"boat {number}"}, by=person))
        await env.until(lambda: len(env.images.tasks) == len(asked))
    return asked[SLOTS:]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_a_place_counts_down_as_those_before_it_go(make_env: MakeEnvironment, order: tuple[int, int]) -> None:
    env = await make_env(Scenario(settings={"MJ_PROFILE": "plus"}))
    env.images.options.admin = True
    first, second, ours = await waiting(env, "bob", "mod", "ada")
    card = ours.messages[0]
    await env.until(lambda: "**2** ahead" in card.text)
    for number, said in zip(order, ("**1** ahead", "Waiting for the image service"), strict=True):
        await cancelled(env, (first, second)[number].messages[0])
        await env.until(lambda said=said: said in card.text)  # type: ignore[misc]


async def test_no_place_is_claimed_where_nothing_would_count_it_down(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(profile="newapi", settings={"MJ_PROFILE": "newapi"}))
    *_, ours = await waiting(env, "bob", "ada")
    card = ours.messages[0]
    await env.until(lambda: "Waiting for the image service" in card.text)
    assert not any("ahead" in revision.text for revision in [card])


async def cancelled(env: Environment, message: Message) -> None:
    """A task is stopped by the bot's owner."""
    await env.until(lambda: "`" in message.text)
    await env.private_answer(await env.slash("cancel", {"task": task_id_of(message)}, by="owner"))
