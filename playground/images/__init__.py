"""A program that plays the image API, so that a bot can be tried and tested with no account and no network."""

from playground.images.pace import Pace
from playground.images.server import LocalImages

__all__ = ["LocalImages", "Pace"]
