"""Images of the local painter: made, changed, kept under their URLs, and recognized when they come back."""

import base64
import hashlib
import io
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from playground.images.painter import View, paint, scene_for
from playground.images.pictures import decoded, pixels
from playground.images.prompt import parse_prompt

_FORMATS = {"png": "PNG", "jpeg": "JPEG", "webp": "WEBP"}
# The mean difference of colors up to which two images are copies of one.
_NEAR = 5
_PRINT_SIDE = 8
_STRENGTH = 0.5  # of a new scene that is laid over an image


@dataclass(frozen=True)
class Painted:
    """A finished image: its file, and where it is served."""

    data: bytes = field(repr=False)
    name: str

    @property
    def media_type(self) -> str:
        """The media type of the file."""
        return f"image/{self.name.rpartition('.')[2]}"

    @property
    def base64(self) -> str:
        """The file as base64."""
        return base64.b64encode(self.data).decode()

    @property
    def data_url(self) -> str:
        """The file as a data URL."""
        return f"data:{self.media_type};base64,{self.base64}"


class Pictures:
    """All images of one platform. `side` is the edge of a square one in pixels; other ratios keep the area."""

    def __init__(self, side: int = 256) -> None:
        self.side = side
        self.files: dict[str, Painted] = {}
        self._prompts: dict[bytes, str] = {}

    def paint(
        self, prompt: str, *, index: int = 0, aspect: float | None = None, form: str = "png", packed: bool = True
    ) -> Painted:
        """An image of a prompt; `index` tells several of one request apart. A PNG may be left uncompressed.

        Blocks, so call it in a thread.
        """
        parsed = parse_prompt(prompt)
        ratio = aspect or parsed.aspect
        scene = scene_for(parsed, parsed.seed or _number(prompt), index)
        image = paint(scene, View.framing(ratio), *pixels(ratio, self.side))
        return self._keep(image, prompt, form, packed=packed)

    def grid(self, prompt: str, first: int = 0) -> Painted:
        """Four small images of a prompt in one, from this index on. Blocks."""
        cells = [decoded(self.paint(prompt, index=first + index).data) for index in range(4)]
        width, height = cells[0].size
        image = Image.new("RGB", (width * 2, height * 2))
        for index, cell in enumerate(cells):
            image.paste(cell, (index % 2 * width, index // 2 * height))
        return self._keep(image, prompt, "png")

    def edit(
        self,
        sources: list[bytes],
        prompt: str,
        *,
        mask: bytes | None = None,
        index: int = 0,
        form: str = "png",
        packed: bool = True,
    ) -> Painted:
        """The first image changed by a prompt: everywhere, or where the mask is transparent.

        Further images are mixed in. Blocks. Raises ValueError for what is no image, or a mask of another size.
        """
        base, *others = map(decoded, sources)
        base.thumbnail((self.side * 2, self.side * 2))
        for other in others:
            base = Image.blend(base, ImageOps.fit(other, base.size), 1 / (len(others) + 1))
        drawn = decoded(self.paint(prompt, index=index, aspect=base.width / base.height).data).resize(base.size)
        where = _region(mask, decoded(sources[0]).size, base.size) if mask else None
        changed = Image.composite(drawn, base, where) if where else Image.blend(base, drawn, _STRENGTH)
        return self._keep(changed, prompt, form, packed=packed)

    def remember(self, data: bytes, prompt: str) -> None:
        """Recognize another image, too. Raises ValueError for what is none."""
        self._prompts[fingerprint(decoded(data))] = prompt

    def prompt_of(self, image: Image.Image) -> str:
        """The prompt of an image that was painted here, also after it was scaled or compressed; "" for others."""
        seen = fingerprint(image)
        nearest = min(self._prompts, key=lambda known: _difference(known, seen), default=None)
        return self._prompts[nearest] if nearest is not None and _difference(nearest, seen) <= _NEAR else ""

    def _keep(self, image: Image.Image, prompt: str, form: str, *, packed: bool = True) -> Painted:
        out, info = io.BytesIO(), PngInfo()
        info.add_itxt("Description", prompt)
        options: dict[str, Any] = {"pnginfo": info, "compress_level": 1 if packed else 0} if form == "png" else {}
        image.save(out, _FORMATS[form], **options)
        self._prompts[fingerprint(image)] = prompt
        painted = Painted(out.getvalue(), f"{hashlib.sha256(out.getvalue()).hexdigest()[:24]}.{form}")
        self.files[painted.name] = painted
        return painted


def fingerprint(image: Image.Image) -> bytes:
    """The colors of an image in 8 × 8 places."""
    return image.convert("RGB").resize((_PRINT_SIDE, _PRINT_SIDE), Image.Resampling.BOX).tobytes()


def _difference(first: bytes, second: bytes) -> float:
    """The mean difference of two fingerprints, from 0 to 255."""
    return sum(abs(a - b) for a, b in zip(first, second, strict=True)) / len(first)


def _region(mask: bytes, expected: tuple[int, int], size: tuple[int, int]) -> Image.Image:
    """White where the mask is transparent, in this size."""
    with Image.open(io.BytesIO(mask)) as opened:
        if opened.size != expected:
            raise ValueError("Invalid input image - The mask must have the size of the image.")
        if "A" not in opened.getbands():
            raise ValueError("Invalid input image - The mask must have an alpha channel.")
        return ImageOps.invert(opened.getchannel("A")).resize(size, Image.Resampling.NEAREST)


def _number(prompt: str) -> int:
    return int.from_bytes(hashlib.sha256(prompt.encode()).digest()[:4], "big")
