"""Sends submits, each at most once, with the mode where the service expects it. Refusals update the capabilities."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import aiohttp

from bot.engines.errors import NOT_ROUTED, NotOffered, RefusalKind, ServiceRefused
from bot.engines.midjourney import non_json_answers
from bot.engines.midjourney.capabilities import Capabilities, ModeStyle
from bot.engines.midjourney.error_mapping import refused
from bot.engines.midjourney.parsing import parse_cancel, parse_submit, parse_upload
from bot.engines.midjourney.profiles import Quirk
from bot.engines.midjourney.request_encoding import encoded, encoded_in_line
from bot.engines.midjourney.requests import (
    BodyMode,
    CommonFields,
    ImagineRequest,
    SimpleChangeRequest,
    SubmitEndpoint,
    SubmitRequest,
    TaskRequest,
    UploadRequest,
)
from bot.engines.midjourney.transport import AnswerForm, HttpAnswer, TimeLimits, Transport
from bot.engines.models import Feature, SubmitAnswer, SubmitTag, UploadAccepted
from bot.engines.options import Mode

# newapi has a channel for each kind of work. For these features, one endpoint has exactly one channel
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
_BODY_MODES: Mapping[Mode, BodyMode] = {Mode.FAST: "FAST", Mode.RELAX: "RELAX"}
# Gateways that require the mode do not document their messages. These patterns follow the messages of strict gateways
# about other fields.
_MODE = r"(?<![a-z])mode(?![a-z])"
_MODE_MISSED = re.compile(
    rf"(?:invalid|missing|required|参数).{{0,24}}{_MODE}|{_MODE}.{{0,24}}(?:invalid|missing|required|不能为空)",
    re.IGNORECASE,
)


class PreparedBody(NamedTuple):
    """The encoded body of a request, and what it depends on."""

    request: SubmitRequest
    tag: SubmitTag
    in_body: BodyMode | None
    quirks: frozenset[Quirk]
    body: bytes


class Sender:
    """Sends requests that change something, each at most once."""

    def __init__(self, transport: Transport, limits: TimeLimits, capabilities: Capabilities) -> None:
        self._transport = transport
        self._limits = limits
        self._capabilities = capabilities
        self._prefix_proven = False

    def prepared(self, request: SubmitRequest, mode: Mode | None, tag: SubmitTag) -> PreparedBody | None:
        """Encodes the body of a request; None if it contains files or large images. Raises NotSent, ServiceRefused."""
        _, in_body = self._placed(mode)
        quirks = self._capabilities.quirks
        body = encoded_in_line(request, _common(tag, in_body), quirks=quirks)
        return PreparedBody(request, tag, in_body, quirks, body) if isinstance(body, bytes) else None

    async def submit(
        self, request: SubmitRequest, mode: Mode | None, tag: SubmitTag, prepared: PreparedBody | None = None
    ) -> SubmitAnswer:
        """Sends a submit and parses its answer. Raises NotSent, ServiceRefused, AnswerLost.

        If a refusal shows that the service expects the mode elsewhere, the request was certainly not accepted. It is
        sent once more in the other form.
        """
        prefix, in_body = self._placed(mode)
        try:
            return await self._once(request, tag, prefix, in_body, prepared)
        except ServiceRefused as error:
            if not prefix or self._prefix_proven or not _is_not_routed(error):
                return await self._with_mode_in_body(request, mode, tag, error)
        # Either the endpoint or the path with a mode prefix does not exist. An imagine request can carry the mode in
        # its prompt.
        if mode and isinstance(request, ImagineRequest):
            request = request.with_mode_in_prompt(mode)
        try:
            submitted = await self._once(request, tag, "", None)
        except ServiceRefused as error:
            if not _is_not_routed(error):
                self._capabilities.switch_off_mode_prefix()
            return await self._with_mode_in_body(request, mode, tag, error)
        self._capabilities.switch_off_mode_prefix()
        return submitted

    async def _with_mode_in_body(
        self, request: SubmitRequest, mode: Mode | None, tag: SubmitTag, error: ServiceRefused
    ) -> SubmitAnswer:
        """Sends the request again with the mode in the body if the refusal says that it is missing there."""
        if not self._misses_mode(error):
            raise error
        self._capabilities.add_quirk(Quirk.MODE_IN_BODY)
        prefix, in_body = self._placed(mode)
        return await self._once(request, tag, prefix, in_body)

    async def _once(
        self,
        request: SubmitRequest,
        tag: SubmitTag,
        prefix: str,
        in_body: BodyMode | None,
        prepared: PreparedBody | None = None,
    ) -> SubmitAnswer:
        if request.feature:
            self._capabilities.require(request.feature)
        quirks = self._capabilities.quirks
        body: bytes | aiohttp.FormData
        if prepared and prepared[:4] == (request, tag, in_body, quirks):
            body = prepared.body
        else:
            body = await encoded(request, _common(tag, in_body), quirks=quirks)
        path = f"{prefix}/mj/{request.endpoint}"
        answer = await self._transport.send("POST", path, body=body, seconds=self._limits.submit)
        try:
            if answer.form is not AnswerForm.JSON:
                raise non_json_answers.of_submit(answer)
            submitted = parse_submit(
                answer.body, http_status=answer.status, endpoint=request.endpoint, named_task=task_named_by(request)
            )
        except ServiceRefused as error:
            self._note_refusal(error, request.feature, answer, prefixed=bool(prefix))
            raise
        self._prefix_proven = self._prefix_proven or bool(prefix)
        return submitted

    async def upload(self, pictures: Sequence[str]) -> UploadAccepted:
        """Sends images. Raises the errors of submit."""
        self._capabilities.require(Feature.UPLOAD)
        _, in_body = self._placed(None)
        body = UploadRequest(base64_array=list(pictures), mode=in_body)
        json_body = await encoded(body, quirks=self._capabilities.quirks)
        path = f"/mj/{SubmitEndpoint.UPLOAD}"
        answer = await self._transport.send("POST", path, body=json_body, seconds=self._limits.submit)
        try:
            if answer.form is not AnswerForm.JSON:
                raise non_json_answers.of_submit(answer)
            return parse_upload(answer.body, http_status=answer.status)
        except ServiceRefused as error:
            self._note_refusal(error, Feature.UPLOAD, answer)
            raise

    async def cancel(self, task_id: str) -> None:
        """Requests the cancellation of a task. Raises the errors of submit."""
        self._capabilities.require(Feature.CANCEL)
        answer = await self._transport.send("POST", f"/mj/task/{task_id}/cancel", seconds=self._limits.submit)
        try:
            if answer.form is AnswerForm.JSON:
                parse_cancel(answer.body, http_status=answer.status)
            elif failure := non_json_answers.of_cancel(answer):
                raise failure
        except ServiceRefused as error:
            self._note_refusal(error, Feature.CANCEL, answer)
            raise

    def _misses_mode(self, error: ServiceRefused) -> bool:
        """Whether a refusal says that the mode is missing in the body."""
        told = error.kind is RefusalKind.INVALID and _MODE_MISSED.search(error.description)
        return bool(told) and self._capabilities.mode_style is not ModeStyle.BODY

    def _placed(self, mode: Mode | None) -> tuple[str, BodyMode | None]:
        """Returns the mode as a path prefix and as a field of the body (docs/image-api.md#modes)."""
        match self._capabilities.mode_style:
            case ModeStyle.PREFIX:
                return (f"/mj-{mode}" if mode else ""), None
            case ModeStyle.BODY:
                in_body = _BODY_MODES.get(mode or Mode.FAST)
                if in_body is None:
                    raise refused(RefusalKind.NOT_OFFERED, f"the service has no {mode} mode")
                return "", in_body
            case ModeStyle.NONE:
                return "", None

    def _note_refusal(
        self, error: ServiceRefused, feature: Feature | None, answer: HttpAnswer, *, prefixed: bool = False
    ) -> None:
        """Updates the capabilities after a refusal."""
        error.retry_after = error.retry_after or answer.retry_after
        if isinstance(error, NotOffered) and error.kind is RefusalKind.NOT_OFFERED:
            self._switch_off(feature, error.http_status, prefixed=prefixed)

    def _switch_off(self, feature: Feature | None, http_status: int, *, prefixed: bool) -> None:
        if http_status in NOT_ROUTED and prefixed and not self._prefix_proven:
            return  # the prefix may be the part that does not exist
        if feature and (http_status in NOT_ROUTED or feature in _ONE_CHANNEL or feature is Feature.CANCEL):
            self._capabilities.switch_off(feature)


def _common(tag: SubmitTag, in_body: BodyMode | None) -> CommonFields:
    return CommonFields(state=tag.state, notify_hook=tag.notify_hook, mode=in_body)


def task_named_by(request: SubmitRequest) -> str | None:
    """Returns the ID of the task that a request names, or None."""
    match request:
        case TaskRequest():
            return request.task_id
        case SimpleChangeRequest():
            return request.content.partition(" ")[0]
    return None


def _is_not_routed(error: ServiceRefused) -> bool:
    # trueai sends 404 for an unknown task, too (docs/image-api.md#http-status).
    return isinstance(error, NotOffered) and error.not_routed
