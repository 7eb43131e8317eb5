"""`doctor` tries everything that the settings name, says a line of each, and fails when one does."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest

from playground.bot_process import ROOT
from playground.discord import LocalDiscord
from playground.driver import Environment, Scenario
from playground.local_service import HOST, held_port
from tests.support.proxy import AUTHORITY, Proxy

# Stands for an address at which nobody answers.
DEAD = "dead"


@pytest.fixture
async def env(tmp_path: Path) -> AsyncIterator[Environment]:
    """Everything but the bot."""
    async with Environment(tmp_path, Scenario(platform="clean")) as env:
        yield env


async def doctor(folder: Path, settings: Mapping[str, str]) -> tuple[int, dict[str, str]]:
    """The exit code, and what was said of each thing."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "doctor",
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LOG_LEVEL": "ERROR", **settings},
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        printed, _ = await process.communicate()
    lines = [line.split(": ", 1) for line in printed.decode().splitlines()]
    return process.returncode or 0, dict(lines)


async def test_everything_that_works_is_said_to(env: Environment) -> None:
    code, said = await doctor(env.folder, env.settings())
    names = ["settings", "Discord", "gateway", "clock", "database", "image API", "engines file", "platform", "engines"]
    assert list(said) == [f"ok    {name}" for name in [*names, "callbacks"]]
    assert "accepts the key" in said["ok    platform"]
    assert "models" in said["ok    platform"]
    assert "25.00 credits left" in said["ok    platform"]
    assert "midjourney, " in said["ok    engines"]
    assert "dall-e-3" in said["ok    engines"]
    assert "chat gpt-5-mini" in said["ok    engines"]
    assert "transcription gpt-4o-mini-transcribe" in said["ok    engines"]
    assert "1000 of 1000 session starts" in said["ok    gateway"]
    assert env.discord.gateway.identified == 0
    assert code == 0
    assert env.images.tasks == {}


@pytest.mark.parametrize(
    ("broken", "name", "words"),
    [
        ({"DISCORD_TOKEN": "wrong"}, "Discord", "DISCORD_TOKEN"),
        ({"DISCORD_API_URL": DEAD}, "Discord", "DISCORD_API_URL"),
        ({"MJ_API_URL": DEAD}, "image API", "MJ_API_URL"),
        ({"MJ_API_KEY": "wrong"}, "image API", "MJ_API_KEY"),
        ({"DATABASE_URL": "sqlite:////proc/no/such/place.db"}, "database", "DATABASE_URL"),
        ({"PUBLIC_URL": DEAD}, "callbacks", "PUBLIC_URL"),
        ({"PLATFORM_API_URL": DEAD}, "platform", "PLATFORM_API_URL"),
        ({"PLATFORM_API_KEY": "wrong"}, "platform", "PLATFORM_API_KEY"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
async def test_what_does_not_work_is_named_and_the_rest_is_still_tried(
    env: Environment, broken: dict[str, str], name: str, words: str
) -> None:
    with held_port() as port:
        settings = {variable: f"http://{HOST}:{port}" if value == DEAD else value for variable, value in broken.items()}
        code, said = await doctor(env.folder, {**env.settings(), **settings})
    assert code == 1
    assert words in said[f"FAIL  {name}"]
    assert len(said) == 10
    assert [line for line in said if line.startswith("FAIL")] == [f"FAIL  {name}"]


@pytest.mark.parametrize(
    ("changed", "line", "words"),
    [
        ({"PLATFORM_API_URL": ""}, "skip  platform", "PLATFORM_API_URL is empty"),
        ({"MJ_API_URL": "", "MJ_API_KEY": ""}, "skip  image API", "MJ_API_URL is empty"),
        ({"PLATFORM_API_URL": None, "PLATFORM_API_KEY": None}, "skip  platform", "MJ_API_URL sells no other models"),
    ],
    ids=["no-platform", "no-midjourney", "not-sold-there"],
)
async def test_what_is_switched_off_is_skipped(
    env: Environment, changed: dict[str, str | None], line: str, words: str
) -> None:
    settings = {**env.settings(), **changed}
    code, said = await doctor(env.folder, {name: value for name, value in settings.items() if value is not None})
    assert code == 0
    assert words in said[line]
    assert ("skip  engines" in said) == ("skip  platform" in said)


async def test_a_platform_without_any_image_model_is_not_enough_alone(env: Environment) -> None:
    env.platform.catalog.withdraw(*[name for name in env.platform.catalog.models if name != "gpt-5-mini"])
    code, said = await doctor(env.folder, {**env.settings(), "MJ_API_URL": ""})
    assert code == 1
    assert "ENGINES_FILE" in said["FAIL  engines"]


async def test_beside_a_running_bot_the_callbacks_are_looked_at_through_it(env: Environment) -> None:
    await env.start_bot()
    code, said = await doctor(env.folder, env.settings())
    assert (code, "running bot" in said["ok    database"], "ok    callbacks" in said) == (0, True, True)


@pytest.mark.parametrize(
    ("how", "name", "words"),
    [
        (
            lambda d: d.fail_next("GET", "/users/@me", status=429, page="error code: 1015"),
            "Discord",
            "blocks this machine's IP address",
        ),
        (lambda d: d.fail_next("GET", "/users/@me", status=503), "Discord", "unavailable (HTTP 503)"),
        (lambda d: d.fail_next("GET", "/gateway/bot", status=401), "Discord", "DISCORD_TOKEN"),
        (lambda d: d.fail_next("GET", "/users/@me", status=200, page="Sign in"), "Discord", "sign-in page"),
        (lambda d: setattr(d.account, "remaining", 0), "gateway", "0 of 1000 session starts"),
        (lambda d: d.gateway.refuse(4012), "gateway", "4012"),
        (lambda d: setattr(d.gateway, "url", "ws://127.0.0.1:9/"), "gateway", "cannot be reached"),
        (lambda d: setattr(d.state.snowflakes, "ahead", -1200.0), "clock", "0:20:00 ahead of Discord's"),
    ],
    ids=["1015", "503", "gateway-401", "sign-in", "no-starts", "4012", "no-gateway", "clock"],
)
async def test_what_is_wrong_with_discord_has_a_line_of_its_own(
    env: Environment, how: Callable[[LocalDiscord], None], name: str, words: str
) -> None:
    how(env.discord)
    code, said = await doctor(env.folder, env.settings())
    assert code == 1
    assert words in said[f"FAIL  {name}"]
    assert [line for line in said if line.startswith("FAIL")] == [f"FAIL  {name}"]
    assert len(said) == 10


async def test_a_proxy_is_used_and_named_without_its_login(env: Environment) -> None:
    hosts = {"discord.test": env.discord.base_url, "images.test": env.images.base_url}
    async with Proxy(hosts, login="ada:some-word") as proxy:
        env.discord.gateway.url = "wss://discord.test/gateway/"
        settings = {
            **env.settings(),
            "DISCORD_API_URL": "https://discord.test/api/v10",
            "MJ_API_URL": "https://images.test",
            "HTTPS_PROXY": f"http://ada:some-word@{proxy.address}",
            "SSL_CERT_FILE": str(AUTHORITY),
        }
        code, said = await doctor(env.folder, settings)
        assert (code, set(proxy.tunnels)) == (0, {"discord.test", "images.test"})
        assert f"through http://{proxy.address}" in said["ok    Discord"]
        assert f"through http://{proxy.address}" in said["ok    image API"]
        assert "some-word" not in str(said)
        wrong = {**settings, "HTTPS_PROXY": f"http://ada:wrong-word@{proxy.address}"}
        code, said = await doctor(env.folder, wrong)
        assert (code, "HTTPS_PROXY" in said["FAIL  Discord"], "wrong-word" in str(said)) == (1, True, False)
