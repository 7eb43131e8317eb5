"""The real web server on a free port, with the machine behind it."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from bot.media import ImageDownloader
from bot.tasks.callbacks import CallbackHandler
from bot.tasks.errors import UserError
from bot.tasks.results import SubmitResult
from bot.web.client_address import TrustedProxies
from bot.web.connection_limit import ConnectionLimits
from bot.web.mask_editor import MaskEditor, MaskEditorRoutes
from bot.web.server import WebServer, serve
from storage import MaskEditorLink, Task, TaskId
from tests.support.machine import Machine, running_machine
from tests.support.task_images import task_images


@dataclass
class Site:
    """A running web server."""

    machine: Machine
    url: str
    port: int
    heard: list[TaskId]
    mask_editor: MaskEditor

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


class MakeSite(Protocol):
    """Makes a running web server."""

    async def __call__(
        self, *, proxies: TrustedProxies | None = None, limits: ConnectionLimits | None = None
    ) -> Site: ...


@asynccontextmanager
async def running_site(
    folder: Path, *, proxies: TrustedProxies | None = None, limits: ConnectionLimits | None = None
) -> AsyncIterator[Site]:
    """A web server that serves while within, with the painter."""
    urls: list[str] = []
    async with AsyncExitStack() as stack:
        machine = await stack.enter_async_context(running_machine(folder, hook=lambda: urls[0]))
        heard: list[TaskId] = []
        hearing = CallbackHandler(machine.store, machine.engines, machine.service, heard=heard.append)
        fetcher = await stack.enter_async_context(ImageDownloader(allow_private=True, trusted_hosts=[]))
        # To the rate limit everything comes at once, however slow this machine is just now.
        web = WebServer(
            machine.store, hearing, machine.background, healthy=lambda: True, proxies=proxies, clock=lambda: 0.0
        )
        mask_editor = MaskEditor(
            machine.store,
            machine.service,
            fetcher,
            task_images(machine.store, fetcher),
            machine.background,
            "http://127.0.0.1",
            after_submit=nothing_more,
        )
        app = web.app()
        MaskEditorRoutes(mask_editor).add_to(app)
        port = await stack.enter_async_context(serve(app, "127.0.0.1", 0, proxies=proxies, limits=limits))
        urls.append(f"http://127.0.0.1:{port}")
        yield Site(machine, urls[0], port, heard, mask_editor)


async def nothing_more(_: MaskEditorLink, __: SubmitResult | UserError) -> None:
    """What follows a painted region: nothing."""


@pytest.fixture
async def make_site(tmp_path: Path) -> AsyncIterator[MakeSite]:
    async with AsyncExitStack() as stack:

        async def make(*, proxies: TrustedProxies | None = None, limits: ConnectionLimits | None = None) -> Site:
            return await stack.enter_async_context(running_site(tmp_path, proxies=proxies, limits=limits))

        yield make


@pytest.fixture
async def site(make_site: MakeSite) -> Site:
    return await make_site()
