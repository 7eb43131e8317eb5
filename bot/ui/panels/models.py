"""The panel of `/models`: what works here now, by kind, with prices where they are known. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord

from bot.i18n import Translator
from bot.platform.prices import Price
from bot.platform.roles import Role
from bot.ui.components.custom_ids import ListControl, ModelsId
from bot.ui.components.dynamic_items import ModelsItem
from bot.ui.components.markdown import escape_markdown, relative_time
from bot.ui.components.message_components import CheckedLayout
from bot.ui.panels.task_list import COLOUR

# Lines of one page, headings included. With names of the greatest length they stay within a message's limit.
LINES = 20
MAX_NAME = 100
# More models are only counted.
MAX_MODELS = 1_000


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OfferedModels:
    """What works here now.

    `engines`: the image engines, the default first. `chat`: the models to talk to. `roles`: the model used for each
    other purpose. `prices`: list prices by model. `read_at`: when the list was read, in unix seconds; None if it is
    from an earlier run. `credit`: a text on what is left, for people who may see it. `has_platform`: there are models
    besides Midjourney's.
    """

    engines: Sequence[str]
    default: str | None = None
    chat: Sequence[str] = ()
    roles: Mapping[Role, str] = field(default_factory=dict)
    prices: Mapping[str, Price] = field(default_factory=dict)
    read_at: float | None = None
    credit: str | None = None
    has_platform: bool = True


def models_panel(offered: OfferedModels, key: ModelsId, t: Translator) -> discord.ui.LayoutView:
    """The panel with the page of `key`, or the last one if there are fewer."""
    lines = list(_lines(offered, t))
    pages = [lines[start : start + LINES] for start in range(0, len(lines), LINES)]
    page = min(key.page, len(pages) - 1)
    view = CheckedLayout()
    container: discord.ui.Container[Any] = discord.ui.Container(accent_colour=COLOUR)
    container.add_item(discord.ui.TextDisplay(t("models.head")))
    container.add_item(discord.ui.TextDisplay("\n".join(pages[page])))
    container.add_item(discord.ui.TextDisplay("\n".join(_footer(offered, t))))
    container.add_item(discord.ui.ActionRow(*_controls(page, len(pages), t)))
    view.add_item(container)
    return view


def price_text(price: Price | None, t: Translator) -> str:
    """A price in words, "" if it is not known."""
    return t(f"models.price.{price.unit}", amount=price.number) if price else ""


def _lines(offered: OfferedModels, t: Translator) -> Iterator[str]:
    yield t("models.images")
    for name in offered.engines:
        yield _entry(name, offered, t, note=t("models.default") if name == offered.default else "")
    if not offered.engines:
        yield t("models.none")
    if not offered.has_platform:
        return
    yield t("models.uses")
    for role in Role:
        use = t(f"models.role.{role}")
        model = offered.roles.get(role)
        yield _entry(model, offered, t, use=use) if model else t("models.unavailable", use=use)
    if offered.chat:
        yield t("models.chat")
    for name in offered.chat[:MAX_MODELS]:
        yield _entry(name, offered, t)
    if len(offered.chat) > MAX_MODELS:
        yield t("models.more", count=len(offered.chat) - MAX_MODELS)


def _entry(name: str, offered: OfferedModels, t: Translator, *, use: str = "", note: str = "") -> str:
    shown = f"**{escape_markdown(name, MAX_NAME, t)}**"
    price = price_text(offered.prices.get(name), t)
    return "- " + " · ".join(part for part in (f"{use}: {shown}" if use else shown, note, price) if part)


def _footer(offered: OfferedModels, t: Translator) -> Iterator[str]:
    if offered.credit is not None:
        yield offered.credit
    if offered.prices:
        yield t("models.list_prices")
    if not offered.has_platform:
        yield t("models.no_platform")
    elif offered.read_at is None:
        yield t("models.not_read")
    else:
        yield t("models.read", time=relative_time(offered.read_at))


def _controls(page: int, pages: int, t: Translator) -> Iterator[ModelsItem]:
    def control(part: ListControl, number: int, **looks: Any) -> ModelsItem:
        return ModelsItem.make(ModelsId(part, number), discord.ui.Button(**looks))

    if pages > 1:
        back, here, on = max(0, page - 1), t("button.page", page=page + 1, pages=pages), min(pages - 1, page + 1)
        yield control(ListControl.BACK, back, label=t("button.back"), emoji="◀️", disabled=page == 0)
        yield control(ListControl.PAGE_LABEL, page, label=here, disabled=True)
        yield control(ListControl.ON, on, label=t("button.next"), emoji="▶️", disabled=page + 1 >= pages)
    yield control(ListControl.AGAIN, page, label=t("button.refresh"), emoji="🔄")
