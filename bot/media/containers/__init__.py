"""Files without decoding pixels: recognizes complete images, removes private data and completes a missing end."""

from bot.media.containers import gif, jpeg, png, webp
from bot.media.containers.cleaned import CleanedImage, CutShort

__all__ = ["CleanedImage", "CutShort", "cleaned"]

_CLEANERS = {"PNG": png.cleaned, "JPEG": jpeg.cleaned, "WEBP": webp.cleaned, "GIF": gif.cleaned}


def cleaned(data: bytes, kind: str) -> CleanedImage:
    """Returns a file of this format (Pillow's name) with only the parts that decoding needs. Raises NotAnImage.

    The image, its color profile, its transparency, its resolution and the frames of an animation stay (only the first
    frame of a PNG). GPS positions, thumbnails, comments, additional images and data after the end are removed. Formats
    without a cleaner are returned unchanged.
    """
    clean = _CLEANERS.get(kind)
    return clean(data) if clean else CleanedImage(data)
