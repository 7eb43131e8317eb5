"""The containers of picture files, rewritten without decoding a pixel: private data go, a missing end is completed."""

from bot.media.containers import gif, jpeg, png, webp
from bot.media.containers.cleaned import CleanedImage, CutShort
from bot.media.containers.ends import ends_early

__all__ = ["CleanedImage", "CutShort", "cleaned", "ends_early"]

_CLEANERS = {"PNG": png.cleaned, "JPEG": jpeg.cleaned, "WEBP": webp.cleaned, "GIF": gif.cleaned}


def cleaned(data: bytes, kind: str) -> CleanedImage:
    """A file of that kind (Pillow's name) with what decoding needs and nothing else. Raises NotAPicture.

    What stays is the picture, its colour profile, its transparency, its resolution, and the frames of one that moves
    (of PNG the first alone). Positions, thumbnails, comments, further pictures and whatever follows the end are gone.
    Kinds without a cleaner come back as they are.
    """
    clean = _CLEANERS.get(kind)
    return clean(data) if clean else CleanedImage(data)
