"""The engine of the midjourney-proxy family: turns stored requests into request bodies of the image API."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from bot.engines.base import ImageEngine, ReportProgress, SendPress
from bot.engines.errors import Limitation, NotOffered, Unsuitable
from bot.engines.midjourney.buttons import buttons_of, facts_of, grid_size
from bot.engines.midjourney.capabilities import Capabilities
from bot.engines.midjourney.client import MidjourneyClient
from bot.engines.midjourney.custom_id_facts import TEXT_LINES, remixable
from bot.engines.midjourney.custom_id_parser import ActionKind, ChangeAction, job_id_in
from bot.engines.midjourney.requests import (
    AccountFilter,
    ActionRequest,
    BlendRequest,
    ChangeRequest,
    DescribeRequest,
    EditRequest,
    ImagineRequest,
    ModalRequest,
    RetextureRequest,
    ShortenRequest,
    ShowRequest,
    SubmitRequest,
    SwapRequest,
    SwapVideoRequest,
    VideoRequest,
)
from bot.engines.midjourney.submitter import PreparedBody
from bot.engines.midjourney.task_parsing import parse_task
from bot.engines.models import (
    Digests,
    Listed,
    NoTask,
    PressInputs,
    RemoteTask,
    SubmitAccepted,
    SubmitAnswer,
    SubmitTag,
    UploadAccepted,
)
from bot.engines.options import COUNT, QUALITY, TRANSPARENT, BotType, Dimensions, Mode, Motion
from bot.engines.request_bodies import data_urls
from bot.net import json_limits
from storage import DEFAULT_ENGINE, Action, InputImage, Request, StoredButton, Task


class _Button(NamedTuple):
    """The request for a button, and its kind."""

    body: ActionRequest | ChangeRequest
    kind: ActionKind


class MidjourneyEngine(ImageEngine):
    """Generates images with Midjourney, through a service of the family."""

    def __init__(self, client: MidjourneyClient) -> None:
        self.client = client
        self._capabilities = client.capabilities

    @property
    def name(self) -> str:
        """The name under which tasks of this engine are stored."""
        return DEFAULT_ENGINE

    @property
    def capabilities(self) -> Capabilities:
        """What the service can do now."""
        return self._capabilities

    def check(self, request: Request, images: int) -> None:
        """Raises Unsuitable for options of other engines, for which Midjourney has flags."""
        if any(request.option(name) for name in (QUALITY, COUNT, TRANSPARENT)):
            raise Unsuitable(Limitation.FLAGS, engine="Midjourney")

    async def submit(
        self, request: Request, inputs: Sequence[InputImage], tag: SubmitTag, report: ReportProgress
    ) -> SubmitAnswer:
        """Submits a command's request once."""
        return await self.client.submit(await body_of(request, inputs), _mode_of(request), tag)

    async def press(
        self, parent: Task, request: Request, inputs: Sequence[InputImage], tag: SubmitTag, report: ReportProgress
    ) -> SubmitAnswer:
        """Submits a button once. Its only image, the mask, is sent with the confirmation of its modal."""
        return await self._press(self._button_of(parent, request), request, tag)

    def prepared_press(
        self, parent: Task, request: Request, inputs: Sequence[InputImage], tag: SubmitTag
    ) -> SendPress | None:
        """Encodes the body of a button's request."""
        button = self._button_of(parent, request)
        encoded = self.client.prepared(button.body, _mode_of(request), tag)
        return partial(self._press, button, request, tag, encoded)

    def _button_of(self, parent: Task, request: Request) -> _Button:
        if parent.upstream_id is None or request.custom_id is None:
            raise ValueError("a button needs the task that it belongs to")
        parsed = facts_of(request.custom_id).parsed
        if parsed.kind is ActionKind.CHANGE:
            action, index = ChangeAction(parsed.change), parsed.index or 1
            return _Button(ChangeRequest(task_id=parent.upstream_id, action=action, index=index), parsed.kind)
        custom_id, remix = request.custom_id, False
        if request.window_prompt is not None and parsed.kind not in TEXT_LINES:
            remix = remixable(custom_id) and self._capabilities.profile.remix_on_request
        press = ActionRequest(task_id=parent.upstream_id, custom_id=custom_id, enable_remix=remix or None)
        return _Button(press, parsed.kind)

    async def _press(
        self, button: _Button, request: Request, tag: SubmitTag, prepared: PreparedBody | None = None
    ) -> SubmitAnswer:
        mode = _mode_of(request)
        try:
            answer = await self.client.submit(button.body, mode, tag, prepared)
        except NotOffered:
            if button.kind not in TEXT_LINES or request.window_prompt is None:
                raise
            # The refusal is certain, so nothing is sent twice. The line is submitted as a prompt of its own, which
            # every service supports (docs/image-api.md#text-buttons).
            return await self.client.submit(ImagineRequest(prompt=request.window_prompt), mode, tag)
        # Some services answer a favorite with the image's own task, because there is no new one
        # (docs/image-api.md#image-buttons).
        favorite = button.kind is ActionKind.BOOKMARK
        if favorite and isinstance(answer, SubmitAccepted) and answer.task_id == button.body.task_id:
            return NoTask()
        return answer

    async def confirm(
        self, task_id: str, prompt: str | None, request: Request, inputs: Sequence[InputImage], tag: SubmitTag
    ) -> SubmitAnswer:
        """Confirms a modal with the prompt and the mask of a region."""
        mask = inputs[0].data if inputs else None
        confirmation = ModalRequest(task_id=task_id, prompt=prompt, mask_base64=mask)
        return await self.client.submit(confirmation, _mode_of(request), tag)

    def buttons(self, task: Task) -> tuple[StoredButton, ...]:
        """The buttons of a task. A press names the task's ID at the service, so there are none before it is known."""
        return buttons_of(task) if task.upstream_id else ()

    def press_inputs(self, button: StoredButton) -> PressInputs:
        """Nothing: the service has the images of its tasks."""
        return PressInputs()

    def grid_size(self, task: Task) -> int:
        """4 for a grid."""
        return grid_size(task, buttons_of(task))

    def offers(self, button: StoredButton) -> bool:
        """Whether a button can succeed. If the service does not support the buttons of a description or of a shortened
        prompt, their lines are sent as prompts."""
        if self._capabilities.supports_button(button.custom_id):
            return True
        return facts_of(button.custom_id).kind in TEXT_LINES

    def job_id_in(self, typed: str) -> str | None:
        """The ID of a Midjourney job in typed text."""
        return job_id_in(typed)

    def read_callback(self, body: bytes | bytearray) -> RemoteTask:
        """Reads a task that the service posts (docs/image-api.md#callbacks)."""
        return self.client.reachable(parse_task(json_limits.loads(body.decode())))

    async def fetch(self, task_id: str, *, tries: int | None = None) -> RemoteTask:
        """The current state of one task."""
        return await self.client.fetch(task_id, tries=tries)

    async def list_news(self, task_ids: Sequence[str], seen: Digests, *, tries: int | None = None) -> Listed:
        """The states of these tasks, as far as they changed."""
        return await self.client.list_news(task_ids, seen, tries=tries)

    async def list_all(self) -> Sequence[RemoteTask]:
        """The newest tasks of the service."""
        return await self.client.list_all()

    async def query(self, state: str) -> Sequence[RemoteTask]:
        """The tasks of one submit."""
        return await self.client.query(state)

    async def queue(self) -> Sequence[RemoteTask]:
        """The waiting tasks of the service."""
        return await self.client.queue()

    async def seed(self, task_id: str) -> str:
        """The seed of a finished image."""
        return await self.client.seed(task_id)

    async def cancel(self, task_id: str) -> None:
        """Requests the cancellation of a task."""
        await self.client.cancel(task_id)

    async def upload(self, pictures: Sequence[str]) -> UploadAccepted:
        """Stores images at Discord."""
        return await self.client.upload(pictures)


def _mode_of(request: Request) -> Mode | None:
    """The mode in which a request is sent. An imported job was generated elsewhere, so it has none."""
    mode = request.option("mode")
    return Mode(mode) if mode and request.action is not Action.SHOW else None


async def body_of(request: Request, pictures: Sequence[InputImage]) -> SubmitRequest:
    """The request body for a command."""
    if request.action is Action.SHOW:
        account = request.option("account")
        return ShowRequest(
            job_id=request.option("job") or "", account_filter=AccountFilter(instance_id=account) if account else None
        )
    if request.action is Action.SWAP_VIDEO:
        face, clip = pictures
        (face_url,) = await data_urls([face])
        return SwapVideoRequest(source_base64=face_url, target_file=clip.data)
    urls = await data_urls(pictures)
    named = request.option("bot_type")
    bot_type = BotType(named) if named else None
    match request.action:
        case Action.IMAGINE:
            return ImagineRequest(prompt=request.prompt, base64_array=urls or None, bot_type=bot_type)
        case Action.BLEND:
            chosen = request.option("dimensions")
            dimensions = Dimensions(chosen) if chosen else None
            return BlendRequest(base64_array=urls, dimensions=dimensions, bot_type=bot_type)
        case Action.DESCRIBE:
            return DescribeRequest(base64=urls[0] if urls else None, link=request.link, bot_type=bot_type)
        case Action.SHORTEN:
            return ShortenRequest(prompt=request.prompt, bot_type=bot_type)
        case Action.SWAP:
            source, target = urls
            return SwapRequest(source_base64=source, target_base64=target)
        case _:
            return _rework(request, urls)


def _rework(request: Request, urls: Sequence[str]) -> SubmitRequest:
    """The request body for an action on an uploaded image; a video may have a second image as its last frame."""
    first, *last = urls
    if request.action is Action.EDIT:
        return EditRequest(prompt=request.prompt, image=first)
    if request.action is Action.RETEXTURE:
        return RetextureRequest(prompt=request.prompt, image=first)
    motion = request.option("motion")
    return VideoRequest(
        prompt=request.prompt,
        image=first,
        end_image=last[0] if last else None,
        motion=Motion(motion) if motion else None,
        loop=bool(request.option("loop")) or None,
    )
