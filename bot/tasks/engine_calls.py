"""Chooses the engine of a request, and calls it."""

from __future__ import annotations

from bot.engines.base import ImageEngine, ReportProgress
from bot.engines.models import SubmitAnswer
from bot.engines.registry import EngineMissing, EngineRegistry
from bot.tasks.errors import UserError
from bot.tasks.journal import JournaledSubmission
from storage import Action, Request


def engine_of(engines: EngineRegistry, request: Request) -> ImageEngine:
    """The engine of a request. Raises UserError if it is not configured any longer."""
    try:
        return engines.named(request.engine)
    except EngineMissing as error:
        raise UserError("engine_missing", engine=request.engine) from error


async def submit(engine: ImageEngine, asked: JournaledSubmission, report: ReportProgress) -> SubmitAnswer:
    """Sends a journaled request, once. Raises EngineError."""
    request = asked.task.request
    if request.action is not Action.BUTTON:
        return await engine.submit(request, asked.pictures, asked.tag, report)
    if asked.parent is None:
        raise ValueError("a button needs the task that it belongs to")
    return await engine.press(asked.parent, request, asked.pictures, asked.tag, report)
