"""Every endpoint of the image API (docs/image-api.md#endpoints), from Discord, with each service: a table of results.

Where a service lacks an endpoint, the table says what happens instead: a refusal in words, or another endpoint.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from playground.discord import Interaction, Message
from playground.driver import INTERIM, Environment, Scenario, public_messages
from playground.images import Pace
from playground.images.faults import Fault
from playground.images.profiles import PROFILES
from tests.support.environments import MakeEnvironment, captions, task_id_of
from tests.support.pictures import clip, png

PICTURE, WORDS, ADDRESS, SEED, STOPPED, QUEUE = "a picture", "words", "<http", "--seed", "Canceled", "in the queue"
# What the profile knows is not there is refused by the command's name, what only asking tells in other words.
AWAY, NOT_OFFERED = "isn't available", "doesn't support this."
NO_SEEDS, NO_CANCEL = "doesn't provide seeds", "can't cancel tasks"
NO_SHOW, NO_CLIP = "can't import images made elsewhere", "faces in images only"
BY_CHANGE, BY_LIST, BY_FETCH = "by change", "by list", "by fetch"
LOST, NO_BUTTON, LINKED, UNTOLD = (
    "answer was lost",
    "no longer has that button",
    "its own host",
    "doesn't report its queue",
)

SERVICES = ("plus", "trueai", "trueai-9", "newapi", "novicezk", "gateway")
# What comes of the use of each endpoint, by service.
TABLE: dict[str, tuple[str, str, str, str, str, str]] = {
    "submit/imagine": (PICTURE, PICTURE, PICTURE, PICTURE, PICTURE, PICTURE),
    "submit/blend": (PICTURE, PICTURE, PICTURE, PICTURE, PICTURE, PICTURE),
    "submit/describe": (WORDS, WORDS, WORDS, WORDS, WORDS, WORDS),
    "submit/shorten": (WORDS, WORDS, WORDS, WORDS, AWAY, WORDS),
    "submit/action": (PICTURE, PICTURE, PICTURE, PICTURE, BY_CHANGE, PICTURE),
    # Where a task comes without buttons: of its own accord on novicezk, behind some free proxies on the others.
    "submit/change": (PICTURE, NO_BUTTON, PICTURE, PICTURE, PICTURE, NOT_OFFERED),
    "submit/modal": (PICTURE, PICTURE, PICTURE, PICTURE, NO_BUTTON, PICTURE),
    "submit/show": (NO_SHOW, NO_SHOW, PICTURE, NO_SHOW, NO_SHOW, NO_SHOW),
    "submit/upload-discord-images": (ADDRESS, ADDRESS, ADDRESS, ADDRESS, AWAY, ADDRESS),
    "submit/edits": (AWAY, PICTURE, PICTURE, PICTURE, AWAY, PICTURE),
    "submit/retexture": (AWAY, PICTURE, PICTURE, AWAY, AWAY, NOT_OFFERED),
    "submit/video": (AWAY, PICTURE, PICTURE, PICTURE, AWAY, AWAY),
    "insight-face/swap": (PICTURE, PICTURE, PICTURE, PICTURE, AWAY, PICTURE),
    "insight-face/video-swap": (NO_CLIP, PICTURE, PICTURE, NO_CLIP, AWAY, NO_CLIP),
    "task/{id}/image-seed": (SEED, SEED, SEED, SEED, NO_SEEDS, SEED),
    "task/{id}/cancel": (STOPPED, STOPPED, STOPPED, NO_CANCEL, NO_CANCEL, NO_CANCEL),
    "task/queue": (QUEUE, UNTOLD, QUEUE, UNTOLD, QUEUE, UNTOLD),
    "image/{id}": (LINKED, LINKED, LINKED, PICTURE, LINKED, LINKED),
    "task/list-by-condition": (PICTURE, PICTURE, PICTURE, PICTURE, PICTURE, PICTURE),
    "task/query": (PICTURE, BY_LIST, BY_LIST, LOST, BY_LIST, LOST),
    # The rest while a better way is closed: the query; the list by condition, then the one by ids, too; edits; change.
    "task/list": (PICTURE, PICTURE, PICTURE, LOST, PICTURE, LOST),
    "task/list-by-ids": (PICTURE, PICTURE, PICTURE, BY_FETCH, BY_FETCH, BY_FETCH),
    "task/{id}/fetch": (PICTURE, PICTURE, PICTURE, PICTURE, PICTURE, PICTURE),
    "submit/edit": (AWAY, PICTURE, PICTURE, NOT_OFFERED, AWAY, NOT_OFFERED),
    # newapi routes it, but never finds the task (docs/image-api.md#change).
    "submit/simple-change": (PICTURE, NO_BUTTON, PICTURE, NOT_OFFERED, PICTURE, NO_BUTTON),
}
# A gateway can be any reseller's: what it lacks, the bot finds out by asking.
FOUND_OUT = "gateway"
STYLES = {"gateway": "bare-mask edits-as-array"}


def asked_at(env: Environment, endpoint: str) -> int:
    """How often the service was asked at an endpoint."""
    path = re.compile(rf"/mj/{endpoint.replace('{id}', '[^/]+')}(\?|$)")
    return sum(bool(path.search(request.path)) for request in env.images.requests)


def shown(interaction: Interaction) -> str:
    """What an interaction has led to so far, for everybody or for one person; nothing while it goes on."""
    private = [message.text for message in interaction.messages if message.ephemeral and message.text]
    if private:
        return private[0]
    for message in public_messages(interaction):
        if "answer was lost" in message.text:
            return LOST
        if "**1.**" in message.text:
            return WORDS
        if any(not attachment.filename.startswith(INTERIM) for attachment in message.attachments):
            return PICTURE
    return ""


async def outcome(env: Environment, interaction: Interaction) -> str:
    return await env.until(lambda: shown(interaction))


async def slash(env: Environment, command: str, **options: object) -> str:
    return await outcome(env, await env.slash(command, options))  # type: ignore[arg-type]  # each test knows them


async def grid_of(env: Environment) -> Message:
    return await env.result_of(await env.slash("imagine", {"prompt": "a brass owl"}))


async def imagine(env: Environment) -> str:
    return await slash(env, "imagine", prompt="a paper boat")


async def blend(env: Environment) -> str:
    return await slash(env, "blend", image1=png("a.png"), image2=png("b.png", "red"))


async def describe(env: Environment) -> str:
    return await slash(env, "describe", image=png("a.png"))


async def shorten(env: Environment) -> str:
    return await slash(env, "shorten", prompt="a very long and winding road to the sea")


async def action(env: Environment) -> str:
    grid, changes = await grid_of(env), asked_at(env, "submit/change")
    said = await outcome(env, await env.press(grid, "U2"))
    return BY_CHANGE if asked_at(env, "submit/change") > changes else said


async def change(env: Environment) -> str:
    env.images.options.buttonless = True
    grid = await grid_of(env)
    said = await outcome(env, await env.press(grid, "U2")) if captions(grid) else NO_BUTTON
    env.images.options.buttonless = False
    return said


async def modal(env: Environment) -> str:
    single = await env.result_of(await env.press(await grid_of(env), "U1"))
    if "Custom Zoom" not in captions(single):
        return NO_BUTTON
    opened = await env.press(single, "Custom Zoom")
    return await outcome(env, await env.submit_modal(opened, {"prompt": "a brass owl --zoom 1.5"}))


async def upload(env: Environment) -> str:
    return await slash(env, "upload", image1=png("a.png"), image2=png("b.png", "red"))


async def edit(env: Environment) -> str:
    return await slash(env, "edit", prompt="make it night", image=png("a.png"))


async def retexture(env: Environment) -> str:
    return await slash(env, "retexture", prompt="made of wool", image=png("a.png"))


async def video(env: Environment) -> str:
    return await slash(env, "video", prompt="the waves roll", image=png("a.png"), motion="low")


async def swap(env: Environment) -> str:
    return await slash(env, "swap", source=png("a.png"), target=png("b.png", "red"))


async def seed(env: Environment) -> str:
    return await slash(env, "seed", task=task_id_of(await grid_of(env)))


async def cancel(env: Environment) -> str:
    env.images.hold()
    asked = await env.slash("imagine", {"prompt": "never finished"})
    await env.until(lambda: asked.messages and "`" in asked.messages[0].text)
    said = await slash(env, "cancel", task=task_id_of(asked.messages[0]))
    env.images.release()
    return said


async def queue(env: Environment) -> str:
    env.images.hold()
    asked = await env.slash("imagine", {"prompt": "a long wait"})
    await env.until(lambda: asked.messages and "`" in asked.messages[0].text)
    said = await slash(env, "queue")
    env.images.release()
    await env.result_of(asked)
    return said


async def picture(env: Environment) -> str:
    before = asked_at(env, "image/{id}")
    said = await imagine(env)
    return said if asked_at(env, "image/{id}") > before else LINKED


async def lost(env: Environment) -> str:
    """What becomes of a command whose answer never came: the service is asked for it, if it can be."""
    env.images.fail_next("submit/imagine", Fault.DROP, accepted=True)
    asked = await env.slash("imagine", {"prompt": "an answer that never came"})
    await env.until(lambda: shown(asked))
    if env.scenario.profile in ("newapi", "gateway"):
        return shown(asked)
    await env.result_of(asked)
    return PICTURE


async def query(env: Environment) -> str:
    before = asked_at(env, "task/list")
    said = await lost(env)
    return BY_LIST if said == PICTURE and asked_at(env, "task/list") > before else said


async def listed(env: Environment) -> str:
    env.images.fail_next("task/query", Fault.HTML_200, times=3)
    return await lost(env)


async def listed_by_ids(env: Environment) -> str:
    env.images.fail_next("task/list-by-condition", Fault.NOT_ROUTED)
    before = asked_at(env, "task/{id}/fetch")
    said = await imagine(env)
    return BY_FETCH if asked_at(env, "task/{id}/fetch") > before else said


async def fetched(env: Environment) -> str:
    env.images.fail_next("task/list-by-ids", Fault.NOT_ROUTED)
    return await imagine(env)


async def edit_by_older_name(env: Environment) -> str:
    env.images.fail_next("submit/edits", Fault.NOT_ROUTED)
    return await edit(env)


async def simple_change(env: Environment) -> str:
    env.images.fail_next("submit/change", Fault.NOT_ROUTED)
    return await change(env)


async def show(env: Environment) -> str:
    return await slash(env, "show", task="https://cdn.example.org/x/0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0_0_0.png")


async def swap_in_clip(env: Environment) -> str:
    return await slash(env, "swap", source=png("a.png"), target=clip("b.mp4"))


USES: dict[str, Callable[[Environment], Awaitable[str]]] = {
    "submit/imagine": imagine,
    "submit/blend": blend,
    "submit/describe": describe,
    "submit/shorten": shorten,
    "submit/action": action,
    "submit/change": change,
    "submit/modal": modal,
    "submit/show": show,
    "submit/upload-discord-images": upload,
    "submit/edits": edit,
    "submit/retexture": retexture,
    "submit/video": video,
    "insight-face/swap": swap,
    "insight-face/video-swap": swap_in_clip,
    "task/{id}/image-seed": seed,
    "task/{id}/cancel": cancel,
    "task/queue": queue,
    "image/{id}": picture,
    "task/list-by-condition": imagine,
    "task/query": query,
    "task/list": listed,
    "task/list-by-ids": listed_by_ids,
    "task/{id}/fetch": fetched,
    "submit/edit": edit_by_older_name,
    "submit/simple-change": simple_change,
}
# Answers are told apart by these words, the first that fits; what none fits stands as it is.
TELLING = (
    AWAY,
    NOT_OFFERED,
    NO_SHOW,
    NO_CLIP,
    NO_SEEDS,
    NO_CANCEL,
    UNTOLD,
    ADDRESS,
    SEED,
    STOPPED,
    QUEUE,
    PICTURE,
    WORDS,
)


@pytest.mark.parametrize("service", SERVICES)
async def test_each_endpoint_is_used_where_it_is_and_its_absence_met_where_it_is_not(
    make_env: MakeEnvironment, service: str
) -> None:
    env = await make_env(
        Scenario(
            profile=service,
            pace=replace(Pace.quick(), queue=0.01, step=0.02, steps=2, side=64),
            callbacks=False,
            poll_interval=0.1,
            settings={"MJ_PROFILE": service, "MJ_STYLES": STYLES.get(service, ""), "LOST_AFTER": "60"},
        )
    )
    found, asked = {}, set()
    for endpoint, use in USES.items():
        before = asked_at(env, endpoint)
        said = await use(env)
        found[endpoint] = next((words for words in TELLING if words in said), said)
        if asked_at(env, endpoint) > before:
            asked.add(endpoint)
    assert found == {endpoint: cells[SERVICES.index(service)] for endpoint, cells in TABLE.items()}
    there = PROFILES[service].endpoints
    assert (asked & there if service == FOUND_OUT else asked) == there


def test_the_table_names_every_endpoint() -> None:
    assert set(TABLE) == {endpoint for profile in PROFILES.values() for endpoint in profile.endpoints} == set(USES)
