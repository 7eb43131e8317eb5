"""Attachment links are refreshed as Discord refreshes them."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from playground.discord import Attachment, LocalDiscord, UploadedFile
from tests.support.openapi import OpenApi

PATH = "/attachments/refresh-urls"


async def posted(local: LocalDiscord) -> tuple[Attachment, str]:
    message = await local.person("ada").say(
        local.channel("studio"), "", [UploadedFile("a b.txt", "text/plain", b"words")]
    )
    attachment = message.attachments[0]
    return attachment, f"{local.base_url}/attachments/{attachment.channel_id}/{attachment.id}/a_b.txt"


async def test_a_link_is_refreshed_whatever_its_signature_and_others_are_not(
    call: Any, local: LocalDiscord, http: aiohttp.ClientSession, spec: OpenApi | None
) -> None:
    _, link = await posted(local)
    links = [link, f"{link}?ex=1&is=1&hm=1", link.replace("a_b", "c"), "https://elsewhere.example/cat.png", "cat"]
    reply = await call("POST", PATH, {"attachment_urls": links})
    assert reply.status == 200
    refreshed = reply.body["refreshed_urls"]
    assert [each["original"] for each in refreshed] == links
    assert [each["refreshed"] is None for each in refreshed] == [False, False, True, True, True]
    assert not spec or not spec.check_answer("POST", PATH, 200, reply.body)
    for each in refreshed[:2]:
        async with http.get(each["refreshed"]) as answer:
            assert await answer.read() == b"words"


@pytest.mark.parametrize("body", [{}, {"attachment_urls": []}, {"attachment_urls": ["x"] * 51}, {"attachment_urls": 5}])
async def test_an_invalid_list_of_links_is_refused(call: Any, spec: OpenApi | None, body: dict[str, Any]) -> None:
    reply = await call("POST", PATH, body)
    assert (reply.status, reply.body["code"]) == (400, 50035)
    assert not spec or spec.check("POST", PATH, body)


async def test_only_the_bot_refreshes_links(call: Any) -> None:
    reply = await call("POST", PATH, {"attachment_urls": ["x"]}, headers={"Authorization": "Bot wrong"})
    assert reply.status == 401
