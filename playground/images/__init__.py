"""A program that emulates the image service, so that a bot can be tried and tested without account and network."""

from playground.images.pace import Pace
from playground.images.server import LocalImages

__all__ = ["LocalImages", "Pace"]
