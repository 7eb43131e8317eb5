"""Without an address of its own the bot takes a region in Discord's window: parts of the picture, or a mask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
import pytest_asyncio
from PIL import ImageChops

from playground.discord import FieldValue, Interaction, UploadedFile
from playground.driver import Scenario
from tests.mask_editor.conftest import PACE, Studio, mask_png
from tests.support.camera_files import drawing, encoded, mask_drawing

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def studio(make_studio: Callable[[Scenario], Awaitable[Studio]]) -> Studio:
    return await make_studio(Scenario(pace=PACE, callbacks=False))


async def fill_in(studio: Studio, **values: FieldValue) -> Interaction:
    """Presses the button and submits its window."""
    opened = await studio.env.press(studio.single, "Vary (Region)")
    return await studio.env.submit_modal(opened, {"prompt": "a tin robot with a hat", **values})


def upload(data: bytes, name: str = "mask.png") -> list[UploadedFile]:
    return [UploadedFile(name, "image/png", data)]


async def test_an_uploaded_mask_is_sent_as_it_is(studio: Studio) -> None:
    mask = mask_png(studio.picture.size)
    await studio.env.result_of(await fill_in(studio, mask=upload(mask)))
    (sent,) = studio.masks()
    assert (sent.mode, sent.size) == ("L", studio.picture.size)
    width, height = sent.size
    assert sent.getpixel((width // 3, height // 3)) == 255
    assert sent.getpixel((1, 1)) == 0


async def test_parts_and_a_mask_add_up(studio: Studio) -> None:
    mask = mask_png(studio.picture.size)
    await studio.env.result_of(await fill_in(studio, mask=upload(mask), area=["bottom_right"]))
    (sent,) = studio.masks()
    width, height = sent.size
    assert sent.getpixel((width // 3, height // 3)) == 255
    assert sent.getpixel((width - 2, height - 2)) == 255
    assert sent.getpixel((1, 1)) == 0


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (lambda size: mask_png((size[1], size[0])), "the same shape as the image ({} × {} pixels)"),
        (lambda size: encoded(drawing(size), "PNG"), "doesn't look like a mask"),
        (lambda size: mask_png(size, white=0), "no white areas"),
        (lambda _: b"no picture at all", "can't read that mask"),
    ],
    ids=["size", "grey", "empty", "rubbish"],
)
async def test_a_wrong_mask_is_refused_privately(
    studio: Studio, data: Callable[[tuple[int, int]], bytes], words: str
) -> None:
    size = studio.picture.size
    submitted = await fill_in(studio, mask=upload(data(size)))
    said = await studio.env.private_answer(submitted)
    assert words.format(*size) in said
    assert "Nothing was sent" in said
    assert studio.masks() == []


def erased(size: tuple[int, int]) -> bytes:
    """A picture whose middle was erased."""
    picture = drawing(size, "RGBA")
    picture.putalpha(ImageChops.invert(mask_drawing(size, soft=True)))
    return encoded(picture, "PNG")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (lambda size: encoded(mask_drawing(size, soft=True), "PNG"), ["soft edges"]),
        (lambda size: encoded(mask_drawing(size).convert("RGB"), "JPEG"), ["soft edges"]),
        (lambda size: encoded(mask_drawing((size[0] * 2, size[1] * 2)), "PNG"), ["scaled to fit"]),
        (erased, ["transparent areas", "soft edges"]),
    ],
    ids=["soft", "jpeg", "twice the size", "erased"],
)
async def test_a_mask_as_editors_write_it_is_sent_and_its_maker_is_told_how_it_was_read(
    studio: Studio, data: Callable[[tuple[int, int]], bytes], words: list[str]
) -> None:
    size = studio.picture.size
    submitted = await fill_in(studio, mask=upload(data(size)))
    said = await studio.env.private_answer(submitted)
    assert [word for word in words if word not in said] == []
    (sent,) = studio.masks()
    assert (sent.mode, sent.size) == ("L", size)
    assert sent.getpixel((size[0] // 2, size[1] // 2)) == 255
    assert sent.getpixel((1, 1)) == 0
    assert {value for value, count in enumerate(sent.histogram()) if count} == {0, 255}


async def test_a_window_without_any_region_is_refused_privately(studio: Studio) -> None:
    submitted = await fill_in(studio)
    assert "No area is selected" in await studio.env.private_answer(submitted)
    assert studio.masks() == []
