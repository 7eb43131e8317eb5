"""The place in the queue counts down where the service lists its queue, and is not claimed where it does not."""

from __future__ import annotations

import pytest

from playground.discord import Interaction, Message
from playground.driver import Scene, World
from tests.support.worlds import MakeWorld, task_id_of

# The local image API draws three at once.
SLOTS = 3


async def waiting(world: World, *people: str) -> list[Interaction]:
    """What these people ask for, in this order, behind tasks that are being drawn and go on for ever."""
    world.images.hold()
    asked = []
    for number, person in enumerate(["owner"] * SLOTS + list(people)):
        asked.append(await world.slash("imagine", {"prompt": f"boat {number}"}, by=person))
        await world.until(lambda: len(world.images.tasks) == len(asked))
    return asked[SLOTS:]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_a_place_counts_down_as_those_before_it_go(make_world: MakeWorld, order: tuple[int, int]) -> None:
    world = await make_world(Scene(settings={"MJ_PROFILE": "plus"}))
    world.images.options.admin = True
    first, second, ours = await waiting(world, "bob", "mod", "ada")
    card = ours.messages[0]
    await world.until(lambda: "**2** ahead" in card.text)
    for number, said in zip(order, ("**1** ahead", "Waiting for the image service"), strict=True):
        await cancelled(world, (first, second)[number].messages[0])
        await world.until(lambda said=said: said in card.text)  # type: ignore[misc]


async def test_no_place_is_claimed_where_nothing_would_count_it_down(make_world: MakeWorld) -> None:
    world = await make_world(Scene(profile="newapi", settings={"MJ_PROFILE": "newapi"}))
    *_, ours = await waiting(world, "bob", "ada")
    card = ours.messages[0]
    await world.until(lambda: "Waiting for the image service" in card.text)
    assert not any("ahead" in revision.text for revision in [card])


async def cancelled(world: World, message: Message) -> None:
    """A task is stopped by the bot's owner."""
    await world.until(lambda: "`" in message.text)
    await world.private_answer(await world.slash("cancel", {"task": task_id_of(message)}, by="owner"))
