"""The command line: `python -m bot COMMAND`, installed as `atelier`."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from bot.exit_codes import Exit, fail

if TYPE_CHECKING:
    from bot.engines.registry import EngineFactory

__all__ = ["Exit", "main"]

# New objects, less those that are gone, before a collection. With Python's 700, a third of a millisecond of every press
# is spent on collections that find nothing: reference counting frees what a press makes. Cycles stay for longer, up to
# a few megabytes of them.
NEW_OBJECTS = 10_000


def main(arguments: Sequence[str] | None = None, *, engines: Sequence[EngineFactory] = ()) -> int:
    """Runs one command. Returns its exit code.

    `engines` are engines in addition to Midjourney, each made from an HTTP session that is open while the bot runs.
    """
    parser = argparse.ArgumentParser(prog="atelier", description="A Discord bot for creating images together.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="run the bot with the settings in the environment or .env")
    commands.add_parser("playground", help="run the bot in a local playground, without any account")
    commands.add_parser("doctor", help="check the settings and everything they name")
    backup = commands.add_parser("backup", help="copy the database to a file, even while the bot runs")
    backup.add_argument("file", type=Path, help="name of the new file; it must not exist")
    options, rest = parser.parse_known_args(arguments)
    if find_spec("fcntl") is None:
        return fail(Exit.PLATFORM, "this system is not supported; on Windows, run Atelier in WSL 2 or a container")
    if options.command == "playground":
        # The playground package imports the bot, so it is started as a program of its own instead of being imported.
        os.execv(sys.executable, [sys.executable, "-m", "playground", *rest])  # noqa: S606 - the same interpreter
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if options.command == "backup":
        return _back_up(options.file)
    return _run(engines) if options.command == "run" else _doctor()


def _run(engines: Sequence[EngineFactory]) -> int:
    with _no_collections():
        from bot import app, command_runner  # noqa: PLC0415 - this import is what runs without collections
    return command_runner.with_settings(partial(app.run, engines=engines))


def _doctor() -> int:
    from bot import command_runner, doctor  # noqa: PLC0415 - `run` does not need the doctor

    return command_runner.with_settings(doctor.examine)


def _back_up(target: Path) -> int:
    from bot import command_runner  # noqa: PLC0415 - imports most of what `run` imports without collections

    return command_runner.with_settings(partial(command_runner.back_up, target))


@contextmanager
def _no_collections() -> Iterator[None]:
    """Imports without garbage collection, for what stays in memory until the end of the process.

    Nearly all that an import creates stays, but collections would traverse it again and again: a sixth of the start.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
        gc.enable()


if __name__ == "__main__":
    sys.exit(main())
