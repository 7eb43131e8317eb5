"""Images cohere: each button shows in its result what it did to the image."""

from __future__ import annotations

import io
import itertools

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat

from playground.images import edits
from playground.images.painter import Scene, View, paint
from playground.images.painter.scene import SETTINGS, SUBJECTS, subject_of
from playground.images.pictures import Artwork, Picture
from playground.images.prompt import final_prompt, parse_prompt, without_flag
from tests.support.image_comparison import before_pan, best_quarter, centre, difference, quarter

SAME, OTHER = 0.02, 0.03
SIDE = 160
PROMPTS = ["a paper boat at dawn", "glass fox in the snow", "tin robot in the city", "stone bridge", "gurgling blorb"]


def grid_of(prompt: str, seed: int = 7) -> Artwork:
    return edits.imagined(parse_prompt(prompt), seed, SIDE, niji=False)


def single(prompt: str = "glass fox", number: int = 2) -> Picture:
    return edits.upscaled(grid_of(prompt), number).cells[0]


def drawn(picture: Picture) -> Image.Image:
    return picture.render(picture.width, picture.height)


def pixels_outside(first: Image.Image, second: Image.Image, mask: Image.Image) -> int:
    """The largest difference of two images where the mask is black."""
    changed = ImageChops.difference(first, second).convert("L")
    changed.paste(0, mask=mask)
    return int(changed.getextrema()[1])  # type: ignore[arg-type] # of an image with one channel, a pair of numbers


@pytest.mark.parametrize("prompt", PROMPTS)
def test_an_upscale_is_its_quarter_of_the_grid_and_no_other(prompt: str) -> None:
    artwork = grid_of(prompt)
    grid = artwork.render()
    for number in range(1, 5):
        picture = edits.upscaled(artwork, number).render()
        assert picture.size == grid.size
        assert difference(quarter(grid, number), picture) < SAME
        assert best_quarter(grid, picture) == number


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_four_of_a_grid_differ_visibly(prompt: str) -> None:
    grid = grid_of(prompt).render()
    for first, second in itertools.combinations(range(1, 5), 2):
        assert difference(quarter(grid, first), quarter(grid, second)) > OTHER


def test_the_same_prompt_and_seed_give_the_same_pixels_and_another_seed_others() -> None:
    first = grid_of("a fox", 1).render()
    assert first.tobytes() == grid_of("a fox", 1).render().tobytes()
    assert difference(first, grid_of("a fox", 2).render()) > OTHER
    assert difference(first, grid_of("a castle", 1).render()) > OTHER


@pytest.mark.parametrize(("number", "others"), [(3, (1, 2, 4)), (1, (2, 3, 4))])
def test_variations_are_relatives_of_their_image(number: int, others: tuple[int, ...]) -> None:
    artwork = grid_of("a paper boat")
    grid, parent = artwork.render(), artwork.cells[number - 1]
    varied = edits.varied(parent, 5, edits.RELATED).render()
    for cell in range(1, 5):
        kin = difference(quarter(varied, cell), quarter(grid, number))
        assert 0.001 < kin < min(difference(quarter(varied, cell), quarter(grid, other)) for other in others)


def test_a_subtle_variation_is_nearer_than_a_strong_one() -> None:
    parent = single()
    picture = drawn(parent)
    subtle, strong = (edits.varied(parent, 5, amount) for amount in (edits.SUBTLE, edits.STRONG))
    near, far = (sum(difference(drawn(cell), picture) for cell in artwork.cells) / 4 for artwork in (subtle, strong))
    assert 0 < near < far
    assert {cell.scene.light for cell in strong.cells} == {parent.scene.light}


@pytest.mark.parametrize("factor", [1.5, 2.0])
@pytest.mark.parametrize("prompt", PROMPTS[:3])
def test_zooming_out_keeps_the_image_in_the_middle(prompt: str, factor: float) -> None:
    parent = single(prompt)
    picture = drawn(parent)
    zoomed = edits.extended(parent, lambda view: view.zoomed_out(factor), 3, keep_height=True)
    assert zoomed.size == (parent.width, parent.height)
    grid = zoomed.render()
    assert difference(centre(drawn(zoomed.cells[3]), factor), picture) < SAME
    for number in range(1, 5):
        assert difference(centre(quarter(grid, number), factor), picture) < OTHER * 1.5  # of few pixels


def test_the_four_zoomed_images_differ_outside_of_the_middle() -> None:
    zoomed = edits.extended(single(), lambda view: view.zoomed_out(2), 3, keep_height=True)
    first, second = (drawn(cell) for cell in zoomed.cells[:2])
    assert difference(first, second) > 0.0005
    assert difference(centre(first, 2), centre(second, 2)) == 0


@pytest.mark.parametrize("direction", ["left", "right", "up", "down"])
@pytest.mark.parametrize("prompt", ["a paper boat --ar 3:2", "tin robot in the city"])
def test_panning_adds_on_one_side_and_keeps_the_rest(prompt: str, direction: str) -> None:
    parent = single(prompt)
    panned = edits.extended(parent, lambda view: view.extended(direction), 3, keep_height=False)
    wider = direction in ("left", "right")
    assert panned.size[0] == pytest.approx(parent.width * (1.5 if wider else 1), abs=4)
    assert panned.size[1] == pytest.approx(parent.height * (1 if wider else 1.5), abs=4)
    view, old = panned.cells[0].view, parent.view
    shares = {"left": (0.5, 0), "right": (0, 0.5), "up": (0, 0.5), "down": (0.5, 0)}[direction]
    assert (old.left - view.left) / old.width == pytest.approx(shares[0] if wider else 0)
    picture = drawn(parent)
    for cell in panned.cells[1:3]:
        assert difference(before_pan(drawn(cell), direction), picture) < SAME


def test_make_square_extends_the_short_edge() -> None:
    parent = single("a paper boat --ar 16:9")
    squared = edits.extended(parent, lambda view: view.squared(), 3, keep_height=False)
    width, height = squared.size
    assert abs(width - height) <= 4
    image = drawn(squared.cells[0])
    spare = (height - parent.height) // 2
    assert difference(image.crop((0, spare, width, height - spare)), drawn(parent)) < SAME


def test_a_repainted_region_changes_only_where_the_mask_is_white() -> None:
    parent = single("a fox in the forest")
    mask = Image.new("L", (parent.width, parent.height))
    ImageDraw.Draw(mask).rectangle((24, 40, 90, 128), fill=255)
    data = io.BytesIO()
    mask.save(data, "PNG")
    before = drawn(parent)
    for cell in edits.repainted(parent, data.getvalue(), 3, parse_prompt("a castle at night")).cells:
        after = drawn(cell)
        assert pixels_outside(after, before, mask) == 0
        box = (24, 40, 91, 129)
        assert difference(after.crop(box), before.crop(box)) > OTHER


def test_what_was_repainted_stays_when_zooming_out() -> None:
    parent = single()
    data = io.BytesIO()
    Image.new("L", (parent.width, parent.height), 255).save(data, "PNG")
    patched = edits.repainted(parent, data.getvalue(), 3, parse_prompt("a castle")).cells[0]
    zoomed = edits.extended(patched, lambda view: view.zoomed_out(2), 3, keep_height=True).cells[0]
    assert difference(centre(drawn(zoomed), 2), drawn(patched)) < SAME * 1.5


@pytest.mark.parametrize("creative", [False, True])
def test_an_enlargement_has_twice_the_pixels_of_the_same_image(creative: bool) -> None:
    artwork = Artwork((single(),))
    larger = edits.enlarged(artwork, factor=2, creative=creative)
    assert larger.size == (2 * SIDE, 2 * SIDE)
    assert difference(larger.render(), artwork.render()) < SAME


@pytest.mark.parametrize(("flag", "wide"), [("16:9", 16 / 9), ("9:16", 9 / 16), ("3:2", 1.5), ("1:1", 1.0)])
def test_the_aspect_is_honoured_and_the_area_kept(flag: str, wide: float) -> None:
    artwork = grid_of(f"a fox --ar {flag}")
    width, height = artwork.render().size
    assert width / height == pytest.approx(wide, rel=0.05)
    assert width * height == pytest.approx(SIDE * SIDE, rel=0.05)


def test_niji_is_another_style_of_the_same_words() -> None:
    flat = edits.imagined(parse_prompt("a fox --niji 6"), 7, SIDE, niji=True)
    colours = flat.cells[0].render(SIDE, SIDE).getcolors(65536)
    soft = single("a fox").render(SIDE, SIDE).getcolors(65536)
    assert colours is not None
    assert soft is None or len(colours) < len(soft)
    assert {cell.scene.subject for cell in flat.cells} == {"fox"}


def plain(colour: str, size: tuple[int, int] = (64, 64)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def test_a_blend_mixes_all_given_images_in_four_ways() -> None:
    artwork = edits.blended([plain("#ff0000"), plain("#00ff00"), plain("#0000ff")], parse_prompt("x --ar 3:2"), 3, SIDE)
    assert artwork.size[0] / artwork.size[1] == pytest.approx(1.5, rel=0.03)
    grid = artwork.render()
    for number in range(1, 5):
        extremes = quarter(grid, number).getextrema()
        assert all(isinstance(channel, tuple) and channel[1] > 110 for channel in extremes)
    for first, second in itertools.combinations(range(1, 5), 2):
        assert difference(quarter(grid, first), quarter(grid, second)) > OTHER


def test_a_swap_shows_the_source_within_the_target() -> None:
    image = edits.swapped(plain("#00ff00"), plain("#ff0000", (96, 64)), SIDE).render()
    assert image.width > image.height
    assert image.getpixel((8, image.height - 8)) == (255, 0, 0)
    middle = image.getpixel((image.width // 2, round(image.height * 0.39)))
    assert middle == (0, 255, 0)


def test_an_edit_keeps_the_image_outside_of_the_mask() -> None:
    mask = Image.new("L", (64, 64))
    mask.paste(255, (0, 0, 32, 64))
    data = io.BytesIO()
    mask.save(data, "PNG")
    artwork = edits.edited(plain("#ff0000"), parse_prompt("a castle"), 3, SIDE, data.getvalue(), 0.5)
    image = drawn(artwork.cells[0])
    assert image.getpixel((SIDE - 10, SIDE // 2)) == (255, 0, 0)
    assert difference(image.crop((0, 0, 64, SIDE)), Image.new("RGB", (64, SIDE), "#ff0000")) > OTHER


def test_frames_of_a_video_move_and_come_back() -> None:
    clip = edits.animated(single("a paper boat"), 3, high=True)
    start, middle, end = (clip.frame(0, 128, 128, moment) for moment in (0.0, 0.5, 1.0))
    assert difference(start, middle) > 0.01
    assert difference(start, end) < difference(start, middle) / 2
    calm = edits.animated(single("a paper boat"), 3, high=False)
    assert difference(calm.frame(0, 128, 128, 0), calm.frame(0, 128, 128, 0.5)) < difference(start, middle)


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_subject_is_seen_in_every_place(setting: str) -> None:
    def drawn_of(subject: str) -> Image.Image:
        return paint(Scene(subject, setting, "day", 5), View.framing(1.0), 64, 64)

    bare = drawn_of("planet")  # which stands in the sky of space only
    for subject in set(SUBJECTS) - {"moon", "planet"}:
        assert difference(drawn_of(subject), bare) > 0.005, subject


def brightness(image: Image.Image) -> float:
    return float(ImageStat.Stat(image.convert("L")).mean[0])


@pytest.mark.parametrize("word", ["night", "storm", "snow", "autumn", "aurora", "city", "sea", "red"])
def test_words_for_time_weather_season_place_and_colour_change_the_image(word: str) -> None:
    plain, changed = (drawn(grid_of(prompt).cells[0]) for prompt in ("a house in summer", f"a house in {word}"))
    assert difference(plain, changed) > OTHER


@pytest.mark.parametrize("place", SETTINGS)
def test_the_night_is_darker_than_the_day_everywhere(place: str) -> None:
    day, night = (paint(Scene("fox", place, light, 5), View.framing(1.0), 64, 64) for light in ("day", "night"))
    assert brightness(night) < brightness(day) * 0.7


@pytest.mark.parametrize("weather", ["snow", "rain"])
def test_weather_falls_over_the_whole_image_and_moves_in_a_video(weather: str) -> None:
    def frame(weather: str, moment: float = 0.0) -> Image.Image:
        return paint(Scene("landscape", "hills", "night", 5, weather=weather), View.framing(1.0), 128, 128, moment)

    for box in ((0, 0, 64, 64), (64, 64, 128, 128)):
        assert ImageChops.difference(frame(weather).crop(box), frame("").crop(box)).getbbox() is not None
        assert ImageChops.difference(frame(weather).crop(box), frame(weather, 0.5).crop(box)).getbbox() is not None


def test_endless_zooming_stays_quick_and_bounded() -> None:
    picture = single("tin robot in the city")
    for seed in range(12):
        picture = edits.extended(picture, lambda view: view.zoomed_out(2), seed, keep_height=True).cells[0]
    assert max(picture.view.width, picture.view.height) <= edits.WIDEST_VIEW
    assert drawn(picture).size == (SIDE, SIDE)


@pytest.mark.parametrize(
    ("words", "subject"),
    [
        ("a paper boat", "boat"),
        ("paper foxes", "fox"),
        ("brass owl", "owl"),
        ("the old lighthouses", "lighthouse"),
        ("paper", "boat"),
    ],
)
def test_the_words_choose_the_subject(words: str, subject: str) -> None:
    assert subject_of(parse_prompt(words).words) == subject


def test_a_prompt_is_taken_apart() -> None:
    reading = parse_prompt("https://x.example/a.png A Fox, in Snow —ar 3:2 --seed 12 --niji 5 --fast --frob 1")
    assert reading.text == "A Fox, in Snow"
    assert reading.words == ("a", "fox", "in", "snow")
    assert (reading.aspect, reading.seed, reading.niji, reading.version) == (1.5, 12, True, "5")
    assert (reading.mode, reading.unknown_flag) == ("fast", "frob")
    assert parse_prompt("x --ar 0:5").aspect == parse_prompt("x --ar nonsense").aspect == 1.0
    assert parse_prompt("x --ar 100:1").aspect == 4.0
    assert final_prompt("a fox", niji=False) == "a fox --v 7"
    assert final_prompt("a fox --v 6", niji=False) == "a fox --v 6"
    assert final_prompt("a fox", niji=True) == "a fox --niji 6"
    assert without_flag("a fox --zoom 2 --ar 3:2", "zoom") == "a fox --ar 3:2"
