"""A link to the mask editor: it shows one image, and it can be submitted once.

A link is found by the hash of its token and bound to the browser that opens it first. The journal of submissions, which
holds each interaction once, decides whether a link was used. Therefore a link cannot be used without a journaled
submission, nor be submitted without being used.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from bot.i18n import DEFAULT
from bot.media import DownloadedImage, ImageDownloader, ImageError
from bot.media.mask_uploads import UploadedMask, uploaded_mask
from bot.media.masks import WrongMask, check_maskable, checked
from bot.runtime.supervisor import TaskSupervisor
from bot.tasks.errors import UserError
from bot.tasks.policy import Access, InteractionContext
from bot.tasks.prompt import parse
from bot.tasks.request_prompts import check_not_empty
from bot.tasks.results import Duplicate, ModalInput, SubmitResult
from bot.tasks.service import TaskService
from bot.tasks.task_images import TaskImages
from bot.ui.components.message_components import ActionId, ModalKind
from bot.ui.inputs.region_masks import MaskedImage, image_to_mask, no_mask, no_uploaded_mask
from bot.ui.modals.modal_prefill import prefill
from bot.web.mask_editor.link_tokens import hash_of, is_token, new_token
from storage import MaskEditorLink, Store

log = logging.getLogger(__name__)

LINK_SECONDS = 30 * 60
PATH = "/paint"
DISCORD_CHANNELS = "https://discord.com/channels"

# Seconds that the page waits for an answer, because a connection must not live much longer. If the answer takes longer,
# the result appears only in Discord.
PATIENCE = 40.0

AfterSubmit = Callable[[MaskEditorLink, SubmitResult | UserError], Coroutine[Any, Any, None]]


class LinkUnusable(Exception):
    """An unusable link. `text` is the key of the message for the reader, `status` the HTTP status."""

    def __init__(self, text: str, status: int, locale: str, back: str | None = None) -> None:
        """`back` is the URL of the link's message in Discord."""
        super().__init__(text)
        self.text = text
        self.status = status
        self.locale = locale
        self.back = back


class EditorLink(NamedTuple):
    """A created link and its URL."""

    link_id: str
    url: str


class MaskEditor:
    """Creates, opens and submits links."""

    def __init__(
        self,
        store: Store,
        service: TaskService,
        fetcher: ImageDownloader,
        images: TaskImages,
        background: TaskSupervisor,
        public_url: str,
        *,
        after_submit: AfterSubmit,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`after_submit` runs in the background after the submission of a link was answered."""
        self._store = store
        self._service = service
        self._fetcher = fetcher
        self._images = images
        self._background = background
        self._public_url = public_url
        self._after_submit = after_submit
        self._clock = clock

    @property
    def public_url(self) -> str:
        """The public URL of the bot's web server."""
        return self._public_url

    async def create_link(self, context: InteractionContext, key: ActionId, attached_url: str | None) -> EditorLink:
        """Creates the link for a pressed button, in the language of its reader. `attached_url` is the image on the
        message with that button. Raises StorageError."""
        now, token = self._clock(), new_token()
        link = MaskEditorLink(
            id=hash_of(token),
            task_id=key.task_id,
            digest=key.digest,
            interaction_id=context.interaction_id,
            application_id=context.application_id,
            user_id=context.user_id,
            guild_id=context.guild_id,
            channel_id=context.channel_id,
            token=context.token,
            created_at=context.created_at,
            upload_limit=context.upload_limit,
            notice_id=None,
            locale=context.locale,
            attached_url=attached_url,
            expires_at=int(now + LINK_SECONDS),
            guild_locale=context.guild_locale,
        )
        await self._store.mask_editor_links.add(link, now)
        return EditorLink(link.id, f"{self._public_url}{PATH}/{token}")

    async def record_notice(self, link: EditorLink, notice_id: int) -> None:
        """Stores the ID of the private message that holds the link. Raises StorageError."""
        await self._store.mask_editor_links.noticed(link.link_id, notice_id)

    async def look(self, token: str, browser: str | None) -> MaskEditorLink:
        """Returns the link of a token if it is still valid for this browser. Raises LinkUnusable, StorageError."""
        link = await self._good(token)
        links = self._store.mask_editor_links
        if await links.opened_anywhere(link.id) and not await links.belongs_to(link.id, browser or ""):
            raise LinkUnusable("mask_editor.closed_elsewhere", 410, link.locale)
        return link

    async def open(self, token: str, browser: str) -> MaskEditorLink:
        """Binds the link to this browser, unless another opened it first. Raises LinkUnusable, StorageError."""
        link = await self._good(token)
        if not await self._store.mask_editor_links.open_in(link.id, browser):
            raise LinkUnusable("mask_editor.closed_elsewhere", 410, link.locale)
        return link

    async def opened(self, token: str, browser: str | None) -> MaskEditorLink:
        """Returns the link if this browser has opened it. Raises LinkUnusable, StorageError."""
        link = await self._good(token)
        if not await self._store.mask_editor_links.belongs_to(link.id, browser or ""):
            raise LinkUnusable("mask_editor.closed_elsewhere", 410, link.locale)
        return link

    async def prefilled_prompt(self, link: MaskEditorLink) -> str:
        """Returns the initial prompt. Raises StorageError."""
        task = await self._store.tasks.get(link.task_id)
        return prefill(task, ModalKind.REGION) if task else ""

    async def back(self, link: MaskEditorLink) -> str | None:
        """Returns the URL in Discord of the image's message, or of its channel. Raises StorageError."""
        if link.channel_id is None:
            return None
        channel = f"{DISCORD_CHANNELS}/{link.guild_id or '@me'}/{link.channel_id}"
        card = await self._store.messages.newest_in(link.task_id, link.channel_id)
        return f"{channel}/{card}" if card else channel

    async def picture(self, link: MaskEditorLink) -> DownloadedImage:
        """Downloads the image to edit. Raises UserError for an image that cannot have a mask, ImageError,
        StorageError."""
        task = await self._store.tasks.get(link.task_id)
        try:
            async with asyncio.timeout(PATIENCE):
                number = self._service.pressed_image(task, link.digest) if task else None
                wanted = MaskedImage(task, number, link.attached_url)
                picture = await image_to_mask(self._fetcher, self._images, wanted)
        except TimeoutError as error:
            raise ImageError("the host takes too long") from error
        size = (picture.facts.width, picture.facts.height)
        await self._store.mask_editor_links.measured(link.id, *size)
        try:
            check_maskable(size)
        except WrongMask as error:
            raise no_mask(error, size) from error
        return picture

    async def submit(self, link: MaskEditorLink, prompt: str, mask: bytes) -> SubmitResult | None:
        """Submits the prompt and the mask for the interaction of the link. Returns None if the answer takes too long.

        `mask` is a result of `clean_mask`. Raises UserError, StorageError.
        """
        sending = self._background.start(self._send(link, prompt, mask), f"painted-{link.task_id}")
        await asyncio.wait({sending}, timeout=PATIENCE)
        answer = sending.result() if sending.done() else None
        if isinstance(answer, UserError):
            raise answer
        return answer

    async def _send(self, link: MaskEditorLink, prompt: str, mask: bytes) -> SubmitResult | UserError:
        """Submits, then reports the outcome in Discord, including a refusal."""
        answer: SubmitResult | UserError
        try:
            answer = await self._service.submissions.press(
                _context(link), link.task_id, link.digest, ModalInput(prompt, mask)
            )
        except UserError as error:
            answer = error
        if await self.used(link) and not isinstance(answer, Duplicate):
            self._background.start(self._after_submit(link, answer), f"answered-{link.task_id}")
        return answer

    async def used(self, link: MaskEditorLink) -> bool:
        """Whether the link was submitted. Raises StorageError."""
        return await self._store.submissions.get(link.interaction_id) is not None

    async def _good(self, token: str) -> MaskEditorLink:
        link = await self._store.mask_editor_links.get(hash_of(token)) if is_token(token) else None
        if link is None:
            raise LinkUnusable("mask_editor.closed_unknown", 404, DEFAULT)
        if self._clock() >= link.expires_at:
            raise LinkUnusable("mask_editor.closed_expired", 410, link.locale)
        if await self.used(link):
            raise LinkUnusable("mask_editor.closed_used", 410, link.locale, await self.back(link))
        return link


def clean_mask(link: MaskEditorLink, prompt: str, mask: bytes) -> bytes:
    """Returns the mask in the form that is sent. Raises UserError for an invalid prompt or mask; the link stays valid
    then.

    CPU- and memory-bound: call it through the image pool.
    """
    check_not_empty(parse(prompt))
    if link.size is None:
        raise UserError("no_picture_to_mask")
    try:
        return checked(mask, link.size)
    except WrongMask as error:
        raise no_mask(error, link.size) from error


def mask_from_file(link: MaskEditorLink, data: bytes) -> UploadedMask:
    """Reads the mask in a user's file. The rules are those of a mask uploaded in Discord. Raises UserError.

    CPU- and memory-bound: call it through the image pool.
    """
    if link.size is None:
        raise UserError("no_picture_to_mask")
    try:
        return uploaded_mask(data, link.size)
    except WrongMask as error:
        raise no_uploaded_mask(error, link.size) from error


def _access_by_link(channel_id: int) -> Access:
    """The policy allowed the button when the link was created. The user's access to other channels is not known here,
    and the link is valid for this task only."""
    return Access(view=True)


def _context(link: MaskEditorLink) -> InteractionContext:
    return InteractionContext(
        interaction_id=link.interaction_id,
        application_id=link.application_id,
        user_id=link.user_id,
        guild_id=link.guild_id,
        channel_id=link.channel_id,
        token=link.token,
        created_at=link.created_at,
        upload_limit=link.upload_limit,
        locale=link.locale,
        guild_locale=link.guild_locale,
        access=_access_by_link,
    )
