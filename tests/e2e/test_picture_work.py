"""What a running bot does with pictures: results are attached as they came, and a task has three previews at most."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping

import pytest

from playground.discord import Message
from playground.driver import Environment, Scenario, public_messages
from playground.images import Pace
from tests.support.camera_files import drawing, encoded
from tests.support.environments import MakeEnvironment
from tests.support.odd_tasks import OddTasks
from tests.support.panels import panel_of
from tests.support.picture_host import noise
from tests.support.raw_host import RawHost, raw_host, reply

LARGE = noise(700, 700)
SMALL = encoded(drawing((256, 256)), "WEBP")
# Long enough for more updates than a task has previews.
SLOW = dataclasses.replace(Pace.quick(), step=0.7, steps=13)
PRIVATE = {"ALLOW_PRIVATE_IMAGE_HOSTS": "true"}


def serve(host: RawHost) -> None:
    answers = {"/large.png": reply(LARGE), "/small.webp": reply(SMALL)}
    host.choose = lambda target: answers[target]


async def finished(env: Environment, fields: Mapping[str, object]) -> Message:
    """The card of a task whose picture has these addresses from its beginning to its end."""
    env.images.hold()
    asked = await env.slash("imagine", {"prompt": "a lighthouse"})
    await env.until(lambda: len(env.images.submits) == 1)
    (task_id,) = env.images.submits[0].task_ids
    OddTasks(env.images, fields={task_id: {name: json.dumps(value) for name, value in fields.items()}})
    env.images.release()
    await env.result_of(asked, 60)
    return public_messages(asked)[0]


def previews(card: Message) -> list[str]:
    """The kinds of the previews that the card has shown, in order."""
    names = re.findall(r"preview-\w+-(\d+\.\w+)", json.dumps([each.payload for each in card.revisions], default=str))
    return list(dict.fromkeys(names))


def updates(card: Message) -> int:
    """How often the card has shown progress."""
    return sum("▰" in json.dumps(each.payload, ensure_ascii=False, default=str) for each in card.revisions)


async def jobs(env: Environment) -> int:
    """How many jobs on pictures the bot has done, as it says at its end."""
    await env.stop_bot()
    (told,) = [found for found in (re.search(r"image jobs: (\d+) begun", line) for line in env.bot.lines) if found]
    return int(told[1])


async def test_a_task_has_three_previews_and_its_result_is_the_file_that_came(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(pace=SLOW, settings=PRIVATE, callbacks=False))
    async with raw_host() as host:
        serve(host)
        card = await finished(env, {"imageUrl": f"{host.base}/large.png", "imageUrls": None})
    assert updates(card) > 3
    assert previews(card) == ["1.jpg", "2.jpg", "3.jpg"]
    assert [each.data for each in card.attachments] == [LARGE]
    assert len(host.targets) == 4
    assert await jobs(env) == 3


async def test_where_the_service_has_a_small_picture_no_preview_is_made(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(profile="trueai", pace=SLOW, settings=PRIVATE, callbacks=False))
    async with raw_host() as host:
        serve(host)
        fields = {"imageUrl": f"{host.base}/large.png", "thumbnailUrl": f"{host.base}/small.webp"}
        card = await finished(env, {**fields, "imageUrls": None, "url": None})
    assert updates(card) > 3
    assert previews(card) == ["1.webp", "2.webp", "3.webp"]
    assert [each.data for each in card.attachments] == [LARGE]
    assert host.targets.count("/large.png") == 1
    assert await jobs(env) == 0


@pytest.mark.parametrize("profile", ["plus", "newapi"])
async def test_a_command_and_a_press_need_no_work_on_pictures_until_a_list_shows_them(
    make_env: MakeEnvironment, profile: str
) -> None:
    env = await make_env(Scenario(profile=profile))
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))
    await env.result_of(await env.press(grid, "U2"))
    panel = await panel_of(env, await env.slash("tasks"))
    assert len(panel.attachments) == 2
    again = await panel_of(env, await env.slash("tasks"))
    assert [each.data for each in again.attachments] == [each.data for each in panel.attachments]
    # A thumbnail for each task, and no other work.
    assert await jobs(env) == 2
