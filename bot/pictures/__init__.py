"""Pictures on their way: fetched within limits, checked by decoding, made to fit."""

from bot.pictures.clips import clip_extension
from bot.pictures.decode import PictureFacts, inspect, measure, preview
from bot.pictures.fetch import FetchedPicture, PictureError, PictureFetcher, PictureTooLarge, PrivateHost
from bot.pictures.fitting import fit
from bot.pictures.headers import NotAPicture
from bot.pictures.image_pool import TooCostly

__all__ = [
    "FetchedPicture",
    "NotAPicture",
    "PictureError",
    "PictureFacts",
    "PictureFetcher",
    "PictureTooLarge",
    "PrivateHost",
    "TooCostly",
    "clip_extension",
    "fit",
    "inspect",
    "measure",
    "preview",
]
