"""The endpoints of the image API that change something."""

from __future__ import annotations

from enum import StrEnum


class SubmitEndpoint(StrEnum):
    """Endpoints with a request body that change something. The value is the path below `/mj`."""

    IMAGINE = "submit/imagine"
    BLEND = "submit/blend"
    DESCRIBE = "submit/describe"
    SHORTEN = "submit/shorten"
    ACTION = "submit/action"
    MODAL = "submit/modal"
    CHANGE = "submit/change"
    SIMPLE_CHANGE = "submit/simple-change"
    UPLOAD = "submit/upload-discord-images"
    EDITS = "submit/edits"
    EDIT = "submit/edit"
    RETEXTURE = "submit/retexture"
    VIDEO = "submit/video"
    SHOW = "submit/show"
    SWAP = "insight-face/swap"
    SWAP_VIDEO = "insight-face/video-swap"
