"""The engine of the midjourney-proxy family and its client: which request of the image API a command or a button
becomes.

Requests that change something are sent once, or to a second endpoint if the first one certainly did not accept them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import aiohttp
from pydantic import SecretStr

from bot.engines.base import ImageEngine, ReportProgress, SendPress
from bot.engines.errors import Limitation, NotOffered, RefusalKind, UnknownTask, Unsuitable
from bot.engines.midjourney.button_kinds import TEXT_LINES, ActionKind, ChangeAction
from bot.engines.midjourney.buttons import buttons_of, facts_of, grid_size, job_id_in, remixable
from bot.engines.midjourney.capabilities import Capabilities
from bot.engines.midjourney.command_requests import DescribeRequest, EditRequest, VideoRequest, body_of
from bot.engines.midjourney.detection import detect
from bot.engines.midjourney.envelopes import refused
from bot.engines.midjourney.profiles import UNKNOWN, Profile, Quirk
from bot.engines.midjourney.reads import TaskReads, path_id
from bot.engines.midjourney.requests import ActionRequest, ChangeRequest, ImagineRequest, ModalRequest, SubmitRequest
from bot.engines.midjourney.sender import Sender
from bot.engines.midjourney.submitter import PreparedBody
from bot.engines.midjourney.task_answers import parse_task
from bot.engines.midjourney.transport import AuthStyle, TimeLimits, Transport
from bot.engines.models import (
    Digests,
    Feature,
    Listed,
    NoTask,
    PressInputs,
    RemoteTask,
    SubmitAccepted,
    SubmitAnswer,
    SubmitTag,
    UploadAccepted,
)
from bot.engines.options import COUNT, QUALITY, TRANSPARENT, Mode
from bot.net.untrusted_data import parse_json
from storage import DEFAULT_ENGINE, Action, InputImage, Request, StoredButton, Task

DETECT_SECONDS = 15.0


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
        if any(map(request.option, (QUALITY, COUNT, TRANSPARENT))):
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
        return self.client.reachable(parse_task(parse_json(body.decode())))

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


class MidjourneyClient(TaskReads):
    """Client of one service of the midjourney-proxy family, with one key. The caller owns the session.

    A submit raises NotSent or ServiceRefused if it was certainly not accepted, and AnswerLost if the outcome is
    unknown. `limits` bounds every call in time. The key appears in no message, log line or repr.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        *,
        key: SecretStr | str,
        auth: AuthStyle = AuthStyle.BEARER,
        capabilities: Capabilities | None = None,
        limits: TimeLimits | None = None,
    ) -> None:
        """`base_url` is the URL of the service without `/mj`. The caller closes the session."""
        limits = limits or TimeLimits()
        transport = Transport(session, base_url, key=key, auth=auth, limits=limits)
        super().__init__(transport, limits, capabilities or Capabilities.unknown())
        self._sender = Sender(transport, limits, self.capabilities)

    async def detect(self) -> Profile | None:
        """Detects the profile of the service and uses it from then on. Returns None if the service does not answer.

        An ambiguous answer does not change the current profile.
        """
        found = await detect(self._transport, seconds=DETECT_SECONDS)
        if found and found is not UNKNOWN:
            self.capabilities.adopt(found)
        return found

    def prepared(self, request: SubmitRequest, mode: Mode | None, tag: SubmitTag) -> PreparedBody | None:
        """The encoded body of a button's request, which can be given to `submit` with the same arguments. None if the
        body may depend on the service's answers. Raises NotSent, ServiceRefused."""
        return self._sender.prepared(request, mode, tag) if isinstance(request, ActionRequest) else None

    async def submit(
        self, request: SubmitRequest, mode: Mode | None, tag: SubmitTag, prepared: PreparedBody | None = None
    ) -> SubmitAnswer:
        """POST of a request to its endpoint (docs/image-api.md#submit-endpoints).

        `mode` is the speed; for a button it should be the mode of its task (docs/image-api.md#modes). An accepted
        ModalRequest must never be sent again (docs/image-api.md#confirm-once). A ShowRequest for a job that the service
        generated itself returns the task of that job.

        Raises NotOffered of the kind UNSUPPORTED_BUTTON if the service does not support a button. Buttons known to be
        unsupported are not sent.
        """
        match request:
            case ActionRequest():
                return await self._press(request, mode, tag, prepared)
            case ChangeRequest():
                return await self._change(request, mode, tag)
            case EditRequest():
                return await self._edit(request, mode, tag)
            case DescribeRequest(link=str()):
                self.capabilities.require(Feature.DESCRIBE_LINK)
            case VideoRequest() if mode is Mode.TURBO:
                # Midjourney rejects it, but only minutes later (docs/image-api.md#modes).
                raise refused(RefusalKind.INVALID, "videos cannot be made in turbo mode")
        return await self._sender.submit(request, mode, tag)

    async def _press(
        self, request: ActionRequest, mode: Mode | None, tag: SubmitTag, prepared: PreparedBody | None
    ) -> SubmitAnswer:
        if not self.capabilities.supports_button(request.custom_id) and self.capabilities.has(Feature.ACTION):
            raise refused(RefusalKind.UNSUPPORTED_BUTTON, "the service does not support this button")
        try:
            return await self._sender.submit(request, mode, tag, prepared)
        except NotOffered as error:
            if error.kind is RefusalKind.UNSUPPORTED_BUTTON:
                self.capabilities.refuse_button(request.custom_id)
            raise

    async def _change(self, request: ChangeRequest, mode: Mode | None, tag: SubmitTag) -> SubmitAnswer:
        try:
            return await self._sender.submit(request, mode, tag)
        except NotOffered as error:
            if not error.absent:
                raise
            not_there = error
        # The request was certainly not accepted, so the other endpoint cannot submit it twice.
        try:
            return await self._sender.submit(request.simple(), mode, tag)
        except UnknownTask:
            # newapi's endpoint never finds the task (docs/image-api.md#change), so UnknownTask does not mean that it is
            # unknown.
            raise not_there from None

    async def _edit(self, request: EditRequest, mode: Mode | None, tag: SubmitTag) -> SubmitAnswer:
        if self.capabilities.has_quirk(Quirk.EDITS_AS_ARRAY):
            return await self._sender.submit(request.as_array(), mode, tag)
        try:
            return await self._sender.submit(request, mode, tag)
        except NotOffered as error:
            if not error.absent:
                raise
            # The request was certainly not accepted, so the endpoint's older name cannot submit it twice.
            return await self._sender.submit(request.older(), mode, tag)

    async def upload(self, pictures: Sequence[str]) -> UploadAccepted:
        """POST /mj/submit/upload-discord-images: stores images, given as data URLs, at Discord
        (docs/image-api.md#upload)."""
        return await self._sender.upload(pictures)

    async def cancel(self, task_id: str) -> None:
        """POST /mj/task/{id}/cancel: requests the cancellation of a task (docs/image-api.md#cancel). Fetch the task
        afterwards: some services always answer with success."""
        await self._sender.cancel(path_id(task_id))
