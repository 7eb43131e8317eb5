"""No secret gets into the log: not at its most talkative, nor when what goes wrong writes addresses there.

What may not stand in a log is listed where environments are made (`tests.support.environments.secrets_of`).
"""

from __future__ import annotations

from playground.driver import Scenario
from tests.support.environments import MakeEnvironment, secrets_of


async def test_not_even_the_most_talkative_log_holds_a_secret(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(platform="clean", settings={"LOG_LEVEL": "DEBUG"}))
    asked = await env.slash("imagine", {"prompt": "a paper boat"})
    grid = await env.result_of(asked)
    env.discord.fail_next("POST", "/webhooks/", status=429, retry_after=0.1)
    env.discord.fail_next("PATCH", "/webhooks/", status=500)
    single = await env.result_of(await env.press(grid, "U1"))
    opened = await env.press(single, "Custom Zoom")
    env.images.fail_next("submit/modal", "http_500", accepted=True)
    await env.result_of(await env.submit_modal(opened, {"prompt": "a paper boat --zoom 1.5"}))
    env.discord.gateway.drop(resumable=False)
    await env.discord.bot_ready()
    await env.result_of(await env.slash("imagine", {"prompt": "a paper boat", "engine": "dall-e-3"}))
    kinds = {kind for kind, secret in secrets_of(env) if secret}
    assert kinds == {"bot token", "image key", "interaction token", "callback token", "platform key"}
    await env.bot.logged("/webhooks/", "[hidden]")
