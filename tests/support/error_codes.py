"""The errors that the program can raise, read from its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from bot.engines.errors import (
    EngineError,
    Limitation,
    NotSent,
    RefusalKind,
    ServiceRefused,
    Unsuitable,
)
from bot.media.masks import PROBLEMS
from bot.tasks.engine_calls import error_of
from bot.tasks.errors import UserError
from storage import Action

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = [path for package in ("bot", "cogs") for path in sorted((ROOT / package).rglob("*.py"))]


class RaisedError(NamedTuple):
    """A `UserError(…)` in the source: where, its code as written there (None: computed), and its values' names."""

    place: str
    code: str | None
    params: frozenset[str]


def raised_errors() -> Iterator[RaisedError]:
    """Every place that makes a UserError."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "UserError":
                for code in _codes(node.args[0]):
                    params = frozenset(each.arg for each in node.keywords if each.arg)
                    yield RaisedError(f"{path.relative_to(ROOT).as_posix()}:{node.lineno}", code, params)


def service_refusals() -> Iterator[UserError]:
    """What is told of every way in which the image service can refuse anything."""
    errors: list[EngineError] = [NotSent("no connection"), EngineError("anything else")]
    for kind in RefusalKind:
        for description in ("", "a reason"):
            errors += [ServiceRefused(kind, description), ServiceRefused(kind, description, banned_word="a word")]
    values = dict.fromkeys(("engine", "limit", "length", "qualities"), "a value")
    errors += [Unsuitable(limitation, **values) for limitation in Limitation]
    for error in errors:
        for action in (None, *Action):
            yield error_of(error, action)


COMPUTED: Mapping[str, frozenset[str]] = {
    "bot/chat/slots.py": frozenset({"chat_running", "speech_running"}),
    "bot/tasks/engine_calls.py": frozenset(error.code for error in service_refusals()),
    "bot/ui/inputs/region_masks.py": frozenset(f"mask_{problem}" for problem in (*PROBLEMS, "other_shape")),
    "cogs/picture_uses.py": frozenset({"nothing_to_blend_with", "no_face_given"}),
}
"""The codes that are put together while running, by the module that does so."""


def every_code() -> frozenset[str]:
    """The codes of all errors that the program can raise."""
    written = {error.code for error in raised_errors() if error.code}
    return frozenset(written).union(*COMPUTED.values())


def _codes(argument: ast.expr) -> Iterator[str | None]:
    match argument:
        case ast.Constant(value=str() as code):
            yield code
        case ast.IfExp(body=body, orelse=orelse):
            yield from _codes(body)
            yield from _codes(orelse)
        case _:
            yield None
