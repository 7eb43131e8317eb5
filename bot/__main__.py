"""The command line: `python -m bot COMMAND`, installed as `atelier`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from enum import IntEnum
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import logs
from bot import settings as setting
from bot.discord_api.failures import DiscordRefusal, Reason
from storage import DatabaseInUse, NewerDatabase, StorageError, back_up

if TYPE_CHECKING:
    from bot.engines.registry import EngineFactory


class Exit(IntEnum):
    """Exit codes, one per cause."""

    OK = 0
    FAILED = 1
    USAGE = 2
    SETTINGS = 10
    TOKEN = 11
    DATABASE = 12
    NEWER_DATABASE = 13
    SECOND_INSTANCE = 14
    PORT = 15
    INTENTS = 16
    SHARDS = 17
    API_VERSION = 18
    APPLICATION = 19
    PLATFORM = 20


REFUSALS = {
    Reason.TOKEN: Exit.TOKEN,
    Reason.ADDRESS: Exit.SETTINGS,
    Reason.PROXY: Exit.SETTINGS,
    Reason.INTENTS: Exit.INTENTS,
    Reason.SHARDS: Exit.SHARDS,
    Reason.VERSION: Exit.API_VERSION,
    Reason.APPLICATION: Exit.APPLICATION,
}


def main(arguments: Sequence[str] | None = None, *, engines: Sequence[EngineFactory] = ()) -> int:
    """Runs one command. Returns its exit code.

    `engines` are engines beside Midjourney, each made from an HTTP session that is open while the bot runs.
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
        return _fail(Exit.PLATFORM, "this system is not supported; on Windows, run Atelier in WSL 2 or a container")
    if options.command == "playground":
        # The playground package imports the bot, so it is started as a program of its own instead of being imported.
        os.execv(sys.executable, [sys.executable, "-m", "playground", *rest])  # noqa: S606 - the same interpreter
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if options.command == "backup":
        return _with_settings(partial(_back_up, options.file))
    return _run(engines) if options.command == "run" else _doctor()


def _run(engines: Sequence[EngineFactory]) -> int:
    from bot import app  # noqa: PLC0415 - reports a wrong setting before the slow imports

    return _with_settings(partial(app.run, engines=engines))


def _doctor() -> int:
    from bot import doctor  # noqa: PLC0415 - as above

    return _with_settings(doctor.examine)


async def _back_up(target: Path, settings: setting.Settings) -> int:
    try:
        size = await asyncio.to_thread(back_up, settings.database_url, target)
    except StorageError as error:
        return _fail(Exit.FAILED, f"backup failed: {error}")
    print(f"{target}: {size:,} bytes")
    return Exit.OK


def _with_settings(command: Callable[[setting.Settings], Coroutine[Any, Any, int | None]]) -> int:
    try:
        settings = setting.load()
    except setting.SettingsError as error:
        return _fail(Exit.SETTINGS, f"settings: {error}")
    logs.set_up(settings.log_level, settings.secrets)
    try:
        return asyncio.run(command(settings)) or Exit.OK
    except DiscordRefusal as error:
        return _fail(REFUSALS[error.reason], str(error))
    except NewerDatabase as error:
        return _fail(Exit.NEWER_DATABASE, f"DATABASE_URL: {error}; use the newer version")
    except DatabaseInUse as error:
        return _fail(Exit.SECOND_INSTANCE, f"DATABASE_URL: {error}; stop it first")
    except StorageError as error:
        return _fail(Exit.DATABASE, f"DATABASE_URL: cannot use the database: {error}")
    except OSError as error:
        return _fail(Exit.PORT, f"cannot listen on WEB_HOST and WEB_PORT: {error.strerror or error}")


def _fail(code: Exit, line: str) -> int:
    print(f"atelier: {line}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
