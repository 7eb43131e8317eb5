"""A task as JSON, the way each dialect writes it (docs/image-api.md#task-object)."""

import time
from collections.abc import Callable

from playground.images.buttons import buttons_of
from playground.images.files import PictureUrls
from playground.images.profiles import Profile
from playground.images.prompt import parse_prompt
from playground.images.rendering import FRAME_MS, FRAMES, video_form
from playground.images.tasks import CHANNEL, INSTANCE, Json, Kind, Status, Task

# Where a dialect's `action` is not the name of the kind.
_ACTIONS = {
    "novicezk": "",
    "plus": "SUBTLE=VARIATION STRONG=VARIATION REGION=VARIATION UPSCALE_HD=UPSCALE CUSTOM_ZOOM=ZOOM SQUARE=ZOOM"
    " LINE=IMAGINE DETAILS=SHORTEN SWAP=SWAP_FACE ANIMATE=ACTION VIDEO_PICK=ACTION VIDEO_EXTEND=ACTION",
    "trueai": "SUBTLE=VARIATION STRONG=VARIATION REGION=VARIATION ZOOM=OUTPAINT SQUARE=OUTPAINT CUSTOM_ZOOM=OUTPAINT"
    " LINE=PIC_READER SWAP=SWAP_FACE SWAP_VIDEO=SWAP_VIDEO_FACE ANIMATE=VIDEO VIDEO_PICK=UPSCALE",
    "newapi": "SUBTLE=LOW_VARIATION STRONG=HIGH_VARIATION REGION=INPAINT UPSCALE_HD=UPSCALE SQUARE=ZOOM SWAP=SWAP_FACE"
    " EDIT=EDITS ANIMATE=VIDEO",
}
_ACTION_OF_KIND = {name: dict(pair.split("=") for pair in pairs.split()) for name, pairs in _ACTIONS.items()}


def action_name(task: Task, dialect: str) -> str:
    """The `action` that a dialect writes for a task."""
    return _ACTION_OF_KIND[dialect].get(task.kind.name, task.kind.name)


def final_prompt_field(task: Task) -> str:
    """`finalPrompt`, which holds the result of a task that answers with text."""
    return task.result.text if task.kind.is_text and task.status is Status.SUCCESS else task.final_prompt


def _common_fields(task: Task, profile: Profile, urls: PictureUrls) -> Json:
    """The fields that all dialects but the gateway's write in the same way."""
    return {
        "id": task.id,
        "action": action_name(task, profile.dialect),
        "prompt": task.prompt,
        "promptEn": task.prompt,
        "description": task.description,
        "state": task.state,
        "submitTime": task.submit_time,
        "startTime": task.start_time,
        "finishTime": task.finish_time,
        "imageUrl": urls.of(task, profile),
        "status": task.status.value,
        "progress": None if task.progress is None else f"{task.progress}%",
        "failReason": task.fail_reason,
    }


def clip_urls(task: Task, profile: Profile, urls: PictureUrls) -> list[Json] | None:
    """The URLs of a finished task's videos; None when it has none."""
    art = task.artwork if task.status is Status.SUCCESS else None
    if art is None or not art.motion or task.kind is Kind.SWAP_VIDEO:
        return None
    names, form = [f"{task.id}-c{index}" for index in range(len(art.cells))], video_form()
    return [
        {"url": urls.file(f"{name}.{form}", profile), "thumbnail": urls.file(f"{name}.webp", profile)} for name in names
    ]


def task_json(task: Task, profile: Profile, urls: PictureUrls, *, partner: bool = False) -> Json:
    """The complete task object. For newapi this is what its next synchronization would store."""
    return _WRITERS[profile.dialect](task, profile, urls, partner)


def _novicezk(task: Task, profile: Profile, urls: PictureUrls, partner: bool) -> Json:
    failed, done, tail = task.status is Status.FAILURE, task.status is Status.SUCCESS, task.id[-15:]
    properties: Json = {
        "notifyHook": task.notify_hook,
        "discordInstanceId": INSTANCE,
        "nonce": f"920{tail}",
        "flags": 0,
    }
    if not failed and task.status is not Status.NOT_START:
        properties |= {"finalPrompt": final_prompt_field(task), "messageHash": task.job}
        properties |= {"messageId": f"911{tail}", "progressMessageId": f"910{tail}"}
    body = _common_fields(task, profile, urls) | {"properties": properties}
    if done and task.kind is Kind.DESCRIBE:
        body["prompt"] = body["promptEn"] = task.result.text
    return body | ({"progress": ""} if failed else {})


def _plus(task: Task, profile: Profile, urls: PictureUrls, partner: bool) -> Json:
    waiting = task.status is Status.MODAL
    visible = task.status in (Status.IN_PROGRESS, Status.SUCCESS)
    width, height = task.artwork.size if task.artwork and visible else (None, None)
    if task.kind in (Kind.SHORTEN, Kind.DETAILS):
        properties: Json = {"finalPrompt": final_prompt_field(task), "messageHash": ""}
    else:
        properties = _plus_modal(task) if waiting else _plus_properties(task)
    body = _common_fields(task, profile, urls)
    return body | {
        "botType": "INSIGHT_FACE" if task.kind is Kind.SWAP else task.bot_type,
        "description": profile.modal if waiting else task.description,
        "progress": body["progress"] or "0%",
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


# The fields of newapi that are empty texts at first.
_EMPTY = "customId botType promptEn state imageUrl videoUrl status failReason maskBase64"


def newapi_new_task_json(task: Task, profile: Profile, urls: PictureUrls) -> Json:
    """A task as newapi shows it before its first synchronization (docs/image-api.md#newapi-tasks)."""
    return _common_fields(task, profile, urls) | dict.fromkeys(_EMPTY.split(), "") | {
        "description": profile.modal if task.modal else profile.accepted,
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
    return newapi_new_task_json(task, profile, urls) | {
        "promptEn": task.result.text if done and task.kind is Kind.DESCRIBE else task.prompt,
        "state": task.state,
        "startTime": task.start_time or 0,
        "finishTime": task.finish_time or 0,
        "imageUrl": urls.of(task, profile) or "",
        "videoUrls": clip_urls(task, profile, urls),
        "status": (Status.FAILURE if failed else task.status).value,
        "progress": "100%" if failed else f"{task.progress or 0}%",
        "failReason": task.fail_reason or "",
        "buttons": buttons_of(task, profile, partner=partner),
        "properties": final_prompt if has_result else None,
    }


# trueai: every field, nulls included

_NULL_NAMES = (
    "realBotType interactionMetadataId remixModalMessageId subInstanceId language baseImageUrl partnerTaskInfo"
    " officialTaskId officialTaskInfo seed seedError seedMessageId replicateSource replicateTarget accountFilter"
    " proxyUrl videoGenOriginImageUrl videoUrl storageOption"
)
_FALSE_NAMES = (
    "isWhite remixAutoSubmit remixModaling hasAIReviewRetried isThirdParty isPartnerRelax isOfficial isReplicate"
    " isHdVideo"
)
_CONSTANT: Json = {**dict.fromkeys(_NULL_NAMES.split()), **dict.fromkeys(_FALSE_NAMES.split(), False)}


def with_displays(task: Task, body: Json) -> Json:
    """The task object of list-by-ids, which has formatted copies."""

    def stamp(milliseconds: int | None) -> str | None:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(milliseconds / 1000)) if milliseconds else None

    displays = {
        "status": task.status.value,
        "submitTime": stamp(task.submit_time),
        "startTime": stamp(task.start_time),
        "finishTime": stamp(task.finish_time),
        "action": body["action"],
        "discordInstanceId": INSTANCE,
    }
    return {**body, "displays": displays}


def trueai_task_json(task: Task, profile: Profile, urls: PictureUrls, partner: bool) -> Json:
    """The task object of trueai."""
    tail, failed = task.id[-15:], task.status in (Status.FAILURE, Status.CANCEL)
    properties: Json = {"discordInstanceId": INSTANCE, "notifyHook": task.notify_hook, "messageHash": task.job}
    properties |= {"finalPrompt": task.final_prompt, "flags": 0, "nonce": f"941{tail}"}
    body = _CONSTANT | _common_fields(task, profile, urls) | {
        "parentId": task.parent,
        "botType": "INSIGHT_FACE" if task.kind in (Kind.SWAP, Kind.SWAP_VIDEO) else task.bot_type,
        "userId": "u-1",
        "nonce": f"941{tail}",
        "messageId": f"942{tail}",
        "messageIds": [f"942{tail}"],
        "instanceId": INSTANCE,
        "status": (Status.FAILURE if failed else task.status).value,
        "isCompleted": task.status.final,
        "promptFull": task.final_prompt,
        "failReason": task.fail_reason or "",
        "isPartner": partner,
        "isDiscord": not partner,
        "partnerTaskId": task.job if partner else None,
        "buttons": buttons_of(task, profile, partner=partner),
        "clientIp": "192.0.2.7",
        "jobId": task.job,
        "mode": task.mode or "FAST",
        "requestMode": task.mode or "FAST",
        "version": f"v {parse_prompt(task.final_prompt).version}",
        "properties": properties,
    }  # fmt: skip
    body |= {"progress": ""} if failed else {}
    return with_displays(task, body | _texts(task, profile) | _picture(task, profile, urls, partner))


def _texts(task: Task, profile: Profile) -> Json:
    """The fields that hold other texts while a modal waits, and when the result is text."""
    if task.status is Status.MODAL:
        return {"prompt": "", "promptEn": "", "description": profile.modal}
    text = task.result.text if task.status is Status.SUCCESS else ""
    if text and task.kind is Kind.DESCRIBE:
        return dict.fromkeys(("prompt", "promptEn"), text.replace("\n", "\r\n"))
    return {"description": text} if text and task.kind is Kind.SHORTEN else {}


def _picture(task: Task, profile: Profile, urls: PictureUrls, partner: bool) -> Json:
    art = task.artwork if task.status is Status.SUCCESS else None
    width, height = art.size if art else (None, None)
    moves = art is not None and art.motion > 0
    singles = [f"{task.id}-s{number}" for number in range(len(art.cells))] if art and partner and not moves else []
    each = [
        {"url": urls.file(f"{name}.png", profile), "thumbnail": urls.file(f"{name}-t.webp", profile)}
        for name in singles
    ]
    spent = f"{(task.finish_time - task.start_time) / 1000:.2f} s" if task.finish_time and task.start_time else "-"
    return {
        "url": urls.of(task, profile) if art else None,
        "imageUrls": each if len(each) > 1 else None,  # as partner accounts give them
        "thumbnailUrl": urls.file(f"{task.id}-t.webp", profile) if art else None,
        **dict.fromkeys(("width", "imageWidth"), width),
        **dict.fromkeys(("height", "imageHeight"), height),
        "size": width * height * 2 if width and height else None,
        "contentType": ("image/webp" if moves else "image/png") if art else None,
        "videoDuration": max(1, FRAMES * FRAME_MS // 1000) if moves else None,
        "frameCount": FRAMES if moves else None,
        "videoUrls": clip_urls(task, profile, urls),
        "videoType": "vid_1.1_i2v_480" if moves else None,
        "useTime": spent,
    }


# The gateway

_STATUS = {"NOT_START": "QUEUED", "SUBMITTED": "PENDING", "IN_PROGRESS": "RUNNING", "SUCCESS": "COMPLETED",
           "FAILURE": "FAILED", "CANCEL": "CANCELED"}  # fmt: skip


def gateway_task_json(task: Task, profile: Profile, urls: PictureUrls, partner: bool) -> Json:
    """A task in the words of gateways (docs/image-api.md#task-fields and #status)."""
    done = task.status is Status.SUCCESS
    singles = done and task.artwork is not None and not task.artwork.motion and len(task.artwork.cells) > 1
    return {
        "id": int(task.id),
        "action": action_name(task, "plus"),
        "status": _STATUS.get(task.status.value, task.status.value),
        "progress": task.progress or "Waiting to start",
        "prompt": task.prompt,
        "prompt_en": task.prompt,
        "description": task.description,
        "state": task.state,
        "submitTime": task.submit_time // 1000,
        "startTime": str((task.start_time or 0) // 1000),
        "finishTime": str((task.finish_time or 0) // 1000),
        "fail_reason": task.fail_reason or "",
        "imageUrl": urls.of(task, profile) or "",
        "imageUrls": [urls.file(f"{task.id}-s{n}.png", profile) for n in range(4)] if singles else [],
        "video_urls": clip_urls(task, profile, urls),
        "buttons": buttons_of(task, profile, partner=partner),
        "properties": {"finalPrompt": final_prompt_field(task)},
    }


_WRITERS: dict[str, Callable[[Task, Profile, PictureUrls, bool], Json]] = {
    "novicezk": _novicezk,
    "plus": _plus,
    "trueai": trueai_task_json,
    "newapi": _newapi,
    "gateway": gateway_task_json,
}
