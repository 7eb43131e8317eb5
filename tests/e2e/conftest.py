"""Environments with the real bot in them."""

from tests.support.environment_fixtures import env, make_env, openapi

__all__ = ["env", "make_env", "openapi"]
