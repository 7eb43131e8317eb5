"""Environments with the real bot in them, to go wrong."""

from tests.support.environment_fixtures import env, make_env, openapi

__all__ = ["env", "make_env", "openapi"]
