"""The client of the image API. This module holds the requests that change something; none is sent twice."""

from __future__ import annotations

from collections.abc import Sequence

import aiohttp
from pydantic import SecretStr

from bot.engines.errors import NotOffered, RefusalKind, UnknownTask
from bot.engines.midjourney.capabilities import Capabilities
from bot.engines.midjourney.detection import detect
from bot.engines.midjourney.error_mapping import refused
from bot.engines.midjourney.profiles import UNKNOWN, Profile, Quirk
from bot.engines.midjourney.reads import TaskReads, path_id
from bot.engines.midjourney.requests import (
    ActionRequest,
    ChangeRequest,
    DescribeRequest,
    EditRequest,
    SubmitRequest,
    VideoRequest,
)
from bot.engines.midjourney.submitter import PreparedBody, Sender
from bot.engines.midjourney.transport import AuthStyle, TimeLimits, Transport
from bot.engines.models import Feature, SubmitAnswer, SubmitTag, UploadAccepted
from bot.engines.options import Mode

DETECT_SECONDS = 15.0


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
