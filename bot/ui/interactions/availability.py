"""Checks requests against the image service's known capabilities, before any public acknowledgement. No I/O."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from bot.engines.base import EngineCapabilities, ImageEngine
from bot.engines.models import Feature
from bot.engines.registry import EngineMissing, EngineRegistry
from bot.i18n import Translator
from bot.tasks.engine_calls import default_engine, with_engine
from bot.tasks.errors import UserError
from bot.ui.components.catalog_texts import catalog_text
from storage import Action, Request, UserDefaults

# Engines named in a refusal.
MOST_LISTED = 10

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
    """The engine of a request, the default one if it names none. Raises UserError if it is not configured."""
    if not asked.engine:
        return default_engine(engines)
    try:
        return engines.named(asked.engine)
    except EngineMissing as error:
        raise UserError("no_such_engine", engine=asked.engine, engines=_listed(engines)) from error


def settled_engine(engines: EngineRegistry, asked: Request, preferred: UserDefaults, t: Translator) -> Request:
    """The request with its engine, by the user's own default if it names none. If that is not offered now, a remark for
    the card says so. Raises UserError."""
    settled = with_engine(engines, asked, preferred.engine)
    if asked.engine or preferred.engine in (None, settled.engine):
        return settled
    remark = catalog_text("card.engine_gone", t, engine=preferred.engine or "", used=settled.engine)
    return dataclasses.replace(settled, remarks="\n".join([*settled.remarks.splitlines(), remark]))


def _listed(engines: EngineRegistry) -> str:
    names = engines.names or [default_engine(engines).name]
    return ", ".join([*names[:MOST_LISTED], *(["…"] if len(names) > MOST_LISTED else [])])


def lacking(command: str) -> UserError:
    """The error for a command that the image service does not support."""
    return UserError("command_not_available", command=command)
