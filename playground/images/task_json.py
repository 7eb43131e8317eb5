"""A task as JSON, the way each dialect writes it (image API reference, 7)."""

from collections.abc import Callable

from playground.images.buttons import buttons_of
from playground.images.gateway import gateway_task_json
from playground.images.profiles import Profile
from playground.images.task_fields import (
    CHANNEL,
    INSTANCE,
    action_name,
    clip_urls,
    final_prompt_field,
    progress_text,
    prompt_fields,
)
from playground.images.task_json_trueai import trueai_task_json
from playground.images.tasks import Json, Kind, Status, Task
from playground.images.urls import PictureUrls


def task_json(task: Task, profile: Profile, urls: PictureUrls, *, partner: bool = False) -> Json:
    """The complete task object. For newapi this is what its next synchronisation would store."""
    return _WRITERS[profile.dialect](task, profile, urls, partner)


def _novicezk(task: Task, profile: Profile, urls: PictureUrls, partner: bool) -> Json:
    failed = task.status is Status.FAILURE
    properties: Json = {"notifyHook": task.notify_hook, "discordInstanceId": INSTANCE}
    properties |= {"nonce": f"920{task.id[-15:]}", "flags": 0}
    if not failed and task.status is not Status.NOT_START:
        properties |= {"finalPrompt": final_prompt_field(task), "messageHash": task.job}
        properties |= {"messageId": f"911{task.id[-15:]}", "progressMessageId": f"910{task.id[-15:]}"}
    prompt, prompt_en = prompt_fields(task)
    return {
        "id": task.id,
        "properties": properties,
        "action": action_name(task, "novicezk"),
        "status": task.status.value,
        "prompt": prompt,
        "promptEn": prompt_en,
        "description": task.description,
        "state": task.state,
        "submitTime": task.submit_time,
        "startTime": task.start_time,
        "finishTime": task.finish_time,
        "imageUrl": urls.of(task, profile),
        "progress": "" if failed else progress_text(task),
        "failReason": task.fail_reason,
    }


def _plus(task: Task, profile: Profile, urls: PictureUrls, partner: bool) -> Json:
    window = task.status is Status.MODAL
    pictured = task.artwork is not None and task.status in (Status.IN_PROGRESS, Status.SUCCESS)
    width, height = task.artwork.size if task.artwork and pictured else (None, None)
    if task.kind is Kind.SHORTEN or task.kind is Kind.DETAILS:
        properties: Json = {"finalPrompt": final_prompt_field(task), "messageHash": ""}
    else:
        properties = _plus_window(task) if window else _plus_properties(task)
    return {
        "id": task.id,
        "action": action_name(task, "plus"),
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
        "imageUrl": urls.of(task, profile),
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
        "finalPrompt": final_prompt_field(task),
        "progressMessageId": f"932{task.id[-15:]}",
        "messageContent": f"**{task.final_prompt}** - <@1> ({(task.mode or 'FAST').lower()})",
        "botType": task.bot_type,
    }


def _plus_window(task: Task) -> Json:
    modal_id = task.modal.modal_id if task.modal else ""
    return {
        "needModel": True,
        "modalMessageId": f"939{task.id[-15:]}",
        "modalCustomId": modal_id,
        "modalPromptCustomId": f"{modal_id}::prompt",
        "customId": task.custom_id,
        "finalPrompt": task.modal.prefill if task.modal else "",
        "discordInstanceId": INSTANCE,
    }


def _newapi(task: Task, profile: Profile, urls: PictureUrls, partner: bool) -> Json:
    done, failed = task.status is Status.SUCCESS, task.status in (Status.FAILURE, Status.CANCEL)
    shown = done and not (task.kind.is_text and not task.result.text)
    return {
        "id": task.id,
        "action": action_name(task, "newapi"),
        "customId": "",
        "botType": "",
        "prompt": task.prompt,
        "promptEn": task.result.text if done and task.kind is Kind.DESCRIBE else task.prompt,
        "description": profile.window if task.modal else profile.accepted,
        "state": task.state,
        "submitTime": task.submit_time,
        "startTime": task.start_time or 0,
        "finishTime": task.finish_time or 0,
        "imageUrl": urls.of(task, profile) or "",
        "videoUrl": "",
        "videoUrls": clip_urls(task, profile, urls),
        "status": (Status.FAILURE if task.status is Status.CANCEL else task.status).value,
        "progress": "100%" if failed else progress_text(task) or "0%",
        "failReason": task.fail_reason or "",
        "buttons": buttons_of(task, profile, partner=partner),
        "maskBase64": "",
        "properties": {"finalPrompt": final_prompt_field(task), "finalZhPrompt": ""} if shown else None,
    }


def newapi_new_task_json(task: Task, profile: Profile) -> Json:
    """A task as newapi shows it before its first synchronisation (image API reference, 7.7)."""
    body = {
        "id": task.id,
        "action": action_name(task, "newapi"),
        "customId": "",
        "botType": "",
        "prompt": task.prompt,
        "promptEn": "",
        "description": profile.window if task.modal else profile.accepted,
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


_WRITERS: dict[str, Callable[[Task, Profile, PictureUrls, bool], Json]] = {
    "novicezk": _novicezk,
    "plus": _plus,
    "trueai": trueai_task_json,
    "newapi": _newapi,
    "gateway": gateway_task_json,
}
