"""A program that emulates the image service, so that a bot can be tried and tested without account and network."""

from playground.images.server import LocalImages
from playground.images.task_queue import Pace

__all__ = ["LocalImages", "Pace"]
