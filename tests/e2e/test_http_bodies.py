"""Proxies that compress, decorate or cut the answers of the image service: users do not notice."""

from __future__ import annotations

import pytest

from playground.driver import Environment
from tests.support.environments import picture_of
from tests.support.framings import READABLE, two_lengths


@pytest.mark.parametrize("framing", READABLE)
async def test_a_service_whose_answers_are_spoilt_on_their_way_works(env: Environment, framing: str) -> None:
    fault = READABLE[framing]
    env.images.fail_next("submit/", fault, times=100)
    env.images.fail_next("task/", fault, times=1_000)
    env.images.fail_next("pictures/", fault, times=100)
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a lighthouse"}))
    assert picture_of(grid).width > 0
    single = await env.result_of(await env.press(grid, "U2"))
    assert picture_of(single).width > 0
    assert len(env.images.submits) == 2
    assert not [line for line in env.bot.lines if "was lost" in line or "cannot download the image" in line]


async def test_headers_that_cannot_be_read_are_one_line_for_the_operator(env: Environment) -> None:
    env.images.fail_next("submit/", two_lengths, times=2)
    card = await env.result_of(await env.slash("imagine", {"prompt": "a lighthouse"}))
    assert picture_of(card).width > 0  # the task was found again by its nonce
    await env.result_of(await env.slash("imagine", {"prompt": "a lighthouse"}))
    assert len(env.images.submits) == 2
    assert "Duplicate Content-Length" in await env.bot.logged("sends invalid HTTP headers")
    assert len([line for line in env.bot.lines if "sends invalid HTTP headers" in line]) == 1
