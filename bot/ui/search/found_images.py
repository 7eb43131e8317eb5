"""Found images: a page of them with a button each, what was searched, and buttons to change the page. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord

from bot.i18n import Translator
from bot.ui.cards.card import headline, made_by
from bot.ui.components.custom_ids import LikeId, ListControl, SearchId
from bot.ui.components.dynamic_items import ControlButton, LikeButton, SearchItem
from bot.ui.components.markdown import escape_markdown, relative_time
from bot.ui.components.message_components import CheckedLayout, Control, ControlId
from bot.ui.panels.task_list import COLOUR, MAX_HEADLINE, state_words
from bot.ui.panels.thumbnails import with_thumbnail
from storage import SavedSearch, Task, TaskId

# An image takes six components (section, text, thumbnail, row, two buttons). Five images and everything else on a page
# take 39 of the 40 components that Discord allows.
IMAGES_PER_PAGE = 5
# The values of the select of what is searched.
OWN, SERVER = "own", "server"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FoundPage:
    """The content of a page. `tasks`: those of the page. `pages`: number of pages. `in_server`: the reader is in a
    server, whose images can be searched. `links`: URLs of the tasks' messages. `thumbnails`: JPEGs."""

    search: SavedSearch
    tasks: Sequence[Task]
    page: int
    pages: int
    in_server: bool
    links: Mapping[TaskId, str] = field(default_factory=dict)
    thumbnails: Mapping[TaskId, bytes] = field(default_factory=dict)


def found_images(page: FoundPage, t: Translator) -> discord.ui.LayoutView:
    """The panel for a page."""
    view = CheckedLayout()
    container: discord.ui.Container[Any] = discord.ui.Container(accent_colour=COLOUR)
    container.add_item(discord.ui.TextDisplay(_title(page, t)))
    for task in page.tasks:
        for item in _entry(task, page, t):
            container.add_item(item)
    if notes := list(_notes(page, t)):
        container.add_item(discord.ui.TextDisplay("\n".join(notes)))
    if page.in_server:
        container.add_item(discord.ui.ActionRow(_scopes(page.search, t)))
    if page.pages > 1:
        container.add_item(discord.ui.ActionRow(*_turners(page, t)))
    view.add_item(container)
    return view


def _title(page: FoundPage, t: Translator) -> str:
    search = page.search
    if search.like:
        return t("find.like", task=search.like)
    return t("find.title", words=escape_markdown(search.words, 200, t))


def _entry(task: Task, page: FoundPage, t: Translator) -> Iterator[discord.ui.Item[Any]]:
    facts = [
        f"**{escape_markdown(made_by(task.request, t), 80, t)}**",
        state_words(task, t),
        relative_time(task.created_at),
    ]
    if task.owner_id != page.search.user_id:
        facts.append(f"<@{task.owner_id}>")
    facts.append(f"`{task.id}`")
    if link := page.links.get(task.id):
        jump = t("list.jump")
        facts.append(f"[{jump}]({link})")
    text = f"{escape_markdown(headline(task, t), MAX_HEADLINE, t)}\n-# {' · '.join(facts)}"
    yield with_thumbnail(text, task, page.thumbnails, t)
    show = ControlButton.make(ControlId(task.id, Control.SHOW), label=t("button.show"))
    yield discord.ui.ActionRow(show, LikeButton.make(LikeId(task.id), label=t("button.like")))


def _notes(page: FoundPage, t: Translator) -> Iterator[str]:
    if not page.tasks:
        yield t("find.nothing")
    if not page.search.by_meaning:
        yield t("find.by_words")
    elif page.search.missing:
        yield t("find.missing", count=f"{page.search.missing:,}")


def _scopes(search: SavedSearch, t: Translator) -> SearchItem:
    options = [
        discord.SelectOption(label=t("find.server"), value=SERVER, default=search.in_server),
        discord.SelectOption(label=t("find.own"), value=OWN, default=not search.in_server),
    ]
    return SearchItem.make(SearchId(search.id, ListControl.KIND), discord.ui.Select(options=options))


def _turners(page: FoundPage, t: Translator) -> list[SearchItem]:
    def turner(control: ListControl, to: int, **looks: Any) -> SearchItem:
        return SearchItem.make(SearchId(page.search.id, control, to), discord.ui.Button(**looks))

    first, last = page.page == 0, page.page + 1 >= page.pages
    here = t("button.page", page=page.page + 1, pages=page.pages)
    return [
        turner(ListControl.BACK, max(0, page.page - 1), label=t("button.back"), emoji="◀️", disabled=first),
        turner(ListControl.PAGE_LABEL, page.page, label=here, disabled=True),
        turner(ListControl.ON, page.page + 1, label=t("button.next"), emoji="▶️", disabled=last),
    ]
