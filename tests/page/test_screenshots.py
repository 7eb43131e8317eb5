"""The README's images can be taken again, from the page as it is now."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.page import screenshots
from tests.support.browsers import needs_chromium

ROOT = Path(__file__).resolve().parents[2]


@needs_chromium
async def test_the_script_takes_an_image_of_the_main_path(tmp_path: Path) -> None:
    shot = screenshots.Shot("small", "dark", 800, 600, 1, screenshots.BOAT)
    (path,) = await screenshots.take(tmp_path, [shot])
    with Image.open(path) as picture:
        ratio = picture.width / picture.height
        shown = picture.convert("RGB").getcolors(maxcolors=1 << 20) or []
    assert ratio == pytest.approx(shot.width / shot.height, rel=0.01)
    assert len(shown) > 100
    assert path.stat().st_size <= screenshots.MAX_BYTES


def test_the_images_of_the_readme_are_small_enough() -> None:
    found = sorted((ROOT / "docs").glob("playground-*.png"))
    assert [path.stem for path in found] == [
        "playground-dark",
        "playground-light",
        "playground-phone-dark",
        "playground-phone-light",
    ]
    assert all(path.stat().st_size <= 400_000 for path in found)
