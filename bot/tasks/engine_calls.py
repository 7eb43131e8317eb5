"""Chooses the engine of a request, and calls it."""

from __future__ import annotations

import dataclasses

from bot.engines.base import ImageEngine, ReportProgress
from bot.engines.models import SubmitAnswer
from bot.engines.registry import EngineMissing, EngineRegistry, NoEngine
from bot.tasks.errors import UserError
from bot.tasks.journal import JournaledSubmission
from storage import Action, Request


def engine_of(engines: EngineRegistry, request: Request) -> ImageEngine:
    """The engine of a request. Raises UserError if it is not configured any longer."""
    try:
        return engines.named(request.engine)
    except EngineMissing as error:
        raise UserError("engine_missing", engine=request.engine) from error


def default_engine(engines: EngineRegistry) -> ImageEngine:
    """The engine of requests whose user chose none. Raises UserError."""
    try:
        return engines.default
    except NoEngine as error:
        raise UserError("no_engine" if error.known else "engines_unknown") from error


def with_engine(engines: EngineRegistry, request: Request, preferred: str | None) -> Request:
    """The request with an engine: the one that it names, else the user's own default if that is offered now, else the
    default of this program. Raises UserError."""
    if request.engine:
        return request
    if preferred and engines.offers_engine(preferred):
        return dataclasses.replace(request, engine=preferred)
    return dataclasses.replace(request, engine=default_engine(engines).name)


async def submit(engine: ImageEngine, asked: JournaledSubmission, report: ReportProgress) -> SubmitAnswer:
    """Sends a journaled request, once. Raises EngineError."""
    request = asked.task.request
    if request.action is not Action.BUTTON:
        return await engine.submit(request, asked.pictures, asked.tag, report)
    if asked.parent is None:
        raise ValueError("a button needs the task that it belongs to")
    return await engine.press(asked.parent, request, asked.pictures, asked.tag, report)
