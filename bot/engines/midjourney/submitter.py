"""Sends submits, each at most once, with the mode where the service expects it, and parses their answers
(docs/image-api.md#submit-answers). Refusals update the capabilities.

Only this module distinguishes the two meanings of code 21, and the 21 that newapi replaces with 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import aiohttp

from bot.engines.errors import NOT_ROUTED, AnswerLost, NotOffered, RefusalKind, ServiceRefused, Unreadable
from bot.engines.midjourney import http_answers
from bot.engines.midjourney.capabilities import Capabilities, ModeStyle, encoded, encoded_in_line
from bot.engines.midjourney.envelopes import (
    Envelope,
    FilteredEnvelope,
    ProblemEnvelope,
    ResultEnvelope,
    TaskBody,
    of_filter,
    of_problem,
    of_result,
    refused,
)
from bot.engines.midjourney.http_answers import AnswerForm, HttpAnswer
from bot.engines.midjourney.profiles import Quirk
from bot.engines.midjourney.requests import (
    BodyMode,
    CommonFields,
    ImagineRequest,
    SimpleChangeRequest,
    SubmitEndpoint,
    SubmitRequest,
    TaskRequest,
)
from bot.engines.midjourney.task_answers import read_task
from bot.engines.midjourney.task_parsing import open_body, status_of, valid_task_id
from bot.engines.midjourney.transport import TimeLimits, Transport
from bot.engines.models import (
    AlreadyExists,
    Feature,
    ModalRequired,
    RemoteStatus,
    SubmitAccepted,
    SubmitAnswer,
    SubmitTag,
)
from bot.engines.options import Mode
from bot.net.untrusted_data import number, text, web_address

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

ACCEPTED, NOT_FOUND, MODAL_OR_EXISTS, QUEUED = 1, 3, 21, 22
# *Imagine all* starts one task per line (docs/image-api.md#text-buttons), and some services expand a prompt into more.
MAX_TASKS = 20
# Only some gateways send 0 (docs/image-api.md#result-codes).
TAKEN = (0, ACCEPTED, MODAL_OR_EXISTS, QUEUED)


class PreparedBody(NamedTuple):
    """The encoded body of a request, and what it depends on."""

    request: SubmitRequest
    tag: SubmitTag
    in_body: BodyMode | None
    quirks: frozenset[Quirk]
    body: bytes


class SubmitSender:
    """Sends submits, each at most once."""

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
                raise http_answers.of_submit(answer)
            submitted = parse_submit(
                answer.body, http_status=answer.status, endpoint=request.endpoint, named_task=task_named_by(request)
            )
        except ServiceRefused as error:
            self._note_refusal(error, request.feature, answer, prefixed=bool(prefix))
            raise
        self._prefix_proven = self._prefix_proven or bool(prefix)
        return submitted

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


def parse_submit(
    body: Any, *, http_status: int, endpoint: SubmitEndpoint, named_task: str | None = None
) -> SubmitAnswer:
    """Parses the answer to a submit. `named_task` is the ID of the task that the request names, if any: the answer to a
    modal repeats it.

    Raises ServiceRefused if the submit was certainly not accepted, AnswerLost if the answer is ambiguous.
    """
    match opened(body, http_status, endpoint):
        case TaskBody() as task_body:
            return _of_task(task_body, endpoint)
        case ResultEnvelope() as result if result.code in TAKEN and http_status < 400:
            return _of_result(result, endpoint, named_task)
        case ResultEnvelope() as result:
            raise of_result(result, http_status, has_parent=named_task is not None)
        case other:
            raise AnswerLost(f"{endpoint}: HTTP {http_status} with {type(other).__name__.lower()} as the answer")


def opened(body: Any, http_status: int, endpoint: str) -> Envelope:
    """Returns the envelope of an answer. Raises the errors of parse_submit."""
    try:
        envelope = open_body(body)
    except Unreadable as error:
        raise AnswerLost(f"{endpoint}: HTTP {http_status}, {error}") from error
    match envelope:
        case ProblemEnvelope():
            raise of_problem(envelope, http_status)
        case FilteredEnvelope():
            raise of_filter(envelope, http_status)
    return envelope


def _of_task(body: TaskBody, endpoint: SubmitEndpoint) -> SubmitAnswer:
    try:
        task = read_task(body.fields)
    except Unreadable as error:
        raise AnswerLost(f"{endpoint}: {error}") from error
    if task.status is RemoteStatus.WAITING_USER:
        return ModalRequired(task.id, task.final_prompt or None)
    return SubmitAccepted(task.id, task_ids=(task.id,))


def _of_result(result: ResultEnvelope, endpoint: SubmitEndpoint, named_task: str | None) -> SubmitAnswer:
    given = text(result.result).split(",", MAX_TASKS)[:MAX_TASKS]
    task_ids = tuple(filter(None, map(valid_task_id, given)))
    if not task_ids and endpoint is SubmitEndpoint.MODAL and named_task:
        task_ids = (named_task,)
    if not task_ids:
        raise AnswerLost(f"{endpoint}: code {result.code} without a valid task id")
    if _is_modal(result, endpoint):
        return ModalRequired(task_ids[0], text(result.properties.get("finalPrompt")).strip() or None)
    if result.code == MODAL_OR_EXISTS and endpoint is not SubmitEndpoint.MODAL:
        status = result.properties.get("status")
        image_url = web_address(result.properties.get("imageUrl"))
        return AlreadyExists(task_ids[0], image_url, None if status is None else status_of(status))
    # newapi replaces 22 with 1 and leaves the rest of the body unchanged, so the queue position is valid for any code
    # (docs/image-api.md#submit-answers).
    ahead = number(result.properties.get("numberOfQueues"))
    return SubmitAccepted(task_ids[0], ahead if ahead is not None and ahead >= 0 else None, task_ids)


def _is_modal(result: ResultEnvelope, endpoint: SubmitEndpoint) -> bool:
    """Whether the new task waits for its modal (docs/image-api.md#code-21 and #rewritten-codes)."""
    properties = result.properties
    if endpoint is SubmitEndpoint.MODAL or result.code == QUEUED:
        return False  # a modal was just confirmed, or the task is already in the queue
    if properties.get("remix") is True:
        return True
    if result.code == MODAL_OR_EXISTS:
        if properties.get("finalPrompt") is not None:
            return True
        if (status := properties.get("status")) is not None:
            return status_of(status) is RemoteStatus.WAITING_USER
        return endpoint is SubmitEndpoint.ACTION and not properties.get("imageUrl")
    words = result.description.lower()
    return "confirm" in words and "window" in words
