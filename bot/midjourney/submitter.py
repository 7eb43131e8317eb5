"""How a submit goes out: once, with its mode in its place, and what its refusal teaches about the service."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import aiohttp

from bot.midjourney import non_json_answers
from bot.midjourney.capabilities import Capabilities, ModeStyle
from bot.midjourney.error_mapping import refused
from bot.midjourney.errors import NOT_ROUTED, NotOffered, NotSent, RefusalKind, ServiceRefused
from bot.midjourney.models import Mode, SubmitAnswer, SubmitTag, UploadAccepted
from bot.midjourney.parsing import SubmitEndpoint, parse_cancel, parse_submit, parse_upload
from bot.midjourney.profiles import Feature, Quirk
from bot.midjourney.requests import (
    RequestBody,
    SubmitRequest,
    SwapRequest,
    SwapVideoRequest,
    UploadRequest,
    built,
    encoded,
)
from bot.midjourney.transport import AnswerForm, HttpAnswer, TimeLimits, Transport

_FEATURES = {
    SubmitEndpoint.BLEND: Feature.BLEND,
    SubmitEndpoint.DESCRIBE: Feature.DESCRIBE,
    SubmitEndpoint.SHORTEN: Feature.SHORTEN,
    SubmitEndpoint.ACTION: Feature.ACTION,
    SubmitEndpoint.MODAL: Feature.MODAL,
    SubmitEndpoint.CHANGE: Feature.CHANGE,
    SubmitEndpoint.SIMPLE_CHANGE: Feature.SIMPLE_CHANGE,
    SubmitEndpoint.UPLOAD: Feature.UPLOAD,
    SubmitEndpoint.SHOW: Feature.SHOW,
    SubmitEndpoint.SWAP: Feature.SWAP,
    SubmitEndpoint.SWAP_VIDEO: Feature.SWAP_VIDEO,
    SubmitEndpoint.EDITS: Feature.EDIT,
    # The older name of `edits` (docs/image-api.md#edits).
    SubmitEndpoint.EDIT: Feature.EDIT_OLDER,
    SubmitEndpoint.RETEXTURE: Feature.RETEXTURE,
    SubmitEndpoint.VIDEO: Feature.VIDEO,
}
# newapi has a channel for each kind of work; for these the endpoint and the kind are one
# (docs/image-api.md#upload).
_ONE_CHANNEL = frozenset(
    {
        Feature.BLEND,
        Feature.DESCRIBE,
        Feature.SHORTEN,
        Feature.UPLOAD,
        Feature.SWAP,
        Feature.SWAP_VIDEO,
        Feature.EDIT,
        Feature.EDIT_OLDER,
        Feature.RETEXTURE,
        Feature.VIDEO,
    }
)
Send = Callable[[str, str | None], Awaitable[SubmitAnswer]]
# Gateways that require it do not document their words; these are those of strict gateways about other fields.
_MODE = r"(?<![a-z])mode(?![a-z])"
_MODE_MISSED = re.compile(
    rf"(?:invalid|missing|required|参数).{{0,24}}{_MODE}|{_MODE}.{{0,24}}(?:invalid|missing|required|不能为空)",
    re.IGNORECASE,
)


class Sender:
    """Sends what changes something, each at most once."""

    def __init__(self, transport: Transport, limits: TimeLimits, capabilities: Capabilities) -> None:
        self._transport = transport
        self._limits = limits
        self._capabilities = capabilities
        self._prefix_proven = False

    async def submit(
        self,
        endpoint: SubmitEndpoint,
        model: type[SubmitRequest],
        fields: dict[str, Any],
        mode: Mode | None,
        tag: SubmitTag,
        *,
        asked_for: str | None = None,
    ) -> SubmitAnswer:
        """Sends a submit and reads its answer. Raises NotSent, Refused, AnswerLost.

        A refusal that tells how the service wants its mode is certain, so then it is asked once more in that way.
        """

        async def send(prefix: str, in_body: str | None) -> SubmitAnswer:
            return await self._once(endpoint, model, fields | {"mode": in_body}, prefix, tag, asked_for)

        prefix, in_body = self._placed(mode)
        try:
            return await send(prefix, in_body)
        except ServiceRefused as error:
            if not prefix or self._prefix_proven or not _is_not_routed(error):
                return await self._with_mode_in_body(send, mode, error)
        # Either the endpoint is not there, or no path with a mode before it; a prompt can say the mode itself.
        if endpoint is SubmitEndpoint.IMAGINE:
            fields = fields | {"prompt": f"{fields['prompt']} --{mode}"}
        try:
            submitted = await send("", None)
        except ServiceRefused as error:
            if not _is_not_routed(error):
                self._capabilities.switch_off_mode_prefix()
            return await self._with_mode_in_body(send, mode, error)
        self._capabilities.switch_off_mode_prefix()
        return submitted

    async def _with_mode_in_body(self, send: Send, mode: Mode | None, error: ServiceRefused) -> SubmitAnswer:
        """Asks again with the mode in the body, if a refusal was for its absence there."""
        if not self._misses_mode(error):
            raise error
        self._capabilities.apply_remote(Quirk.MODE_IN_BODY)
        return await send(*self._placed(mode))

    async def _once(
        self,
        endpoint: SubmitEndpoint,
        model: type[SubmitRequest],
        fields: dict[str, Any],
        prefix: str,
        tag: SubmitTag,
        asked_for: str | None,
    ) -> SubmitAnswer:
        feature = _FEATURES.get(endpoint)
        if feature:
            self._capabilities.require(feature)
        body = await built(model, fields | {"state": tag.state, "notify_hook": tag.notify_hook})
        path = f"{prefix}/mj/{endpoint}"
        form = await self._form_of(body)
        bare = self._capabilities.has_quirk(Quirk.BARE_PICTURES)
        json_body = await encoded(body, bare_pictures=bare) if form is None else None
        answer = await self._transport.send("POST", path, json_body=json_body, form=form, seconds=self._limits.submit)
        with self._learning(feature, answer, prefixed=bool(prefix)):
            if answer.form is not AnswerForm.JSON:
                raise non_json_answers.of_submit(answer)
            submitted = parse_submit(answer.body, http_status=answer.status, endpoint=endpoint, asked_for=asked_for)
        self._prefix_proven = self._prefix_proven or bool(prefix)
        return submitted

    async def _form_of(self, body: RequestBody) -> aiohttp.FormData | None:
        """A body that travels as a form; None for those that travel as JSON. Raises NotSent."""
        match body:
            case SwapRequest() if self._capabilities.has_quirk(Quirk.SWAP_AS_FILES):
                return await asyncio.to_thread(_swap_form, body)
            case SwapVideoRequest():
                form = aiohttp.FormData(body.model_dump(by_alias=True, exclude_none=True, mode="json"))
                form.add_field("targetFile", body.target_file, filename="target.mp4", content_type="video/mp4")
                return form
            case _:
                return None

    async def upload(self, pictures: Sequence[str]) -> UploadAccepted:
        """Sends pictures. Raises as submit does."""
        self._capabilities.require(Feature.UPLOAD)
        _, in_body = self._placed(None)
        body = await built(UploadRequest, {"base64_array": list(pictures), "mode": in_body})
        json_body = await encoded(body, bare_pictures=self._capabilities.has_quirk(Quirk.BARE_PICTURES))
        path = f"/mj/{SubmitEndpoint.UPLOAD}"
        answer = await self._transport.send("POST", path, json_body=json_body, seconds=self._limits.submit)
        with self._learning(Feature.UPLOAD, answer):
            if answer.form is not AnswerForm.JSON:
                raise non_json_answers.of_submit(answer)
            return parse_upload(answer.body, http_status=answer.status)

    async def cancel(self, task_id: str) -> None:
        """Asks to stop a task. Raises as submit does."""
        self._capabilities.require(Feature.CANCEL)
        answer = await self._transport.send("POST", f"/mj/task/{task_id}/cancel", seconds=self._limits.submit)
        with self._learning(Feature.CANCEL, answer):
            if answer.form is AnswerForm.JSON:
                parse_cancel(answer.body, http_status=answer.status)
            elif error := non_json_answers.of_cancel(answer):
                raise error

    def _misses_mode(self, error: ServiceRefused) -> bool:
        """Does a refusal say that the mode belongs into the body?"""
        told = error.kind is RefusalKind.INVALID and _MODE_MISSED.search(error.description)
        return bool(told) and self._capabilities.mode_style is not ModeStyle.BODY

    def _placed(self, mode: Mode | None) -> tuple[str, str | None]:
        """The mode as a path's prefix, and as a body's field (docs/image-api.md#modes)."""
        match self._capabilities.mode_style:
            case ModeStyle.PREFIX:
                return (f"/mj-{mode}" if mode else ""), None
            case ModeStyle.BODY if mode is Mode.TURBO:
                raise refused(RefusalKind.NOT_OFFERED, "the service has no turbo mode")
            case ModeStyle.BODY:
                return "", (mode or Mode.FAST).upper()
            case ModeStyle.NONE:
                return "", None

    @contextmanager
    def _learning(self, feature: Feature | None, answer: HttpAnswer, *, prefixed: bool = False) -> Iterator[None]:
        """Keeps what a refusal tells about the service."""
        try:
            yield
        except ServiceRefused as error:
            error.retry_after = error.retry_after or answer.retry_after
            if isinstance(error, NotOffered) and error.kind is RefusalKind.NOT_OFFERED:
                self._learn(feature, error.http_status, prefixed=prefixed)
            raise

    def _learn(self, feature: Feature | None, http_status: int, *, prefixed: bool) -> None:
        if http_status in NOT_ROUTED and prefixed and not self._prefix_proven:
            return  # it may be the prefix that is not there
        if feature and (http_status in NOT_ROUTED or feature in _ONE_CHANNEL or feature is Feature.CANCEL):
            self._capabilities.switch_off(feature)


def _is_not_routed(error: ServiceRefused) -> bool:
    # trueai says 404 of a task that it does not know, too (docs/image-api.md#http-status).
    return isinstance(error, NotOffered) and error.not_routed


def _swap_form(body: SwapRequest) -> aiohttp.FormData:
    """A face swap as a form with files (docs/image-api.md#face-swap).

    Raises NotSent for images that cannot be decoded.
    """
    form = aiohttp.FormData()
    for name, value in body.model_dump(by_alias=True, exclude_none=True, mode="json").items():
        if not name.endswith("Base64"):
            form.add_field(name, value)
    for name, url in (("source", body.source_base64), ("target", body.target_base64)):
        head, _, data = url.partition(",")
        media_type = head.removeprefix("data:").partition(";")[0]
        try:
            picture = base64.b64decode(data, validate=True)
        except binascii.Error as error:
            raise NotSent(f"the {name} image is not base64") from error
        form.add_field(name, picture, filename=f"{name}.{media_type.partition('/')[2]}", content_type=media_type)
    return form
