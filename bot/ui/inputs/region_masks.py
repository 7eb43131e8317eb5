"""Region masks from Discord's modal: fixed areas, an uploaded mask, or both."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.media import DownloadedImage, ImageDownloader, ImageError, TooCostly, image_pool
from bot.media.containers.recognition import MAX_PIXELS
from bot.media.mask_uploads import UploadedMask, uploaded_mask
from bot.media.masks import OTHER_SIZE, WrongMask, mask_of, together
from bot.runtime.units import MEGABYTE
from bot.tasks.errors import UserError
from bot.tasks.task_images import TaskImages
from bot.ui.inputs.image_attachments import MAX_GIVEN
from bot.ui.interactions.context import UsedMessage
from bot.ui.interactions.responses import Notice
from bot.ui.modals.action_modals import AREAS, SubmittedModal
from storage import Task

log = logging.getLogger(__name__)

# Estimated bytes of a result image. The real size is known only after the download.
PICTURE_BYTES = 16 * MEGABYTE


@dataclass(frozen=True, slots=True)
class MaskedImage:
    """The image of which a region is chosen: image `number` of the result (None: the result as a whole), and where the
    message with the button shows it."""

    task: Task | None
    number: int | None
    attached_url: str | None = field(default=None, repr=False)
    shown: Sequence[str] = field(default=(), repr=False)


async def image_to_mask(fetcher: ImageDownloader, images: TaskImages, wanted: MaskedImage) -> DownloadedImage:
    """The image from where it still is. Raises ImageError."""
    if wanted.task and wanted.number:
        try:
            return await images.original(wanted.task, wanted.number, shown=wanted.shown)
        except UserError as error:
            raise ImageError("the result is gone") from error
    return await _whole(fetcher, wanted.task, wanted.attached_url)


async def _whole(fetcher: ImageDownloader, task: Task | None, attached_url: str | None) -> DownloadedImage:
    """The image from the image service, or else the one attached to its message. Raises ImageError."""
    theirs = task.result.image_url if task else None
    urls = [url for url in (theirs, attached_url) if url]
    for url in urls[:-1]:
        try:
            return await fetcher.fetch(url)
        except ImageError as error:
            log.info("using the image attached to the message instead: %s", error)
    if not urls:
        raise ImageError("no image URL")
    return await fetcher.fetch(urls[-1])


def attached_url(message: UsedMessage | None) -> str | None:
    """The URL of the only image that a message shows, or None."""
    if message is None:
        return None
    pictures = message.images() or message.attached()
    return pictures[0] if len(pictures) == 1 else None


def region_bytes(modal: SubmittedModal) -> int:
    """Estimated memory in bytes for building a mask."""
    return PICTURE_BYTES + (min(modal.upload.size, MAX_GIVEN) if modal.upload else 0)


@dataclass(frozen=True, slots=True)
class RegionMask:
    """The mask of a region as a PNG, and notes for the user on how an uploaded mask was interpreted."""

    data: bytes = field(repr=False)
    notes: Sequence[Notice] = ()


async def region_mask(
    fetcher: ImageDownloader, images: TaskImages, wanted: MaskedImage, modal: SubmittedModal
) -> RegionMask:
    """The mask for a submitted modal: its areas, the uploaded mask, or both combined. Raises UserError."""
    if not modal.areas and modal.upload is None:
        raise UserError("nothing_chosen")
    if modal.upload and modal.upload.size > MAX_GIVEN:
        raise UserError("picture_too_large", name=modal.upload.name, limit=str(MAX_GIVEN // MEGABYTE))
    try:
        picture = await image_to_mask(fetcher, images, wanted)
    except ImageError as error:
        log.warning("task %s: cannot make a mask: %s", modal.key.task_id, error)
        raise UserError("no_picture_to_mask") from error
    size = (picture.facts.width, picture.facts.height)
    uploaded = await _uploaded(fetcher, modal, size)
    try:
        parts = await image_pool.run(mask_of, size, [AREAS[name] for name in modal.areas])
        if uploaded is None:
            return RegionMask(parts)
        notes = [Notice(f"told.mask_{reading}") for reading in uploaded.readings]
        return RegionMask(await image_pool.run(together, parts, uploaded.data), notes)
    except TooCostly as error:
        log.warning("task %s: cannot make a mask: %s", modal.key.task_id, error)
        raise UserError("picture_too_costly") from error
    except WrongMask as error:
        raise no_mask(error, size) from error


async def _uploaded(fetcher: ImageDownloader, modal: SubmittedModal, size: tuple[int, int]) -> UploadedMask | None:
    if modal.upload is None:
        return None
    try:
        given = await fetcher.fetch(modal.upload.url, limit=MAX_GIVEN)
        return await image_pool.run(uploaded_mask, given.data, size)
    except ImageError as error:
        log.info("cannot download an uploaded mask: %s", error)
        raise UserError("mask_no_picture") from error
    except TooCostly as error:
        log.warning("cannot check an uploaded mask: %s", error)
        raise UserError("picture_too_costly") from error
    except WrongMask as error:
        raise no_uploaded_mask(error, size) from error


def no_mask(error: WrongMask, size: tuple[int, int]) -> UserError:
    """The error for an unusable painted mask. `size`: width and height of the image in pixels."""
    return _mask_error(error.problem, size)


def no_uploaded_mask(error: WrongMask, size: tuple[int, int]) -> UserError:
    """The error for an unusable uploaded mask, whose size may differ from the image's."""
    name = "other_shape" if error.problem == OTHER_SIZE else error.problem
    return _mask_error(name, size)


def _mask_error(problem: str, size: tuple[int, int]) -> UserError:
    limit = str(MAX_PIXELS // 1_000_000)
    return UserError(f"mask_{problem}", width=str(size[0]), height=str(size[1]), limit=limit)
