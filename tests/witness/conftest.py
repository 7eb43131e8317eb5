"""aimock, a server of the same API by other people, on loopback."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.platform.client import PlatformClient
from bot.platform.transport import PlatformLimits
from playground.local_service import HOST, held_port
from playground.platform.pictures import Pictures
from playground.platform.speech import as_opus

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".witness" / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
MISSING = "the independent server is not installed: run `make witness`, which needs npm and Node 20 or newer"
START_SECONDS = 20.0
BOAT = "A paper boat sails on a lake. 🚣"
SPOKEN = "a paper boat"


def refused(status: int, message: str, code: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "code": code}, "status": status}


def fixtures() -> dict[str, Any]:
    """What it answers, by what it is asked."""
    painted = Pictures(side=64).paint("a paper boat").base64
    speech = {"audio": base64.b64encode(as_opus(SPOKEN)).decode(), "format": "opus"}
    answers: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"userMessage": "forbidden"}, refused(400, "Your request was rejected.", "content_policy_violation")),
        ({"userMessage": "money"}, refused(429, "You exceeded your current quota.", "insufficient_quota")),
        ({"userMessage": "boat", "endpoint": "chat", "model": "gpt-5-mini"}, {"content": BOAT}),
        ({"userMessage": "two", "endpoint": "image"}, {"images": [{"b64Json": painted}, {"b64Json": painted}]}),
        ({"endpoint": "image"}, {"image": {"b64Json": painted, "revisedPrompt": "a boat of paper"}}),
        ({"endpoint": "speech"}, speech),
        ({"endpoint": "transcription"}, {"transcription": {"text": SPOKEN}}),
        ({"endpoint": "translation"}, {"transcription": {"text": SPOKEN}}),
    ]
    cut = {"match": {"userMessage": "cut"}, "response": {"content": BOAT * 20}, "truncateAfterChunks": 5, "latency": 20}
    return {"fixtures": [cut, *({"match": match, "response": answer} for match, answer in answers)]}


class Witness:
    """The running server."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self._session = session
        limits = PlatformLimits(backoff=0.001, billed=20.0, idle=10.0, attempts=2)
        self.client = PlatformClient(session, url, key="sk-any", limits=limits)

    async def journal(self) -> list[dict[str, Any]]:
        """The requests that it received, as it tells them."""
        async with self._session.get(f"{self.url}/__aimock/journal") as answer:
            found: list[dict[str, Any]] = await answer.json()
        return found


@pytest.fixture
async def witness(tmp_path: Path) -> AsyncIterator[Witness]:
    node = shutil.which("node")
    if node is None or not PROGRAM.exists():
        pytest.skip(MISSING)
    file = tmp_path / "fixtures.json"
    file.write_text(json.dumps(fixtures()), encoding="utf-8")
    with held_port() as port:
        command = (node, str(PROGRAM), "-h", HOST, "-p", str(port), "-f", str(file), "--log-level", "warn")
        process = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT)
        try:
            async with aiohttp.ClientSession() as session:
                witness = Witness(f"http://{HOST}:{port}", session)
                await _started(witness, session, process)
                yield witness
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()


async def _started(witness: Witness, session: aiohttp.ClientSession, process: asyncio.subprocess.Process) -> None:
    """Waits until it answers."""
    async with asyncio.timeout(START_SECONDS):
        while process.returncode is None:
            try:
                async with session.get(f"{witness.url}/ready"):
                    return
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.05)
    output, _ = await process.communicate()
    raise RuntimeError(output.decode(errors="replace"))
