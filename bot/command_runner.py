"""Runs a command with the settings, and turns the errors that can end it into exit codes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import storage
from bot import logs
from bot import settings as setting
from bot.discord_api.failures import DiscordRefusal, Reason
from bot.exit_codes import Exit, PortUnavailable, fail
from storage import DatabaseInUse, NewerDatabase, StorageError

REFUSALS = {
    Reason.TOKEN: Exit.TOKEN,
    Reason.ADDRESS: Exit.SETTINGS,
    Reason.PROXY: Exit.SETTINGS,
    Reason.INTENTS: Exit.INTENTS,
    Reason.SHARDS: Exit.SHARDS,
    Reason.VERSION: Exit.API_VERSION,
    Reason.APPLICATION: Exit.APPLICATION,
}


async def back_up(target: Path, settings: setting.Settings) -> int:
    """Copies the database to a new file. Returns the exit code."""
    try:
        size = await asyncio.to_thread(storage.back_up, settings.database_url, target)
    except StorageError as error:
        return fail(Exit.FAILED, f"backup failed: {error}")
    print(f"{target}: {size:,} bytes")
    return Exit.OK


def with_settings(command: Callable[[setting.Settings], Coroutine[Any, Any, int | None]]) -> int:
    """Runs a command. Returns its exit code."""
    try:
        settings = setting.load()
    except setting.SettingsError as error:
        return fail(Exit.SETTINGS, f"settings: {error}")
    logs.set_up(settings.log_level, settings.secrets)
    try:
        return asyncio.run(command(settings)) or Exit.OK
    except DiscordRefusal as error:
        return fail(REFUSALS[error.reason], str(error))
    except NewerDatabase as error:
        return fail(Exit.NEWER_DATABASE, f"DATABASE_URL: {error}; use the newer version")
    except DatabaseInUse as error:
        return fail(Exit.SECOND_INSTANCE, f"DATABASE_URL: {error}; stop it first")
    except StorageError as error:
        return fail(Exit.DATABASE, f"DATABASE_URL: cannot use the database: {error}")
    except PortUnavailable as error:
        return fail(
            Exit.PORT, f"cannot listen on WEB_HOST and WEB_PORT: {error}; change them, or stop what uses the port"
        )
