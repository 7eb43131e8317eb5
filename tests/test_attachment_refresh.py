"""The refreshing of links at Discord, through discord.py."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.discord_api import attachment_refresh
from bot.discord_api.attachment_refresh import file_hosts, refresh_links
from bot.tasks.requests import DiscordUnreachable
from playground.discord import UploadedFile
from tests.support.stage import Stage, open_stage


@pytest.fixture
async def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path, monkeypatch) as stage:
        yield stage


async def link_of(stage: Stage) -> str:
    message = await stage.local.person("ada").say(stage.studio, "", [UploadedFile("a.txt", "text/plain", b"words")])
    attachment = message.attachments[0]
    return f"{stage.local.base_url}/attachments/{attachment.channel_id}/{attachment.id}/a.txt"


async def test_a_link_is_refreshed_and_one_without_a_file_is_left_out(stage: Stage) -> None:
    link = await link_of(stage)
    fresh = await refresh_links(stage.client.http, [link, f"{link}.zip"])
    assert fresh.keys() == {link}
    assert "hm=" in fresh[link]


@pytest.mark.parametrize("status", [403, 404])
async def test_a_refusal_refreshes_nothing(stage: Stage, status: int) -> None:
    stage.local.fail_next("POST", "refresh-urls", status=status)
    assert await refresh_links(stage.client.http, [await link_of(stage)]) == {}


async def test_a_session_that_is_closed_reaches_nobody(stage: Stage) -> None:
    link = await link_of(stage)
    await stage.client.http.close()
    with pytest.raises(DiscordUnreachable):
        await refresh_links(stage.client.http, [link])


async def test_an_answer_that_does_not_come_is_not_waited_for(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachment_refresh, "REFRESH_SECONDS", 0.2)
    began = time.monotonic()
    with stage.local.hold("refresh-urls"), pytest.raises(DiscordUnreachable):
        await refresh_links(stage.client.http, [await link_of(stage)])
    assert time.monotonic() - began < 5


def test_files_are_at_discords_own_hosts_unless_its_api_is_elsewhere() -> None:
    assert file_hosts("https://discord.com/api/v10") == []
    assert file_hosts("http://127.0.0.1:8080/api/v10") == ["127.0.0.1:8080"]
