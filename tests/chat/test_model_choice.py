"""Which model answers: the one that is named, a GPT by its page, or that of the role."""

from __future__ import annotations

import json

import aiohttp
import pytest

from bot.chat.model_choice import chosen_model, matching_models
from bot.platform.client import PlatformClient
from bot.platform.engines_file import default_engines
from bot.platform.model_directory import ModelDirectory
from bot.tasks.errors import UserError

SOLD = ["gpt-5-mini", "gpt-4-gizmo-*", "gpt-4o-image", "dall-e-3", "tts-1"]
GPT = "gpt-4-gizmo-g-bo0FiWLY7"


async def directory(*sold: str) -> ModelDirectory:
    async with aiohttp.ClientSession() as session:
        found = ModelDirectory(PlatformClient(session, "http://127.0.0.1:9", key="k"), default_engines())
        found.recall(json.dumps(sold))
        return found


@pytest.mark.parametrize(
    ("typed", "model"),
    [
        (None, "gpt-5-mini"),
        ("  ", "gpt-5-mini"),
        ("GPT-5-mini", "gpt-5-mini"),
        ("gpt-4o-image", "gpt-4o-image"),
        ("g-bo0FiWLY7", GPT),
        (GPT, GPT),
        ("https://chatgpt.com/g/g-bo0FiWLY7-researcher", GPT),
        ("https://chat.openai.com/g/g-bo0FiWLY7", GPT),
        ("g-bo0FiWLY7-researcher", GPT),
    ],
)
async def test_a_model_is_found_by_what_people_type(typed: str | None, model: str) -> None:
    assert chosen_model(await directory(*SOLD), typed, with_image=False) == model


@pytest.mark.parametrize(
    ("sold", "typed", "with_image", "code"),
    [
        (SOLD, "dall-e-3", False, "no_such_chat_model"),
        (SOLD, "gpt-9", False, "no_such_chat_model"),
        (SOLD, "g-short", False, "no_such_chat_model"),
        (SOLD[:1], "g-bo0FiWLY7", False, "no_gpts"),
        (SOLD[3:], None, False, "no_chat_model"),
        (["deepseek-chat"], None, True, "no_vision_chat_model"),
        ([], None, False, "models_unknown"),
    ],
)
async def test_what_is_not_there_is_named(sold: list[str], typed: str | None, with_image: bool, code: str) -> None:
    with pytest.raises(UserError) as refused:
        chosen_model(await directory(*sold), typed, with_image=with_image)
    assert refused.value.code == code


async def test_names_are_offered_while_one_types() -> None:
    models = await directory(*SOLD)
    assert matching_models(models, "IMAGE") == ["gpt-4o-image"]
    assert matching_models(models, "") == ["gpt-5-mini", "gpt-4o-image"]
    assert matching_models(models, "https://chatgpt.com/g/g-bo0FiWLY7-researcher") == [GPT]
