"""Files that are not images of a supported format: videos by their first bytes and endings, and the names of other
formats, for the message to a file's owner."""

from __future__ import annotations

from bot.media.containers.recognition import brands, kind_of, recognized

# First bytes, and the common name of the format.
_BEGINNINGS = (
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"8BPS", "Photoshop"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\0\0\1\0", "icon"),
    (b"%PDF", "PDF"),
    (b"%!PS", "PostScript"),
    (b"PK\3\4", "ZIP"),
    (b"gimp xcf", "GIMP"),
    (b"FUJIFILMCCD-RAW", "camera raw"),
    (b"\x1a\x45\xdf\xa3", "video"),
)
# HEIC is not decoded: the only decoder with wheels and a suitable license crashes the process on damaged files.
HEIC = "HEIC"
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"})
# The file extensions of videos in URLs and names.
CLIP_ENDINGS = (".mp4", ".webm", ".mov")


def format_name(data: bytes) -> str | None:
    """Returns the name of the format, None for a damaged image of a supported format and for an unknown format."""
    if kind_of(data) is not None:
        return None
    if brands(data) & _HEIC_BRANDS:
        return HEIC
    if b"crx " in brands(data):
        return "camera raw"
    for beginning, name in _BEGINNINGS:
        if data.startswith(beginning):
            return name
    if data[4:8] == b"ftyp":
        return "video"
    text = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "SVG" if text.startswith(b"<svg") or (text.startswith(b"<?xml") and b"<svg" in text) else None


def recognized_extension(data: bytes) -> str | None:
    """Returns the file extension of a video that Discord plays, or of a complete image, without decoding. None if only
    decoding shows whether it is an image. Raises NotAnImage."""
    if data[4:8] == b"ftyp":
        return "mov" if data[8:10] == b"qt" else "mp4"
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return "webm"
    facts = recognized(data)
    return facts.extension if facts else None
