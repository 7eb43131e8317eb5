"""What is made of images and jobs of one's own: edits, videos, faces in videos, shows."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.playground_images.caller import Answer, Caller, data_url, png
from tests.playground_images.conftest import Play

JOB = "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"
# The first box of an MP4 is all that the service looks at.
CLIP = b"\0\0\0\x14ftypisom\0\0\0\0isom"


@pytest.mark.parametrize(
    ("profile", "endpoint", "body", "action"),
    [
        ("trueai", "submit/edits", {"prompt": "snow", "image": data_url(png())}, "EDIT"),
        ("trueai", "submit/edit", {"prompt": "snow", "image": data_url(png())}, "EDIT"),
        ("newapi", "submit/edits", {"prompt": "snow", "base64Array": [data_url(png())]}, "EDITS"),
        ("trueai", "submit/retexture", {"prompt": "clay", "image": data_url(png())}, "RETEXTURE"),
        ("trueai", "submit/video", {"prompt": "a fox", "image": data_url(png()), "motion": "high"}, "VIDEO"),
        ("newapi", "submit/video", {"prompt": "a fox"}, "VIDEO"),
    ],
)
async def test_edits_and_video_make_tasks(
    play: Play, profile: str, endpoint: str, body: dict[str, Any], action: str
) -> None:
    caller = await play(profile)
    task = await caller.fetch(await caller.done(await caller.post(endpoint, body)))
    assert (task["status"], task["action"]) == ("SUCCESS", action)
    assert len(task["buttons"]) in (5, 9)


async def test_a_face_is_put_into_a_video_that_comes_as_a_file(trueai: Caller) -> None:
    def form(target: bytes | None, source: str | None = data_url(png())) -> aiohttp.FormData:
        fields = aiohttp.FormData(default_to_multipart=True)
        fields.add_field("state", "nonce")
        if source:
            fields.add_field("sourceBase64", source)
        if target:
            fields.add_field("targetFile", target, filename="clip.mp4", content_type="video/mp4")
        return fields

    async def sent(fields: aiohttp.FormData) -> Answer:
        return await trueai.send("POST", "/mj/insight-face/video-swap", data=fields)

    for incomplete in (form(None), form(b"no clip at all"), form(CLIP, None)):
        assert (await sent(incomplete)).json["code"] == 4
    task = await trueai.fetch(await trueai.done(await sent(form(CLIP))))
    assert (task["action"], task["state"], task["botType"]) == ("SWAP_VIDEO_FACE", "nonce", "INSIGHT_FACE")
    assert (await trueai.download(task["imageUrl"]))[4:8] == b"ftyp"
    trueai.images.options.video_faces = False
    assert (await sent(form(CLIP))).json["description"] == "服务不支持"


async def test_show_brings_a_job_from_elsewhere_and_knows_its_own(play: Play) -> None:
    older = await play("trueai-9")
    account = {"accountFilter": {"instanceId": (await older.fetch(await older.imagine()))["instanceId"]}}

    async def sent(job: str, **more: object) -> Answer:
        return await older.post("submit/show", {"jobId": job, **more})

    assert (await sent("")).json["code"] == 4
    assert (await sent("https://example.org/a.png", **account)).json["code"] == 4
    assert (await sent(JOB)).json["code"] == 4
    assert (await sent(JOB, accountFilter={"instanceId": "1"})).json["code"] == 3
    task_id = await older.done(await sent(f"https://cdn.example.org/x/{JOB}_grid_0.webp", **account))
    task = await older.fetch(task_id)
    assert (task["action"], task["jobId"], len(task["buttons"])) == ("SHOW", JOB, 9)
    assert (await sent(JOB)).task_id == task_id


async def test_edits_need_an_image_and_a_video_can_be_continued(trueai: Caller) -> None:
    assert (await trueai.post("submit/edits", {"prompt": "snow"})).json["code"] == 4
    first = await trueai.done(await trueai.post("submit/video", {"prompt": "a fox"}))
    more = await trueai.post("submit/video", {"action": "extend", "index": 2, "taskId": first, "motion": "low"})
    assert (await trueai.fetch(await trueai.done(more)))["action"] == "VIDEO_EXTEND"
    assert (await trueai.post("submit/video", {"action": "extend", "taskId": "1"})).status == 404
    grid = await trueai.imagine()
    assert (await trueai.post("submit/video", {"action": "extend", "taskId": grid})).json["code"] == 4
