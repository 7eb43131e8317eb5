"""A decoded picture as everything here works on it: upright, eight bits a channel, red, green, blue and perhaps alpha,
in sRGB, without metadata."""

from __future__ import annotations

import io

from PIL import Image, ImageCms

from bot.media.image import OpenedImage

# What has to be done to a picture by its Exif orientation (Exif 2.3, 4.6.4, tag 0x0112).
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def flat(source: OpenedImage) -> Image.Image:
    """The picture, loaded before, as RGB or RGBA. Of one that moves it is the first frame."""
    picture = _eight_bits(source.picture)
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    picture = _in_srgb(picture, mode)
    picture.info = {}
    turn = _TURNS.get(source.orientation)
    return picture if turn is None else picture.transpose(turn)


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Converting to fewer bits cuts off what is bright, unless it is made darker before."""
    if not picture.mode.startswith("I"):
        return picture
    info = picture.info
    scaled = picture.convert("I").point(lambda value: value * (1 / 257) + 0).convert("L")
    # A transparent grey is told in sixteen bits.
    scaled.info = {name: value for name, value in info.items() if name != "transparency"}
    return scaled


def _in_srgb(picture: Image.Image, mode: str) -> Image.Image:
    """The colours as the picture's profile means them; a profile that does not fit is left out, as browsers do."""
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
