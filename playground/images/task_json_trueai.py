"""A task as trueai writes it: every field, nulls included (image API reference, 7.1)."""

import time

from playground.images.buttons import buttons_of
from playground.images.profiles import Profile
from playground.images.prompt import parse_prompt
from playground.images.rendering import FRAME_MS, FRAMES
from playground.images.task_fields import INSTANCE, action_name, clip_urls, progress_text
from playground.images.tasks import Json, Kind, Status, Task
from playground.images.urls import PictureUrls


def _stamp(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(milliseconds / 1000))


def _displays(task: Task, action: str) -> Json:
    return {
        "status": task.status.value,
        "submitTime": _stamp(task.submit_time),
        "startTime": _stamp(task.start_time),
        "finishTime": _stamp(task.finish_time),
        "action": action,
        "discordInstanceId": INSTANCE,
    }


def with_displays(task: Task, body: Json) -> Json:
    """The task object of list-by-ids, which has formatted copies."""
    return {**body, "displays": _displays(task, str(body["action"]))}


def trueai_task_json(task: Task, profile: Profile, urls: PictureUrls, partner: bool) -> Json:
    modal, text = task.status is Status.MODAL, task.result.text if task.status is Status.SUCCESS else ""
    asked, prompt = ("", "") if modal else (task.prompt, task.prompt)
    if text and task.kind is Kind.DESCRIBE:
        asked = prompt = text.replace("\n", "\r\n")
    message = f"942{task.id[-15:]}"
    described = text if text and task.kind is Kind.SHORTEN else task.description
    head: Json = {
        "parentId": task.parent,
        "botType": "INSIGHT_FACE" if task.kind in (Kind.SWAP, Kind.SWAP_VIDEO) else task.bot_type,
    }
    head |= {"realBotType": None, "userId": "u-1", "isWhite": False, "nonce": f"941{task.id[-15:]}"}
    head |= {"interactionMetadataId": None, "messageId": message, "remixModalMessageId": None}
    head |= {"remixAutoSubmit": False, "remixModaling": False, "instanceId": INSTANCE, "subInstanceId": None}
    head |= {
        "messageIds": [message],
        "action": action_name(task, "trueai"),
        "status": (Status.FAILURE if task.status is Status.CANCEL else task.status).value,
        "isCompleted": task.status.final,
        "prompt": asked,
        "promptEn": prompt,
        "promptFull": task.final_prompt,
        "description": profile.window if modal else described,
        "language": None,
        "state": task.state,
        "submitTime": task.submit_time,
        "startTime": task.start_time,
        "finishTime": task.finish_time,
    }
    properties: Json = {"discordInstanceId": INSTANCE, "notifyHook": task.notify_hook}
    properties |= {"finalPrompt": task.final_prompt, "messageHash": task.job, "flags": 0}
    return {
        **head,
        **_trueai_picture(task, profile, urls, partner),
        **_trueai_tail(task, profile, urls),
        "id": task.id,
        "properties": properties | {"nonce": f"941{task.id[-15:]}"},
    }


def _trueai_picture(task: Task, profile: Profile, urls: PictureUrls, partner: bool) -> Json:
    done, url = task.status is Status.SUCCESS, urls.of(task, profile)
    failed = task.status in (Status.FAILURE, Status.CANCEL)
    pictured = done and task.artwork is not None
    return {
        "imageUrl": url,
        "baseImageUrl": None,
        "imageUrls": _by_themselves(task, profile, urls) if pictured and partner else None,
        "thumbnailUrl": urls.file(f"{task.id}-t.webp", profile) if pictured else None,
        "progress": "" if failed else progress_text(task),
        "failReason": task.fail_reason or "",
        "hasAIReviewRetried": False,
        "isThirdParty": False,
        "isPartner": partner,
        "isPartnerRelax": False,
        "partnerTaskId": task.job if partner else None,
        "partnerTaskInfo": None,
        "isOfficial": False,
        "officialTaskId": None,
        "officialTaskInfo": None,
        "isDiscord": not partner,
        "buttons": buttons_of(task, profile, partner=partner),
        "displays": _displays(task, action_name(task, "trueai")),
        "seed": None,
        "seedError": None,
        "seedMessageId": None,
        "clientIp": "192.0.2.7",
        "jobId": task.job,
    }


def _by_themselves(task: Task, profile: Profile, urls: PictureUrls) -> list[Json] | None:
    """The four pictures of a grid one by one, as partner accounts give them (image API reference, 7.5)."""
    art = task.artwork
    if art is None or art.motion or len(art.cells) == 1:
        return None
    names = [f"{task.id}-s{number}" for number in range(len(art.cells))]
    return [
        {"url": urls.file(f"{name}.png", profile), "thumbnail": urls.file(f"{name}-t.webp", profile)}
        for name in names
    ]


def _trueai_tail(task: Task, profile: Profile, urls: PictureUrls) -> Json:
    art = task.artwork if task.status is Status.SUCCESS else None
    url = urls.of(task, profile) if art else None
    width, height = art.size if art else (None, None)
    moves = art is not None and art.motion > 0
    spent = f"{(task.finish_time - task.start_time) / 1000:.2f} s" if task.finish_time and task.start_time else "-"
    kind = None if art is None else "image/webp" if moves else "image/png"
    mode = task.mode or "FAST"
    tail: Json = {"isReplicate": False, "replicateSource": None, "replicateTarget": None}
    tail |= {"mode": mode, "requestMode": mode, "accountFilter": None, "url": url, "proxyUrl": None}
    tail |= {"height": height, "width": width, "size": width * height * 2 if width and height else None}
    tail |= {"contentType": kind, "imageHeight": height, "imageWidth": width, "videoGenOriginImageUrl": None}
    tail |= {"videoDuration": max(1, FRAMES * FRAME_MS // 1000) if moves else None}
    tail |= {"frameCount": FRAMES if moves else None, "videoUrl": None, "videoUrls": clip_urls(task, profile, urls)}
    tail |= {"useTime": spent, "version": f"v {parse_prompt(task.final_prompt).version}", "storageOption": None}
    return tail | {"videoType": "vid_1.1_i2v_480" if moves else None, "isHdVideo": False}
