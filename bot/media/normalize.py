"""Converts a decoded image to the common form: upright, 8 bits per channel, RGB or RGBA, sRGB, without metadata."""

from __future__ import annotations

import io

from bot.media.image import OpenedImage
from bot.media.pillow import Image, ImageCms

# Pillow's transformation for each Exif orientation (Exif 2.3, 4.6.4, tag 0x0112).
_TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}


def flat(source: OpenedImage) -> Image.Image:
    """Returns a loaded image as RGB or RGBA. For an animation this is the first frame."""
    picture = _eight_bits(source.picture)
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    picture = _in_srgb(picture, mode)
    picture.info = {}
    turn = _TURNS.get(source.orientation)
    return picture if turn is None else picture.transpose(Image.Transpose[turn])


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Scales 16-bit values to 8 bits; Pillow's conversion alone would clip bright values."""
    if not picture.mode.startswith("I"):
        return picture
    info = picture.info
    scaled = picture.convert("I").point(lambda value: value * (1 / 257) + 0).convert("L")
    # The transparent gray level is a 16-bit value.
    scaled.info = {name: value for name, value in info.items() if name != "transparency"}
    return scaled


def _in_srgb(picture: Image.Image, mode: str) -> Image.Image:
    """Converts the colors from the image's profile to sRGB. An unsuitable profile is ignored, as in browsers."""
    profile = picture.info.get("icc_profile")
    if not profile:
        return picture.convert(mode)
    if picture.mode not in ("RGB", "L", "CMYK"):
        picture = picture.convert(mode)
    alpha = picture.getchannel("A") if mode == "RGBA" else None
    try:
        meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        opaque = picture.convert("RGB") if alpha else picture
        converted = ImageCms.profileToProfile(opaque, meant, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture.convert(mode)
    if converted and alpha:
        converted.putalpha(alpha)
    return converted or picture.convert(mode)
