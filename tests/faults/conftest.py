"""Worlds with the real bot in them, to go wrong."""

from tests.support.world_fixtures import make_world, openapi, world

__all__ = ["make_world", "openapi", "world"]
