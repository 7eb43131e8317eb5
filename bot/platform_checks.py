"""The checks of `atelier doctor` that concern the platform: its key, its models, and the engines file."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.app import service_session
from bot.engines.errors import AuthFailed, EngineError, Unusable
from bot.engines.platform import PlatformEngines
from bot.platform.client import PlatformClient
from bot.platform.engines_file import EnginesFile, default_engines, load_engines
from bot.platform.errors import EndpointMissing
from bot.platform.model_directory import ModelDirectory
from bot.platform.roles import Role
from bot.settings import Settings

# More engines are only counted.
MOST_NAMED = 12


class Trouble(Exception):
    """A check failed; the text states the cause and the remedy."""


class Skipped(Exception):
    """A check was skipped; the text states why."""


class PlatformChecks:
    """One request for the list of models provides the data for all of them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._models: ModelDirectory | None = None
        self._engines: PlatformEngines | None = None

    def _file(self) -> EnginesFile:
        path = self._settings.engines_file
        return load_engines(path) if path else default_engines()

    async def engines_file(self) -> str:
        """Reads the engines file. It was checked with the settings, so it is valid."""
        path, file = self._settings.engines_file, self._file()
        count = f"{len(file.engines)} entries for engines"
        return f"{path}: {count}, the default ones included" if path else f"the default one, {count}"

    async def platform(self) -> str:
        """Reads the list of models, and the credit."""
        if self._settings.platform is None:
            raise Skipped("PLATFORM_API_URL is empty: no other models")
        base_url, key = self._settings.platform
        async with service_session(self._settings, base_url) as session:
            client = PlatformClient(session, base_url, key=key)
            directory = ModelDirectory(client, self._file())
            try:
                await directory.refresh(tries=2)
            except EngineError as error:
                raise self._problem(error) from error
            self._models, self._engines = directory, PlatformEngines(client, directory)
            credit = await _credit(client)
        sold = f"{len(directory.models)} models"
        return f"reachable, accepts the key, {sold}{credit}, {self._settings.outgoing.described(base_url)}"

    def _problem(self, error: EngineError) -> Trouble | Skipped:
        chosen = self._settings.platform_api_url is not None
        if not chosen and isinstance(error, EndpointMissing | Unusable):
            return Skipped(f"MJ_API_URL sells no other models, or PLATFORM_API_URL is another URL ({error})")
        names = "PLATFORM_API_URL, PLATFORM_API_KEY" if chosen else "MJ_API_URL, MJ_API_KEY"
        remedy = ": check the key" if isinstance(error, AuthFailed) else ""
        return Trouble(f"{names}: {error}{remedy}")

    async def engines(self) -> str:
        """Names the engines, and the model for each role."""
        if self._models is None or self._engines is None:
            raise Skipped("cannot be checked without the platform's models")
        names, models = self._engines.names, self._models
        midjourney = self._settings.mj_api_url is not None
        if not names and not midjourney:
            raise Trouble("the platform sells no image model that the engines file knows: add it to ENGINES_FILE")
        shown = ["midjourney"] if midjourney else []
        shown += names[:MOST_NAMED]
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        roles = ", ".join(f"{role} {models.for_role(role) or '–'}" for role in Role)
        return f"{', '.join(shown)}{more}; {roles}"


async def _credit(client: PlatformClient) -> str:
    try:
        balance = await client.models.balance(datetime.now(UTC).date(), tries=1)
    except EngineError:
        return ""
    return ", no limit on credits" if balance.remaining is None else f", {balance.remaining:,.2f} credits left"
