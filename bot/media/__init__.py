"""Images and videos: downloaded within limits, validated by decoding, and scaled to size limits."""

from bot.media.containers.headers import NotAnImage
from bot.media.download import DownloadedImage, ImageDownloader, ImageError, ImageTooLarge, PrivateHost
from bot.media.fitting import fit, preview
from bot.media.image import ImageFacts, inspect, measure
from bot.media.image_pool import TooCostly
from bot.media.video import clip_extension

__all__ = [
    "DownloadedImage",
    "ImageDownloader",
    "ImageError",
    "ImageFacts",
    "ImageTooLarge",
    "NotAnImage",
    "PrivateHost",
    "TooCostly",
    "clip_extension",
    "fit",
    "inspect",
    "measure",
    "preview",
]
