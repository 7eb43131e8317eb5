"""Panels: whatever the tasks hold, none breaks a limit of Discord's, and every part is found again by its custom_id."""

from __future__ import annotations

import dataclasses
from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engines.midjourney.buttons import complete
from bot.engines.registry import caption
from bot.platform.prices import Price, PriceUnit
from bot.platform.roles import Role
from bot.tasks.user_defaults import MAX_SUFFIX
from bot.ui.cards.card import headline, made_by
from bot.ui.components.custom_ids import (
    LIST_PATTERN,
    MAX_WORDS,
    MODELS_PATTERN,
    SETTING_PATTERN,
    ListControl,
    ListId,
    ListScope,
    ModelsId,
    Setting,
    SettingId,
    TaskFilter,
)
from bot.ui.components.message_components import ACTION_PATTERN, CONTROL_PATTERN
from bot.ui.panels.models import LINES, OfferedModels, models_panel
from bot.ui.panels.queue import Queue, queue_panel
from bot.ui.panels.task_info import Family, info_panel
from bot.ui.panels.task_list import PAGE, TaskPage, task_list
from bot.ui.panels.user_settings import chosen, settings_panel, suffix_modal
from playground.discord import walk
from playground.discord.components import check_components
from playground.discord.forms import Form
from storage import Action, Request, StoredButton, Task, TaskResult, TaskState, UserDefaults
from tests.support.cards import a_task, components_of, texts
from tests.support.languages import ENGLISH

PATTERNS = (ACTION_PATTERN, CONTROL_PATTERN, LIST_PATTERN, MODELS_PATTERN, SETTING_PATTERN)

any_text = st.one_of(st.text(max_size=40), st.text(max_size=40).map(lambda text: text * 100))
any_task = st.builds(
    a_task,
    st.sampled_from(list(TaskState)),
    request=st.builds(
        Request,
        action=st.sampled_from(list(Action)),
        prompt=any_text,
        label=any_text,
        custom_id=st.one_of(st.none(), st.text(max_size=50)),
        options=st.sampled_from([{}, {"mode": "fast"}, {"mode": "relax"}, {"mode": "turbo"}]),
    ),
    progress=st.one_of(st.none(), st.integers(0, 100)),
    queue_ahead=st.one_of(st.none(), st.integers(0, 10**9)),
    result=st.builds(TaskResult, seed=st.one_of(st.none(), any_text)),
)


def numbered(tasks: list[Task]) -> list[Task]:
    """The same, each with an id of its own."""
    return [dataclasses.replace(task, id=f"task{number}") for number, task in enumerate(tasks)]


def as_discord_sees(view: discord.ui.LayoutView) -> list[dict[str, Any]]:
    """All components of a panel, after Discord's checks and our own."""
    message = Form({"components": components_of(view)})
    check_components(message, layout=True, files=[])
    message.finish()  # raises what Discord would answer
    components = walk(components_of(view))
    for custom_id in [each["custom_id"] for each in components if "custom_id" in each]:
        assert [pattern for pattern in PATTERNS if pattern.fullmatch(custom_id)]
    return components


ENGINES = ("midjourney", "dall-e-3", *(f"model-{number}" for number in range(60)), "m" * 120)


@given(
    st.lists(any_task, max_size=PAGE),
    st.sampled_from([ListScope.OWN, ListScope.EVERYBODYS]),
    st.sampled_from(list(TaskFilter)),
    st.integers(0, 999),
    st.text(max_size=MAX_WORDS),
    st.booleans(),
)
def test_no_list_breaks_a_limit(
    tasks: list[Task], listed: ListScope, kind: TaskFilter, page: int, words: str, more: bool
) -> None:
    key = ListId(listed, page=page, kind=kind, words=words)
    as_discord_sees(task_list(TaskPage(numbered(tasks), more), key, ENGLISH))


@given(st.lists(any_task, max_size=30), st.lists(any_task, max_size=5), st.booleans())
def test_no_queue_breaks_a_limit(working: list[Task], unsettled: list[Task], told: bool) -> None:
    queue = Queue(numbered(working), unsettled, ["1", "1760000000000001"] if told else None)
    as_discord_sees(queue_panel(queue, 7, ENGLISH))


@given(any_task, st.one_of(st.none(), any_task), st.lists(any_task, max_size=30), st.booleans(), st.booleans())
def test_no_info_breaks_a_limit(
    task: Task, parent: Task | None, children: list[Task], seeds: bool, cancellable: bool
) -> None:
    parent = dataclasses.replace(parent, id="parent") if parent else None
    as_discord_sees(info_panel(Family(task, parent, numbered(children), seeds, cancellable), ENGLISH))


@given(
    st.builds(
        UserDefaults,
        st.just(7),
        mode=st.sampled_from([None, "relax", "unheard-of"]),
        bot_type=st.sampled_from([None, "NIJI_JOURNEY"]),
        aspect=st.sampled_from([None, "3:2", "5:4"]),
        suffix=st.text(max_size=MAX_SUFFIX),
        remix=st.booleans(),
        direct=st.booleans(),
        engine=st.sampled_from([None, "dall-e-3", "m" * 120, "gone"]),
    )
)
def test_no_settings_break_a_limit(preferred: UserDefaults) -> None:
    components = as_discord_sees(settings_panel(preferred, ENGINES, ENGLISH))
    for select in [each for each in components if each["type"] == 3]:
        assert sum(option.get("default", False) for option in select["options"]) == 1
    assert suffix_modal(preferred.suffix, ENGLISH).to_dict()


def test_without_midjourney_its_own_settings_are_not_shown() -> None:
    components = as_discord_sees(settings_panel(UserDefaults(7), ("dall-e-3", "flux"), ENGLISH))
    ids = {each["custom_id"] for each in components if "custom_id" in each}
    assert {"st:1:engine", "st:1:aspect", "st:1:notify"} <= ids
    assert not [each for each in ids if "mode" in each or "bot_type" in each or "remix" in each]


@pytest.mark.parametrize("remix", [False, True])
@pytest.mark.parametrize("direct", [False, True])
def test_every_switch_is_named_with_its_state(remix: bool, direct: bool) -> None:
    components = as_discord_sees(settings_panel(UserDefaults(7, remix=remix, direct=direct), ENGINES, ENGLISH))
    named = [button["label"] for button in components if button["type"] == 2]
    assert len(named) == len(set(named))
    for switch, on in (("Remix", remix), ("Direct messages", direct)):
        assert f"{switch}: {'on' if on else 'off'}" in named


any_name = st.text(min_size=1, max_size=200)


@given(
    st.builds(
        OfferedModels,
        st.lists(any_name, max_size=40),
        chat=st.lists(any_name, max_size=80),
        roles=st.dictionaries(st.sampled_from(list(Role)), any_name),
        prices=st.dictionaries(any_name, st.builds(Price, st.floats(1e-9, 1e9), st.sampled_from(list(PriceUnit)))),
        read_at=st.one_of(st.none(), st.just(1e9)),
        credit=st.one_of(st.none(), st.just("5 credits left")),
        has_platform=st.booleans(),
    ),
    st.integers(0, 999),
)
def test_no_list_of_models_breaks_a_limit(offered: OfferedModels, page: int) -> None:
    as_discord_sees(models_panel(offered, ModelsId(page=page), ENGLISH))


def test_a_long_list_of_models_has_pages_that_hold_all_of_it() -> None:
    offered = OfferedModels(("midjourney",), chat=[f"talk-*{number:02}*" for number in range(60)])
    seen = ""
    for page in range(4):
        components = as_discord_sees(models_panel(offered, ModelsId(page=page), ENGLISH))
        seen += "\n".join(str(part.get("content", "")) for part in components)
    assert len([line for line in seen.splitlines() if "talk" in line]) == 60
    assert all(f"talk\\-\\*{number:02}\\*" in seen for number in range(60))
    assert LINES < 60


def test_a_list_key_survives_the_way_through_discord() -> None:
    key = ListId(ListScope.OWN, ListControl.ON, 12, TaskFilter.DONE, "a: fox\n:ü🦊")
    match = LIST_PATTERN.fullmatch(key.custom_id())
    assert match is not None
    assert ListId.read(match) == key


@pytest.mark.parametrize("key", [SettingId(Setting.MODE), SettingId(Setting.REMIX, "on"), SettingId(Setting.SUFFIX)])
def test_a_setting_key_survives_the_way_through_discord(key: SettingId) -> None:
    match = SETTING_PATTERN.fullmatch(key.custom_id())
    assert match is not None
    assert SettingId.read(match) == key


@pytest.mark.parametrize(
    ("setting", "value", "change"),
    [
        (Setting.MODE, "relax", {"mode": "relax"}),
        (Setting.MODE, "-", {"mode": None}),
        (Setting.MODE, "warp", None),
        (Setting.BOT, "NIJI_JOURNEY", {"bot_type": "NIJI_JOURNEY"}),
        (Setting.ASPECT, "3:2", {"aspect": "3:2"}),
        (Setting.REMIX, "on", {"remix": True}),
        (Setting.DIRECT, "off", {"direct": False}),
        (Setting.DIRECT, "maybe", None),
        (Setting.ENGINE, "dall-e-3", {"engine": "dall-e-3"}),
        (Setting.ENGINE, "-", {"engine": None}),
        (Setting.ENGINE, "crayon", None),
    ],
)
def test_only_what_was_offered_can_be_chosen(
    setting: Setting, value: str, change: dict[str, str | bool | None] | None
) -> None:
    assert chosen(setting, value, ENGINES) == change


def test_the_queue_knows_each_place() -> None:
    def waiting(number: int, ahead: int | None) -> Task:
        task = a_task(TaskState.PENDING, queue_ahead=ahead)
        return dataclasses.replace(task, id=f"t{number}", upstream_id=str(number), created_at=float(number))

    tasks = [waiting(1, 4), waiting(2, 5)]
    told = Queue(tasks, [], ["9", "2", "1"])
    assert [(task.id, told.place(task)) for task in told.waiting] == [("t2", 2), ("t1", 3)]
    untold = Queue(tasks, [], None)
    assert [(task.id, untold.place(task)) for task in untold.waiting] == [("t1", 5), ("t2", 6)]


@pytest.mark.parametrize(
    ("working", "unsettled", "said"),
    [
        ([TaskState.PENDING], [], "number **3** in the queue"),
        ([TaskState.RUNNING], [], "Yours is generating"),
        ([], [TaskState.SUBMITTING], "being sent"),
        ([], [], "nothing in the queue"),
    ],
)
def test_the_queue_says_where_ones_own_stands(working: list[TaskState], unsettled: list[TaskState], said: str) -> None:
    queue = Queue([a_task(state, queue_ahead=2) for state in working], [a_task(state) for state in unsettled], None)
    assert said in texts(queue_panel(queue, 7, ENGLISH))
    assert "nothing in the queue" in texts(queue_panel(queue, 8, ENGLISH))


@pytest.mark.parametrize(
    ("label", "custom_id", "shown"),
    [
        ("U2", "MJ::JOB::upsample::2::u", "U2"),
        ("🔄", "MJ::JOB::reroll::0::u::SOLO", "🔄 Reroll"),
        ("⬅️", "MJ::JOB::pan_left::1::u::SOLO", "⬅️ Pan Left"),
        ("2️⃣", "MJ::Job::PicReader::2", "2️⃣"),
        ("", "MJ::CustomZoom::u", "Custom Zoom"),
    ],
)
def test_a_button_is_named_as_people_saw_it(label: str, custom_id: str, shown: str) -> None:
    pressed = complete(StoredButton(custom_id, label if label.isascii() else "", "" if label.isascii() else label))
    assert made_by(Request(Action.BUTTON, label=caption(pressed)), ENGLISH) == shown


def test_a_task_without_words_is_known_by_what_made_it() -> None:
    assert headline(a_task(TaskState.SUCCESS, request=Request(Action.BLEND)), ENGLISH) == "Blend"
