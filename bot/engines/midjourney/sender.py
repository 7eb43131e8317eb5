"""Requests that change something and are no submits: uploads and cancels, and the parsing of their answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.engines.errors import AnswerLost, ServiceRefused
from bot.engines.midjourney import http_answers
from bot.engines.midjourney.capabilities import encoded
from bot.engines.midjourney.envelopes import ListEnvelope, ResultEnvelope, of_result
from bot.engines.midjourney.http_answers import AnswerForm
from bot.engines.midjourney.requests import SubmitEndpoint, UploadRequest
from bot.engines.midjourney.submitter import TAKEN, SubmitSender, opened
from bot.engines.models import Feature, UploadAccepted
from bot.net.untrusted_data import sequence, web_address


class Sender(SubmitSender):
    """Sends all requests that change something, each at most once."""

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
                raise http_answers.of_submit(answer)
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
            elif failure := http_answers.of_cancel(answer):
                raise failure
        except ServiceRefused as error:
            self._note_refusal(error, Feature.CANCEL, answer)
            raise


def parse_upload(body: Any, *, http_status: int) -> UploadAccepted:
    """Parses the answer to an upload, whose result is an array of URLs (docs/image-api.md#upload).

    Raises the errors of parse_submit.
    """
    answer = opened(body, http_status, SubmitEndpoint.UPLOAD)
    if isinstance(answer, ResultEnvelope) and answer.code not in TAKEN:
        raise of_result(answer, http_status, has_parent=False)
    found = (
        answer.items
        if isinstance(answer, ListEnvelope)
        else answer.result
        if isinstance(answer, ResultEnvelope)
        else None
    )
    entries = [found] if isinstance(found, str) else sequence(found)
    urls = tuple(url for url in map(web_address, entries) if url)
    if not urls or len(urls) < len(entries):
        raise AnswerLost("the upload was accepted without a URL for each image")
    return UploadAccepted(urls)


def parse_cancel(body: Any, *, http_status: int) -> None:
    """Parses the answer to a cancel. No error means success (docs/image-api.md#cancel). Raises the errors of
    parse_submit."""
    answer = opened(body, http_status, "cancel")
    if isinstance(answer, ResultEnvelope) and answer.code not in TAKEN:
        raise of_result(answer, http_status, has_parent=True)
