"""A task as JSON, the way each dialect writes it (image API reference, 7)."""

import time
from collections.abc import Callable

from playground.images.buttons import buttons_of
from playground.images.clips import FRAME_MS, FRAMES, clip_form
from playground.images.links import Links
from playground.images.profiles import Profile
from playground.images.tasks import Json, Kind, Status, Task
from playground.images.words import read

INSTANCE = "900000000000000001"
CHANNEL = "900000000000000002"

_ACTIONS: dict[str, dict[Kind, str]] = {
    "novicezk": {},
    "plus": {
        Kind.SUBTLE: "VARIATION",
        Kind.STRONG: "VARIATION",
        Kind.REGION: "VARIATION",
        Kind.UPSCALE_HD: "UPSCALE",
        Kind.CUSTOM_ZOOM: "ZOOM",
        Kind.SQUARE: "ZOOM",
        Kind.LINE: "IMAGINE",
        Kind.DETAILS: "SHORTEN",
        Kind.SWAP: "SWAP_FACE",
        Kind.ANIMATE: "ACTION",
        Kind.VIDEO_PICK: "ACTION",
        Kind.VIDEO_EXTEND: "ACTION",
    },
    "trueai": {
        Kind.SUBTLE: "VARIATION",
        Kind.STRONG: "VARIATION",
        Kind.REGION: "VARIATION",
        Kind.ZOOM: "OUTPAINT",
        Kind.SQUARE: "OUTPAINT",
        Kind.CUSTOM_ZOOM: "OUTPAINT",
        Kind.LINE: "PIC_READER",
        Kind.SWAP: "SWAP_FACE",
        Kind.ANIMATE: "VIDEO",
        Kind.VIDEO_PICK: "UPSCALE",
    },
    "newapi": {
        Kind.SUBTLE: "LOW_VARIATION",
        Kind.STRONG: "HIGH_VARIATION",
        Kind.REGION: "INPAINT",
        Kind.UPSCALE_HD: "UPSCALE",
        Kind.SQUARE: "ZOOM",
        Kind.SWAP: "SWAP_FACE",
        Kind.EDIT: "EDITS",
        Kind.ANIMATE: "VIDEO",
    },
}


def action_of(task: Task, dialect: str) -> str:
    """The `action` that a dialect writes for a task."""
    return _ACTIONS[dialect].get(task.kind, task.kind.name)


def task_json(task: Task, profile: Profile, links: Links, *, partner: bool = False) -> Json:
    """The complete task object. For newapi this is what its next synchronisation would store."""
    return _WRITERS[profile.name](task, profile, links, partner)


def _progress(task: Task) -> str | None:
    return None if task.progress is None else f"{task.progress}%"


def _texts(task: Task) -> tuple[str, str]:
    """`prompt` and `promptEn`: a describe's text stands here."""
    text = task.result.text if task.kind is Kind.DESCRIBE and task.status is Status.SUCCESS else ""
    return text or task.prompt, text or task.prompt


def _final_prompt(task: Task) -> str:
    shown = task.kind.tells and task.status is Status.SUCCESS
    return task.result.text if shown else task.final_prompt


def _discord_properties(task: Task, prefix: str) -> Json:
    return {"messageId": f"{prefix}1{task.id[-15:]}", "nonce": f"{prefix}0{task.id[-15:]}", "flags": 0}


def _novicezk(task: Task, profile: Profile, links: Links, partner: bool) -> Json:
    failed = task.status is Status.FAILURE
    properties: Json = {"notifyHook": task.notify_hook, "discordInstanceId": INSTANCE}
    properties |= {"nonce": f"920{task.id[-15:]}", "flags": 0}
    if not failed and task.status is not Status.NOT_START:
        properties |= {"finalPrompt": _final_prompt(task), "messageHash": task.job}
        properties |= {"messageId": f"911{task.id[-15:]}", "progressMessageId": f"910{task.id[-15:]}"}
    prompt, prompt_en = _texts(task)
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
        "progress": "" if failed else _progress(task),
        "failReason": task.fail_reason,
    }


def _plus(task: Task, profile: Profile, links: Links, partner: bool) -> Json:
    window = task.status is Status.MODAL
    pictured = task.artwork is not None and task.status in (Status.IN_PROGRESS, Status.SUCCESS)
    width, height = task.artwork.size if task.artwork and pictured else (None, None)
    if task.kind is Kind.SHORTEN or task.kind is Kind.DETAILS:
        properties: Json = {"finalPrompt": _final_prompt(task), "messageHash": ""}
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
        "progress": _progress(task) or "0%",
        "status": task.status.value,
        "failReason": task.fail_reason,
        "imageUrl": links.of(task, profile),
        "imageHeight": height,
        "imageWidth": width,
        "buttons": buttons_of(task, "plus", partner=partner),
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
        "finalPrompt": _final_prompt(task),
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


def _trueai(task: Task, profile: Profile, links: Links, partner: bool) -> Json:
    modal, text = task.status is Status.MODAL, task.result.text if task.status is Status.SUCCESS else ""
    asked, prompt = ("", "") if modal else (task.prompt, task.prompt)
    if text and task.kind is Kind.DESCRIBE:
        asked = prompt = text.replace("\n", "\r\n")
    message = f"942{task.id[-15:]}"
    described = text if text and task.kind is Kind.SHORTEN else task.description
    head: Json = {"parentId": task.parent, "botType": "INSIGHT_FACE" if task.kind is Kind.SWAP else task.bot_type}
    head |= {"realBotType": None, "userId": "u-1", "isWhite": False, "nonce": f"941{task.id[-15:]}"}
    head |= {"interactionMetadataId": None, "messageId": message, "remixModalMessageId": None}
    head |= {"remixAutoSubmit": False, "remixModaling": False, "instanceId": INSTANCE, "subInstanceId": None}
    head |= {
        "messageIds": [message],
        "action": action_of(task, "trueai"),
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
        **_trueai_picture(task, profile, links, partner),
        **_trueai_tail(task, profile, links),
        "id": task.id,
        "properties": properties | {"nonce": f"941{task.id[-15:]}"},
    }


def _trueai_picture(task: Task, profile: Profile, links: Links, partner: bool) -> Json:
    done, url = task.status is Status.SUCCESS, links.of(task, profile)
    failed = task.status in (Status.FAILURE, Status.CANCEL)
    pictured = done and task.artwork is not None
    return {
        "imageUrl": url,
        "baseImageUrl": None,
        "imageUrls": None,
        "thumbnailUrl": links.file(f"{task.id}-t.webp", profile) if pictured else None,
        "progress": "" if failed else _progress(task),
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
        "buttons": buttons_of(task, "trueai", partner=partner),
        "displays": _displays(task, action_of(task, "trueai")),
        "seed": None,
        "seedError": None,
        "seedMessageId": None,
        "clientIp": "192.0.2.7",
        "jobId": task.job,
    }


def _trueai_tail(task: Task, profile: Profile, links: Links) -> Json:
    art = task.artwork if task.status is Status.SUCCESS else None
    url = links.of(task, profile) if art else None
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
    tail |= {"frameCount": FRAMES if moves else None, "videoUrl": None, "videoUrls": _clips(task, profile, links)}
    tail |= {"useTime": spent, "version": f"v {read(task.final_prompt).version}", "storageOption": None}
    return tail | {"videoType": "vid_1.1_i2v_480" if moves else None, "isHdVideo": False}


def _clips(task: Task, profile: Profile, links: Links) -> list[Json] | None:
    art = task.artwork if task.status is Status.SUCCESS else None
    if art is None or not art.motion:
        return None
    form = clip_form()
    return [
        {
            "url": links.file(f"{task.id}-c{index}.{form}", profile),
            "thumbnail": links.file(f"{task.id}-c{index}.webp", profile),
        }
        for index in range(len(art.cells))
    ]


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
        "videoUrls": _clips(task, profile, links),
        "status": (Status.FAILURE if task.status is Status.CANCEL else task.status).value,
        "progress": "100%" if failed else _progress(task) or "0%",
        "failReason": task.fail_reason or "",
        "buttons": buttons_of(task, "newapi", partner=partner),
        "maskBase64": "",
        "properties": {"finalPrompt": _final_prompt(task), "finalZhPrompt": ""} if shown else None,
    }


def newapi_fresh(task: Task, profile: Profile) -> Json:
    """A task as newapi shows it before its first synchronisation (image API reference, 7.7)."""
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
    "trueai": _trueai,
    "newapi": _newapi,
}
