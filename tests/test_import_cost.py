"""What a start leaves out: garbage collections while modules are imported, Pillow until an image is decoded, and what
only a platform needs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from bot.__main__ import NEW_OBJECTS, Exit
from bot.media.containers.png import MAX_PROFILE
from bot.media.containers.recognition import MAX_JPEG_PIXELS
from playground.bot_process import ROOT


def printed(program: str, folder: Path) -> Any:
    """What the program prints last, as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout.splitlines()[-1])


COLLECTIONS = """
import gc, json, sys
from bot.__main__ import main
between = []
gc.callbacks.append(lambda *_: between.append("aiohttp" in sys.modules and "bot.command_runner" not in sys.modules))
code = main(["run"])
print(json.dumps([code, any(between), gc.isenabled(), gc.get_freeze_count() > len(gc.get_objects()),
                  gc.get_threshold()[0]]))
"""


def test_modules_are_imported_without_collections_which_leave_them_alone_later(tmp_path: Path) -> None:
    # It ends at its settings, after the imports, of which `bot.command_runner` is the last.
    assert printed(COLLECTIONS, tmp_path) == [Exit.SETTINGS, False, True, True, NEW_OBJECTS]


IMPORTED = """
import json, sys
import bot.app, bot.command_runner
from bot.client import EXTENSIONS, NO_PLATFORM_EXTENSIONS
for name in (*EXTENSIONS, *NO_PLATFORM_EXTENSIONS):
    __import__(name)
print(json.dumps(sorted(sys.modules)))
"""
# What cards, panels and old messages need of a platform that is not there.
WITHOUT_PLATFORM = {
    "bot.platform": {"errors", "prices", "roles"},
    "bot.engines.platform": set(),
    "bot.language": {"languages"},
    "bot.chat": set(),
    "bot.ui.chat": {"custom_ids", "forms"},
}


def test_pillow_is_not_imported_at_the_start(tmp_path: Path) -> None:
    assert "PIL" not in printed(IMPORTED, tmp_path)


def test_a_bot_without_a_platform_imports_next_to_nothing_of_what_a_platform_needs(tmp_path: Path) -> None:
    imported = printed(IMPORTED, tmp_path)
    found = {
        package: {name.rpartition(".")[2] for name in imported if name.rpartition(".")[0] == package}
        for package in WITHOUT_PLATFORM
    }
    assert found == WITHOUT_PLATFORM
    assert "bot.platform_setup" not in imported


# The region editor, which needs a public URL, and a module of the standard library of which only the median was used.
LATER = {"bot.web.mask_editor", "statistics"}


def test_neither_the_mask_editor_nor_needless_parts_of_the_library_are_imported(tmp_path: Path) -> None:
    assert LATER.intersection(printed(IMPORTED, tmp_path)) == set()


DECODED = """
import json, sys
from base64 import b64decode
from bot.media import inspect, recognized
data = b64decode("{image}")
recognized(data)
before = "PIL" in sys.modules
facts = inspect(data)
from PIL import Image, PngImagePlugin
print(json.dumps([before, facts.media_type, Image.MAX_IMAGE_PIXELS, PngImagePlugin.MAX_TEXT_CHUNK]))
"""
# One pixel.
IMAGE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="


def test_pillow_has_the_limits_of_the_program_once_an_image_was_decoded(tmp_path: Path) -> None:
    program = DECODED.replace("{image}", IMAGE)
    assert printed(program, tmp_path) == [False, "image/png", MAX_JPEG_PIXELS, MAX_PROFILE]
