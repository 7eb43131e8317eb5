"""A task that spoils every answer it is part of costs only itself: the others come to their end at their pace."""

from __future__ import annotations

import asyncio
import dataclasses
import sqlite3
from contextlib import closing

import pytest

from bot.tasks.fair_queue import PER_PERSON
from playground.discord import Interaction, Limits
from playground.driver import Environment, Scenario, is_finished, public_messages
from playground.images import Pace
from tests.support.environments import MakeEnvironment, captions
from tests.support.odd_tasks import Oddity, OddTasks

# No callbacks, so that polling alone brings the news.
ASKED = Scenario(
    pace=dataclasses.replace(Pace.quick(), side=64), limits=Limits.off(), callbacks=False, poll_interval=0.1
)
CJK = "画" * 3_990


async def imagined(env: Environment, prompt: str, by: str = "ada") -> Interaction:
    return await env.slash("imagine", {"prompt": prompt}, by=by)


def member(env: Environment, number: int) -> str:
    """Somebody for the request of this number; what one person asks beyond a few would wait in the bot."""
    name = f"member{number // PER_PERSON}"
    guild = env.discord.state.guild_of(env.studio)
    if guild and number % PER_PERSON == 0:
        env.discord.add_person(name, guild)
    return name


async def held(make_env: MakeEnvironment, count: int) -> tuple[Environment, list[Interaction], list[str]]:
    """An environment with this many tasks that do not go on yet, and the service's ids of them."""
    env = await make_env(ASKED)
    env.images.service.queue.slots, env.images.service.queue.queue_limit = 300, 300
    env.images.hold()
    asked = [await imagined(env, f"boat {number}", by=member(env, number)) for number in range(count)]
    await env.until(lambda: sum(bool(submit.task_id) for submit in env.images.submits) == count)
    # Different people's requests may arrive in another order.
    ids = {str(submit.body["prompt"]): submit.task_id or "" for submit in env.images.submits}
    return env, asked, [ids[f"boat {number}"] for number in range(count)]


def ended(asked: Interaction) -> bool:
    return any(is_finished(message) for message in public_messages(asked))


@pytest.mark.parametrize("oddity", [oddity for oddity in Oddity if oddity is not Oddity.LONG_ID])
async def test_a_task_that_spoils_answers_holds_up_no_other_and_ends_once_it_can_be_read(
    make_env: MakeEnvironment, oddity: Oddity
) -> None:
    env, asked, ids = await held(make_env, 7)
    odd = OddTasks(env.images, {ids[3]: oddity})
    env.images.release()
    for number, each in enumerate(asked):
        if number != 3:
            assert captions(await env.result_of(each))
    assert not ended(asked[3])
    assert captions(await env.result_of(await imagined(env, "a lighthouse", by="bob")))
    odd.clear()
    assert captions(await env.result_of(asked[3]))


async def test_two_odd_tasks_of_different_kinds_cost_only_themselves(make_env: MakeEnvironment) -> None:
    env, asked, ids = await held(make_env, 6)
    OddTasks(env.images, {ids[0]: Oddity.FAILING, ids[5]: Oddity.CUT_OFF})
    env.images.release()
    for each in asked[1:5]:
        assert captions(await env.result_of(each))
    polls = env.images.polls
    await asyncio.sleep(2)
    # Two tasks are left, and asked about ever more rarely: at 0.2, 0.4, 0.8 … s.
    assert env.images.polls - polls < 2 * 2 / ASKED.poll_interval / 2


async def test_very_many_long_prompts_are_asked_about_in_smaller_parts(make_env: MakeEnvironment) -> None:
    env, _, _ = await held(make_env, 0)
    places = asyncio.Semaphore(10)

    async def ask(number: int) -> Interaction:
        async with places:
            return await imagined(env, f"{number} {CJK}"[:3_990], by=member(env, number))

    long = await asyncio.gather(*map(ask, range(200)))
    short = await imagined(env, "a lighthouse", by="bob")
    await env.until(lambda: len(env.images.submits) == 201, timeout=60)
    shown = env.images.shown(env.images.submits[0].task_id or "")
    assert len(str(shown).encode()) * 200 > 4 * 1024 * 1024
    env.images.release()
    assert captions(await env.result_of(short, timeout=60))
    assert captions(await env.result_of(long[0], timeout=60))


async def test_an_acceptance_with_an_impossible_id_is_looked_for_and_found_under_its_own(
    make_env: MakeEnvironment,
) -> None:
    env = await make_env(ASKED)
    env.images.fail_next("submit/imagine", "long_id", accepted=True)
    asked = await imagined(env, "a paper boat")
    other = await imagined(env, "a lighthouse", by="bob")
    assert captions(await env.result_of(other))
    assert captions(await env.result_of(asked))
    assert len(env.images.submits) == 2


async def test_a_task_that_only_ever_has_an_impossible_id_is_said_to_be_unknown(make_env: MakeEnvironment) -> None:
    env = await make_env(dataclasses.replace(ASKED, settings={"LOST_AFTER": "1"}))
    env.images.hold()
    env.images.fail_next("submit/imagine", "long_id", accepted=True)
    with env.images.hold_requests("submit/imagine"):
        asked = await imagined(env, "a paper boat")
        await env.until(lambda: bool(env.images.submits and env.images.submits[0].task_ids))
        OddTasks(env.images, {env.images.submits[0].task_ids[0]: Oddity.LONG_ID})
    env.images.release()
    other = await imagined(env, "a lighthouse", by="bob")
    assert captions(await env.result_of(other))
    await env.until(lambda: any("couldn't confirm" in message.text for message in public_messages(asked)))


async def test_an_impossible_id_in_the_database_stops_nothing_and_is_told_of(make_env: MakeEnvironment) -> None:
    env, asked, ids = await held(make_env, 2)
    await env.stop_bot()
    with closing(sqlite3.connect(env.folder / "atelier.db")) as connection, connection:
        connection.execute("UPDATE tasks SET upstream_id = ? WHERE upstream_id = ?", ("9" * 129, ids[0]))
    env.images.release()
    await env.start_bot()
    assert captions(await env.result_of(asked[1]))
    await env.until(lambda: any("invalid ID" in message.text for message in public_messages(asked[0])))


LETTERS = "x" * 1024 * 1024
HOSTILE = {
    "deep": {"properties": "[" * 900 + "]" * 900, "buttons": '{"a":' * 900 + "1" + "}" * 900},
    "huge whole numbers": {"progress": "7" * 4_000, "seed": "9" * 200, "submitTime": "1" * 300},
    "too huge a number": {"imageWidth": "7" * 5_000},
    "numbers that are none": {"progress": "NaN", "imageWidth": "Infinity", "imageHeight": "-Infinity"},
    "numbers beyond range": {"progress": "1e999", "startTime": "-1e999"},
    "twice the same field": {"progress": '"1%", "progress": "2%", "id": "17", "id": "18"'},
    "lone surrogates": {"prompt": '"\\ud83d"', "failReason": '"\\udc00"', "description": '"\\ud800\\ud800"'},
    "zero bytes": {"prompt": '"a\\u0000b"', "promptEn": '"\\u0000"', "action": '"\\u0000IMAGINE"'},
    "very many buttons": {"buttons": "[" + ",".join(['{"customId":"MJ::JOB::reroll::0::a"}'] * 15_000) + "]"},
    "too many buttons": {"buttons": "[" + ",".join(['{"customId":"MJ::JOB::reroll::0::a"}'] * 90_000) + "]"},
    "very many pictures": {"imageUrls": "[" + ",".join(['"https://a.example/b.png"'] * 15_000) + "]"},
    **{
        f"1 MiB of {name}": {name: f'"{LETTERS}"'}
        for name in ("prompt", "promptEn", "description", "failReason", "imageUrl", "status", "action", "state")
    },
    "1 MiB everywhere": dict.fromkeys(("prompt", "promptEn", "state", "progress"), f'"{LETTERS}"'),
    "wrong types": dict.fromkeys(("prompt", "status", "progress", "imageUrl", "failReason", "startTime"), "{}"),
}


async def test_whatever_the_fields_of_some_tasks_hold_the_others_end(make_env: MakeEnvironment) -> None:
    env, asked, ids = await held(make_env, len(HOSTILE) + 2)
    good, hostile = asked[:2], asked[2:]
    odd = OddTasks(env.images, fields=dict(zip(ids[2:], HOSTILE.values(), strict=True)))
    env.images.release()
    for each in good:
        assert captions(await env.result_of(each))
    for task_id in ids:
        await env.images.finished(task_id)
    odd.clear()
    await env.until(lambda: all(map(ended, hostile)), timeout=60)
    assert captions(await env.result_of(await imagined(env, "a lighthouse", by="bob")))
