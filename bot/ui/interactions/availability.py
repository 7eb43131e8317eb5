"""Checks requests against the image service's known capabilities, before any public acknowledgement. No I/O."""

from __future__ import annotations

from collections.abc import Mapping

from bot.engines.base import EngineCapabilities, ImageEngine
from bot.engines.models import Feature
from bot.engines.registry import EngineMissing, EngineRegistry
from bot.tasks.errors import UserError
from storage import Action, Request

# By action: the features of which a command needs at least one.
_NEEDS: Mapping[Action, tuple[Feature, ...]] = {
    Action.BLEND: (Feature.BLEND,),
    Action.DESCRIBE: (Feature.DESCRIBE,),
    Action.SHORTEN: (Feature.SHORTEN,),
    Action.SWAP: (Feature.SWAP,),
    Action.SWAP_VIDEO: (Feature.SWAP_VIDEO,),
    Action.EDIT: (Feature.EDIT, Feature.EDIT_OLDER),
    Action.RETEXTURE: (Feature.RETEXTURE,),
    Action.VIDEO: (Feature.VIDEO,),
}


def check_available(capabilities: EngineCapabilities, asked: Request) -> None:
    """Raises UserError if the image service is known not to support the command."""
    needs = _NEEDS.get(asked.action, ())
    if not needs or any(map(capabilities.has, needs)):
        return
    if asked.action is Action.SWAP_VIDEO and capabilities.has(Feature.SWAP):
        raise UserError("not_offered_swap_video")
    raise lacking(asked.action.value.partition("_")[0])


def engine_for(engines: EngineRegistry, asked: Request) -> ImageEngine:
    """The engine of a request. Raises UserError if it is not configured."""
    try:
        return engines.named(asked.engine)
    except EngineMissing as error:
        raise UserError("no_such_engine", engine=asked.engine, engines=", ".join(engines.names)) from error


def lacking(command: str) -> UserError:
    """The error for a command that the image service does not support."""
    return UserError("command_not_available", command=command)
