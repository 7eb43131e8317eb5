"""Pictures on their way: fetched within limits, checked by decoding, made to fit."""

from bot.pictures.clips import clip_extension
from bot.pictures.decode import NotAPicture, PictureFacts, fit, inspect, preview
from bot.pictures.fetch import FetchedPicture, PictureError, PictureFetcher

__all__ = [
    "FetchedPicture",
    "NotAPicture",
    "PictureError",
    "PictureFacts",
    "PictureFetcher",
    "clip_extension",
    "fit",
    "inspect",
    "preview",
]
