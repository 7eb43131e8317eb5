"""A task as JSON, the way each dialect writes it (image API reference, 7)."""

from collections.abc import Callable

from playground.images.buttons import buttons_of
from playground.images.gateway import gateway_task_json
from playground.images.profiles import Profile
from playground.images.task_fields import CHANNEL, INSTANCE, action_name, clip_urls, common_fields, final_prompt_field
from playground.images.task_json_trueai import trueai_task_json
from playground.images.tasks import Json, Kind, Status, Task
from playground.images.urls import PictureUrls

_EMPTY = "customId botType promptEn state imageUrl videoUrl status failReason maskBase64"


def task_json(task: Task, profile: Profile, urls: PictureUrls, *, partner: bool = False) -> Json:
    """The complete task object. For newapi this is what its next synchronization would store."""
    return _WRITERS[profile.dialect](task, profile, urls, partner)


def _novicezk(task: Task, profile: Profile, urls: PictureUrls, partner: bool) -> Json:
    failed, done, tail = task.status is Status.FAILURE, task.status is Status.SUCCESS, task.id[-15:]
    properties: Json = {"notifyHook": task.notify_hook, "discordInstanceId": INSTANCE, "nonce": f"920{tail}"}
    properties["flags"] = 0
    if not failed and task.status is not Status.NOT_START:
        properties |= {"finalPrompt": final_prompt_field(task), "messageHash": task.job}
        properties |= {"messageId": f"911{tail}", "progressMessageId": f"910{tail}"}
    body = common_fields(task) | {"action": action_name(task, "novicezk"), "properties": properties}
    if done and task.kind is Kind.DESCRIBE:
        body["prompt"] = body["promptEn"] = task.result.text
    return body | {"imageUrl": urls.of(task, profile)} | ({"progress": ""} if failed else {})


def _plus(task: Task, profile: Profile, urls: PictureUrls, partner: bool) -> Json:
    waiting = task.status is Status.MODAL
    visible = task.status in (Status.IN_PROGRESS, Status.SUCCESS)
    width, height = task.artwork.size if task.artwork and visible else (None, None)
    if task.kind in (Kind.SHORTEN, Kind.DETAILS):
        properties: Json = {"finalPrompt": final_prompt_field(task), "messageHash": ""}
    else:
        properties = _plus_modal(task) if waiting else _plus_properties(task)
    return common_fields(task) | {
        "action": action_name(task, "plus"),
        "botType": "INSIGHT_FACE" if task.kind is Kind.SWAP else task.bot_type,
        "description": profile.window if waiting else task.description,
        "progress": common_fields(task)["progress"] or "0%",
        "imageUrl": urls.of(task, profile),
        "imageHeight": height,
        "imageWidth": width,
        "buttons": buttons_of(task, profile, partner=partner),
        "properties": properties,
    }


def _plus_properties(task: Task) -> Json:
    tail = task.id[-15:]
    return {
        "notifyHook": task.notify_hook,
        "discordInstanceId": INSTANCE,
        "discordChannelId": CHANNEL,
        "flags": 0,
        "messageId": f"931{tail}",
        "messageHash": task.job,
        "nonce": f"930{tail}",
        "customId": task.custom_id,
        "finalPrompt": final_prompt_field(task),
        "progressMessageId": f"932{tail}",
        "messageContent": f"**{task.final_prompt}** - <@1> ({(task.mode or 'FAST').lower()})",
        "botType": task.bot_type,
    }


def _plus_modal(task: Task) -> Json:
    modal_id, prefill = (task.modal.modal_id, task.modal.prefill) if task.modal else ("", "")
    return {
        "needModel": True,
        "modalMessageId": f"939{task.id[-15:]}",
        "modalCustomId": modal_id,
        "modalPromptCustomId": f"{modal_id}::prompt",
        "customId": task.custom_id,
        "finalPrompt": prefill,
        "discordInstanceId": INSTANCE,
    }


def newapi_new_task_json(task: Task, profile: Profile) -> Json:
    """A task as newapi shows it before its first synchronization (image API reference, 7.7)."""
    empty = dict.fromkeys(
        ["customId", "botType", "promptEn", "state", "imageUrl", "videoUrl", "status", "failReason", "maskBase64"], ""
    )
    return common_fields(task) | empty | {
        "action": action_name(task, "newapi"),
        "description": profile.window if task.modal else profile.accepted,
        "startTime": 0,
        "finishTime": 0,
        "progress": "0%",
        "videoUrls": None,
        "buttons": None,
        "properties": None,
    }  # fmt: skip


def _newapi(task: Task, profile: Profile, urls: PictureUrls, partner: bool) -> Json:
    done, failed = task.status is Status.SUCCESS, task.status in (Status.FAILURE, Status.CANCEL)
    has_result = done and not (task.kind.is_text and not task.result.text)
    final_prompt = {"finalPrompt": final_prompt_field(task), "finalZhPrompt": ""}
    return newapi_new_task_json(task, profile) | {
        "promptEn": task.result.text if done and task.kind is Kind.DESCRIBE else task.prompt,
        "state": task.state,
        "startTime": task.start_time or 0,
        "finishTime": task.finish_time or 0,
        "imageUrl": urls.of(task, profile) or "",
        "videoUrls": clip_urls(task, profile, urls),
        "status": (Status.FAILURE if failed else task.status).value,
        "progress": "100%" if failed else common_fields(task)["progress"] or "0%",
        "failReason": task.fail_reason or "",
        "buttons": buttons_of(task, profile, partner=partner),
        "properties": final_prompt if has_result else None,
    }


_WRITERS: dict[str, Callable[[Task, Profile, PictureUrls, bool], Json]] = {
    "novicezk": _novicezk,
    "plus": _plus,
    "trueai": trueai_task_json,
    "newapi": _newapi,
    "gateway": gateway_task_json,
}
