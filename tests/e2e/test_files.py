"""Files as people have them: what the image service receives of them, and what the card and the answer say."""

from __future__ import annotations

import base64
import io
import struct
from collections.abc import Callable

import pytest
from PIL import Image

from bot.media import inspect
from playground.discord import Interaction, Message, OptionValue, UploadedFile, walk
from playground.driver import Environment, Scenario
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
from tests.support.environments import MakeEnvironment, task_id_of
from tests.support.panels import panel_of
from tests.support.picture_host import noise
from tests.support.pictures import png, png_bytes

BOOSTED = 50 * 1024 * 1024
LIMIT = 10 * 1024 * 1024


def given(data: bytes, name: str = "IMG_0412.jpg") -> UploadedFile:
    return UploadedFile(name, None, data)


def received(env: Environment, number: int = -1) -> list[Image.Image]:
    """The pictures of a request, as the image service decodes them."""
    body = env.images.submits[number].body
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
async def test_what_browsers_show_is_taken_by_a_command(env: Environment, name: str) -> None:
    asked = await env.slash("describe", {"image": given(FILES[name]())})
    assert (await env.result_of(asked)).text
    (picture,) = received(env)
    assert picture.format in ("PNG", "JPEG")
    assert not picture.getexif()
    picture.load()


@pytest.mark.parametrize("name", ["IMG_0412", "poster.jpg_large", "scan.JPG.orig"])
async def test_the_bytes_say_what_a_file_is_where_discord_does_not(env: Environment, name: str) -> None:
    env.discord.files.content_types = False
    asked = await env.slash("blend", {"image1": given(png_bytes(), name), "image2": given(with_second_picture())})
    await env.result_of(asked)
    assert [picture.format for picture in received(env)] == ["PNG", "JPEG"]
    message = await env.person("bob").say(env.studio, "look", [given(png_bytes(), name)])
    described = await env.person("ada").context_menu(message, "Describe")
    assert "**1.**" in (await env.result_of(await described.answered())).text


async def test_a_wrong_type_is_no_reason_to_refuse(env: Environment) -> None:
    png_file, photo = png_bytes(), with_second_picture()
    for file, kind in (
        (UploadedFile("notes.txt", None, png_file), "PNG"),
        (UploadedFile("photo.webp", None, photo), "JPEG"),
        (UploadedFile("scan.pdf", None, png_file), "PNG"),
        (UploadedFile("IMG_0412", "application/octet-stream", photo), "JPEG"),
    ):
        await env.result_of(await env.slash("imagine", {"prompt": "a fox", "image1": file}))
        assert received(env)[0].format == kind


@pytest.mark.parametrize("size", [(12_000, 9_000), (16_320, 12_240), (9_248, 6_936)])
async def test_a_photo_of_very_many_pixels_is_made_smaller_and_that_is_said(
    env: Environment, size: tuple[int, int]
) -> None:
    data = encoded(Image.new("L", size, 90), "JPEG", quality=30)
    asked = await env.slash("describe", {"image": given(data)})
    said = (await env.result_of(asked)).text
    assert f"{size[0]} × {size[1]}" in said
    assert "made smaller" in said
    (picture,) = received(env)
    assert abs(picture.width / picture.height - size[0] / size[1]) < 0.01
    assert picture.width * picture.height < 17_000_000


async def test_a_photo_of_many_bytes_is_made_to_fit_and_that_is_said(env: Environment) -> None:
    env.discord.guild("Atelier").attachment_size_limit = BOOSTED
    data = encoded(Image.open(io.BytesIO(noise(3400, 2600))), "JPEG", quality=98)
    assert 12_000_000 < len(data) < 20_000_000, len(data)
    upload = await env.slash("upload", {"image1": given(data)})
    await env.until(lambda: len(upload.messages) > 1 or None)
    assert any("made smaller" in message.text for message in upload.messages)
    described = await env.result_of(await env.slash("describe", {"image": given(data)}))
    assert "made smaller" in described.text
    assert received(env)[0].width > 1500


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
async def test_what_cannot_be_used_is_named_with_the_way_out(
    env: Environment, name: str, data: bytes, said: str
) -> None:
    answer = await env.private_answer(await env.slash("describe", {"image": given(data, name)}))
    assert said in answer
    assert name.replace("_", "\\_") in answer or name in answer
    assert env.images.submits == []


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
async def test_the_card_shows_its_end_whatever_file_the_service_hands_out(env: Environment, stand_in: bytes) -> None:
    env.images.service.replacement_picture = stand_in
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))
    (shown,) = grid.attachments
    assert shown.filename.rpartition(".")[2] in ("png", "jpg", "avif")
    assert inspect(shown.data).width
    assert "U1" in [button.get("label") for button in grid.buttons]


async def test_a_large_result_with_odd_exif_is_made_to_fit_upright(env: Environment) -> None:
    photo = encoded(Image.open(io.BytesIO(noise(3100, 2400))), "JPEG", quality=98)
    assert len(photo) > LIMIT
    env.images.service.replacement_picture = with_segments(photo, segment(0xE1, exif(6, odd=True)))
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))
    assert "Made smaller" in grid.text
    shown = Image.open(io.BytesIO(grid.attachments[0].data))
    assert shown.height > shown.width


async def test_what_is_no_picture_leaves_a_card_that_says_so(env: Environment) -> None:
    env.images.service.replacement_picture = b"<html>"
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))
    assert "Download again" in [button.get("label") for button in grid.buttons]


# Spoilers


async def test_what_is_made_from_a_hidden_picture_is_hidden_and_so_are_its_children(env: Environment) -> None:
    asked = await env.slash("blend", {"image1": png("SPOILER_cat.png"), "image2": png("dog.png")})
    grid = await env.result_of(asked)
    assert set(spoilers(grid)) == {True}
    single = await env.result_of(await env.press(grid, "U1"))
    assert spoilers(single) == [True]
    opened = await env.result_of(await env.slash("blend", {"image1": png("a.png"), "image2": png("b.png")}))
    assert set(spoilers(opened)) == {False}
    panels = [await env.slash("tasks"), await env.person("ada").context_menu(grid, "Task info")]
    for panel in [await panel_of(env, each) for each in panels]:
        shown = [part for part in walk(panel.components) if part["type"] == 11]
        hidden = {task_id_of(grid), task_id_of(single)}
        assert shown
        assert all(part["spoiler"] == any(each in part["media"]["url"] for each in hidden) for part in shown)
    linked = {"prompt": "https://pictures.example.org/attachments/1/2/SPOILER_cat.png?ex=1 a cat"}
    assert spoilers(await env.result_of(await env.slash("imagine", linked))) == [True]
    assert set(spoilers(await env.result_of(await env.slash("show", {"task": task_id_of(grid)})))) == {True}
    for message in (await env.person("bob").say(env.studio, "", [png("SPOILER_sea.png")]), single):
        modal = await (await env.person("ada").context_menu(message, "Use this image…")).answered()
        used = await env.submit_modal(modal, {"use": ["imagine"], "prompt": "a storm"})
        assert set(spoilers(await env.result_of(used))) == {True}


@pytest.mark.parametrize("command", ["edit", "retexture", "swap"])
async def test_what_another_command_makes_from_a_hidden_picture_is_hidden_too(
    make_env: MakeEnvironment, command: str
) -> None:
    env = await make_env(Scenario(profile="trueai"))
    cat = png("SPOILER_cat.png")
    options: dict[str, OptionValue] = {"prompt": "a hat", "image": cat}
    if command == "swap":
        options = {"source": png("face.png", "gold"), "target": cat}
    made = await env.result_of(await env.slash(command, options))
    assert spoilers(made)
    assert set(spoilers(made)) == {True}


async def test_words_about_a_hidden_picture_are_hidden(env: Environment) -> None:
    for asked in (
        await env.slash("describe", {"image": png("SPOILER_cat.png")}),
        await menu_on(env, await env.person("bob").say(env.studio, "", [png("SPOILER_sea.png")])),
        await menu_on(
            env, await env.result_of(await env.slash("imagine", {"prompt": "x", "image1": png("SPOILER_a.png")}))
        ),
    ):
        described = await env.result_of(asked)
        assert "||" in described.text
        assert not [hidden for hidden in spoilers(described) if not hidden]
    plain = await env.result_of(await env.slash("describe", {"image": png("cat.png")}))
    assert "||" not in plain.text
    posted = await env.person("bob").say(env.studio, "", [png("SPOILER_boat.png")])
    linked = await env.slash("describe", {"link": env.discord.files.url(posted.attachments[0])})
    assert "||" in (await env.result_of(linked)).text


async def menu_on(env: Environment, message: Message) -> Interaction:
    return await (await env.person("ada").context_menu(message, "Describe")).answered()


# Messages that are pointed at


async def test_a_picture_is_found_wherever_a_message_has_it(env: Environment) -> None:
    bob, files = env.person("bob"), env.discord.files
    attached = await bob.say(env.studio, "look", [png("sea.png")])
    sticker = files.sticker(png("wave", "gold"))
    moving = files.sticker(UploadedFile("wink", None, png_bytes("navy")), animated=True)
    address = files.url(attached.attachments[0])
    (card,) = [await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))]
    for message in (
        await bob.say(env.studio, "from my camera", [given(with_second_picture())]),
        await bob.forward(attached, env.studio),
        await bob.forward(await bob.say(env.studio, f"see <{address}>"), env.studio),
        await bob.forward(card, env.studio),
        await bob.say(env.studio, stickers=[sticker]),
        await bob.forward(await bob.say(env.studio, stickers=[moving]), env.studio),
        await bob.say(env.studio, f"look: <{address}>"),
        await bob.say(env.studio, f"here ({address}), nice"),
    ):
        before = len(env.images.submits)
        described = await env.result_of(await menu_on(env, message))
        assert "**1.**" in described.text
        assert len(env.images.submits) == before + 1
        assert received(env)[0].size


async def test_a_message_that_links_to_no_picture_says_so(env: Environment) -> None:
    message = await env.person("bob").say(env.studio, f"see {env.discord.base_url}/nothing")
    asked = await env.person("ada").context_menu(message, "Describe")
    assert "couldn't be downloaded" in await env.private_answer(asked)
    assert env.images.submits == []
