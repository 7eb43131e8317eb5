"""The real web server on a free port, with the machine behind it."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.tasks.hearing import Hearing
from bot.web.server import WebServer, serving
from storage import Task, TaskId
from tests.support.machine import Machine, running_machine


@dataclass
class Site:
    """A running web server."""

    machine: Machine
    url: str
    port: int
    heard: list[TaskId]

    async def post(
        self, url: str, body: str | bytes | io.BytesIO = "{}", content_type: str | None = "application/json"
    ) -> tuple[int, str]:
        """Posts to an address; the status and the text of the answer."""
        headers = {"Content-Type": content_type} if content_type else {}
        async with self.machine.session.post(url, data=body, headers=headers) as answer:
            return answer.status, await answer.text()

    def hook(self, task: Task) -> str:
        """The callback address of a task."""
        return self.machine.hooks[task.id]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    urls: list[str] = []
    async with running_machine(tmp_path, hook=lambda: urls[0]) as machine:
        heard: list[TaskId] = []
        hearing = Hearing(machine.store, machine.midjourney, machine.service, heard=heard.append)
        # To the doorkeeper everything comes at once, however slow this machine is just now.
        web = WebServer(machine.store, hearing, machine.background, healthy=lambda: True, clock=lambda: 0.0)
        async with serving(web.app(), "127.0.0.1", 0) as port:
            urls.append(f"http://127.0.0.1:{port}")
            yield Site(machine, urls[0], port, heard)
