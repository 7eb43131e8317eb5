"""What is offered: the platform's list, the engines file, and what answers have taught."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.engines.errors import EngineError
from bot.engines.platform.engines import PlatformEngines
from bot.engines.registry import EngineRegistry, NoEngine
from bot.platform.client import PlatformClient
from bot.platform.engines_file import EngineKind, default_engines
from bot.platform.model_directory import ModelDirectory
from bot.platform.roles import Role
from bot.platform.switches import Switch
from tests.support.sketch_engine import SketchEngine

SOLD = [
    "gpt-5-mini",
    "gpt-4o",
    "gpt-4-gizmo-*",
    "dall-e-3",
    "gpt-image-2",
    "gpt-4o-image",
    "mj-chat",
    "text-embedding-3-small",
    "whisper-1",
    "tts-1",
    "mj_imagine",
]


class Shop:
    """A platform that only has a list of models."""

    def __init__(self) -> None:
        self.sold = list(SOLD)
        self.status = 200

    async def answer(self, _: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": name} for name in self.sold]}, status=self.status)


@pytest.fixture
async def shop() -> Shop:
    return Shop()


@pytest.fixture
async def directory(shop: Shop) -> AsyncIterator[ModelDirectory]:
    app = web.Application()
    app.router.add_get("/v1/models", shop.answer)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        client = PlatformClient(session, str(server.make_url("/")), key="k")
        yield ModelDirectory(client, default_engines())


async def test_before_the_list_is_read_nothing_is_offered(directory: ModelDirectory) -> None:
    assert directory.image_models == []
    assert directory.for_role(Role.CHAT) is None
    assert directory.profile_of("dall-e-3") is not None


async def test_models_are_offered_by_kind(directory: ModelDirectory) -> None:
    await directory.refresh()
    assert directory.image_models == ["mj-chat", "dall-e-3", "gpt-4o-image", "gpt-image-2"]
    assert directory.chat_models == ["gpt-5-mini", "gpt-4o", "gpt-4o-image"]
    roles = {role: directory.for_role(role) for role in Role}
    assert roles == {
        Role.CHAT: "gpt-5-mini",
        Role.ENHANCE: "gpt-5-mini",
        Role.VISION: "gpt-5-mini",
        Role.EMBEDDINGS: "text-embedding-3-small",
        Role.TRANSCRIPTION: "whisper-1",
        Role.TRANSLATION: "whisper-1",
        Role.SPEECH: "tts-1",
    }
    assert directory.sells("gpt-4-gizmo-g-AAAAAAAAA")
    assert not directory.sells("gpt-4-gizmo-")
    assert not directory.sells("mj-imagine")


async def test_a_model_that_was_refused_is_left_out_and_the_next_one_takes_its_role(
    directory: ModelDirectory,
) -> None:
    await directory.refresh()
    directory._client.switches.set(Switch.MODEL_MISSING, "gpt-5-mini")
    directory._client.switches.set(Switch.MODEL_MISSING, "dall-e-3")
    assert directory.for_role(Role.CHAT) == "gpt-4o"
    assert "dall-e-3" not in directory.image_models


async def test_a_failed_reading_keeps_the_last_list(directory: ModelDirectory, shop: Shop) -> None:
    await directory.refresh()
    shop.status = 500
    with pytest.raises(EngineError):
        await directory.refresh(tries=1)
    assert directory.for_role(Role.SPEECH) == "tts-1"


async def test_the_list_of_the_last_run_is_used_until_there_is_a_newer_one(
    directory: ModelDirectory, shop: Shop
) -> None:
    stored: list[str] = []

    async def remember(text: str) -> None:
        stored.append(text)

    first = ModelDirectory(directory._client, default_engines(), remember=remember)
    await first.refresh()
    second = ModelDirectory(directory._client, default_engines())
    second.recall(stored[-1])
    assert second.image_models == first.image_models
    shop.sold = ["dall-e-3"]
    await second.refresh()
    second.recall(stored[-1])
    assert second.image_models == ["dall-e-3"]


@pytest.mark.parametrize("stored", [None, "", "{", "7", '{"a": 1}', json.dumps([7, "dall-e-3"])])
async def test_an_unreadable_stored_list_is_no_error(directory: ModelDirectory, stored: str | None) -> None:
    directory.recall(stored)
    assert directory.image_models in ([], ["dall-e-3"])


class Named(SketchEngine):
    """An engine of a model, without a service."""

    def __init__(self, name: str, *_: object) -> None:
        self._name = name

    @property
    def name(self) -> str:
        return self._name


def registry(directory: ModelDirectory) -> EngineRegistry:
    makers = {EngineKind.IMAGES: Named, EngineKind.CHAT: Named}
    return EngineRegistry([], [PlatformEngines(directory._client, directory, makers)])


async def test_without_any_list_there_is_no_engine_and_that_is_not_certain_yet(directory: ModelDirectory) -> None:
    with pytest.raises(NoEngine) as unknown:
        _ = registry(directory).default
    assert not unknown.value.known


async def test_a_platform_without_image_models_has_no_engine(directory: ModelDirectory, shop: Shop) -> None:
    shop.sold = ["gpt-5-mini"]
    await directory.refresh()
    with pytest.raises(NoEngine) as none:
        _ = registry(directory).default
    assert none.value.known


@pytest.mark.parametrize(
    ("default", "sold", "expected"),
    [
        (None, SOLD, "dall-e-3"),
        ("gpt-image-2", SOLD, "gpt-image-2"),
        ("gpt-image-2", ["dall-e-3"], "dall-e-3"),
        ("gpt-5-mini", SOLD, "dall-e-3"),
    ],
)
async def test_the_default_engine_is_the_files_if_it_is_sold_else_the_first(
    directory: ModelDirectory, shop: Shop, default: str | None, sold: list[str], expected: str
) -> None:
    directory.file = directory.file.model_copy(update={"default": default})
    shop.sold = sold
    await directory.refresh()
    assert registry(directory).default.name == expected


async def test_the_files_default_is_used_before_any_list_is_known(directory: ModelDirectory) -> None:
    directory.file = directory.file.model_copy(update={"default": "gpt-image-2"})
    assert registry(directory).default.name == "gpt-image-2"


async def test_engines_are_offered_if_their_kind_is_known(directory: ModelDirectory) -> None:
    await directory.refresh()
    engines = PlatformEngines(directory._client, directory, {})
    assert engines.names == []
    assert engines.named("dall-e-3") is None
