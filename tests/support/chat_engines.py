"""Engines of chat models before a scripted service: what is asked, what is answered, what is pressed."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from bot.engines.base import ignore_progress
from bot.engines.models import Finished, SubmitAnswer, SubmitTag
from bot.engines.platform.chat_engine import ChatEngine
from bot.engines.platform.chat_images_engine import ChatImagesEngine
from bot.engines.platform.mj_chat_engine import MjChatEngine
from bot.platform.client import PlatformClient
from bot.platform.engines_file import EngineKind, EngineProfile, InputForm
from storage import Action, InputImage, Request, Task, TaskResult, TaskState
from tests.midjourney.service import Reply, ScriptedService, js
from tests.support import platform_samples as samples
from tests.support.cards import a_task

CDN = "https://files.example.net/cdn/20260901/"
BOAT = "a paper boat"
PAPER_BOAT = Request(Action.IMAGINE, prompt=BOAT, engine="any-model")
TAG = SubmitTag("nonce")
LINK = "https://cdn.discordapp.com/attachments/1/2/boat.png?ex=1&is=2&hm=3"


def engine_for(platform: PlatformClient, inputs: InputForm = InputForm.LINK, **profile: Any) -> ChatImagesEngine:
    given = EngineProfile(models=("*",), kind=EngineKind.CHAT, inputs=inputs, **profile)
    return ChatImagesEngine("any-model", given, platform)


def mj_chat(platform: PlatformClient) -> MjChatEngine:
    return MjChatEngine("mj-chat", EngineProfile(models=("*",), inputs=InputForm.LINK), platform)


async def asked(engine: ChatEngine, request: Request = PAPER_BOAT, *images: InputImage) -> SubmitAnswer:
    return await engine.submit(request, images, TAG, ignore_progress)


async def finished(engine: ChatEngine, request: Request = PAPER_BOAT, *images: InputImage) -> Finished:
    answer = await asked(engine, request, *images)
    assert isinstance(answer, Finished)
    return answer


def task_of(answer: Finished, request: Request = PAPER_BOAT) -> Task:
    """The task as it is stored with this result."""
    remote = answer.remote
    result = TaskResult(
        final_prompt=remote.final_prompt,
        image_url=remote.image_url,
        conversation=remote.conversation,
        inline=bool(answer.images),
        count=len(answer.images),
    )
    return a_task(TaskState.SUCCESS, request=request, result=result, buttons=remote.buttons)


def pressing(task: Task, label: str, engine: ChatEngine, **changes: Any) -> Request:
    """The request of a press of the button with this label."""
    [button] = [each for each in engine.buttons(task) if label in (each.label, each.name)]
    request = Request(Action.BUTTON, prompt=task.prompt, engine=engine.name, custom_id=button.custom_id, label=label)
    return dataclasses.replace(request, **changes)


async def press(engine: ChatEngine, task: Task, label: str, *images: InputImage, **changes: Any) -> SubmitAnswer:
    return await engine.press(task, pressing(task, label, engine, **changes), images, TAG, ignore_progress)


def sent(service: ScriptedService, number: int = -1) -> list[dict[str, Any]]:
    """The messages of a request."""
    messages: list[dict[str, Any]] = service.heard[number].json["messages"]
    return messages


def sample(name: str) -> Reply:
    head = samples.head(name)
    return Reply(head.status, samples.body(name), head.media_type)


def chunk(content: str = "", finish: str | None = None) -> bytes:
    document = {"choices": [{"index": 0, "delta": {"content": content}, "finish_reason": finish}]}
    return f"data: {json.dumps(document)}\n\n".encode()


def answered(content: Any, **message: Any) -> Reply:
    whole = {"role": "assistant", "content": content, **message}
    return js({"choices": [{"index": 0, "message": whole, "finish_reason": "stop"}]})
