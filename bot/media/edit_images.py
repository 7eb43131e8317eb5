"""Images and masks for the images API: in formats that it reads, the mask in its own form
(docs/platform-api.md#edits).

CPU-bound: call it through the image pool.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field

from bot.media.image import measure, open_image
from bot.media.outgoing import prepare
from bot.media.pillow import Image, ImageChops

# The formats that the images API reads.
EDITABLE = ("PNG", "JPEG", "WEBP")


@dataclass(frozen=True, slots=True)
class EditableImage:
    """An image as it is sent."""

    media_type: str
    extension: str
    size: tuple[int, int]
    data: bytes = field(repr=False)


def editable(data: bytes, limit: int) -> EditableImage:
    """Returns the image in at most `limit` bytes, in a format that the images API reads. Raises NotAnImage."""
    ready = prepare(data, limit, EDITABLE)
    facts = measure(ready.data)
    return EditableImage(facts.media_type, facts.extension, (facts.width, facts.height), ready.data)


def clear_where_white(mask: bytes, size: tuple[int, int]) -> bytes:
    """Returns a mask whose white pixels mark the region to change as a PNG of `size` in which these pixels are
    transparent. Raises NotAnImage."""
    with open_image(mask) as each:
        each.load(*each.size)
        marks = each.picture.convert("L")
    if marks.size != size:
        marks = marks.resize(size, Image.Resampling.NEAREST)
    clear = Image.new("RGBA", size, (0, 0, 0, 255))
    clear.putalpha(ImageChops.invert(marks))
    buffer = io.BytesIO()
    clear.save(buffer, "PNG")
    return buffer.getvalue()
