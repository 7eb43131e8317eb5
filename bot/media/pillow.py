"""Pillow with this program's limits. Its modules are imported when an image is first decoded.

Pillow takes 3 MB, a twentieth of the memory after a start, and complete images are attached without being decoded.
"""

from __future__ import annotations

import warnings
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from bot.media.containers.png import MAX_PROFILE
from bot.media.containers.recognition import MAX_JPEG_PIXELS

__all__ = ["Image", "ImageChops", "ImageCms"]

# Pillow warns about irregularities in files from users.
warnings.filterwarnings("ignore", module=r"PIL\.", category=UserWarning)


class _Delayed:
    """A module of Pillow that is imported when something in it is first used."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(_imported(self._name), attribute)


@cache
def _imported(name: str) -> ModuleType:
    _set_limits()
    return import_module(f"PIL.{name}")


def _set_limits() -> None:
    """Sets Pillow's limits, which apply to the whole process.

    `bot.media.containers.recognition` checks the number of pixels before a file is opened. The only compressed texts
    that remain are color profiles, which can be larger than Pillow's limit.
    """
    from PIL import Image, PngImagePlugin  # noqa: PLC0415 - not before an image is decoded

    Image.MAX_IMAGE_PIXELS = MAX_JPEG_PIXELS
    PngImagePlugin.MAX_TEXT_CHUNK = MAX_PROFILE


if TYPE_CHECKING:
    from PIL import Image, ImageChops, ImageCms
else:
    Image, ImageChops, ImageCms = map(_Delayed, __all__)
