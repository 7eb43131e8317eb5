"""A caller of the local image service: the shortest way to a finished task."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass
from typing import Any

import aiohttp
from PIL import Image

from playground.images import LocalImages

KEY = "image-key"
LIMIT = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    content_type: str = ""

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def task_id(self) -> str:
        """The id in an accepted submit."""
        assert self.json["code"] in (1, 21, 22), self.text
        return str(self.json["result"])


class Caller:
    """Speaks to one running service, with its key as the profile wants it."""

    def __init__(self, images: LocalImages, session: aiohttp.ClientSession) -> None:
        self.images = images
        self.session = session
        self.headers = {"mj-api-secret": KEY}

    async def post(self, path: str, body: object = None, *, root: str = "/mj/") -> Answer:
        return await self.send("POST", root + path, json=body or {})

    async def get(self, path: str, *, root: str = "/mj/") -> Answer:
        return await self.send("GET", root + path)

    async def send(self, method: str, path: str, **options: Any) -> Answer:
        headers = options.pop("headers", self.headers)
        url = self.images.base_url + path
        async with self.session.request(method, url, headers=headers, timeout=LIMIT, **options) as answer:
            return Answer(answer.status, (await answer.read()).decode(errors="replace"), answer.content_type)

    async def imagine(self, prompt: str = "a tin robot", **fields: Any) -> str:
        """A finished grid."""
        return await self.done(await self.post("submit/imagine", {"prompt": prompt, **fields}))

    async def press(self, task_id: str, custom_id: str, **fields: Any) -> Answer:
        return await self.post("submit/action", {"taskId": task_id, "customId": custom_id, **fields})

    async def click(self, task_id: str, label: str, **fields: Any) -> Answer:
        """Press the button of this label, emoji or part of its customId."""
        return await self.press(task_id, await self.button(task_id, label), **fields)

    async def button(self, task_id: str, label: str) -> str:
        for entry in (await self.fetch(task_id))["buttons"]:
            if label in (entry["label"], entry["emoji"]) or label in entry["customId"]:
                return str(entry["customId"])
        raise AssertionError(f"no button {label!r} under {task_id}")

    async def done(self, answer: Answer) -> str:
        """The id of an accepted task, when it has ended and is seen to have ended."""
        task_id = answer.task_id
        await self.images.until(lambda: self.images.shown(task_id)["status"] in ("SUCCESS", "FAILURE", "CANCEL"))
        return task_id

    async def fetch(self, task_id: str) -> dict[str, Any]:
        answer = await self.get(f"task/{task_id}/fetch")
        body: dict[str, Any] = answer.json
        return body

    async def picture(self, task_id: str) -> Image.Image:
        """The image at the task's own URL, without any credentials."""
        return opened(await self.download((await self.fetch(task_id))["imageUrl"]))

    async def download(self, url: str) -> bytes:
        async with self.session.get(url, timeout=LIMIT) as answer:
            assert answer.status == 200, url
            return await answer.read()

    async def upscaled(self, prompt: str = "a tin robot", number: int = 2) -> str:
        """A finished single image."""
        return await self.done(await self.click(await self.imagine(prompt), f"U{number}"))


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def png(colour: str = "#336699", size: tuple[int, int] = (96, 64)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def data_url(data: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
