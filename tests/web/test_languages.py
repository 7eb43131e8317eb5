"""The region editor speaks the language of its link's person, whatever goes wrong."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from bot.i18n import add_catalogs, catalogs
from bot.ui.components.message_components import ActionId, ModalKind
from tests.support.languages import ENGLISH
from tests.support.machine import an_origin
from tests.web.conftest import Site

DUTCH = """
[mask_editor]
title = "Kies een deel"
unreadable = "Dat kan ik niet lezen."

[refused]
no_picture_to_mask = "Er is geen beeld."
"""


@pytest.fixture(autouse=True)
def dutch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "catalogs"
    folder.mkdir()
    (folder / "nl.toml").write_text(DUTCH, encoding="utf-8")
    monkeypatch.setattr(catalogs, "_catalogs", dict(catalogs._catalogs))
    add_catalogs(folder)


async def link_for(site: Site, locale: str) -> str:
    """A link to an image that is not there."""
    task = await site.machine.taken()
    key = ActionId(task.id, "abcdefgh", ModalKind.REGION)
    invitation = await site.mask_editor.create_link(dataclasses.replace(an_origin(), locale=locale), key, None)
    return site.url + invitation.url.removeprefix("http://127.0.0.1")


@pytest.mark.parametrize(
    ("locale", "title", "unreadable", "no_image"),
    [
        ("nl", "Kies een deel", "Dat kan ik niet lezen.", "Er is geen beeld."),
        (
            "en-GB",
            ENGLISH("mask_editor.title"),
            ENGLISH("mask_editor.unreadable"),
            ENGLISH("refused.no_picture_to_mask"),
        ),
    ],
)
async def test_the_page_and_its_errors_are_in_the_persons_language(
    site: Site, locale: str, title: str, unreadable: str, no_image: str
) -> None:
    site.machine.images.hold()
    link = await link_for(site, locale)
    session, headers = site.machine.session, {"Cookie": "painter=me", "Content-Type": "application/json"}
    async with session.get(link) as page:
        assert title in await page.text()
    async with session.post(f"{link}/open", data=b"{}", headers=headers) as opened:
        assert opened.status == 200
    async with session.post(f"{link}/mask", data=b"{", headers=headers) as answer:
        assert (answer.status, (await answer.json())["message"]) == (400, unreadable)
    async with session.get(f"{link}/picture", headers=headers) as answer:
        assert (answer.status, (await answer.json())["message"]) == (502, no_image)


async def test_before_a_link_is_known_the_answer_is_in_the_default_language(site: Site) -> None:
    _, answer = await site.post(f"{site.url}/paint/nothing/mask")
    assert json.loads(answer)["message"] == ENGLISH("mask_editor.closed_unknown")
