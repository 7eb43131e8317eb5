"""A start that cannot succeed ends with one line that names the reason, a code of its own, and no traceback."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.__main__ import Exit
from playground.bot_process import ROOT, BotProcess
from playground.discord import LocalDiscord

GOOD = {"DISCORD_TOKEN": "local", "MJ_API_URL": "http://127.0.0.1:9", "WEB_PORT": "0"}


async def failed_start(folder: Path, settings: Mapping[str, str]) -> tuple[int, str]:
    """The exit code of a start that fails, and all that it printed."""
    bot = BotProcess(settings, folder)
    await bot.start()
    try:
        code = await bot.wait(30)
    finally:
        await bot.kill()
    return code, "\n".join(bot.lines)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DISCORD_TOKEN", ""),
        ("MJ_API_URL", ""),
        ("MJ_API_URL", "images.example.net"),
        ("MJ_API_URL", "https://images.example.net/mj"),
        ("MJ_AUTH", "basic"),
        ("MJ_PROFILE", "dalle"),
        ("MJ_STYLES", "bare-mask upside-down"),
        ("DATABASE_URL", "postgres://somewhere/else"),
        ("PUBLIC_URL", "bot.example.net"),
        ("WEB_PORT", "70000"),
        ("POLL_INTERVAL", "often"),
        ("ALLOW_PRIVATE_IMAGE_HOSTS", "perhaps"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
async def test_a_wrong_setting_is_named_on_one_line(tmp_path: Path, variable: str, value: str) -> None:
    code, printed = await failed_start(tmp_path, {**GOOD, variable: value})
    assert code == Exit.SETTINGS
    (line,) = printed.splitlines()
    assert variable in line
    assert "expected" in line
    assert value not in line or not value


async def test_all_wrong_settings_are_named_at_once(tmp_path: Path) -> None:
    _, printed = await failed_start(tmp_path, {"WEB_PORT": "x"})
    assert all(variable in printed for variable in ("DISCORD_TOKEN", "MJ_API_URL", "WEB_PORT"))
    assert len(printed.splitlines()) == 1


async def test_a_token_that_discord_refuses_is_named(tmp_path: Path) -> None:
    async with LocalDiscord(bot_token="right") as discord:
        settings = {**GOOD, "DISCORD_API_URL": discord.api_url, "DISCORD_TOKEN": "wrong-token"}
        code, printed = await failed_start(tmp_path, settings)
    assert code == Exit.TOKEN
    assert "DISCORD_TOKEN" in printed.splitlines()[-1]
    assert "Traceback" not in printed
    assert "wrong-token" not in printed


async def test_a_newer_database_is_named(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "atelier.db") as connection:
        connection.execute("PRAGMA user_version = 9999")
    connection.close()
    code, printed = await failed_start(tmp_path, {**GOOD, "DATABASE_URL": "sqlite:///atelier.db"})
    assert (code, "Traceback" in printed) == (Exit.NEWER_DATABASE, False)


async def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, printed = await failed_start(tmp_path, {**GOOD, "WEB_PORT": str(taken.getsockname()[1])})
    assert (code, "Traceback" in printed) == (Exit.PORT, False)
    assert "WEB_PORT" in printed.splitlines()[-1]


async def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MJ_API_URL=http://127.0.0.1:9\nWEB_PORT=not-a-port\n")
    code, printed = await failed_start(tmp_path, {"WEB_PORT": "70000"})
    assert code == Exit.SETTINGS
    assert "MJ_API_URL" not in printed


async def test_a_command_that_is_not_there_explains_itself() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "fly", cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(30):
        _, printed = await process.communicate()
    assert process.returncode == Exit.USAGE
    assert b"playground" in printed
