"""A task as JSON, the way each dialect writes it (docs/image-api.md#task-object)."""

from collections.abc import Callable

from playground.images.buttons import buttons_of
from playground.images.gateway import gateway_json
from playground.images.links import Links
from playground.images.profiles import Profile
from playground.images.shape_parts import (
    CHANNEL,
    INSTANCE,
    action_of,
    clips_of,
    described_texts,
    final_prompt_of,
    progress_text,
)
from playground.images.shape_trueai import trueai_json
from playground.images.tasks import Json, Kind, Status, Task


def task_json(task: Task, profile: Profile, links: Links, *, partner: bool = False) -> Json:
    """The complete task object. For newapi this is what its next synchronisation would store."""
    return _WRITERS[profile.dialect](task, profile, links, partner)


def _novicezk(task: Task, profile: Profile, links: Links, partner: bool) -> Json:
    failed = task.status is Status.FAILURE
    properties: Json = {"notifyHook": task.notify_hook, "discordInstanceId": INSTANCE}
    properties |= {"nonce": f"920{task.id[-15:]}", "flags": 0}
    if not failed and task.status is not Status.NOT_START:
        properties |= {"finalPrompt": final_prompt_of(task), "messageHash": task.job}
        properties |= {"messageId": f"911{task.id[-15:]}", "progressMessageId": f"910{task.id[-15:]}"}
    prompt, prompt_en = described_texts(task)
    return {
        "id": task.id,
        "properties": properties,
        "action": action_of(task, "novicezk"),
        "status": task.status.value,
        "prompt": prompt,
        "promptEn": prompt_en,
        "description": task.description,
        "state": task.state,
        "submitTime": task.submit_time,
        "startTime": task.start_time,
        "finishTime": task.finish_time,
        "imageUrl": links.of(task, profile),
        "progress": "" if failed else progress_text(task),
        "failReason": task.fail_reason,
    }


def _plus(task: Task, profile: Profile, links: Links, partner: bool) -> Json:
    window = task.status is Status.MODAL
    pictured = task.artwork is not None and task.status in (Status.IN_PROGRESS, Status.SUCCESS)
    width, height = task.artwork.size if task.artwork and pictured else (None, None)
    if task.kind is Kind.SHORTEN or task.kind is Kind.DETAILS:
        properties: Json = {"finalPrompt": final_prompt_of(task), "messageHash": ""}
    else:
        properties = _plus_window(task) if window else _plus_properties(task)
    return {
        "id": task.id,
        "action": action_of(task, "plus"),
        "botType": "INSIGHT_FACE" if task.kind is Kind.SWAP else task.bot_type,
        "prompt": task.prompt,
        "promptEn": task.prompt,
        "description": profile.window if window else task.description,
        "state": task.state,
        "submitTime": task.submit_time,
        "startTime": task.start_time,
        "finishTime": task.finish_time,
        "progress": progress_text(task) or "0%",
        "status": task.status.value,
        "failReason": task.fail_reason,
        "imageUrl": links.of(task, profile),
        "imageHeight": height,
        "imageWidth": width,
        "buttons": buttons_of(task, profile, partner=partner),
        "properties": properties,
    }


def _plus_properties(task: Task) -> Json:
    return {
        "notifyHook": task.notify_hook,
        "discordInstanceId": INSTANCE,
        "discordChannelId": CHANNEL,
        "flags": 0,
        "messageId": f"931{task.id[-15:]}",
        "messageHash": task.job,
        "nonce": f"930{task.id[-15:]}",
        "customId": task.custom_id,
        "finalPrompt": final_prompt_of(task),
        "progressMessageId": f"932{task.id[-15:]}",
        "messageContent": f"**{task.final_prompt}** - <@1> ({(task.mode or 'FAST').lower()})",
        "botType": task.bot_type,
    }


def _plus_window(task: Task) -> Json:
    modal_id = task.window.modal_id if task.window else ""
    return {
        "needModel": True,
        "modalMessageId": f"939{task.id[-15:]}",
        "modalCustomId": modal_id,
        "modalPromptCustomId": f"{modal_id}::prompt",
        "customId": task.custom_id,
        "finalPrompt": task.window.proposal if task.window else "",
        "discordInstanceId": INSTANCE,
    }


def _newapi(task: Task, profile: Profile, links: Links, partner: bool) -> Json:
    done, failed = task.status is Status.SUCCESS, task.status in (Status.FAILURE, Status.CANCEL)
    shown = done and not (task.kind.tells and not task.result.text)
    return {
        "id": task.id,
        "action": action_of(task, "newapi"),
        "customId": "",
        "botType": "",
        "prompt": task.prompt,
        "promptEn": task.result.text if done and task.kind is Kind.DESCRIBE else task.prompt,
        "description": profile.window if task.window else profile.accepted,
        "state": task.state,
        "submitTime": task.submit_time,
        "startTime": task.start_time or 0,
        "finishTime": task.finish_time or 0,
        "imageUrl": links.of(task, profile) or "",
        "videoUrl": "",
        "videoUrls": clips_of(task, profile, links),
        "status": (Status.FAILURE if task.status is Status.CANCEL else task.status).value,
        "progress": "100%" if failed else progress_text(task) or "0%",
        "failReason": task.fail_reason or "",
        "buttons": buttons_of(task, profile, partner=partner),
        "maskBase64": "",
        "properties": {"finalPrompt": final_prompt_of(task), "finalZhPrompt": ""} if shown else None,
    }


def newapi_fresh(task: Task, profile: Profile) -> Json:
    """A task as newapi shows it before its first synchronisation (docs/image-api.md#newapi-tasks)."""
    body = {
        "id": task.id,
        "action": action_of(task, "newapi"),
        "customId": "",
        "botType": "",
        "prompt": task.prompt,
        "promptEn": "",
        "description": profile.window if task.window else profile.accepted,
        "state": "",
        "submitTime": task.submit_time,
        "startTime": 0,
        "finishTime": 0,
        "imageUrl": "",
        "videoUrl": "",
        "videoUrls": None,
    }
    return {
        **body,
        "status": "",
        "progress": "0%",
        "failReason": "",
        "buttons": None,
        "maskBase64": "",
        "properties": None,
    }


_WRITERS: dict[str, Callable[[Task, Profile, Links, bool], Json]] = {
    "novicezk": _novicezk,
    "plus": _plus,
    "trueai": trueai_json,
    "newapi": _newapi,
    "gateway": gateway_json,
}
