"""A platform as the program uses it: its client, and what it offers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from bot.platform.client import PlatformClient
from bot.platform.engines_file import EnginesFile, default_engines, load_engines
from bot.platform.model_directory import ModelDirectory
from storage.user_ports import KeyValueStore


@dataclass(frozen=True, slots=True)
class Platform:
    """The client of a platform, and the directory of its models."""

    client: PlatformClient
    models: ModelDirectory

    @property
    def file(self) -> EnginesFile:
        """The engines file: roles, templates and voices."""
        return self.models.file


async def open_platform(
    session: aiohttp.ClientSession, base_url: str, key: SecretStr, engines_file: Path | None, known: KeyValueStore
) -> Platform:
    """Makes the client, and a directory that knows the models of the last run. No request is sent.

    `known` keeps the list of models of each platform. Raises EnginesFileError, StorageError.
    """
    client = PlatformClient(session, base_url, key=key)
    file = load_engines(engines_file) if engines_file else default_engines()
    name = f"models of {hashlib.blake2s(client.base_url.encode(), digest_size=8).hexdigest()}"
    directory = ModelDirectory(client, file, remember=partial(known.put, name))
    directory.recall(await known.get(name))
    return Platform(client, directory)
