"""A start that cannot succeed ends with one line that names the reason, a code of its own, and no traceback."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from bot.__main__ import Exit
from playground.bot_process import PROGRAM, ROOT, BotProcess
from playground.discord import LocalDiscord

GOOD = {"DISCORD_TOKEN": "local", "MJ_API_URL": "http://127.0.0.1:9", "WEB_PORT": "0"}


async def failed_start(folder: Path, settings: Mapping[str, str], program: Sequence[str] = PROGRAM) -> tuple[int, str]:
    """The exit code of a start that fails, and all that it printed."""
    bot = BotProcess(settings, folder, program=program)
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


@pytest.mark.parametrize(
    "text",
    ["not toml = [", '[[engines]]\nkind = "crayon"\nmodels = ["a"]\n', "unheard_of = 1\n", "voices = 7\n"],
    ids=["syntax", "kind", "name", "type"],
)
@pytest.mark.parametrize("command", ["run", "doctor"])
async def test_a_broken_engines_file_is_a_wrong_setting(tmp_path: Path, text: str, command: str) -> None:
    file = tmp_path / "my-engines.toml"
    file.write_text(text)
    program = ("-m", "bot", command)
    code, printed = await failed_start(tmp_path, {**GOOD, "ENGINES_FILE": str(file)}, program=program)
    assert code == Exit.SETTINGS
    (line,) = printed.splitlines()
    assert "ENGINES_FILE is wrong" in line
    assert "my-engines.toml" in line


@pytest.mark.parametrize(
    "platform", [{}, {"PLATFORM_API_URL": ""}, {"PLATFORM_API_URL": "  "}, {"PLATFORM_API_KEY": "k"}]
)
async def test_without_any_engine_the_start_fails(tmp_path: Path, platform: dict[str, str]) -> None:
    code, printed = await failed_start(tmp_path, {**GOOD, "MJ_API_URL": "", **platform})
    assert code == Exit.SETTINGS
    (line,) = printed.splitlines()
    assert "MJ_API_URL is missing" in line
    assert "PLATFORM_API_URL" in line


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


@pytest.mark.parametrize(
    ("how", "code", "words"),
    [
        pytest.param(lambda d: d.fail_next("GET", "/users/@me", status=401), Exit.TOKEN, "DISCORD_TOKEN", id="401"),
        pytest.param(
            lambda d: d.fail_next("GET", "/gateway/bot", status=401), Exit.TOKEN, "DISCORD_TOKEN", id="gateway-bot-401"
        ),
        pytest.param(
            lambda d: d.fail_next("PUT", "/commands", status=401), Exit.TOKEN, "DISCORD_TOKEN", id="commands-401"
        ),
        pytest.param(
            lambda d: d.fail_next("GET", "/users/@me", status=403, code=40002),
            Exit.APPLICATION,
            "40002",
            id="403-from-discord-itself",
        ),
        pytest.param(
            lambda d: d.fail_next("GET", "/users/@me", status=404, page="<h1>Not Found</h1>"),
            Exit.SETTINGS,
            "DISCORD_API_URL",
            id="404-page",
        ),
        pytest.param(
            lambda d: d.fail_next("GET", "/users/@me", status=400, code=50041), Exit.API_VERSION, "update", id="50041"
        ),
        pytest.param(lambda d: d.gateway.refuse(4012), Exit.API_VERSION, "update the bot", id="4012-before-hello"),
        pytest.param(lambda d: d.gateway.refuse(4004), Exit.TOKEN, "DISCORD_TOKEN", id="4004-before-hello"),
        pytest.param(lambda d: d.gateway.refuse(4011), Exit.SHARDS, "shards", id="4011-before-hello"),
        pytest.param(lambda d: d.gateway.refuse(4014), Exit.INTENTS, "intents", id="4014-before-hello"),
    ],
)
async def test_what_waiting_does_not_cure_ends_with_one_line_and_a_code(
    tmp_path: Path, how: Callable[[LocalDiscord], None], code: Exit, words: str
) -> None:
    async with LocalDiscord(bot_token="right") as discord:
        how(discord)
        settings = {**GOOD, "DISCORD_API_URL": discord.api_url, "DISCORD_TOKEN": "right"}
        ended, printed = await failed_start(tmp_path, settings)
    assert ended == code, printed
    assert words in printed.splitlines()[-1]
    assert "Traceback" not in printed
    assert "ERROR" not in printed


@pytest.mark.parametrize("path", ["/", "/api/v10/", "/api/v9"])
async def test_an_address_without_discords_api_is_named(tmp_path: Path, path: str) -> None:
    async with LocalDiscord(bot_token="right") as discord:
        settings = {**GOOD, "DISCORD_API_URL": f"{discord.base_url}{path}x", "DISCORD_TOKEN": "right"}
        code, printed = await failed_start(tmp_path, settings)
    assert (code, "DISCORD_API_URL" in printed.splitlines()[-1], "Traceback" in printed) == (Exit.SETTINGS, True, False)


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


async def test_another_error_of_the_system_is_not_told_as_a_taken_port(tmp_path: Path) -> None:
    command = "async def command(_):\n    raise PermissionError(13, 'Permission denied')"
    code, printed = await failed_start(
        tmp_path,
        GOOD,
        program=("-c", f"from bot.command_runner import with_settings\n{command}\nwith_settings(command)"),
    )
    assert (code, "PermissionError" in printed, "WEB_PORT" in printed) == (Exit.FAILED, True, False)


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


def written(folder: Path, content: bytes) -> None:
    (folder / ".env").write_bytes(content)


SETTINGS = "# ü é 設定\r\nDISCORD_TOKEN=right\r\nMJ_API_URL=http://127.0.0.1:9\r\nWEB_PORT=0\r\n"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(SETTINGS.encode(), id="utf-8"),
        pytest.param(SETTINGS.encode("utf-8-sig"), id="utf-8-with-bom"),
        pytest.param(SETTINGS.encode("utf-16"), id="utf-16-le"),
        pytest.param(b"\xfe\xff" + SETTINGS.encode("utf-16-be"), id="utf-16-be"),
        pytest.param(SETTINGS.encode("utf-32"), id="utf-32"),
        pytest.param(SETTINGS.replace("\r\n", "\n").encode(), id="lf"),
        pytest.param(SETTINGS.replace("\r\n", "\r").encode(), id="cr"),
        pytest.param(SETTINGS.replace("DISCORD_TOKEN=", "export DISCORD_TOKEN = ").encode(), id="export"),
        pytest.param(SETTINGS.replace("right", '"right"').encode(), id="quotes"),
        pytest.param(SETTINGS.replace("DISCORD_TOKEN=right", "DISCORD_TOKEN=right ").encode(), id="blank-behind"),
        pytest.param(f"not a line of settings\n{SETTINGS}".encode(), id="a-foreign-line"),
    ],
)
async def test_the_file_is_read_in_every_encoding_that_names_itself(tmp_path: Path, content: bytes) -> None:
    written(tmp_path, content)
    async with LocalDiscord(bot_token="right") as discord:
        bot = BotProcess({"DISCORD_API_URL": discord.api_url}, tmp_path)
        await bot.start()
        try:
            await discord.bot_ready(60)
            assert await bot.stop() == 0
        finally:
            await bot.kill()
    assert "dotenv" not in "\n".join(bot.lines)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(SETTINGS.replace("設定", "").encode("cp1252"), ["save it as UTF-8"], id="ansi"),
        pytest.param("# тест\nDISCORD_TOKEN=right\n".encode("cp1251"), ["save it as UTF-8"], id="ansi-cyrillic"),
        pytest.param(SETTINGS.encode("utf-16")[:-1], ["save it as UTF-8"], id="half-a-character"),
        pytest.param(SETTINGS.replace("設定", "").encode("utf-16-le"), ["save it as UTF-8"], id="utf-16-without-mark"),
        pytest.param(b"DISCORD_TOKEN=ri\0ght\n", ["NUL", "save it as UTF-8"], id="nul"),
        pytest.param(SETTINGS.replace("right", "“right”").encode(), ["DISCORD_TOKEN", "quotes"], id="typographic"),
        pytest.param(SETTINGS.replace("right", "„right“").encode(), ["DISCORD_TOKEN", "quotes"], id="typographic-de"),
        pytest.param(SETTINGS.replace("=0", "=‘0’").encode(), ["WEB_PORT", "quotes"], id="typographic-single"),
        pytest.param(SETTINGS.replace("right", '"right').encode(), ["line 2", "quotes in pairs"], id="open-quote"),
        pytest.param(SETTINGS.replace("right", "Bot right").encode(), ["DISCORD_TOKEN is wrong"], id="bot-prefix"),
        pytest.param(SETTINGS.replace("right", "r…ght").encode(), ["DISCORD_TOKEN is wrong"], id="shortened-token"),
        pytest.param(f"MJ_API_KEY='a\nb'\n{SETTINGS}".encode(), ["MJ_API_KEY is wrong"], id="key-of-two-lines"),
        pytest.param(b"x" * 2_000_000, ["larger than"], id="another-file"),
    ],
)
async def test_a_file_that_cannot_be_read_is_named_on_one_line(
    tmp_path: Path, content: bytes, words: list[str]
) -> None:
    written(tmp_path, content)
    code, printed = await failed_start(tmp_path, {})
    (line,) = printed.splitlines()
    assert (code, [word for word in words if word not in line]) == (Exit.SETTINGS, []), line
    assert "right" not in line


async def test_a_folder_in_the_files_place_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    code, printed = await failed_start(tmp_path, GOOD)
    assert (code, printed.splitlines()) == (
        Exit.SETTINGS,
        ["atelier: settings: .env is a folder: replace it with a file or remove it"],
    )


async def test_a_file_that_leads_in_a_circle_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").symlink_to(tmp_path / ".env")
    code, printed = await failed_start(tmp_path, GOOD)
    (line,) = printed.splitlines()
    assert (code, ".env cannot be read" in line) == (Exit.SETTINGS, True)


# Root may read every file, so the program gives that up first.
UNPRIVILEGED = (
    "import os, sys\n"
    "from bot import app\n"
    "from bot.__main__ import main\n"
    "if os.geteuid() == 0:\n"
    "    os.seteuid(65_534)\n"
    "sys.exit(main(['run']))"
)


async def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    written(tmp_path, SETTINGS.encode())
    (tmp_path / ".env").chmod(0)
    bot = BotProcess(GOOD, tmp_path, program=("-c", UNPRIVILEGED))
    await bot.start()
    assert await bot.wait(60) == Exit.SETTINGS
    (line,) = bot.lines
    assert ".env cannot be read: Permission denied" in line


@pytest.mark.parametrize("value", ["socks5://127.0.0.1:1080", "http://", "http://proxy:port", "http://proxy:99999"])
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "http_proxy"])
async def test_a_proxy_that_cannot_be_used_is_named(tmp_path: Path, variable: str, value: str) -> None:
    code, printed = await failed_start(tmp_path, {**GOOD, variable: value})
    (line,) = printed.splitlines()
    assert (code, f"{variable.upper()} is wrong" in line) == (Exit.SETTINGS, True)


HIDDEN = "import sys; sys.modules['fcntl'] = None; from bot.__main__ import main; sys.exit(main(sys.argv[1:]))"


@pytest.mark.parametrize("command", [["run"], ["doctor"], ["playground"], ["backup", "copy.db"]])
async def test_a_system_without_file_locks_is_told_so(tmp_path: Path, command: list[str]) -> None:
    bot = BotProcess(GOOD, tmp_path, program=("-c", HIDDEN, *command))
    await bot.start()
    assert await bot.wait(60) == Exit.PLATFORM
    (line,) = bot.lines
    assert "WSL" in line


BROKEN_LOCK = (
    "import errno, fcntl, os, sys\n"
    "def flock(*_):\n"
    "    raise OSError(getattr(errno, sys.argv[1]), os.strerror(getattr(errno, sys.argv[1])))\n"
    "fcntl.flock = flock\n"
    "from bot.__main__ import main\n"
    "sys.exit(main(['run']))"
)


@pytest.mark.parametrize("name", ["ENOLCK", "EOPNOTSUPP", "EINVAL", "ENOSYS"])
async def test_a_network_share_without_locks_is_named(tmp_path: Path, name: str) -> None:
    bot = BotProcess(GOOD, tmp_path, program=("-c", BROKEN_LOCK, name))
    await bot.start()
    assert await bot.wait(60) == Exit.DATABASE
    assert "network share" in bot.lines[-1]
    assert "Traceback" not in "\n".join(bot.lines)


# The engine's shared memory file grows to 32 kB at once; a limit below stops it as a share does that has no mappings.
SMALL_FILES = (
    "import resource, sys\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, 16_384))\n"
    "from bot.__main__ import main\n"
    "sys.exit(main(['run']))"
)


async def test_a_share_without_shared_memory_is_named(tmp_path: Path) -> None:
    bot = BotProcess(GOOD, tmp_path, program=("-c", SMALL_FILES))
    await bot.start()
    assert await bot.wait(60) == Exit.DATABASE
    assert "network share" in bot.lines[-1]
    assert "Traceback" not in "\n".join(bot.lines)
