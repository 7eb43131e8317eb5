"""Behind a proxy: Discord, its gateway and the image service are reached through it, and by name only through it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.__main__ import Exit
from playground.bot_process import BotProcess
from playground.driver import Environment, Scenario
from tests.support.proxy import AUTHORITY, Proxy

LOGIN = "ada:pw"


class Behind:
    """An environment whose Discord and image service have names that only the proxy knows."""

    def __init__(self, env: Environment, proxy: Proxy) -> None:
        self.env = env
        self.proxy = proxy

    def settings(self, scheme: str, **more: str) -> dict[str, str]:
        return {
            **self.env.settings(),
            "DISCORD_API_URL": f"{scheme}://discord.test/api/v10",
            "MJ_API_URL": f"{scheme}://images.test",
            f"{scheme.upper()}_PROXY": f"http://{LOGIN}@{self.proxy.address}",
            "ALLOW_PRIVATE_IMAGE_HOSTS": "true",
            "SSL_CERT_FILE": str(AUTHORITY),
            **more,
        }


@pytest.fixture
async def behind(tmp_path: Path) -> AsyncIterator[Behind]:
    async with AsyncExitStack() as stack:
        env = await stack.enter_async_context(Environment(tmp_path, Scenario()))
        hosts = {
            "discord.test": env.discord.base_url,
            "gateway.discord.test": env.discord.base_url,
            "images.test": env.images.base_url,
        }
        proxy = await stack.enter_async_context(Proxy(hosts, login=LOGIN))
        yield Behind(env, proxy)


@pytest.mark.parametrize(("scheme", "gateway"), [("https", "wss"), ("http", "ws")])
async def test_discord_its_gateway_and_the_image_service_are_reached_through_the_proxy(
    behind: Behind, scheme: str, gateway: str
) -> None:
    env, proxy = behind.env, behind.proxy
    env.discord.gateway.url = f"{gateway}://gateway.discord.test/gateway/"
    netrc = env.folder / "netrc"
    netrc.write_text("default login somebody password else\n")
    bot = BotProcess(behind.settings(scheme, LOG_LEVEL="DEBUG", NETRC=str(netrc)), env.folder)
    await bot.start()
    try:
        await env.discord.bot_ready()
        grid = await env.result_of(await env.slash("imagine", {"prompt": "a paper boat"}))
        assert grid.attachments
        used = proxy.tunnels if scheme == "https" else proxy.forwarded
        assert {"discord.test", "gateway.discord.test", "images.test"} <= set(used)
        assert await bot.stop() == 0
    finally:
        await bot.kill()
    log = "\n".join(bot.lines)
    assert "Traceback" not in log
    assert not [form for form in ("ada:pw", "YWRhOnB3", "password='pw'") if form in log]
    assert "\r\nAuthorization: Basic" not in "".join(proxy.headers)
    assert all("Authorization: Bot" not in head for head in proxy.headers if head.startswith("CONNECT"))


async def test_what_no_proxy_names_is_reached_directly(behind: Behind) -> None:
    env, proxy = behind.env, behind.proxy
    env.discord.gateway.url = "wss://gateway.discord.test/gateway/"
    bot = BotProcess(behind.settings("https", NO_PROXY="other.test,images.test"), env.folder)
    await bot.start()
    try:
        await env.discord.bot_ready()
        asked = await env.slash("imagine", {"prompt": "a paper boat"})
        assert "reached" in await env.private_answer(asked)
        assert proxy.tunnels["images.test"] == 0
    finally:
        await bot.kill()


async def test_a_proxy_that_refuses_its_login_is_named(behind: Behind) -> None:
    settings = behind.settings("https", HTTPS_PROXY=f"http://ada:wrong-word@{behind.proxy.address}")
    bot = BotProcess(settings, behind.env.folder)
    await bot.start()
    assert await bot.wait(60) == Exit.SETTINGS
    assert "HTTPS_PROXY" in bot.lines[-1]
    assert "wrong-word" not in "\n".join(bot.lines)


@pytest.mark.parametrize(
    ("status", "words"), [(403, "the proxy cannot connect to Discord (HTTP 403)"), (502, "(HTTP 502)")]
)
async def test_a_proxy_that_does_not_let_the_bot_through_is_waited_for(behind: Behind, status: int, words: str) -> None:
    env = behind.env
    env.discord.gateway.url = "wss://gateway.discord.test/gateway/"
    behind.proxy.status = status
    bot = BotProcess(behind.settings("https"), env.folder)
    await bot.start()
    try:
        await bot.logged(words, "the bot keeps trying")
        behind.proxy.status = 200
        await env.discord.bot_ready()
        await bot.logged("connected to Discord again")
    finally:
        await bot.kill()
    assert not [line for line in bot.lines if "Traceback" in line or "pw@" in line]


async def test_a_proxy_that_is_not_there_is_waited_for(behind: Behind) -> None:
    settings = behind.settings("https", HTTPS_PROXY="http://ada:some-word@127.0.0.1:9")
    bot = BotProcess(settings, behind.env.folder)
    await bot.start()
    line = await bot.logged("the proxy cannot be reached", "the bot keeps trying")
    assert "some-word" not in line
    assert await bot.stop() == 0
