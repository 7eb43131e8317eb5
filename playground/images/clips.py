"""Moving pictures: frames of a scene in motion, as an animated WebP or as an MP4 where Pillow can encode one."""

import io

from PIL import Image, features

from playground.images.pictures import Artwork

FRAMES, FRAME_MS = 12, 90
_SIDE = 320


def moving(artwork: Artwork, index: int | None, form: str) -> bytes:
    """The clip as bytes of `form`, "webp" or "mp4"; blocks, so call it in a thread."""
    frames = [_frame(artwork, index, number / FRAMES) for number in range(FRAMES)]
    return _mp4(frames) if form == "mp4" else _webp(frames)


def clip_form() -> str:
    """`mp4` where this Pillow can encode AV1, else `webp`."""
    return "mp4" if features.check("avif") else "webp"


def _frame(artwork: Artwork, index: int | None, moment: float) -> Image.Image:
    shrink = max(1, round(max(artwork.size) / _SIDE))
    if index is None:
        return artwork.render(shrink, moment)
    width, height = (max(edge // shrink // 2 * 2, 16) for edge in artwork.size)
    return artwork.frame(index, width, height, moment)


def _webp(frames: list[Image.Image]) -> bytes:
    out = io.BytesIO()
    frames[0].save(
        out, "WEBP", save_all=True, append_images=frames[1:], duration=FRAME_MS, loop=0, quality=60, method=1
    )
    return out.getvalue()


def _mp4(frames: list[Image.Image]) -> bytes:
    """An AVIF sequence is an MP4 with AV1 in it but for its labels, which are changed here in place.

    The brands and the track's handler (ISO/IEC 14496-12, 4.3 and 8.4.3) then say "video", and the box of the still
    picture becomes free space; no offset moves.
    """
    out = io.BytesIO()
    frames[0].save(out, "AVIF", save_all=True, append_images=frames[1:], duration=FRAME_MS, quality=60, speed=10)
    data = bytearray(out.getvalue())
    length = int.from_bytes(data[:4], "big")
    data[8:length] = b"iso5" + data[12:16] + (b"iso5iso6mp41av01" * 4)[: length - 16]
    still = data.index(b"meta", length)
    data[still : still + 4] = b"free"
    track = data.index(b"pict", data.index(b"moov"))
    data[track : track + 4] = b"vide"
    return bytes(data)
