"""A second engine, for tests: its image comes in the answer. It has no IDs, no polling, and no search for lost answers.

`python -m tests.support.sketch_engine` runs the bot with this engine in addition to Midjourney. `SKETCH_URL` is the
URL of its service (`tests.support.sketch_service`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import aiohttp

from bot.__main__ import main
from bot.engines.base import ImageEngine
from bot.engines.errors import AnswerLost, NotSent, RefusalKind, ServiceRefused
from bot.engines.models import (
    ButtonGroup,
    ButtonInput,
    Feature,
    Finished,
    RemoteStatus,
    RemoteTask,
    SubmitAnswer,
    SubmitTag,
)
from bot.engines.options import Mode
from storage import InputImage, Request, StoredButton, Task, TaskState

NAME = "sketch"
AGAIN = StoredButton("again", "Again", "🔁", name="Again", group=ButtonGroup.OTHER, input=ButtonInput.NONE)
CHANGE = StoredButton("change", "Change", "✏️", name="Change", group=ButtonGroup.VARY, input=ButtonInput.PROMPT)
SECONDS = 30.0


class SketchCapabilities:
    """Only prompts."""

    reads_mode_flag = False
    ignores_modes = True

    def has(self, feature: Feature) -> bool:
        """It has none of the features that an engine may lack."""
        return False

    def supports_mode(self, mode: Mode) -> bool:
        """It has no modes."""
        return False


class SketchEngine(ImageEngine):
    """The engine of a service with one endpoint: POST /sketch {"prompt": …}, answered with a PNG."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    @property
    def name(self) -> str:
        """The name under which its tasks are stored."""
        return NAME

    @property
    def capabilities(self) -> SketchCapabilities:
        """What it can do."""
        return SketchCapabilities()

    @property
    def answers_with_result(self) -> bool:
        """The image comes in the answer."""
        return True

    async def submit(self, request: Request, inputs: Sequence[InputImage], tag: SubmitTag) -> SubmitAnswer:
        """Sends the prompt."""
        return await self._sketch(request.prompt)

    async def press(self, parent: Task, request: Request, inputs: Sequence[InputImage], tag: SubmitTag) -> SubmitAnswer:
        """Sends the prompt of the pressed image once more, or the one that was typed for it."""
        return await self._sketch(request.window_prompt or parent.prompt)

    def buttons(self, task: Task) -> tuple[StoredButton, ...]:
        """Every finished image has the same two buttons."""
        return (AGAIN, CHANGE) if task.state is TaskState.SUCCESS else ()

    async def _sketch(self, prompt: str) -> SubmitAnswer:
        limit = aiohttp.ClientTimeout(total=SECONDS)
        try:
            async with self._session.post(f"{self._url}/sketch", json={"prompt": prompt}, timeout=limit) as answer:
                if answer.status == 400:
                    raise ServiceRefused(RefusalKind.BANNED_PROMPT, await answer.text(), http_status=400)
                if answer.status != 200:
                    raise ServiceRefused(RefusalKind.SERVICE_FAULT, http_status=answer.status)
                data = await answer.read()
        except aiohttp.ClientConnectorError as error:
            raise NotSent(str(error)) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise AnswerLost(str(error)) from error
        remote = RemoteTask(id="", status=RemoteStatus.SUCCESS, final_prompt=f"{prompt}, sketched")
        return Finished(remote, (InputImage("image/png", data),))


if __name__ == "__main__":
    sys.exit(main(["run"], engines=[lambda session: SketchEngine(session, os.environ["SKETCH_URL"])]))
