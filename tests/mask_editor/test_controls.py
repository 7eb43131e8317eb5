"""What the painter offers besides brushes: the whole image at once, zoom, masks made elsewhere, the keyboard, a way
back, and the prompt as it was left. What arrives is compared pixel by pixel."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import FilePayload, Page

from tests.mask_editor.conftest import Studio, mask_png
from tests.mask_editor.test_painting import Canvas, OpenPage, Point, painted, submit
from tests.mask_editor.test_rules import in_discord

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE = {"width": 390, "height": 844}
# The least that a finger hits well, in CSS pixels (WCAG 2.2, "Target Size (Enhanced)").
FINGER = 44
# An arrow key moves the crosshair by this share of the image's shorter side.
STEPS = 50


def mask_file(data: bytes, name: str = "mask.png", kind: str = "image/png") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": data}


def box(size: tuple[int, int], a: Point, b: Point) -> list[bool]:
    """Which pixels lie between two corners, given in whole pixels."""
    width, height = size
    (left, right), (top, bottom) = sorted((a[0], b[0])), sorted((a[1], b[1]))
    return [left <= x < right and top <= y < bottom for y in range(height) for x in range(width)]


async def press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


# the whole image, and the view of it


async def test_everything_is_selected_and_a_hole_erased(studio: Studio, open_page: OpenPage) -> None:
    page = await open_page(await studio.link())
    canvas = await Canvas.of(page, studio.picture.size)
    await page.click("#select-all")
    assert await page.is_disabled("#select-all")
    assert await page.inner_text("#amount") == "100% painted"
    await page.click("[data-tool=rectangle]")
    hole = await canvas.drag([(0.3, 0.3), (0.6, 0.6)], button="right")
    await submit(page, "a tin robot")
    assert painted(studio.masks()[0]) == [not off for off in canvas.rectangle(*hole)]


async def test_what_is_painted_is_inverted_and_the_step_undone(studio: Studio, open_page: OpenPage) -> None:
    page = await open_page(await studio.link())
    canvas = await Canvas.of(page, studio.picture.size)
    await page.click("[data-tool=rectangle]")
    corners = await canvas.drag([(0.3, 0.3), (0.6, 0.6)])
    await page.click("#invert")
    await page.click("#undo")
    await press(page, "i")
    await page.click("#undo")
    await page.click("#redo")
    await submit(page, "a tin robot")
    assert painted(studio.masks()[0]) == [not on for on in canvas.rectangle(*corners)]


async def test_letters_that_work_controls_are_only_letters_in_the_prompt(studio: Studio, open_page: OpenPage) -> None:
    page = await open_page(await studio.link())
    await page.fill("#prompt", "")
    await page.type("#prompt", "a airy inn")
    assert await page.input_value("#prompt") == "a airy inn"
    assert await page.is_hidden("#amount")


async def test_buttons_zoom_the_image_and_fit_it_again(studio: Studio, open_page: OpenPage) -> None:
    page = await open_page(await studio.link())
    sheet = page.locator("#sheet")
    fitted = await sheet.bounding_box()
    assert fitted is not None
    await page.click("#zoom-in")
    await page.click("#zoom-in")
    grown = await sheet.bounding_box()
    assert grown is not None
    assert grown["width"] == pytest.approx(fitted["width"] * 1.25**2, rel=0.01)
    await page.click("#zoom-out")
    less = await sheet.bounding_box()
    assert less is not None
    assert fitted["width"] < less["width"] < grown["width"]
    # What is painted on the zoomed image lands where it was painted.
    canvas = await Canvas.of(page, studio.picture.size)
    await page.click("[data-tool=rectangle]")
    corners = await canvas.drag([(0.3, 0.3), (0.6, 0.6)])
    await page.click("#fit")
    assert await sheet.bounding_box() == fitted
    await submit(page, "a tin robot")
    assert painted(studio.masks()[0]) == canvas.rectangle(*corners)


# the keyboard


async def test_rectangles_are_drawn_by_keyboard_alone(studio: Studio, open_page: OpenPage) -> None:
    page = await open_page(await studio.link())
    width, height = studio.picture.size
    step = max(1, round(min(width, height) / STEPS))
    # The image is the first thing that Tab reaches.
    await press(page, "Tab")
    assert await page.evaluate("document.activeElement.id") == "mask"
    await press(page, "Home", "PageUp", *["ArrowRight"] * 5, *["ArrowDown"] * 4, "Shift+ArrowRight", "Enter")
    first = (5 * step + 1, 4 * step)
    assert await page.inner_text("#position") == (
        f"Corner set at {first[0]}, {first[1]}. Move to the opposite corner and press Enter, or Escape to cancel."
    )
    await press(page, *["ArrowRight"] * 12, *["ArrowDown"] * 9, "Shift+ArrowUp")
    second = (first[0] + 12 * step, first[1] + 9 * step - 1)
    size = f"{12 * step} × {9 * step - 1} pixels"
    assert await page.inner_text("#position") == f"{size}, to {second[0]}, {second[1]}."
    await press(page, "Enter")
    assert await page.inner_text("#position") == f"Rectangle of {size} painted."
    # A second one from the far corner, backwards, and one that is taken back.
    await press(page, "End", "PageDown", "Enter", *["ArrowLeft"] * 3, *["ArrowUp"] * 3, "Enter")
    await press(page, "Enter", "Home", "PageUp", "Escape")
    assert await page.inner_text("#position") == "Rectangle canceled."
    await press(page, "Home", "PageDown", "Enter", "End", "PageUp", "Enter", "Control+z")
    await press(page, "Control+Enter")
    await page.wait_for_selector("#veil.done")
    far = box((width, height), (width, height), (width - 3 * step, height - 3 * step))
    near = box((width, height), first, second)
    assert painted(studio.masks()[0]) == [one or other for one, other in zip(near, far, strict=True)]


async def test_the_keyboard_erases_with_the_eraser(studio: Studio, open_page: OpenPage) -> None:
    page = await open_page(await studio.link())
    width, height = studio.picture.size
    await page.focus("#mask")
    await press(page, "a", "e", "Enter", "Home", "PageUp", "Enter")
    assert "erased" in await page.inner_text("#position")
    await submit(page, "a tin robot")
    hole = box((width, height), (0, 0), (round(width / 2), round(height / 2)))
    assert painted(studio.masks()[0]) == [not off for off in hole]


async def test_the_crosshair_is_announced_kept_in_sight_and_goes(studio: Studio, open_page: OpenPage) -> None:
    page = await open_page(await studio.link())
    width, height = studio.picture.size
    await page.focus("#mask")
    assert await page.get_attribute("#position", "aria-live") == "polite"
    assert await page.get_attribute("#mask", "role") == "application"
    described = await page.get_attribute("#mask", "aria-describedby")
    assert "arrow keys" in (await page.locator(f"#{described}").text_content() or "")
    await press(page, *["+"] * 6, "Home", "PageUp")
    assert await page.inner_text("#position") == f"Crosshair at 0, 0 of {width} × {height}."
    stage, sheet = await page.locator("#stage").bounding_box(), await page.locator("#sheet").bounding_box()
    assert stage is not None
    assert sheet is not None
    assert sheet["x"] >= stage["x"]
    assert sheet["y"] >= stage["y"]
    await press(page, "Enter", "Enter")
    assert "empty" in await page.inner_text("#position")
    await press(page, "Escape", "Escape")
    assert await page.inner_text("#position") == ""
    assert await page.is_hidden("#amount")


# masks made elsewhere


async def test_an_uploaded_mask_adds_to_what_is_painted(studio: Studio, open_page: OpenPage) -> None:
    page = await open_page(await studio.link())
    canvas = await Canvas.of(page, studio.picture.size)
    await page.click("[data-tool=rectangle]")
    corners = await canvas.drag([(0.7, 0.7), (0.9, 0.9)])
    data = mask_png(studio.picture.size)
    await page.set_input_files("#upload", files=mask_file(data))
    await page.wait_for_selector("#said:has-text('was added')")
    await page.set_input_files("#upload", files=mask_file(data))
    await page.wait_for_selector("#said:has-text('already selected')")
    assert studio.masks() == []
    # One step: undone and done again.
    await page.click("#undo")
    await page.click("#redo")
    await submit(page, "a tin robot")
    uploaded = painted(_opened(data))
    drawn = canvas.rectangle(*corners)
    assert painted(studio.masks()[0]) == [one or other for one, other in zip(uploaded, drawn, strict=True)]


def _opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


async def test_a_mask_is_dropped_on_the_image(studio: Studio, open_page: OpenPage) -> None:
    page = await open_page(await studio.link())
    data = mask_png(studio.picture.size)
    transfer = await page.evaluate_handle(DROPPED, base64.b64encode(data).decode())
    await page.dispatch_event("#mask", "dragover", {"dataTransfer": transfer})
    assert await page.is_visible("#drop")
    await page.dispatch_event("#mask", "drop", {"dataTransfer": transfer})
    await page.wait_for_selector("#said:has-text('was added')")
    assert await page.is_hidden("#drop")
    await submit(page, "a tin robot")
    assert painted(studio.masks()[0]) == painted(_opened(data))


DROPPED = """(text) => {
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], "mask.png", { type: "image/png" }));
  return transfer;
}"""


def half(size: tuple[int, int], mode: str = "L") -> Image.Image:
    """A mask whose left half is white."""
    mask = Image.new("L", size, 0)
    mask.paste(255, (0, 0, size[0] // 2, size[1]))
    return mask.convert(mode)


def encoded(picture: Image.Image, form: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["scaled", "transparent", "jpeg"])
async def test_a_mask_as_other_editors_make_it_is_read_as_in_discord(
    studio: Studio, open_page: OpenPage, kind: str
) -> None:
    width, height = size = studio.picture.size
    erased = studio.picture.convert("RGBA")
    erased.paste((0, 0, 0, 0), (0, 0, width // 2, height))
    data, words = {
        "scaled": (encoded(half((2 * width, 2 * height))), "scaled to fit"),
        "transparent": (encoded(erased), "transparent areas"),
        "jpeg": (encoded(half(size), "JPEG"), "was added"),
    }[kind]
    page = await open_page(await studio.link())
    await page.set_input_files("#upload", files=mask_file(data))
    await page.wait_for_selector("#said:has-text('was added')")
    assert words in await page.inner_text("#said")
    await submit(page, "a tin robot")
    assert painted(studio.masks()[0]) == painted(_opened(encoded(half(size))))


@pytest.mark.parametrize("kind", ["shape", "empty", "rubbish"])
async def test_a_wrong_mask_is_refused_in_words_and_the_painting_stays(
    studio: Studio, open_page: OpenPage, kind: str
) -> None:
    width, height = studio.picture.size
    data, words = {
        "shape": (mask_png((width, width)), f"{width} × {height} pixels"),
        "empty": (mask_png((width, height), white=0), "white"),
        "rubbish": (b"no picture at all", "PNG"),
    }[kind]
    page = await open_page(await studio.link())
    canvas = await Canvas.of(page, studio.picture.size)
    await page.click("[data-tool=rectangle]")
    corners = await canvas.drag([(0.2, 0.2), (0.6, 0.7)])
    await page.set_input_files("#upload", files=mask_file(data))
    await page.wait_for_selector("#said.bad")
    assert words in await page.inner_text("#said")
    assert "Nothing was sent" in await page.inner_text("#said")
    await submit(page, "a tin robot")
    assert painted(studio.masks()[0]) == canvas.rectangle(*corners)


async def test_a_file_that_is_too_large_for_a_mask_does_not_leave_the_browser(
    studio: Studio, open_page: OpenPage, tmp_path: Path
) -> None:
    page = await open_page(await studio.link())
    large = tmp_path / "large.png"
    large.write_bytes(bytes(10 * 1024 * 1024 + 1))
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    await page.set_input_files("#upload", files=large)
    await page.wait_for_selector("#said.bad")
    assert "up to 10 MB" in await page.inner_text("#said")
    assert asked == []


# prompt, way back, phone


async def test_the_prompt_outlives_a_reload_and_a_new_link_until_it_is_sent(
    studio: Studio, open_page: OpenPage
) -> None:
    page = await open_page(await studio.link())
    await page.fill("#prompt", "a tin robot\nwith a “red” hat 🎩")
    await page.reload()
    await page.wait_for_selector("#controls:enabled")
    assert await page.input_value("#prompt") == "a tin robot\nwith a “red” hat 🎩"
    await page.goto(await studio.link())
    await page.wait_for_selector("#controls:enabled")
    assert await page.input_value("#prompt") == "a tin robot\nwith a “red” hat 🎩"
    await page.click("#select-all")
    await page.click("#submit")
    await page.wait_for_selector("#veil.done")
    await page.goto(await studio.link())
    await page.wait_for_selector("#controls:enabled")
    assert await page.input_value("#prompt") == "a tin robot --ar 3:2 --v 7"


async def test_a_way_back_to_the_message_stands_beside_the_image_and_after_sending(
    studio: Studio, open_page: OpenPage
) -> None:
    page = await open_page(await studio.link())
    back = page.locator("#panel [data-back]")
    assert await back.get_attribute("href") == in_discord(studio)
    assert "Pick areas instead" in await page.inner_text("#panel")
    assert await page.is_hidden("#veil [data-back]")
    await page.click("#select-all")
    await submit(page, "a tin robot")
    assert await page.locator("#veil [data-back]").get_attribute("href") == in_discord(studio)
    assert await page.is_visible("#veil [data-back]")


async def test_every_control_has_a_label_that_can_be_seen(studio: Studio, open_page: OpenPage) -> None:
    page = await open_page(await studio.link())
    for control in await page.locator("button, .button:visible").all():
        assert re.search(r"\w{2}", await control.inner_text())


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_on_a_phone_everything_is_large_enough_and_nothing_overflows(
    studio: Studio, open_page: OpenPage, scheme: str
) -> None:
    page = await open_page(await studio.link(), viewport=PHONE, has_touch=True, is_mobile=True, color_scheme=scheme)
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    for control in await page.locator("button, .button:visible, input, summary, textarea").all():
        place = await control.bounding_box()
        assert place is not None
        assert (place["height"] >= FINGER, place["width"] >= FINGER) == (True, True), await control.inner_text()
    # Text of less than 16 pixels in a field makes iOS zoom the page.
    assert await page.evaluate("parseFloat(getComputedStyle(document.querySelector('#prompt')).fontSize)") >= 16
    assert await page.evaluate("getComputedStyle(document.querySelector('#stage')).touchAction") == "none"
    assert await page.evaluate("getComputedStyle(document.querySelector('#undo')).touchAction") == "manipulation"


async def test_buttons_are_tapped_on_a_phone_and_the_page_keeps_its_scale(studio: Studio, open_page: OpenPage) -> None:
    page = await open_page(await studio.link(), viewport=PHONE, has_touch=True, is_mobile=True)
    for name in ("zoom-in", "zoom-in", "fit", "select-all", "invert", "undo"):
        await page.tap(f"#{name}")
    assert await page.evaluate("visualViewport.scale") == 1
    await submit(page, "a tin robot")
    assert painted(studio.masks()[0]) == [True] * (studio.picture.width * studio.picture.height)
