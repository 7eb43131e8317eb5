"""The client. Here stands what changes something; it is sent once and never again."""

from __future__ import annotations

from collections.abc import Sequence

import aiohttp
from pydantic import SecretStr

from bot.midjourney.capabilities import Capabilities
from bot.midjourney.detection import detect
from bot.midjourney.error_mapping import refused
from bot.midjourney.errors import NotOffered, RefusalKind, UnknownTask
from bot.midjourney.models import Mode, SubmitAnswer, SubmitTag, UploadAccepted
from bot.midjourney.profiles import UNKNOWN, Feature, Profile, Quirk
from bot.midjourney.reads import TaskReads, path_id
from bot.midjourney.requests import (
    ActionRequest,
    ChangeRequest,
    DescribeRequest,
    EditRequest,
    SubmitRequest,
    VideoRequest,
)
from bot.midjourney.submitter import Sender
from bot.midjourney.transport import AuthStyle, TimeLimits, Transport

DETECT_SECONDS = 15.0


class MidjourneyClient(TaskReads):
    """One service of the midjourney-proxy family, asked with one key over a borrowed session.

    Every submit raises NotSent or Refused when it surely was not taken and AnswerLost when nobody knows; every call is
    bounded in time by `limits`. The key shows in no message, log or repr.
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
        """`base_url` is the service's address without `/mj`; the session stays the caller's to close."""
        limits = limits or TimeLimits()
        transport = Transport(session, base_url, key=key, auth=auth, limits=limits)
        super().__init__(transport, limits, capabilities or Capabilities.unknown())
        self._sender = Sender(transport, limits, self.capabilities)

    async def detect(self) -> Profile | None:
        """Finds out which dialect the service speaks and goes by that from now on; None when it does not answer.

        An answer that is not clear changes nothing of what was known.
        """
        found = await detect(self._transport, seconds=DETECT_SECONDS)
        if found and found is not UNKNOWN:
            self.capabilities.adopt(found)
        return found

    async def submit(self, request: SubmitRequest, mode: Mode | None, tag: SubmitTag) -> SubmitAnswer:
        """POST of a request to its endpoint (docs/image-api.md#submit-endpoints).

        `mode` says how fast; that of a button should be the one that its task was submitted with
        (docs/image-api.md#modes). Once accepted, a ModalRequest may never be sent again
        (docs/image-api.md#confirm-once). A job that the service has drawn itself is answered, to a ShowRequest, with
        the task that drew it.

        Where the service does not support a button, or is known not to: NotOffered of the kind UNSUPPORTED_BUTTON.
        """
        match request:
            case ActionRequest():
                return await self._press(request, mode, tag)
            case ChangeRequest():
                return await self._change(request, mode, tag)
            case EditRequest():
                return await self._edit(request, mode, tag)
            case DescribeRequest(link=str()):
                self.capabilities.require(Feature.DESCRIBE_LINK)
            case VideoRequest() if mode is Mode.TURBO:
                # Midjourney refuses it, minutes later (docs/image-api.md#modes).
                raise refused(RefusalKind.INVALID, "videos cannot be made in turbo mode")
        return await self._sender.submit(request, mode, tag)

    async def _press(self, request: ActionRequest, mode: Mode | None, tag: SubmitTag) -> SubmitAnswer:
        known = self.capabilities.has(Feature.ACTION)
        if known and not self.capabilities.supports_button(request.custom_id):
            raise refused(RefusalKind.UNSUPPORTED_BUTTON, "the service does not support this button")
        try:
            return await self._sender.submit(request, mode, tag)
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
        # Surely not taken, so nothing is sent twice; the same in other words.
        try:
            return await self._sender.submit(request.simple(), mode, tag)
        except UnknownTask:
            # newapi's never finds the task (docs/image-api.md#change), so this says nothing of it.
            raise not_there from None

    async def _edit(self, request: EditRequest, mode: Mode | None, tag: SubmitTag) -> SubmitAnswer:
        if self.capabilities.has_quirk(Quirk.EDITS_AS_ARRAY):
            return await self._sender.submit(request.as_array(), mode, tag)
        try:
            return await self._sender.submit(request, mode, tag)
        except NotOffered as error:
            if not error.absent:
                raise
            # Surely not taken, so nothing is sent twice; this is its older name.
            return await self._sender.submit(request.older(), mode, tag)

    async def upload(self, pictures: Sequence[str]) -> UploadAccepted:
        """POST /mj/submit/upload-discord-images: store images, given as data URLs, with Discord
        (docs/image-api.md#upload)."""
        return await self._sender.upload(pictures)

    async def cancel(self, task_id: str) -> None:
        """POST /mj/task/{id}/cancel: ask to stop a task (docs/image-api.md#cancel). Fetch it afterwards: some services
        always say yes."""
        await self._sender.cancel(path_id(task_id))
