"""Images and videos: downloaded within limits, recognized or decoded, and scaled to size limits."""

from bot.media.containers.recognition import ImageFacts, NotAnImage, recognized
from bot.media.download import DownloadedImage, ImageDownloader, ImageError, ImageTooLarge, PrivateHost
from bot.media.fitting import CannotFit, fit, preview
from bot.media.image import clip_extension, inspect, measure
from bot.media.image_pool import TooCostly

__all__ = [
    "CannotFit",
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
    "recognized",
]
