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
        """POST /mj/submit/imagine: start an image from a prompt; `pictures` are reference images, as data URLs
        (docs/image-api.md#imagine)."""
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
        """POST /mj/submit/blend: mix two to five images, given as data URLs (docs/image-api.md#blend)."""
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
        """POST /mj/submit/describe: get prompts for an image, a data URL or, where the service takes one, a link
        (docs/image-api.md#describe)."""
        if link is not None:
            self.capabilities.require(Feature.DESCRIBE_LINK)
        fields = {"base64": picture, "link": link, "bot_type": bot}
        return await self._sender.submit(SubmitEndpoint.DESCRIBE, DescribeRequest, fields, mode, tag)

    async def shorten(
        self, prompt: str, *, bot: BotType | None = None, mode: Mode | None = None, tag: SubmitTag
    ) -> SubmitAnswer:
        """POST /mj/submit/shorten: find the words of a prompt that matter (docs/image-api.md#shorten)."""
        return await self._sender.submit(
            SubmitEndpoint.SHORTEN, ShortenRequest, {"prompt": prompt, "bot_type": bot}, mode, tag
        )

    async def action(
        self, task_id: str, custom_id: str, *, mode: Mode | None = None, tag: SubmitTag, enable_remix: bool = False
    ) -> SubmitAnswer:
        """POST /mj/submit/action: press a button of a finished task (docs/image-api.md#action).

        `mode` should be the one that the task was submitted with (docs/image-api.md#modes).

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
        """POST /mj/submit/modal: confirm a window (docs/image-api.md#modal).

        Once accepted, the same window may never be confirmed again (docs/image-api.md#confirm-once).

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
        """POST /mj/submit/change, else simple-change: upscale, vary or reroll a grid where the service has no buttons
        (docs/image-api.md#change). `index` is 1 to 4."""
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
            # newapi's never finds the task (docs/image-api.md#change), so this says nothing of it.
            raise not_there from None

    async def swap(self, source: str, target: str, *, mode: Mode | None = None, tag: SubmitTag) -> SubmitAnswer:
        """POST /mj/insight-face/swap: put the face of `source` into `target`, both data URLs
        (docs/image-api.md#face-swap)."""
        fields = {"source_base64": source, "target_base64": target}
        return await self._sender.submit(SubmitEndpoint.SWAP, SwapRequest, fields, mode, tag)

    async def swap_video(self, source: str, target: bytes, *, mode: Mode | None = None, tag: SubmitTag) -> SubmitAnswer:
        """POST /mj/insight-face/video-swap: put the face of `source`, a data URL, into every frame of `target`, an MP4
        (docs/image-api.md#video-face-swap)."""
        fields = {"source_base64": source, "target_file": target}
        return await self._sender.submit(SubmitEndpoint.SWAP_VIDEO, SwapVideoRequest, fields, mode, tag)

    async def show(self, job_id: str, *, account: str | None, tag: SubmitTag) -> SubmitAnswer:
        """POST /mj/submit/show: make a task of a Midjourney job, possibly drawn elsewhere (docs/image-api.md#show).

        `account` names one of the service's, as its tasks tell (`RemoteTask.account`). A job that the service has
        drawn itself is answered with the task that drew it.
        """
        fields = {"job_id": job_id, "account_filter": {"instance_id": account} if account else None}
        return await self._sender.submit(SubmitEndpoint.SHOW, ShowRequest, fields, None, tag)

    async def edit(self, prompt: str, picture: str, *, mode: Mode | None = None, tag: SubmitTag) -> SubmitAnswer:
        """POST /mj/submit/edits: change an image, a data URL, as the prompt says (docs/image-api.md#edits)."""
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
        """POST /mj/submit/retexture: keep the composition of an image, a data URL, and give it the look of the prompt
        (docs/image-api.md#retexture)."""
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
        """POST /mj/submit/video: make clips that begin with an image and end with another, if one is given; both are
        data URLs (docs/image-api.md#video).

        Midjourney refuses turbo for videos, minutes later (docs/image-api.md#modes), so that mode is refused here.
        """
        if mode is Mode.TURBO:
            raise refused(RefusalKind.INVALID, "videos cannot be made in turbo mode")
        fields = {"prompt": prompt, "image": picture, "end_image": end, "motion": motion, "loop": loop or None}
        return await self._sender.submit(SubmitEndpoint.VIDEO, VideoRequest, fields, mode, tag)

    async def upload(self, pictures: Sequence[str]) -> UploadAccepted:
        """POST /mj/submit/upload-discord-images: store images, given as data URLs, with Discord
        (docs/image-api.md#upload)."""
        return await self._sender.upload(pictures)

    async def cancel(self, task_id: str) -> None:
        """POST /mj/task/{id}/cancel: ask to stop a task (docs/image-api.md#cancel). Fetch it afterwards: some services
        always say yes."""
        await self._sender.cancel(path_id(task_id))
