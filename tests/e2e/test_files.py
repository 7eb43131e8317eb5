"""Files as people have them: what the image service receives of them, and what the card and the answer say."""

from __future__ import annotations

import base64
import io
import struct
from collections.abc import Callable

import pytest
from PIL import Image

from bot.pictures import inspect
from playground.discord import Interaction, Message, UploadedFile
from playground.discord.records import walk
from playground.driver import World
from tests.support.camera_files import (
    PRIVATE,
    drawing,
    encoded,
    exif,
    packed_text,
    segment,
    with_chunks,
    with_clip_behind,
    with_second_picture,
    with_segments,
)
from tests.support.panels import panel_of
from tests.support.picture_host import noise
from tests.support.pictures import png, png_bytes
from tests.support.worlds import task_id_of

BOOSTED = 50 * 1024 * 1024
LIMIT = 10 * 1024 * 1024


def given(data: bytes, name: str = "IMG_0412.jpg") -> UploadedFile:
    return UploadedFile(name, None, data)


def received(world: World, number: int = -1) -> list[Image.Image]:
    """The pictures of a request, as the image service decodes them."""
    body = world.images.submits[number].body
    texts = body.get("base64Array") or [body.get("base64") or body.get("image")]
    files = [base64.b64decode(text.partition(",")[2] or text) for text in texts]
    assert not any(PRIVATE in file for file in files)
    assert all(len(file) <= LIMIT for file in files)
    return [Image.open(io.BytesIO(file)) for file in files]


def spoilers(message: Message) -> list[bool]:
    """Which of a card's pictures and files are hidden."""
    parts = walk(message.components)
    pictures = [item["spoiler"] for part in parts if part["type"] == 12 for item in part["items"]]
    return pictures + [part["spoiler"] for part in parts if part["type"] == 13]


FILES: dict[str, Callable[[], bytes]] = {
    "second picture inside": with_second_picture,
    "clip behind": with_clip_behind,
    "packed text": lambda: with_chunks(png_bytes(), packed_text()),
    "cut by two bytes": lambda: encoded(drawing((640, 480)), "JPEG")[:-2],
    "odd exif": lambda: with_segments(encoded(drawing(), "JPEG"), segment(0xE1, exif(6, odd=True))),
    "avif": lambda: encoded(drawing(), "AVIF"),
    "bmp": lambda: encoded(drawing(), "BMP"),
    "cmyk": lambda: encoded(drawing(mode="CMYK"), "JPEG"),
}


@pytest.mark.parametrize("name", FILES)
async def test_what_browsers_show_is_taken_by_a_command(world: World, name: str) -> None:
    asked = await world.slash("describe", {"image": given(FILES[name]())})
    assert (await world.result_of(asked)).text
    (picture,) = received(world)
    assert picture.format in ("PNG", "JPEG")
    assert not picture.getexif()
    picture.load()


@pytest.mark.parametrize("name", ["IMG_0412", "poster.jpg_large", "scan.JPG.orig"])
async def test_the_bytes_say_what_a_file_is_where_discord_does_not(world: World, name: str) -> None:
    world.discord.files.types_told = False
    asked = await world.slash("blend", {"image1": given(png_bytes(), name), "image2": given(with_second_picture())})
    await world.result_of(asked)
    assert [picture.format for picture in received(world)] == ["PNG", "JPEG"]
    message = await world.person("bob").say(world.studio, "look", [given(png_bytes(), name)])
    described = await world.person("ada").context_menu(message, "Describe")
    assert "**1.**" in (await world.result_of(await described.answered())).text


async def test_a_wrong_type_is_no_reason_to_refuse(world: World) -> None:
    for name in ("notes.txt", "photo.webp", "scan.pdf"):
        await world.result_of(await world.slash("imagine", {"prompt": "a fox", "image1": given(png_bytes(), name)}))
        assert received(world)[0].format == "PNG"


@pytest.mark.parametrize("size", [(12_000, 9_000), (16_320, 12_240)])
async def test_a_photo_of_very_many_pixels_is_made_smaller_and_that_is_said(
    world: World, size: tuple[int, int]
) -> None:
    data = encoded(Image.new("L", size, 90), "JPEG", quality=30)
    asked = await world.slash("describe", {"image": given(data)})
    said = (await world.result_of(asked)).text
    assert f"{size[0]} × {size[1]}" in said
    assert "made smaller" in said
    (picture,) = received(world)
    assert abs(picture.width / picture.height - size[0] / size[1]) < 0.01
    assert picture.width * picture.height < 17_000_000


async def test_a_photo_of_many_bytes_is_made_to_fit_and_that_is_said(world: World) -> None:
    world.discord.guild("Atelier").attachment_size_limit = BOOSTED
    data = encoded(Image.open(io.BytesIO(noise(3400, 2600))), "JPEG", quality=98)
    assert 12_000_000 < len(data) < 20_000_000, len(data)
    upload = await world.slash("upload", {"image1": given(data)})
    await world.until(lambda: len(upload.messages) > 1 or None)
    assert any("made smaller" in message.text for message in upload.messages)
    described = await world.result_of(await world.slash("describe", {"image": given(data)}))
    assert "made smaller" in described.text
    assert received(world)[0].width > 1500


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("IMG_1.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99), "Most Compatible"),
        ("scan.tif", b"II*\0" + bytes(99), "TIFF"),
        ("half.jpg", encoded(drawing((640, 480)), "JPEG", quality=95)[:2000], "incomplete"),
        ("logo.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        ("wall.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 30_000, 30_000) + bytes(99), "megapixels"),
    ],
)
async def test_what_cannot_be_used_is_named_with_the_way_out(world: World, name: str, data: bytes, said: str) -> None:
    answer = await world.private_answer(await world.slash("describe", {"image": given(data, name)}))
    assert said in answer
    assert name.replace("_", "\\_") in answer or name in answer
    assert world.images.submits == []


@pytest.mark.parametrize(
    "stand_in",
    [
        with_second_picture(),
        with_segments(encoded(drawing(), "JPEG"), segment(0xE1, exif(6, odd=True))),
        encoded(drawing(), "AVIF"),
        encoded(drawing(), "BMP"),
        with_chunks(png_bytes(), packed_text()),
        encoded(drawing((640, 480)), "JPEG")[:-20],
    ],
    ids=["second picture", "odd exif", "avif", "bmp", "packed text", "cut"],
)
async def test_the_card_shows_its_end_whatever_file_the_service_hands_out(world: World, stand_in: bytes) -> None:
    world.images.service.replacement_picture = stand_in
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a fox"}))
    (shown,) = grid.attachments
    assert shown.filename.rpartition(".")[2] in ("png", "jpg", "avif")
    assert inspect(shown.data).width
    assert "U1" in [button.get("label") for button in grid.buttons]


async def test_a_large_result_with_odd_exif_is_made_to_fit_upright(world: World) -> None:
    photo = encoded(Image.open(io.BytesIO(noise(3100, 2400))), "JPEG", quality=98)
    assert len(photo) > LIMIT
    world.images.service.replacement_picture = with_segments(photo, segment(0xE1, exif(6, odd=True)))
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a fox"}))
    assert "Made smaller" in grid.text
    shown = Image.open(io.BytesIO(grid.attachments[0].data))
    assert shown.height > shown.width


async def test_what_is_no_picture_leaves_a_card_that_says_so(world: World) -> None:
    world.images.service.replacement_picture = b"<html>"
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a fox"}))
    assert "Fetch again" in [button.get("label") for button in grid.buttons]


# Spoilers


async def test_what_is_made_from_a_hidden_picture_is_hidden_and_so_are_its_children(world: World) -> None:
    asked = await world.slash("blend", {"image1": png("SPOILER_cat.png"), "image2": png("dog.png")})
    grid = await world.result_of(asked)
    assert set(spoilers(grid)) == {True}
    single = await world.result_of(await world.press(grid, "U1"))
    assert spoilers(single) == [True]
    opened = await world.result_of(await world.slash("blend", {"image1": png("a.png"), "image2": png("b.png")}))
    assert set(spoilers(opened)) == {False}
    panels = [await world.slash("tasks"), await world.person("ada").context_menu(grid, "Task info")]
    for panel in [await panel_of(world, each) for each in panels]:
        shown = [part for part in walk(panel.components) if part["type"] == 11]
        hidden = {task_id_of(grid), task_id_of(single)}
        assert shown
        assert all(part["spoiler"] == any(each in part["media"]["url"] for each in hidden) for part in shown)
    linked = {"prompt": "https://pictures.example.org/attachments/1/2/SPOILER_cat.png?ex=1 a cat"}
    assert spoilers(await world.result_of(await world.slash("imagine", linked))) == [True]


async def test_words_about_a_hidden_picture_are_hidden(world: World) -> None:
    for asked in (
        await world.slash("describe", {"image": png("SPOILER_cat.png")}),
        await menu_on(world, await world.person("bob").say(world.studio, "", [png("SPOILER_sea.png")])),
        await menu_on(
            world, await world.result_of(await world.slash("imagine", {"prompt": "x", "image1": png("SPOILER_a.png")}))
        ),
    ):
        described = await world.result_of(asked)
        assert "||" in described.text
        assert not [hidden for hidden in spoilers(described) if not hidden]
    plain = await world.result_of(await world.slash("describe", {"image": png("cat.png")}))
    assert "||" not in plain.text


async def menu_on(world: World, message: Message) -> Interaction:
    return await (await world.person("ada").context_menu(message, "Describe")).answered()


# Messages that are pointed at


async def test_a_picture_is_found_wherever_a_message_has_it(world: World) -> None:
    bob, files = world.person("bob"), world.discord.files
    attached = await bob.say(world.studio, "look", [png("sea.png")])
    sticker = files.sticker(png("wave", "gold"))
    moving = files.sticker(UploadedFile("wink", None, png_bytes("navy")), animated=True)
    address = files.url(attached.attachments[0])
    (card,) = [await world.result_of(await world.slash("imagine", {"prompt": "a fox"}))]
    for message in (
        await bob.forward(attached, world.studio),
        await bob.forward(await bob.say(world.studio, f"see <{address}>"), world.studio),
        await bob.forward(card, world.studio),
        await bob.say(world.studio, stickers=[sticker]),
        await bob.forward(await bob.say(world.studio, stickers=[moving]), world.studio),
        await bob.say(world.studio, f"look: <{address}>"),
        await bob.say(world.studio, f"here ({address}), nice"),
    ):
        before = len(world.images.submits)
        described = await world.result_of(await menu_on(world, message))
        assert "**1.**" in described.text
        assert len(world.images.submits) == before + 1
        assert received(world)[0].size


async def test_a_message_that_links_to_no_picture_says_so(world: World) -> None:
    message = await world.person("bob").say(world.studio, f"see {world.discord.base_url}/nothing")
    asked = await world.person("ada").context_menu(message, "Describe")
    assert "could not be fetched" in await world.private_answer(asked)
    assert world.images.submits == []
