"""A second engine, for tests: its image comes in the answer. It has no IDs, no polling, and no search for lost answers.

`python -m tests.support.sketch_engine` runs the bot with this engine in addition to Midjourney. `SKETCH_URL` is the
URL of its service (`tests.support.sketch_service`).
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Sequence

import aiohttp

from bot.__main__ import main
from bot.engines.base import ImageEngine, Progress, ReportProgress
from bot.engines.errors import AnswerLost, Limitation, NotSent, RefusalKind, ServiceRefused, Unsuitable
from bot.engines.models import (
    ButtonGroup,
    ButtonInput,
    Feature,
    Finished,
    PressInputs,
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
# The media type of an answer that tells its progress.
STAGED = "application/x-ndjson"


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
    """The engine of a service with one endpoint: POST /sketch {"prompt": …}. The answer is a PNG, or tells the progress
    before it."""

    # The image comes in the answer.
    answers_with_result = True

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

    async def submit(
        self, request: Request, inputs: Sequence[InputImage], tag: SubmitTag, report: ReportProgress
    ) -> SubmitAnswer:
        """Sends the prompt."""
        return await self._sketch(request.prompt, report)

    async def press(
        self, parent: Task, request: Request, inputs: Sequence[InputImage], tag: SubmitTag, report: ReportProgress
    ) -> SubmitAnswer:
        """Sends the prompt of the pressed image once more, or the one that was typed for it."""
        return await self._sketch(request.window_prompt or parent.prompt, report)

    def check(self, request: Request, images: int) -> None:
        """It takes no images."""
        if images:
            raise Unsuitable(Limitation.NO_INPUTS, engine=self.name)

    def buttons(self, task: Task) -> tuple[StoredButton, ...]:
        """Every finished image has the same two buttons."""
        return (AGAIN, CHANGE) if task.state is TaskState.SUCCESS else ()

    def press_inputs(self, button: StoredButton) -> PressInputs:
        """Nothing: a button sends words."""
        return PressInputs()

    async def _sketch(self, prompt: str, report: ReportProgress) -> SubmitAnswer:
        limit = aiohttp.ClientTimeout(total=SECONDS)
        try:
            async with self._session.post(f"{self._url}/sketch", json={"prompt": prompt}, timeout=limit) as answer:
                if answer.status == 400:
                    raise ServiceRefused(RefusalKind.BANNED_PROMPT, await answer.text(), http_status=400)
                if answer.status != 200:
                    raise ServiceRefused(RefusalKind.SERVICE_FAULT, http_status=answer.status)
                data = await (_staged(answer, report) if answer.content_type == STAGED else answer.read())
        except aiohttp.ClientConnectorError as error:
            raise NotSent(str(error)) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise AnswerLost(str(error)) from error
        remote = RemoteTask(id="", status=RemoteStatus.SUCCESS, final_prompt=f"{prompt}, sketched")
        return Finished(remote, (InputImage("image/png", data),))


async def _staged(answer: aiohttp.ClientResponse, report: ReportProgress) -> bytes:
    """Reads an answer that tells its progress, one JSON object a line, the last one with the image."""
    async for line in answer.content:
        step = json.loads(line)
        if "image" in step:
            return base64.b64decode(step["image"])
        preview = base64.b64decode(step["preview"]) if step["preview"] else None
        await report(Progress(step["percent"], step["preview_url"], preview))
    raise AnswerLost("the answer ended without an image")


if __name__ == "__main__":
    sys.exit(main(["run"], engines=[lambda session: SketchEngine(session, os.environ["SKETCH_URL"])]))
