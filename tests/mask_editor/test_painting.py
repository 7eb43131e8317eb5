"""Painted in a real browser, through the real bot: the mask that arrives is what was drawn, pixel by pixel."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterable, Sequence

import pytest
from PIL import Image
from playwright.async_api import CDPSession, FloatRect, Page

from tests.mask_editor.conftest import Studio
from tests.support.environments import captions, picture_of
from tests.support.image_comparison import difference

pytestmark = pytest.mark.asyncio(loop_scope="session")

OpenPage = Callable[..., Awaitable[Page]]
Point = tuple[float, float]


class Canvas:
    """The picture on the screen; points are given in the window's pixels and known in the picture's."""

    def __init__(self, page: Page, box: FloatRect, size: tuple[int, int]) -> None:
        self.page = page
        self.size = size
        self._box = box

    @classmethod
    async def of(cls, page: Page, size: tuple[int, int]) -> Canvas:
        box = await page.locator("#sheet").bounding_box()
        assert box is not None
        return cls(page, box, size)

    def on_screen(self, across: float, down: float) -> Point:
        """Whole pixels of the window, because a mouse knows no others."""
        x = self._box["x"] + self._box["width"] * across
        y = self._box["y"] + self._box["height"] * down
        return round(x), round(y)

    def in_picture(self, point: Point) -> Point:
        x, y = point
        width, height = self.size
        return (
            (x - self._box["x"]) / self._box["width"] * width,
            (y - self._box["y"]) / self._box["height"] * height,
        )

    async def drag(self, shares: Sequence[Point], *, button: str = "left") -> list[Point]:
        """Draws through these shares of width and height; the points in the picture."""
        points = [self.on_screen(*share) for share in shares]
        mouse = self.page.mouse
        await mouse.move(*points[0])
        await mouse.down(button="right" if button == "right" else "left")
        for point in points[1:]:
            await mouse.move(*point)
        await mouse.up(button="right" if button == "right" else "left")
        return [self.in_picture(point) for point in points]

    async def radius(self) -> float:
        """The brush's, in the picture's pixels, as the page says it."""
        return float((await self.page.locator("#size-said").inner_text()).removesuffix(" px")) / 2

    def pixels(self) -> Iterable[Point]:
        """The centres of all pixels, row by row."""
        width, height = self.size
        return ((x + 0.5, y + 0.5) for y in range(height) for x in range(width))

    def stroke(self, points: Sequence[Point], radius: float) -> list[bool]:
        """Which pixels a round brush covers on its way."""
        legs = list(itertools.pairwise(points)) or [(points[0], points[0])]
        return [any(_distance(pixel, *leg) <= radius for leg in legs) for pixel in self.pixels()]

    def rectangle(self, a: Point, b: Point) -> list[bool]:
        """Which pixels lie between two corners."""
        (left, right), (top, bottom) = sorted((a[0], b[0])), sorted((a[1], b[1]))
        return [left <= x < right and top <= y < bottom for x, y in self.pixels()]

    def triangle(self, points: Sequence[Point]) -> list[bool]:
        """Which pixels lie within three corners."""
        a, b, c = points
        return [len({_side(pixel, *edge) > 0 for edge in ((a, b), (b, c), (c, a))}) == 1 for pixel in self.pixels()]


def _distance(pixel: Point, a: Point, b: Point) -> float:
    (px, py), (dx, dy) = pixel, (b[0] - a[0], b[1] - a[1])
    length = dx * dx + dy * dy
    along = min(1.0, max(0.0, ((px - a[0]) * dx + (py - a[1]) * dy) / length)) if length else 0.0
    return float(((a[0] + along * dx - px) ** 2 + (a[1] + along * dy - py) ** 2) ** 0.5)


def _side(pixel: Point, a: Point, b: Point) -> float:
    return (b[0] - a[0]) * (pixel[1] - a[1]) - (b[1] - a[1]) * (pixel[0] - a[0])


def painted(mask: Image.Image) -> list[bool]:
    """Which pixels of a mask are white; a mask knows nothing else, and no more than one channel."""
    assert (mask.format, mask.mode) == ("PNG", "L")
    assert set(mask.tobytes()) <= {0, 255}
    return [value == 255 for value in mask.tobytes()]


async def submit(page: Page, prompt: str) -> str:
    """Submits what is painted; what the page says then."""
    await page.fill("#prompt", prompt)
    await page.click("#submit")
    await page.wait_for_selector("#veil.done")
    return await page.inner_text("#veil")


async def test_what_the_mouse_draws_arrives_pixel_by_pixel(studio: Studio, open_page: OpenPage) -> None:
    pressed = await studio.press()
    page = await open_page(next(button["url"] for m in pressed.messages for button in m.buttons if "url" in button))
    canvas = await Canvas.of(page, studio.picture.size)
    assert await page.input_value("#prompt") == "a tin robot --ar 3:2 --v 7"

    stroke = await canvas.drag([(0.1, 0.2), (0.3, 0.35), (0.45, 0.2)])
    drawn = canvas.stroke(stroke, await canvas.radius())
    await page.keyboard.press("r")
    corners = await canvas.drag([(0.6, 0.5), (0.7, 0.6), (0.9, 0.95)])
    drawn = either(drawn, canvas.rectangle(corners[0], corners[-1]))
    await page.click("[data-tool=lasso]")
    lasso = await canvas.drag([(0.1, 0.9), (0.25, 0.5), (0.4, 0.85)])
    drawn = either(drawn, canvas.triangle(lasso))
    await page.keyboard.press("e")
    await page.keyboard.press("]")
    erased = await canvas.drag([(0.2, 0.25), (0.75, 0.75)])
    drawn = [on and not off for on, off in zip(drawn, canvas.stroke(erased, await canvas.radius()), strict=True)]

    said = await submit(page, "a tin robot with a red hat")
    assert "Sent!" in said
    (mask,) = studio.masks()
    assert mask.size == studio.picture.size
    assert painted(mask) == drawn

    result = await studio.env.result_of(pressed)
    assert captions(result)[0] == "U1"
    assert "a tin robot with a red hat" in result.text
    assert [each.endpoint for each in studio.env.images.submits[2:]] == ["submit/action", "submit/modal"]
    assert difference(picture_of(result), picture_of(studio.single)) > 0
    await studio.env.until(lambda: "Sent!" in pressed.messages[0].text and not pressed.messages[0].buttons)


def either(first: list[bool], second: list[bool]) -> list[bool]:
    return [one or other for one, other in zip(first, second, strict=True)]


async def test_steps_are_undone_and_done_again(studio: Studio, open_page: OpenPage) -> None:
    page = await open_page(await studio.link())
    canvas = await Canvas.of(page, studio.picture.size)
    await page.keyboard.press("r")
    first = await canvas.drag([(0.1, 0.1), (0.3, 0.3)])
    await canvas.drag([(0.5, 0.5), (0.9, 0.9)])
    await page.keyboard.press("Control+z")
    await page.click("#clear")
    assert await page.is_disabled("#clear")
    await page.click("#undo")
    await page.click("#undo")
    assert await page.is_disabled("#undo")
    await page.keyboard.press("Control+Shift+z")
    # The right button erases with any tool.
    hole = await canvas.drag([(0.15, 0.15), (0.2, 0.2)], button="right")
    await submit(page, "a tin robot")
    kept, gone = canvas.rectangle(*first), canvas.rectangle(*hole)
    assert painted(studio.masks()[0]) == [on and not off for on, off in zip(kept, gone, strict=True)]


async def touch(session: CDPSession, kind: str, *points: Point) -> None:
    fingers = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    await session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})


async def test_a_finger_paints_and_two_fingers_zoom_on_a_phone(studio: Studio, open_page: OpenPage) -> None:
    phone = {"width": 360, "height": 740}
    page = await open_page(await studio.link(), viewport=phone, has_touch=True, is_mobile=True)
    assert await page.evaluate("document.documentElement.scrollWidth") == phone["width"]
    session = await page.context.new_cdp_session(page)
    canvas = await Canvas.of(page, studio.picture.size)

    points = [canvas.on_screen(0.2, 0.3), canvas.on_screen(0.5, 0.6), canvas.on_screen(0.7, 0.4)]
    await touch(session, "touchStart", points[0])
    for point in points[1:]:
        await touch(session, "touchMove", point)
    await touch(session, "touchEnd")
    drawn = canvas.stroke([canvas.in_picture(point) for point in points], await canvas.radius())

    before = await page.locator("#sheet").bounding_box()
    a, b = canvas.on_screen(0.4, 0.5), canvas.on_screen(0.6, 0.5)
    await touch(session, "touchStart", a)
    await touch(session, "touchMove", (a[0] + 3, a[1]))
    await touch(session, "touchStart", (a[0] + 3, a[1]), b)
    await touch(session, "touchMove", (a[0] - 40, a[1]), (b[0] + 40, b[1]))
    await touch(session, "touchEnd")
    after = await page.locator("#sheet").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] > before["width"] * 1.5
    await page.tap("#fit")
    assert await page.locator("#sheet").bounding_box() == before

    await submit(page, "a tin robot")
    # The first of two fingers had begun to paint; that is taken back.
    assert painted(studio.masks()[0]) == drawn


async def test_what_was_painted_outlives_a_reload_and_a_new_link(studio: Studio, open_page: OpenPage) -> None:
    page = await open_page(await studio.link())
    canvas = await Canvas.of(page, studio.picture.size)
    await page.keyboard.press("r")
    corners = await canvas.drag([(0.2, 0.2), (0.6, 0.7)])
    await page.reload()
    await page.wait_for_selector("#controls:enabled")
    assert "are back" in await page.inner_text("#said")
    await page.goto(await studio.link())
    await page.wait_for_selector("#controls:enabled")
    await submit(page, "a tin robot")
    assert painted(studio.masks()[0]) == canvas.rectangle(*corners)


async def test_nothing_painted_and_no_words_are_said_before_anything_is_sent(
    studio: Studio, open_page: OpenPage
) -> None:
    page = await open_page(await studio.link())
    await page.click("#submit")
    assert "Nothing is painted" in await page.inner_text("#said")
    canvas = await Canvas.of(page, studio.picture.size)
    await canvas.drag([(0.2, 0.2), (0.6, 0.7)])
    await page.fill("#prompt", "   ")
    await page.keyboard.press("Control+Enter")
    assert "Your prompt is empty" in await page.inner_text("#said")
    assert studio.masks() == []


async def test_a_refusal_of_the_service_is_said_and_the_painting_is_kept(studio: Studio, open_page: OpenPage) -> None:
    page = await open_page(await studio.link())
    canvas = await Canvas.of(page, studio.picture.size)
    await page.keyboard.press("r")
    corners = await canvas.drag([(0.2, 0.2), (0.6, 0.7)])
    await page.fill("#prompt", "a forbiddenword owl")
    await page.click("#submit")
    await page.wait_for_selector("#veil:not([hidden])")
    said = await page.inner_text("#veil")
    assert "doesn't allow the word" in said
    assert "Press the button in Discord again" in said
    await page.goto(await studio.link())
    await page.wait_for_selector("#controls:enabled")
    assert await page.input_value("#prompt") == "a forbiddenword owl"
    await submit(page, "a tin robot")
    assert painted(studio.masks()[-1]) == canvas.rectangle(*corners)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_word_can_be_read(studio: Studio, open_page: OpenPage, scheme: str) -> None:
    page = await open_page(await studio.link(), color_scheme=scheme)
    faint = await page.evaluate(CONTRASTS)
    assert [each for each in faint if each["ratio"] < 4.5] == []


# The contrast of each text with what is behind it (WCAG 2.2, "contrast ratio").
CONTRASTS = """() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const behind = (node) => {
    const colour = parts(getComputedStyle(node).backgroundColor);
    return colour.length === 4 && colour[3] === 0 ? behind(node.parentElement) : colour;
  };
  const light = (colour) => {
    const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = colour.slice(0, 3).map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const texts = "h1, p.faint, header p, label span, output, button:enabled, .button, summary, textarea";
  const seen = [...document.querySelectorAll(texts)];
  return seen.filter((node) => node.offsetParent).map((node) => {
    const [one, other] = [light(parts(getComputedStyle(node).color)), light(behind(node))].sort((a, b) => b - a);
    return { text: node.textContent.trim(), ratio: (one + 0.05) / (other + 0.05) };
  });
}"""
