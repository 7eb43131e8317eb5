"""Finds the images of an answer: in its text, in data URLs and in fields (docs/platform-api.md#images-in-text)."""

from __future__ import annotations

import base64
import binascii
import re
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.media.containers.recognition import FORMATS, kind_of
from bot.net.untrusted_data import DATA_URL_HEAD, LONGEST_URL, mapping, text, web_address

_NOT_BASE64 = re.compile(r"[^\w+/=%-]", re.ASCII)
_BASE64_LETTERS = f"{string.ascii_letters}{string.digits}_+/=%-".encode()
_BLOCK = 64 * 1024
_DATA_URL_BEGUN = re.compile(r"data:[\w/+.;=-]{0,100}\Z", re.ASCII)
_BASE64_HEAD = re.compile(r"[\w+/-]{16}", re.ASCII)
# Stands for a data URL that was moved out of a text.
_EMBEDDED = re.compile(r"embedded-image:(\d{1,4})")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_PERCENT_LABEL = re.compile(r"\s*(?:\d{1,3}(?:\.\d+)?|null)\s*%\s*", re.ASCII)
_DOWNLOAD_LABEL = re.compile(r"下载|download", re.IGNORECASE)
_DOWNLOAD_PATH = "/cdn/download/"
_BARE_URL = re.compile(r"(?<![(\w])https?://[^\s<>\"'()\[\]]+", re.IGNORECASE)
_IMAGE_FILE = re.compile(r"\.(?:png|jpe?g|webp|gif|avif|bmp)(?:[?#]|$)", re.IGNORECASE)
_TARGET_MARK = re.compile(r"[()\s]")
_TITLE = re.compile(r"""\s+["'][^"'\n]*["']\s*\)""")
_MAX_DEPTH = 20
_MAX_LINKS = 1_000
_LONGEST_LABEL = 4_000


@dataclass(frozen=True, slots=True)
class FoundImage:
    """An image of an answer: either its `url`, exactly as the service wrote it, or its `data_url`.

    `label` is its text in Markdown. `revised_prompt` is the prompt that was really used, if the service told it.
    """

    url: str = ""
    data_url: str = field(default="", repr=False)
    label: str = ""
    revised_prompt: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A Markdown link or image, and where it is in its text."""

    label: str
    target: str
    is_image: bool
    start: int
    end: int

    @property
    def is_preview(self) -> bool:
        """Whether its label is a percentage: it shows an unfinished image."""
        return _PERCENT_LABEL.fullmatch(self.label) is not None

    @property
    def is_download(self) -> bool:
        """Whether it offers the same image again."""
        return _DOWNLOAD_LABEL.search(self.label) is not None


@dataclass(slots=True)
class EmbeddedImages:
    """The data URLs that were moved out of a text, because no text may show, log or search megabytes of base64."""

    data_urls: list[str] = field(default_factory=list, repr=False)

    def move_out(self, words: str, *, final: bool) -> str:
        """The text with a short mark in place of each complete data URL. At the end of a text that is not final it is
        still incomplete."""

        pieces, at = [], 0
        while found := DATA_URL_HEAD.search(words, at):
            end = _base64_end(words, found.end())
            if end == len(words) and not final:
                break
            pieces += [words[at : found.start()], f"embedded-image:{len(self.data_urls)}"]
            self.data_urls.append(words[found.start() : end])
            at = end
        return "".join([*pieces, words[at:]])

    def image(self, target: str, label: str) -> FoundImage | None:
        """The image of a mark."""
        found = _EMBEDDED.fullmatch(target)
        known = found and int(found[1]) < len(self.data_urls)
        return FoundImage(data_url=self.data_urls[int(found[1])], label=label) if found and known else None


def ends_in_data_url(words: str) -> bool:
    """Whether a text ends within a data URL."""
    start = words.rfind("data:")
    found = DATA_URL_HEAD.match(words, start) if start >= 0 else None
    return found is not None and _base64_end(words, found.end()) == len(words)


def _base64_end(words: str, at: int) -> int:
    """The end of the base64 that begins here. Most of a long one is skipped in blocks: searching letter by letter would
    block the event loop for 25 ms with an image of 4 MB."""
    while (block := words[at : at + _BLOCK]) and is_base64(block):
        at += len(block)
    found = _NOT_BASE64.search(words, at, at + _BLOCK)
    end = found.start() if found else at + len(words[at : at + _BLOCK])
    # "data" is base64, too: a further data URL may follow without anything between.
    return end - 4 if words[end - 4 : end + 1] == "data:" else end


def is_base64(words: str) -> bool:
    """Whether a text has only letters of base64, also percent-encoded."""
    return words.isascii() and not words.encode().translate(None, _BASE64_LETTERS)


def before_data_url(words: str) -> str:
    """The text up to a data URL that is still incomplete, even within its first characters."""
    begun = _DATA_URL_BEGUN.search(words, max(words.rfind("data:"), 0))
    return words[: words.rfind("data:")] if begun or ends_in_data_url(words) else words


def without_embedded(words: str) -> str:
    """The text without the marks of data URLs."""
    return _EMBEDDED.sub("", words)


def without_data_urls(words: str) -> str:
    """The text without data URLs, also one that is cut off at the end."""
    return without_embedded(EmbeddedImages().move_out(words, final=True))


def images_in(words: str, embedded: EmbeddedImages, *, final: bool) -> tuple[FoundImage, ...]:
    """The images that a text shows, each once. Bare links and download links count only if the text is final and shows
    no image: until then they may be incomplete, or the image may still follow."""
    # The end of a final text ends its last link, too.
    prose = _without_code(words) + "\n" * final
    links = list(links_in(prose))
    shown = [link for link in links if link.is_image and not link.is_preview]
    found = list(filter(None, (_image(link.target, link.label, embedded) for link in shown)))
    targets = {link.target for link in shown}
    loose = (mark[0] for mark in _EMBEDDED.finditer(prose) if mark[0] not in targets)
    found += filter(None, (embedded.image(mark, "") for mark in loose))
    if not found and final:
        downloads = (link for link in links if link.is_download)
        found = list(filter(None, (_image(link.target, "", embedded) for link in downloads)))
        found = found or list(_bare(prose))
    return unique(found)


def links_in(words: str) -> Iterator[Link]:
    """The complete Markdown links and images of a text, in order, without those in code."""
    words = _without_code(words)
    after = 0
    for _ in range(_MAX_LINKS):
        middle = words.find("](", after)
        if middle < 0:
            return
        start = _label_start(words, max(after, middle - _LONGEST_LABEL), middle)
        target, end = _target(words, middle + 2)
        after = max(end, middle + 2)
        if start >= 0 and target:
            is_image = words[start : start + 1] == "!"
            label = words[start + (2 if is_image else 1) : middle]
            yield Link(label, target, is_image, start, end)


def _without_code(words: str) -> str:
    """The text with blanks in place of code, so that positions stay the same."""
    return _CODE.sub(lambda found: " " * len(found[0]), words) if "`" in words else words


def _label_start(words: str, lowest: int, middle: int) -> int:
    """Where the label before `](` begins, with its exclamation mark. The label of an image may contain brackets."""
    nearest = words.rfind("[", lowest, middle)
    if nearest > lowest and words[nearest - 1] == "!":
        return nearest - 1
    image = words.rfind("![", lowest, middle)
    inside = words[image + 2 : middle] if image >= 0 else ""
    return image if image >= 0 and inside.count("[") == inside.count("]") else nearest


def _target(words: str, start: int) -> tuple[str, int]:
    """The target that begins here, and the end of the link; "" if it is incomplete. Targets may contain parentheses."""
    if words.startswith("<", start):
        end = words.find(">)", start, start + LONGEST_URL)
        return (words[start + 1 : end].strip(), end + 2) if end >= 0 else ("", start)
    depth, last, end = 0, -1, min(len(words), start + LONGEST_URL)
    for mark in _TARGET_MARK.finditer(words, start, end):
        at = mark.start()
        if mark[0] == "(":
            depth += 1
            if depth > _MAX_DEPTH:
                return "", start
        elif mark[0] == ")" and depth:
            depth, last = depth - 1, at
        elif mark[0] == ")":
            return words[start:at], at + 1
        elif depth == 0 and (title := _TITLE.match(words, at)):
            return words[start:at], title.end()
        else:
            # A parenthesis in the target has no partner: the last one ended the link.
            return (words[start:last], last + 1) if last >= 0 else ("", start)
    return "", start


def _image(target: str, label: str, embedded: EmbeddedImages) -> FoundImage | None:
    if image := embedded.image(target, label):
        return image
    url = web_address(target)
    return FoundImage(url=url, label=label) if url else None


def _bare(prose: str) -> Iterator[FoundImage]:
    """Links with the extension of an image, outside of Markdown links, or the only link that is the whole text."""
    without_links = prose
    for link in reversed(list(links_in(prose))):
        without_links = without_links[: link.start] + " " + without_links[link.end :]
    whole = _BARE_URL.fullmatch(prose.strip())
    for found in _BARE_URL.finditer(without_links):
        url = web_address(found[0].rstrip(".,;:!?*`"))
        if url and (whole or _IMAGE_FILE.search(url)):
            yield FoundImage(url=url)


def unique(images: Iterable[FoundImage]) -> tuple[FoundImage, ...]:
    """The images without repetitions. A download link repeats the image of the same path."""
    by_target = {image.url or image.data_url: image for image in reversed(list(images))}
    twins = {url for url in by_target if _DOWNLOAD_PATH in url and url.replace(_DOWNLOAD_PATH, "/cdn/") in by_target}
    return tuple(image for target, image in reversed(by_target.items()) if target not in twins)


def image_of_field(value: Any) -> FoundImage | None:
    """The image of one entry of `data`, `images` or of a list of content parts, in any of its forms."""
    if isinstance(value, str):
        return _of_text(value)
    fields = mapping(value)
    revised = text(fields.get("revised_prompt")).strip()
    for name in ("b64_json", "url", "image_url", "image", "result"):
        inner = fields.get(name)
        inner = inner.get("url") if isinstance(inner, Mapping) else inner
        if isinstance(inner, str) and (image := _of_text(inner, base64_text=name == "b64_json")):
            return FoundImage(image.url, image.data_url, revised_prompt=revised)
    return None


def _of_text(value: str, *, base64_text: bool = False) -> FoundImage | None:
    value = value.strip()
    if value[:5].lower() == "data:":
        return FoundImage(data_url=value) if DATA_URL_HEAD.match(value) else None
    if value[:4].lower() == "http":
        url = web_address(value)
        return FoundImage(url=url) if url else None
    if base64_text and _BASE64_HEAD.match(value):
        return FoundImage(data_url=f"data:{_media_type(value)};base64,{value}")
    # A URL relative to the platform.
    return FoundImage(url=value) if value.startswith("/") and " " not in value and len(value) <= LONGEST_URL else None


def _media_type(base64_text: str) -> str:
    """The media type by the first bytes; what the fields say of it is not reliable."""
    try:
        head = base64.b64decode(base64_text[:64].replace("-", "+").replace("_", "/"))
    except (binascii.Error, ValueError):
        head = b""
    return FORMATS.get(kind_of(head) or "PNG", FORMATS["PNG"])[1]
