"""The client: one method an endpoint. Here stands what changes something; it is sent once and never again."""

from __future__ import annotations

from collections.abc import Sequence

import aiohttp
from pydantic import SecretStr

from bot.midjourney.capabilities import Capabilities
from bot.midjourney.custom_id_facts import ActionKind, never_send, parse
from bot.midjourney.detection import detect
from bot.midjourney.error_mapping import refused
from bot.midjourney.errors import NotOffered, NotSent, RefusalKind, UnknownTask
from bot.midjourney.models import (
    BotType,
    ChangeAction,
    Dimensions,
    Mode,
    Motion,
    SubmitAnswer,
    SubmitTag,
    UploadAccepted,
)
from bot.midjourney.parsing import SubmitEndpoint
from bot.midjourney.profiles import UNKNOWN, Feature, Profile, Quirk
from bot.midjourney.reads import TaskReads, path_id
from bot.midjourney.requests import (
    ActionRequest,
    BlendRequest,
    ChangeRequest,
    DescribeRequest,
    EditRequest,
    EditsRequest,
    ImagineRequest,
    ModalRequest,
    ShortenRequest,
    ShowRequest,
    SimpleChangeRequest,
    SwapRequest,
    SwapVideoRequest,
    VideoRequest,
    mask_text,
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

    async def imagine(
        self,
        prompt: str,
        *,
        pictures: Sequence[str] = (),
        bot: BotType | None = None,
        mode: Mode | None = None,
        tag: SubmitTag,
    ) -> SubmitAnswer:
        """Draws a prompt; `pictures` are data URLs to refer to (5.1)."""
        fields = {"prompt": prompt, "base64_array": list(pictures) or None, "bot_type": bot}
        return await self._sender.submit(SubmitEndpoint.IMAGINE, ImagineRequest, fields, mode, tag)

    async def blend(
        self,
        pictures: Sequence[str],
        *,
        dimensions: Dimensions | None = None,
        bot: BotType | None = None,
        mode: Mode | None = None,
        tag: SubmitTag,
    ) -> SubmitAnswer:
        """Mixes two to five pictures, given as data URLs (5.2)."""
        fields = {"base64_array": list(pictures), "dimensions": dimensions, "bot_type": bot}
        return await self._sender.submit(SubmitEndpoint.BLEND, BlendRequest, fields, mode, tag)

    async def describe(
        self,
        *,
        picture: str | None = None,
        link: str | None = None,
        bot: BotType | None = None,
        mode: Mode | None = None,
        tag: SubmitTag,
    ) -> SubmitAnswer:
        """Puts a picture into words; either a data URL or, where the service takes them, a link (5.3)."""
        if link is not None:
            self.capabilities.require(Feature.DESCRIBE_LINK)
        fields = {"base64": picture, "link": link, "bot_type": bot}
        return await self._sender.submit(SubmitEndpoint.DESCRIBE, DescribeRequest, fields, mode, tag)

    async def shorten(
        self, prompt: str, *, bot: BotType | None = None, mode: Mode | None = None, tag: SubmitTag
    ) -> SubmitAnswer:
        """Finds what counts in a prompt (5.6)."""
        return await self._sender.submit(
            SubmitEndpoint.SHORTEN, ShortenRequest, {"prompt": prompt, "bot_type": bot}, mode, tag
        )

    async def action(
        self, task_id: str, custom_id: str, *, mode: Mode | None = None, tag: SubmitTag, enable_remix: bool = False
    ) -> SubmitAnswer:
        """Presses a button of a finished task; `mode` should be the one that the task was submitted with (5.4, 2.2).

        Where the service does not support the button, or is known not to: NotOffered of the kind UNSUPPORTED_BUTTON.
        """
        if never_send(custom_id) or parse(custom_id).kind is ActionKind.CHANGE:
            raise NotSent("not a button of the image service")
        if self.capabilities.action and not self.capabilities.supports_button(custom_id):
            raise refused(RefusalKind.UNSUPPORTED_BUTTON, "the service does not support this button")
        fields = {"task_id": task_id, "custom_id": custom_id, "enable_remix": enable_remix or None}
        try:
            return await self._sender.submit(SubmitEndpoint.ACTION, ActionRequest, fields, mode, tag)
        except NotOffered as error:
            if error.kind is RefusalKind.UNSUPPORTED_BUTTON:
                self.capabilities.refuse_button(custom_id)
            raise

    async def modal(
        self,
        task_id: str,
        *,
        prompt: str | None = None,
        mask: bytes | None = None,
        mode: Mode | None = None,
        tag: SubmitTag,
    ) -> SubmitAnswer:
        """Confirms a window; once accepted, the same window may never be confirmed again (5.5, 9.9).

        `task_id` is the window's own, `mask` a PNG of the picture's size, white where to repaint. Without a prompt the
        service takes its own proposal.
        """
        bare = self.capabilities.has_quirk(Quirk.BARE_MASK)
        fields = {
            "task_id": task_id,
            "prompt": (prompt or "").strip() or None,
            "mask_base64": None if mask is None else await mask_text(mask, bare=bare),
        }
        return await self._sender.submit(SubmitEndpoint.MODAL, ModalRequest, fields, mode, tag, asked_for=task_id)

    async def change(
        self, task_id: str, action: ChangeAction, index: int = 1, *, mode: Mode | None = None, tag: SubmitTag
    ) -> SubmitAnswer:
        """The older ways to upscale, vary or reroll a grid, for services without buttons; `index` 1 to 4 (5.9)."""
        fields = {"task_id": task_id, "action": action, "index": index}
        try:
            return await self._sender.submit(SubmitEndpoint.CHANGE, ChangeRequest, fields, mode, tag)
        except NotOffered as error:
            if not error.absent:
                raise
            not_there = error
        # Surely not taken, so nothing is sent twice; the same in other words.
        letter = action.value[0] if action is ChangeAction.REROLL else f"{action.value[0]}{index}"
        content = {"content": f"{task_id} {letter}"}
        try:
            return await self._sender.submit(SubmitEndpoint.SIMPLE_CHANGE, SimpleChangeRequest, content, mode, tag)
        except UnknownTask:
            # newapi's looks for the task where it is not (5.9), so this says nothing of the task.
            raise not_there from None

    async def swap(self, source: str, target: str, *, mode: Mode | None = None, tag: SubmitTag) -> SubmitAnswer:
        """Puts the face of `source` into `target`, both data URLs (5.11)."""
        fields = {"source_base64": source, "target_base64": target}
        return await self._sender.submit(SubmitEndpoint.SWAP, SwapRequest, fields, mode, tag)

    async def swap_video(self, source: str, target: bytes, *, mode: Mode | None = None, tag: SubmitTag) -> SubmitAnswer:
        """Puts the face of `source`, a data URL, into every frame of `target`, an MP4."""
        fields = {"source_base64": source, "target_file": target}
        return await self._sender.submit(SubmitEndpoint.SWAP_VIDEO, SwapVideoRequest, fields, mode, tag)

    async def show(self, job_id: str, *, account: str | None, tag: SubmitTag) -> SubmitAnswer:
        """Takes up a job of Midjourney's that may have been drawn elsewhere (5.10).

        `account` names one of the service's, as its tasks tell (`RemoteTask.account`). A job that the service has
        drawn itself is answered with the task that drew it.
        """
        fields = {"job_id": job_id, "account_filter": {"instance_id": account} if account else None}
        return await self._sender.submit(SubmitEndpoint.SHOW, ShowRequest, fields, None, tag)

    async def edit(self, prompt: str, picture: str, *, mode: Mode | None = None, tag: SubmitTag) -> SubmitAnswer:
        """Changes a picture, a data URL, as the prompt says (5.8)."""
        if self.capabilities.has_quirk(Quirk.EDITS_AS_ARRAY):
            array = {"prompt": prompt, "base64_array": [picture]}
            return await self._sender.submit(SubmitEndpoint.EDITS, EditsRequest, array, mode, tag)
        fields = {"prompt": prompt, "image": picture}
        try:
            return await self._sender.submit(SubmitEndpoint.EDITS, EditRequest, fields, mode, tag)
        except NotOffered as error:
            if not error.absent:
                raise
            # Surely not taken, so nothing is sent twice; this is its older name.
            return await self._sender.submit(SubmitEndpoint.EDIT, EditRequest, fields, mode, tag)

    async def retexture(self, prompt: str, picture: str, *, mode: Mode | None = None, tag: SubmitTag) -> SubmitAnswer:
        """Keeps what a picture, a data URL, shows and gives it the look of the prompt (5.8)."""
        fields = {"prompt": prompt, "image": picture}
        return await self._sender.submit(SubmitEndpoint.RETEXTURE, EditRequest, fields, mode, tag)

    async def video(
        self,
        prompt: str,
        picture: str,
        *,
        end: str | None = None,
        motion: Motion | None = None,
        loop: bool = False,
        mode: Mode | None = None,
        tag: SubmitTag,
    ) -> SubmitAnswer:
        """Makes clips that begin with a picture and end with another, if one is given; both are data URLs (5.8).

        Midjourney refuses turbo for videos, minutes later (2.2), so that mode is refused here.
        """
        if mode is Mode.TURBO:
            raise refused(RefusalKind.INVALID, "videos cannot be made in turbo mode")
        fields = {"prompt": prompt, "image": picture, "end_image": end, "motion": motion, "loop": loop or None}
        return await self._sender.submit(SubmitEndpoint.VIDEO, VideoRequest, fields, mode, tag)

    async def upload(self, pictures: Sequence[str]) -> UploadAccepted:
        """Leaves pictures, given as data URLs, with Discord and tells where (5.7)."""
        return await self._sender.upload(pictures)

    async def cancel(self, task_id: str) -> None:
        """Asks to stop a task. What came of it is for a fetch to tell: some services always say yes (6.2)."""
        await self._sender.cancel(path_id(task_id))
