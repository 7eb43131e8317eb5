"""The panel of found images, and a full *Task info*: no limit of Discord's is broken, and every part is recognized."""

from __future__ import annotations

import dataclasses
from typing import Any

import discord
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.components.custom_ids import LIKE_PATTERN, SEARCH_PATTERN, WRITING_PATTERN
from bot.ui.components.message_components import CONTROL_PATTERN
from bot.ui.panels.task_info import MAX_CHILDREN, Family, info_panel
from bot.ui.search.found_images import IMAGES_PER_PAGE, FoundPage, found_images
from playground.discord import walk
from playground.discord.components import check_components
from playground.discord.forms import Form
from storage import Action, Request, SavedSearch, Task, TaskState
from tests.support.cards import a_task, components_of, texts
from tests.support.languages import ENGLISH

PATTERNS = (CONTROL_PATTERN, LIKE_PATTERN, SEARCH_PATTERN, WRITING_PATTERN)
LINK = "https://discord.com/channels/1100000000000000001/1100000000000000002/1100000000000000003"


def image(task_id: str, prompt: str) -> Task:
    request = Request(Action.IMAGINE, prompt=prompt)
    return dataclasses.replace(a_task(TaskState.SUCCESS, request=request), id=task_id)


def images(prompts: list[str]) -> list[Task]:
    return [image(f"task{number}", prompt) for number, prompt in enumerate(prompts)]


def seen(view: discord.ui.LayoutView, tasks: list[Task]) -> list[dict[str, Any]]:
    """All components, after Discord's checks."""
    files = [f"thumbnail-{task.id}.jpg" for task in tasks]
    message = Form({"components": components_of(view)})
    check_components(message, layout=True, files=files)
    message.finish()
    components = walk(components_of(view))
    for custom_id in [each["custom_id"] for each in components if "custom_id" in each]:
        assert [pattern for pattern in PATTERNS if pattern.fullmatch(custom_id)]
    return components


def a_search(words: str, *, like: str | None = None, by_meaning: bool = True, missing: int = 0) -> SavedSearch:
    return SavedSearch("0123456789ab", 9, words, like, True, (), by_meaning, missing, 1000.0)


@given(
    st.lists(st.text(max_size=2_000), max_size=IMAGES_PER_PAGE),
    st.text(max_size=300),
    st.one_of(st.none(), st.just("a" * 20)),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0, 10**6]),
)
def test_no_page_breaks_a_limit(
    prompts: list[str], words: str, like: str | None, in_server: bool, by_meaning: bool, missing: int
) -> None:
    tasks = images(prompts)
    page = FoundPage(
        a_search(words, like=like, by_meaning=by_meaning, missing=missing),
        tasks,
        page=9,
        pages=10,
        in_server=in_server,
        links={task.id: LINK for task in tasks},
        thumbnails={task.id: b"jpeg" for task in tasks},
    )
    seen(found_images(page, ENGLISH), tasks)


def test_words_and_prompts_cannot_forge_anything() -> None:
    tasks = images(["# big\n@everyone [click](https://evil.example)"])
    panel = found_images(FoundPage(a_search("**x** <@55> [a](b)"), tasks, 0, 1, in_server=False), ENGLISH)
    text = texts(panel)
    assert "\\*\\*x\\*\\*" in text
    assert "<@55>" not in text
    assert "[click](" not in text


def test_a_full_task_info_breaks_no_limit() -> None:
    task, parent = image("task", "a fox"), image("parent", "a fox")
    children = images(["a fox"] * (MAX_CHILDREN + 5))
    everything = [task, parent, *children]
    family = Family(
        task,
        parent,
        children,
        seeds=True,
        deletable=True,
        improvable=True,
        describable=True,
        comparable=True,
        thumbnails={each.id: b"jpeg" for each in everything},
    )
    components = seen(info_panel(family, ENGLISH), everything)
    assert "More like this" in [each.get("label") for each in components]
