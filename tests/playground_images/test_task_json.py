"""The task objects of each dialect have the keys and types of the samples of that dialect."""

from __future__ import annotations

from typing import Any

import pytest

from tests.playground_images.caller import Caller, data_url, png
from tests.playground_images.conftest import Play
from tests.support.samples import sample


def shape(value: Any) -> Any:
    """Keys and types; of a list, those of its first entry."""
    if isinstance(value, dict):
        return {key: shape(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def loosened(given: Any, wanted: Any, path: str = "") -> list[str]:
    """Where two shapes differ. A null may stand where the sample has a text and the other way round."""
    if isinstance(given, dict) and isinstance(wanted, dict):
        found = [f"{path}: keys {sorted(given.keys() ^ wanted.keys())}"] if given.keys() != wanted.keys() else []
        return found + [
            line for key in given.keys() & wanted.keys() for line in loosened(given[key], wanted[key], f"{path}.{key}")
        ]
    if isinstance(given, list) and isinstance(wanted, list):
        return loosened(given[0], wanted[0], path + "[]") if given and wanted else []
    nullable = path.rsplit(".", 1)[-1] in ("notifyHook", "state", "customId", "parentId", "mode", "requestMode")
    return (
        []
        if given == wanted or (nullable and {given, wanted} == {"NoneType", "str"})
        else [f"{path}: {given} for {wanted}"]
    )


async def shown(caller: Caller, what: str) -> Any:
    """A task in the state that the name of a sample speaks of."""
    images = caller.images
    match what:
        case "success":
            return await caller.fetch(await caller.imagine())
        case "upscale":
            return await caller.fetch(await caller.upscaled())
        case "failure":
            images.fail_task("Request cancelled due to image filters")
            return await caller.fetch(await caller.imagine())
        case "modal":
            return await caller.fetch((await caller.click(await caller.upscaled(), "Custom Zoom")).task_id)
        case "shorten":
            return await caller.fetch(await caller.done(await caller.post("submit/shorten", {"prompt": "a long owl"})))
        case "video":
            return await caller.fetch(
                await caller.done(await caller.post("submit/video", {"prompt": "a robot", "image": data_url(png())}))
            )
    images.hold()
    task_id = (await caller.post("submit/imagine", {"prompt": "a fox"})).task_id
    if what == "cancelled":
        await images.until(lambda: images.shown(task_id)["status"] == "SUBMITTED")
        await caller.post(f"task/{task_id}/cancel")
    elif what == "running":
        images.release()
        images.pace = images.pace.__class__(queue=0, step=0.02, steps=50, sync=0.01, side=64)
        await images.until(lambda: images.shown(task_id)["status"] == "IN_PROGRESS")
    return await caller.fetch(task_id)


@pytest.mark.parametrize(
    ("profile", "what", "name"),
    [
        ("novicezk", "success", "novicezk-task-no-buttons.json"),
        ("novicezk", "failure", "novicezk-task-failure-progress-empty.json"),
        ("plus", "success", "plus-task-imagine-success.json"),
        ("plus", "modal", "plus-task-modal.json"),
        ("plus", "shorten", "plus-task-shorten.json"),
        ("plus", "cancelled", "plus-task-cancelled.json"),
        ("plus", "running", "callback-2-in-progress.json"),
        ("trueai", "success", "trueai-task-imagine-success.json"),
        ("trueai", "upscale", "trueai-task-upscale-success.json"),
        ("trueai", "failure", "trueai-task-failure-progress-empty.json"),
        ("trueai", "modal", "trueai-task-modal.json"),
        ("trueai", "video", "trueai-task-video-urls.json"),
        ("newapi", "fresh", "newapi-task-empty-status.json"),
        ("newapi", "running", "newapi-task-in-progress.json"),
        ("newapi", "success", "newapi-task-success.json"),
        ("newapi", "failure", "newapi-task-failure-progress-100.json"),
    ],
)
async def test_a_task_has_the_shape_of_the_sample(play: Play, profile: str, what: str, name: str) -> None:
    caller = await play(profile)
    if what == "fresh":  # no round of the relay may come between
        caller.images.service.relay_copies.sync = lambda: None  # type: ignore[method-assign] # stands still for this test
    task, wanted = await shown(caller, what), sample(name)
    problems = loosened(shape(task), shape(wanted))
    # A modal has no times yet; the sample shows the formatted ones all the same.
    problems = [line for line in problems if not (what == "modal" and line.startswith(".displays."))]
    assert problems == []
    for key in ("status", "progress", "failReason") if what in ("success", "failure", "modal", "fresh") else ():
        if what != "failure" or key != "failReason":
            assert task[key] == wanted[key] or (key, profile) == ("progress", "trueai")


async def test_the_list_of_novicezk_has_the_shape_of_the_sample(novicezk: Caller) -> None:
    novicezk.images.hold()
    await novicezk.post("submit/imagine", {"prompt": "a fox", "notifyHook": "http://127.0.0.1:9/x"})
    [task] = (await novicezk.get("task/list")).json
    assert loosened(shape(task), shape(sample("novicezk-list.json")[1])) == []


async def test_the_page_of_plus_has_the_shape_of_the_sample(plus: Caller) -> None:
    await plus.imagine()
    page = (await plus.post("task/query", {"pageSize": 2})).json
    assert loosened(shape(page), shape(sample("plus-query-page.json"))) == []


async def test_failed_progress_is_empty_on_novicezk_and_trueai_and_full_on_newapi(play: Play) -> None:
    for profile, progress in (("novicezk", ""), ("trueai", ""), ("newapi", "100%")):
        caller = await play(profile)
        caller.images.fail_task("no", at=60)
        assert (await caller.fetch(await caller.imagine()))["progress"] == progress
