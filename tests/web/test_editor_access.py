"""What is painted on a picture of another channel is sent: the press was allowed when the link was made."""

from __future__ import annotations

import dataclasses

import pytest

from bot.engines.registry import digest
from bot.tasks.errors import UserError
from bot.tasks.policy import Access
from bot.ui.components.message_components import ActionId, ModalKind
from storage import StoredButton, TaskState, TaskUpdate
from tests.support.machine import an_origin
from tests.support.pictures import png_bytes
from tests.web.conftest import MakeSite

ADA, BOB = 7, 8
HERE, OTHER_CHANNEL, OTHER_SERVER = 2, 3, 9
REGION = "MJ::Inpaint::1::uuid::SOLO"


@pytest.mark.parametrize(("guild_id", "sent"), [(1, True), (OTHER_SERVER, False)])
async def test_a_link_presses_for_the_channels_of_the_server_that_it_was_made_in(
    make_site: MakeSite, guild_id: int, *, sent: bool
) -> None:
    site = await make_site()
    machine = site.machine
    task = await machine.taken(by=ADA)
    button = StoredButton(REGION, "Vary (Region)")
    await machine.store.tasks.move(task.id, TaskUpdate(TaskState.SUCCESS, buttons=(button,)), machine.clock())
    bob = dataclasses.replace(
        an_origin(BOB), guild_id=guild_id, channel_id=OTHER_CHANNEL, access=lambda channel: Access(view=channel == HERE)
    )
    made = await site.mask_editor.create_link(bob, ActionId(task.id, digest(REGION), ModalKind.REGION), None)
    link = await machine.store.mask_editor_links.get(made.link_id)
    assert link is not None
    code = None
    try:
        await site.mask_editor.submit(link, "a hat", png_bytes())
    except UserError as error:
        code = error.code
    assert (code == "no_such_task") is not sent
    assert (machine.images.submits[-1].endpoint == "submit/action") is sent
