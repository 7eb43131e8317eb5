"""Cards: what they show, and that nothing a service sends makes one that Discord would refuse."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engines.midjourney.buttons import buttons_of, default_label
from bot.ui.cards.card import card
from bot.ui.cards.card_buttons import CardOptions, button_pages
from bot.ui.components.message_components import ACTION_PATTERN, CONTROL_PATTERN
from playground.discord.components import check_components
from playground.discord.forms import Form
from storage import Action, Request, StoredButton, Task, TaskResult, TaskState
from tests.support.cards import a_task, card_of, components_of, rows, texts
from tests.support.error_codes import every_code
from tests.support.languages import ENGLISH

CUSTOM_ID = "MJ::JOB::upsample::{}::0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"


def buttons(count: int) -> tuple[StoredButton, ...]:
    return tuple(StoredButton(CUSTOM_ID.format(number), f"U{number}") for number in range(count))


def pages(task: Task) -> int:
    return len(button_pages(buttons_of(task)))


def labels(task: Task, **look: Any) -> list[list[str | None]]:
    return [[button.get("label") for button in row] for row in rows(card_of(task, **look))]


def test_buttons_stand_in_the_services_order_five_a_row() -> None:
    task = a_task(TaskState.SUCCESS, buttons=buttons(9))
    assert labels(task) == [["U0", "U1", "U2", "U3", "U4"], ["U5", "U6", "U7", "U8"]]


@pytest.mark.parametrize("action", [Action.SWAP, Action.EDIT, Action.RETEXTURE])
@pytest.mark.parametrize("label", ["Upscale (Subtle)", "Animate (High motion)"])
def test_a_result_of_ones_own_picture_has_the_buttons_that_the_service_gives_it_and_no_others(
    action: Action, label: str
) -> None:
    request = Request(action)
    assert labels(a_task(TaskState.SUCCESS, request=request)) == []
    given = (StoredButton("MJ::JOB::upsample_v7_2x_subtle::1::0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0::SOLO", label),)
    assert labels(a_task(TaskState.SUCCESS, request=request, buttons=given)) == [[label]]


def test_up_to_25_buttons_stand_on_one_page() -> None:
    assert pages(a_task(TaskState.SUCCESS, buttons=buttons(25))) == 1


def test_more_buttons_go_on_further_pages_and_none_is_dropped() -> None:
    task = a_task(TaskState.SUCCESS, buttons=buttons(47))
    shown = [
        label
        for page in range(pages(task))
        for row in labels(task, page=page)
        for label in row
        if label and label.startswith("U")
    ]
    assert shown == [f"U{number}" for number in range(47)]
    assert labels(task, page=1)[-1] == ["Back", "Page 2 of 3", "Next"]
    assert labels(task, page=0)[-1] == ["Page 1 of 3", "Next"]


def test_a_pressed_button_shows_it() -> None:
    task = a_task(TaskState.SUCCESS, buttons=buttons(2))
    (row,) = rows(card_of(task, used=frozenset({CUSTOM_ID.format(1)})))
    assert [button["style"] for button in row] == [2, 1]
    assert [button["label"] for button in row] == ["U0", "✓ U1"]


def test_a_button_that_was_an_emoji_alone_has_a_name_to_be_read_aloud_and_is_marked_when_pressed() -> None:
    reroll = StoredButton("MJ::JOB::reroll::0::0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0::SOLO", "", "🔄")
    heart = StoredButton("MJ::BOOKMARK::0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0", "", "❤️")
    task = a_task(TaskState.SUCCESS, buttons=(reroll, heart))
    (row,) = rows(card_of(task, used=frozenset({reroll.custom_id})))
    assert [(button["label"], button["emoji"]["name"]) for button in row] == [("✓ Reroll", "🔄"), ("Favorite", "❤️")]


UPSCALED = (
    ("MJ::JOB::upsample_v7_2x_subtle::1::u::SOLO", "Upscale (Subtle)"),
    ("MJ::JOB::upsample_v7_2x_creative::1::u::SOLO", "Upscale (Creative)"),
    ("MJ::JOB::low_variation::1::u::SOLO", "Vary (Subtle)"),
    ("MJ::JOB::high_variation::1::u::SOLO", "Vary (Strong)"),
    ("MJ::Inpaint::1::u::SOLO", "Vary (Region)"),
    ("MJ::Outpaint::50::1::u::SOLO", "Zoom Out 2x"),
    ("MJ::Outpaint::75::1::u::SOLO", "Zoom Out 1.5x"),
    ("MJ::CustomZoom::u", "Custom Zoom"),
    ("MJ::JOB::pan_left::1::u::SOLO", ""),
    ("MJ::JOB::pan_right::1::u::SOLO", ""),
    ("MJ::JOB::pan_up::1::u::SOLO", ""),
    ("MJ::JOB::pan_down::1::u::SOLO", ""),
    ("MJ::JOB::animate_high::1::u::SOLO", "Animate (High motion)"),
    ("MJ::JOB::animate_low::1::u::SOLO", "Animate (Low motion)"),
    ("MJ::BOOKMARK::u", ""),
)


@pytest.mark.parametrize("seed", range(4))
def test_no_kind_is_broken_over_two_rows_whatever_stands_between_its_buttons(seed: int) -> None:
    mixed = random.Random(seed).sample(UPSCALED, len(UPSCALED))  # noqa: S311 - no secret
    given = tuple(StoredButton(custom_id, label) for custom_id, label in mixed)
    shown = rows(card_of(a_task(TaskState.SUCCESS, buttons=given)))
    assert len(shown) == 5
    for kind in ("Upscale", "Vary", "Pan", "Animate", "Zoom"):
        of_kind = [default_label(custom_id) for custom_id, _ in mixed]
        of_kind = [label for label in of_kind if kind in label]
        (row,) = [row for row in shown if any(kind in button["label"] for button in row)]
        in_row = [button["label"] for button in row if kind in button["label"]]
        # What belongs to no kind may stand in the row, but no other kind.
        assert {button["label"] for button in row} - set(in_row) <= {"Favorite"}
        assert len(in_row) == len(of_kind)


def upscaled(*, image_url: str | None = None) -> Task:
    given = tuple(StoredButton(custom_id, label) for custom_id, label in UPSCALED)
    return a_task(TaskState.SUCCESS, result=TaskResult(image_url=image_url), buttons=given)


def test_a_button_of_no_kind_and_the_link_stand_where_they_need_no_further_line_on_a_phone() -> None:
    shown = labels(upscaled(image_url="https://cdn.example.org/fox.png"))
    assert shown == [
        ["Upscale (Subtle)", "Upscale (Creative)", "Favorite"],
        ["Vary (Subtle)", "Vary (Strong)", "Vary (Region)"],
        ["Zoom Out 2x", "Zoom Out 1.5x", "Custom Zoom", "Open original"],
        ["Pan Left", "Pan Right", "Pan Up", "Pan Down"],
        ["Animate (High motion)", "Animate (Low motion)"],
    ]


def test_the_button_for_another_engine_leaves_all_others_where_they_are() -> None:
    task = upscaled(image_url="https://cdn.example.org/fox.png")
    before, shown = labels(task), labels(task, can_continue=True)
    assert [[each for each in row if each not in ("Open original", "Continue with…")] for row in shown] == [
        [each for each in row if each != "Open original"] for row in before
    ]
    assert [*itertools.chain(*shown)].count("Continue with…") == 1
    assert "Continue with…" not in itertools.chain(*before)


def test_a_card_that_fills_a_phone_has_the_link_to_the_original_in_its_text() -> None:
    link = "https://cdn.example.org/fox.png"
    wide = (*UPSCALED[:7], ("MJ::Outpaint::100::1::u::SOLO", "Make Square"), *UPSCALED[7:])
    given = tuple(StoredButton(custom_id, label) for custom_id, label in wide)
    task = a_task(TaskState.SUCCESS, result=TaskResult(image_url=link), buttons=given)
    assert "Open original" in itertools.chain(*labels(task))
    assert link not in texts(card_of(task))
    assert "Open original" not in itertools.chain(*labels(task, can_continue=True))
    assert f"[Open original]({link})" in texts(card_of(task, can_continue=True))


@pytest.mark.parametrize("state", [state for state in TaskState if state is not TaskState.SUCCESS])
def test_only_a_finished_image_can_be_continued(state: TaskState) -> None:
    assert "Continue with…" not in itertools.chain(*labels(a_task(state), can_continue=True))


@pytest.mark.parametrize(
    ("label", "row"),
    [("Upscale (Subtle)", 0), ("Upscale (Very Creative)", 1), ("アップスケール（高品質）", 1)],
)
def test_a_wide_label_leaves_no_room_for_another_button_in_its_line(label: str, row: int) -> None:
    kinds = (StoredButton(UPSCALED[0][0], label), StoredButton(UPSCALED[2][0], "Vary"))
    heart = StoredButton("MJ::BOOKMARK::u", "")
    shown = labels(a_task(TaskState.SUCCESS, buttons=(heart, *kinds)))
    assert [buttons_of_row[-1] == "Favorite" for buttons_of_row in shown] == [index == row for index in range(2)]


def test_the_link_has_a_row_of_its_own_where_each_line_of_a_phone_is_full() -> None:
    link = "https://cdn.example.org/fox.png"
    wide = (StoredButton(UPSCALED[12][0], "Animate (High motion)"),)
    task = a_task(TaskState.SUCCESS, result=TaskResult(image_url=link), buttons=wide)
    assert labels(task) == [["Animate (High motion)"], ["Open original"]]


def test_more_of_a_kind_than_a_row_takes_is_broken_and_stays_in_the_services_order() -> None:
    pans = tuple(StoredButton(f"MJ::JOB::pan_left::{number}::u::SOLO", f"Pan {number}") for number in range(7))
    shown = labels(a_task(TaskState.SUCCESS, buttons=(*pans, *buttons(2))))
    assert shown == [["U0", "U1"], ["Pan 0", "Pan 1", "Pan 2", "Pan 3", "Pan 4"], ["Pan 5", "Pan 6"]]


def test_what_the_service_is_known_not_to_do_is_not_offered() -> None:
    heart = StoredButton("MJ::BOOKMARK::u", "", "❤️")
    task = a_task(TaskState.SUCCESS, buttons=(*buttons(2), heart))
    assert labels(task, buttons=buttons(2)) == [["U0", "U1"]]


@pytest.mark.parametrize(
    ("entry", "label", "emoji"),
    [
        (StoredButton("MJ::JOB::upsample_v7_2x_subtle::1::u::SOLO", "Upscale (Subtle)", "upscale_1"), True, True),
        (StoredButton("MJ::JOB::pan_left::1::u::SOLO", "", "⬅️"), True, True),
        (StoredButton("MJ::JOB::pan_left::1::u::SOLO", "", ""), True, False),
        (StoredButton("MJ::JOB::brand_new_thing::1::u", "", "no_such_name"), True, False),
    ],
)
def test_every_button_has_a_caption_that_discord_takes(entry: StoredButton, label: bool, emoji: bool) -> None:
    ((button,),) = rows(card_of(a_task(TaskState.SUCCESS, buttons=(entry,))))
    assert (bool(button.get("label")), bool(button.get("emoji"))) == (label, emoji)
    assert "upscale_1" not in str(button)


@pytest.mark.parametrize(
    ("label", "emoji"),
    [("Animate (High motion)", "🎞️"), ("Zoom Out 1.5x", "🔍"), ("Vary (Region)", "🖌️"), ("U1", "🔄"), ("x" * 80, "✨")],
)
def test_a_button_has_the_services_label_and_emoji_in_full_however_long_the_label_is(label: str, emoji: str) -> None:
    entry = StoredButton("MJ::JOB::brand_new_thing::1::u", label, emoji)
    ((button,),) = rows(card_of(a_task(TaskState.SUCCESS, buttons=(entry,))))
    assert (button["label"], button["emoji"]["name"]) == (label, emoji)


def test_an_entry_that_comes_twice_is_shown_once_and_one_without_id_not_at_all() -> None:
    first, second = buttons(2)
    task = a_task(TaskState.SUCCESS, buttons=(first, second, first, StoredButton("", "Web", "", 5)))
    assert labels(task) == [["U0", "U1"]]


def test_a_finished_grid_without_any_buttons_offers_the_older_change() -> None:
    assert labels(a_task(TaskState.SUCCESS)) == [["U1", "U2", "U3", "U4", "Reroll"], ["V1", "V2", "V3", "V4"]]
    single = a_task(TaskState.SUCCESS, request=Request(Action.BUTTON, custom_id="change::UPSCALE::2", label="U2"))
    assert labels(single) == []


@pytest.mark.parametrize(
    ("state", "controls"),
    [
        (TaskState.FAILURE, ["Try again", "Edit prompt"]),
        (TaskState.CANCELLED, ["Try again", "Edit prompt"]),
        (TaskState.UNKNOWN, ["Try again", "Edit prompt"]),
        (TaskState.STALLED, ["Check again", "Try again", "Edit prompt"]),
        (TaskState.RUNNING, []),
        (TaskState.PENDING, []),
    ],
)
def test_a_card_offers_what_can_be_done(state: TaskState, controls: list[str]) -> None:
    assert [label for row in labels(a_task(state)) for label in row] == controls


def test_a_picture_that_could_not_be_had_can_be_fetched_again() -> None:
    task = a_task(TaskState.SUCCESS, buttons=buttons(1))
    assert labels(task, trouble="its host is down") == [["U0"], ["Download again"]]


def test_a_failure_says_why() -> None:
    said = texts(card_of(a_task(TaskState.FAILURE, error_params={"reason": "unknown flag --foo"})))
    assert r"unknown flag \-\-foo" in said


def test_progress_the_queue_and_the_time_are_shown() -> None:
    assert "▰▰▰▰▰▰▱▱▱▱▱▱ **46%**" in texts(card_of(a_task(TaskState.RUNNING, progress=46)))
    assert "**3** ahead" in texts(card_of(a_task(TaskState.PENDING, queue_ahead=3)))
    assert "<t:1000:R>" in texts(card_of(a_task(TaskState.PENDING)))


def test_the_picture_has_the_prompt_as_its_alt_text() -> None:
    view = card_of(a_task(TaskState.SUCCESS), files=("boat.png",))
    (gallery,) = [part for part in components_of(view)[0]["components"] if part["type"] == 12]
    assert gallery["items"][0]["media"]["url"] == "attachment://boat.png"
    assert gallery["items"][0]["description"] == "a paper boat"


def test_each_of_several_pictures_and_of_those_it_was_made_from_says_which_it_is() -> None:
    names = ("a-1.png", "a-2.png", "source-t-1.jpg", "source-t-2.jpg")
    swap = a_task(TaskState.SUCCESS, request=Request(Action.SWAP))
    for task, said in (
        (a_task(TaskState.SUCCESS), "Made from image 2 of 2: a paper boat"),
        (swap, "The image that gets"),
    ):
        results, sources = [
            [item["description"] for item in part["items"]]
            for part in components_of(card_of(task, files=names))[0]["components"]
            if part["type"] == 12
        ]
        assert results[1].startswith("Image 2 of 2: ")
        assert sources[1].startswith(said)


def test_an_empty_prompt_leaves_no_picture_without_words() -> None:
    view = card_of(a_task(TaskState.SUCCESS, request=Request(Action.BLEND)), files=("boat.png",))
    (gallery,) = [part for part in components_of(view)[0]["components"] if part["type"] == 12]
    assert gallery["items"][0]["description"] == "Blend"


def test_the_prompt_is_edited_only_where_somebody_typed_it() -> None:
    typed = Request(Action.BUTTON, prompt="a", custom_id="MJ::JOB::reroll::0::u", window_prompt="a")
    pressed = Request(Action.BUTTON, prompt="a", custom_id="MJ::JOB::reroll::0::u")
    assert labels(a_task(TaskState.FAILURE, request=typed)) == [["Try again", "Edit prompt"]]
    assert labels(a_task(TaskState.FAILURE, request=pressed)) == [["Try again"]]
    assert labels(a_task(TaskState.FAILURE, request=Request(Action.BLEND))) == [["Try again"]]


any_text = st.one_of(st.text(max_size=60), st.text(max_size=60).map(lambda text: text * 120))
any_button = st.builds(
    StoredButton,
    custom_id=st.one_of(
        st.text(max_size=120),
        st.sampled_from([CUSTOM_ID.format(1), "MJ::Inpaint::1::u::SOLO", "MJ::CustomZoom::u", "MJ::::", "::"]),
        st.integers().map(CUSTOM_ID.format),
    ),
    label=any_text,
    emoji=st.one_of(st.sampled_from(["", "🔄", "upscale_1", "⬅️", "1️⃣", "x", "🖌️"]), st.text(max_size=5)),
    style=st.integers(-1, 9),
)
any_task = st.builds(
    a_task,
    st.sampled_from(list(TaskState)),
    request=st.builds(
        Request,
        action=st.sampled_from([Action.IMAGINE, Action.BUTTON, Action.DESCRIBE, Action.SWAP]),
        prompt=any_text,
        label=any_text,
        custom_id=st.one_of(st.none(), st.text(max_size=50)),
    ),
    progress=st.one_of(st.none(), st.integers(0, 100)),
    queue_ahead=st.one_of(st.none(), st.integers(0, 10**9)),
    result=st.builds(
        TaskResult,
        final_prompt=any_text,
        text=st.one_of(st.none(), any_text),
        lines=st.lists(any_text, max_size=8).map(tuple),
    ),
    buttons=st.lists(any_button, max_size=60).map(tuple),
    error_code=st.one_of(st.none(), st.sampled_from(["banned", "timeout", "forgotten", *sorted(every_code()), "else"])),
    error_params=st.fixed_dictionaries({}, optional=dict.fromkeys(("reason", "word", "name"), any_text)),
)


@given(any_task, st.integers(0, 5), st.lists(st.sampled_from(["a.png", "b.png", "c.png", "d.png"]), unique=True))
def test_no_card_breaks_a_limit_of_discords(task: Task, page: int, files: list[str]) -> None:
    view = card(
        task, CardOptions(files=files, page=page, trouble="⚠️" * 100, used=frozenset({CUSTOM_ID.format(1)})), ENGLISH
    )
    message = Form({"components": components_of(view)})
    check_components(message, layout=True, files=files)
    message.finish()  # raises what Discord would answer
    for button in itertools.chain(*rows(view)):
        assert ACTION_PATTERN.fullmatch(button["custom_id"]) or CONTROL_PATTERN.fullmatch(button["custom_id"])
