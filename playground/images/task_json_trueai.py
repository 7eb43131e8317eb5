"""A task as trueai writes it: every field, nulls included (image API reference, 7.1)."""

import time

from playground.images.buttons import buttons_of
from playground.images.profiles import Profile
from playground.images.prompt import parse_prompt
from playground.images.rendering import FRAME_MS, FRAMES
from playground.images.task_fields import INSTANCE, action_name, clip_urls, common_fields
from playground.images.tasks import Json, Kind, Status, Task
from playground.images.urls import PictureUrls

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
    body = _CONSTANT | common_fields(task) | {
        "parentId": task.parent,
        "botType": "INSIGHT_FACE" if task.kind in (Kind.SWAP, Kind.SWAP_VIDEO) else task.bot_type,
        "userId": "u-1",
        "nonce": f"941{tail}",
        "messageId": f"942{tail}",
        "messageIds": [f"942{tail}"],
        "instanceId": INSTANCE,
        "action": action_name(task, "trueai"),
        "status": (Status.FAILURE if failed else task.status).value,
        "isCompleted": task.status.final,
        "promptFull": task.final_prompt,
        "progress": "" if failed else common_fields(task)["progress"],
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
    return with_displays(task, body | _texts(task, profile) | _picture(task, profile, urls, partner))


def _texts(task: Task, profile: Profile) -> Json:
    """The fields that hold other texts while a modal waits, and when the result is text."""
    if task.status is Status.MODAL:
        return {"prompt": "", "promptEn": "", "description": profile.window}
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
        "imageUrl": urls.of(task, profile),
        "url": urls.of(task, profile) if art else None,
        "imageUrls": each if len(each) > 1 else None,  # as partner accounts give them (7.5)
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
