"""The containers of picture files, rewritten without decoding a pixel: private data go, a missing end is completed."""

from bot.pictures.containers import gif, jpeg, png, webp
from bot.pictures.containers.cleaned import Cleaned, CutShort

__all__ = ["Cleaned", "CutShort", "cleaned"]

_CLEANERS = {"PNG": png.cleaned, "JPEG": jpeg.cleaned, "WEBP": webp.cleaned, "GIF": gif.cleaned}


def cleaned(data: bytes, kind: str) -> Cleaned:
    """A file of that kind (Pillow's name) with what decoding needs and nothing else. Raises NotAPicture.

    What stays is the picture, its colour profile, its transparency, its resolution, and the frames of one that moves
    (of PNG the first alone). Positions, thumbnails, comments, further pictures and whatever follows the end are gone.
    Kinds without a cleaner come back as they are.
    """
    clean = _CLEANERS.get(kind)
    return clean(data) if clean else Cleaned(data)
