"""Discord's limits are checked on what is sent, each time once, and what breaks one is not sent."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.discord_api.message_sender import MessageSender
from bot.ui.components.message_components import CheckedLayout, LimitBroken
from tests.support.stage import open_stage

ROOT = Path(__file__).resolve().parents[2]


def button(custom_id: str = "a", label: str | None = "b", **more: Any) -> discord.ui.Button[Any]:
    # Link buttons have no custom_id.
    return (
        discord.ui.Button(label=label, **more)
        if "url" in more
        else discord.ui.Button(custom_id=custom_id, label=label, **more)
    )


def texts(*contents: str) -> CheckedLayout:
    view = CheckedLayout()
    for content in contents:
        view.add_item(discord.ui.TextDisplay(content))
    return view


def row(*buttons: discord.ui.Button[Any]) -> CheckedLayout:
    view = CheckedLayout()
    view.add_item(discord.ui.ActionRow(*buttons))
    return view


def gallery(alt: str) -> CheckedLayout:
    view, pictures = CheckedLayout(), discord.ui.MediaGallery[Any]()
    pictures.add_item(media="attachment://a.png", description=alt)
    view.add_item(pictures)
    return view


def changed(view: CheckedLayout, change: Callable[[Any], None]) -> CheckedLayout:
    """The view after a change that discord.py's constructors would refuse."""
    change(view.children[0])
    return view


BROKEN: dict[str, Callable[[], CheckedLayout]] = {
    "text": lambda: texts("x" * 2_500, "y" * 1_501),
    "bytes of text": lambda: texts("画" * 3_400),
    "a text without words": lambda: texts("a", ""),
    "custom_id used twice": lambda: row(button("a"), button("a")),
    "a button without caption": lambda: row(button(label=None)),
    "label": lambda: row(button(label="x" * 81)),
    "url": lambda: row(button(url="https://a.example/" + "x" * 500)),
    "custom_id": lambda: changed(row(button()), lambda row: setattr(row.children[0], "custom_id", "x" * 101)),
    "row": lambda: changed(row(button()), lambda row: row.clear_items()),
    "gallery": lambda: changed(gallery("a"), lambda gallery: gallery.clear_items()),
    "alt text": lambda: gallery("x" * 1_025),
}


@pytest.mark.parametrize("limit", BROKEN)
def test_each_limit_is_named_when_it_is_broken(limit: str) -> None:
    with pytest.raises(LimitBroken, match=limit):
        BROKEN[limit]().to_components()


def test_what_is_within_the_limits_is_what_discord_py_makes() -> None:
    plain = discord.ui.LayoutView(timeout=None)
    plain.add_item(discord.ui.TextDisplay("x" * 4_000))
    assert texts("x" * 4_000).to_components() == plain.to_components()  # type: ignore[no-untyped-call] # untyped there


@pytest.mark.parametrize("with_message", [True, False], ids=["edited", "new"])
async def test_what_breaks_a_limit_is_not_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_message: bool
) -> None:
    async with open_stage(tmp_path, monkeypatch) as stage:
        task = await stage.task()
        if with_message:
            await stage.shown(task)
        else:
            await stage.row(task)
        (message,) = await stage.store.messages.for_task(task.id)
        before = len(stage.local.requests)
        with pytest.raises(LimitBroken):
            await MessageSender(stage.client).upsert(message, BROKEN["label"](), None)
        assert len(stage.local.requests) == before


@pytest.mark.parametrize("with_message", [True, False], ids=["edited", "new"])
async def test_the_components_are_made_once_for_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_message: bool
) -> None:
    made = 0

    class Counted(CheckedLayout):
        def to_components(self) -> list[dict[str, Any]]:
            nonlocal made
            made += 1
            return super().to_components()

    view = Counted()
    view.add_item(discord.ui.TextDisplay("a paper boat"))
    async with open_stage(tmp_path, monkeypatch) as stage:
        task = await stage.task()
        await (stage.shown(task) if with_message else stage.row(task))
        (message,) = await stage.store.messages.for_task(task.id)
        await MessageSender(stage.client).upsert(message, view, None)
    assert made == 1


def test_every_layout_of_the_bot_checks_its_limits() -> None:
    sources = [*(ROOT / "bot").rglob("*.py"), *(ROOT / "cogs").rglob("*.py")]
    calls = [
        node for path in sources for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)
    ]
    assert calls
    assert [ast.unparse(call) for call in calls if ast.unparse(call.func).endswith("LayoutView")] == []
