"""No secret gets into the log: not at its most talkative, nor when what goes wrong writes addresses there.

What may not stand in a log is listed where worlds are made (`tests.support.worlds.secrets_of`).
"""

from __future__ import annotations

from playground.driver import Scene
from tests.support.worlds import MakeWorld, secrets_of


async def test_not_even_the_most_talkative_log_holds_a_secret(make_world: MakeWorld) -> None:
    world = await make_world(Scene(settings={"LOG_LEVEL": "DEBUG"}))
    asked = await world.slash("imagine", {"prompt": "a paper boat"})
    grid = await world.result_of(asked)
    world.discord.fail_next("POST", "/webhooks/", status=429, retry_after=0.1)
    world.discord.fail_next("PATCH", "/webhooks/", status=500)
    single = await world.result_of(await world.press(grid, "U1"))
    opened = await world.press(single, "Custom Zoom")
    world.images.fail_next("submit/modal", "http_500", accepted=True)
    await world.result_of(await world.submit_modal(opened, {"prompt": "a paper boat --zoom 1.5"}))
    world.discord.drop_gateway(resumable=False)
    await world.discord.bot_ready()
    kinds = {kind for kind, secret in secrets_of(world) if secret}
    assert kinds == {"bot token", "image key", "interaction token", "callback token"}
    assert any("/webhooks/" in line and "[hidden]" in line for line in world.bot.lines)
