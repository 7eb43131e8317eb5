"""Draws landscapes from prompts: one small module each for scenes, drawing, subjects and places."""

from playground.images.painter.landscape import paint
from playground.images.painter.scene import Scene, View, scene_for

__all__ = ["Scene", "View", "paint", "scene_for"]
