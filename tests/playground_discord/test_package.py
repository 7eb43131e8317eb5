"""The package as others would use it: on its own, by its public names, as its README says."""

from __future__ import annotations

import ast
import asyncio
import re
import sys
from pathlib import Path
from typing import Any

import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

import playground.discord
from playground.discord import LocalDiscord, errors

PACKAGE = Path(playground.discord.__file__).parent
README = (PACKAGE / "README.md").read_text(encoding="utf-8")
MODULES = sorted(PACKAGE.glob("*.py"))
OWN = {"bot", "cogs", "storage", "tests", "playground"}


def imported(path: Path) -> set[str]:
    """The full names of the modules that a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_the_package_needs_nothing_of_the_packages_around_it(path: Path) -> None:
    foreign = {name for name in imported(path) if not name.startswith("playground.discord")}
    heads = {name.split(".")[0] for name in foreign}
    assert heads - sys.stdlib_module_names <= {"aiohttp"}


@pytest.mark.parametrize("path", [*MODULES, PACKAGE / "README.md"], ids=lambda path: path.name)
def test_the_package_knows_nothing_of_the_bot_that_it_was_written_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8").lower()
    assert [word for word in ("atelier", "midjourney", "imagine", "mj_") if word in text] == []


def test_every_public_name_can_be_imported() -> None:
    names = playground.discord.__all__
    assert names == sorted(names)
    assert [name for name in names if not hasattr(playground.discord, name)] == []


def table(heading: str) -> list[list[str]]:
    """The cells of the table below a heading of the README, without its head."""
    section = README.split(f"### {heading}\n", 1)[1].split("\n#", 1)[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


async def test_the_readme_names_every_endpoint(local: LocalDiscord) -> None:
    described = {
        (method, path)
        for paths, methods in table("REST")
        for path in re.findall(r"`([^`]+)`", paths)
        for method in methods.split(", ")
    }
    assert described == {(route.method, route.path) for route in local.routes()}


def test_the_readme_names_every_error_code() -> None:
    known = [value for value in vars(errors).values() if isinstance(value, errors.ErrorCode)]
    section = README.split("### Error codes\n", 1)[1].split("\n500 is", 1)[0]
    described = [
        (int(status), int(code), message)
        for status, codes in re.findall(r"- \*\*(\d{3})\*\*: ((?:.+\n)(?:  .+\n)*)", section)
        for code, message in re.findall(r"(\d+) (.+?)(?: · |$)", " ".join(codes.split()))
    ]
    assert sorted(described) == sorted(tuple(each) for each in known)


def test_the_readme_names_every_gateway_event() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in MODULES)
    sent = set(
        re.findall(r'"((?:GUILD|CHANNEL|THREAD|INTERACTION|MESSAGE)_(?:ROLE_)?(?:CREATE|DELETE|UPDATE))"', sources)
    )
    events = README.split("Events: ", 1)[1].split(".\n", 1)[0]
    described = set(re.findall(r"[A-Z_]{5,}", events))
    # MESSAGE_CREATE and MESSAGE_UPDATE are put together from their parts.
    assert described == sent | {"READY", "RESUMED", "MESSAGE_CREATE", "MESSAGE_UPDATE"}


@pytest.fixture(scope="module")
def examples() -> dict[str, Any]:
    """The names that the README's code defines, its blocks read as one module."""
    code = "\n".join(re.findall(r"```python\n(.*?)```", README, re.DOTALL))
    names: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), names)  # noqa: S102 - it is this package's own
    return names


async def test_the_readmes_example_test_passes(examples: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    await examples["test_ping"](monkeypatch)


@pytest.mark.parametrize("example", ["use_buttons", "use_faults"])
async def test_the_readmes_examples_do_what_they_say(
    examples: dict[str, Any], example: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with LocalDiscord() as server, examples["PingBot"]("!", intents=discord.Intents.default()) as bot:
        monkeypatch.setattr(Route, "BASE", server.api_url)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", URL(server.gateway.url))
        running = asyncio.create_task(bot.start(server.bot_token))
        await server.bot_ready()
        await examples[example](server)
        await bot.close()
        await asyncio.wait_for(running, 10)
    if example == "use_buttons":
        assert "Bob → [Greet]" in capsys.readouterr().out
