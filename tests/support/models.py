"""A platform that has no models for some uses."""

from __future__ import annotations

from pathlib import Path

from playground.driver import Environment, Scenario
from tests.support.environments import MakeEnvironment


async def without_model(make_env: MakeEnvironment, folder: Path, *roles: str) -> Environment:
    """An environment whose engines file names, for each of these roles, a model that the platform does not sell."""
    file = folder / "engines.toml"
    file.write_text("\n".join(["[roles]", *(f'{role} = ["not-sold"]' for role in roles)]), encoding="utf-8")
    env = await make_env(Scenario(platform="clean", settings={"ENGINES_FILE": str(file)}))
    await env.platform.until(lambda: any(each.status for each in env.platform.calls_of("/v1/models")))
    return env
