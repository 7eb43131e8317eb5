"""Every pattern of the customId catalogue (docs/image-api.md#buttons) is understood."""

from __future__ import annotations

import pytest

from bot.engines.emoji import EMOJI
from bot.engines.midjourney import ActionKind, ChangeAction
from bot.engines.midjourney.button_kinds import ParsedId
from bot.engines.midjourney.buttons import (
    change_buttons,
    default_label,
    facts_of,
    fitting_emoji,
    never_send,
    opens_modal,
    parse_id,
    remixable,
)

U = "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"
K = ActionKind
NO, IF_REMIX, ALWAYS = "no", "if remix", "always"
# id, kind, index, window, label where the service gives none
CATALOGUE: list[tuple[str, ParsedId, str, str]] = [
    *((f"MJ::JOB::upsample::{n}::{U}", ParsedId(K.UPSCALE, n), NO, f"U{n}") for n in (1, 2, 3, 4)),
    *((f"MJ::JOB::variation::{n}::{U}", ParsedId(K.VARIATION, n), IF_REMIX, f"V{n}") for n in (1, 2, 3, 4)),
    (f"MJ::JOB::reroll::0::{U}::SOLO", ParsedId(K.REROLL), IF_REMIX, "Reroll"),
    (
        f"MJ::JOB::upsample_v7_2x_subtle::1::{U}::SOLO",
        ParsedId(K.UPSCALE_HD, variant="subtle"),
        NO,
        "Upscale (Subtle)",
    ),
    (
        f"MJ::JOB::upsample_v6r1_2x_creative::1::{U}::SOLO",
        ParsedId(K.UPSCALE_HD, variant="creative"),
        NO,
        "Upscale (Creative)",
    ),
    (f"MJ::JOB::upsample_v6_2x_subtle::1::{U}::SOLO", ParsedId(K.UPSCALE_HD, variant="subtle"), NO, "Upscale (Subtle)"),
    (f"MJ::JOB::upsample_v5_2x::1::{U}::SOLO", ParsedId(K.UPSCALE_HD, variant="2x"), NO, "Upscale (2x)"),
    (f"MJ::JOB::upsample_v5_4x::1::{U}::SOLO", ParsedId(K.UPSCALE_HD, variant="4x"), NO, "Upscale (4x)"),
    (f"MJ::JOB::upsample_max::1::{U}::SOLO", ParsedId(K.UPSCALE_HD, variant="max"), NO, "Upscale to Max"),
    (f"MJ::JOB::low_variation::1::{U}::SOLO", ParsedId(K.VARY_SUBTLE), IF_REMIX, "Vary (Subtle)"),
    (f"MJ::JOB::high_variation::1::{U}::SOLO", ParsedId(K.VARY_STRONG), IF_REMIX, "Vary (Strong)"),
    (f"MJ::JOB::variation::1::{U}::SOLO", ParsedId(K.VARIATION), IF_REMIX, "Make Variations"),
    (f"MJ::Inpaint::1::{U}::SOLO", ParsedId(K.REGION), ALWAYS, "Vary (Region)"),
    (f"MJ::Outpaint::50::1::{U}::SOLO", ParsedId(K.ZOOM, variant="2x"), NO, "Zoom Out 2x"),
    (f"MJ::Outpaint::75::1::{U}::SOLO", ParsedId(K.ZOOM, variant="1.5x"), NO, "Zoom Out 1.5x"),
    (f"MJ::Outpaint::100::1::{U}::SOLO", ParsedId(K.SQUARE), NO, "Make Square"),
    (f"MJ::CustomZoom::{U}", ParsedId(K.CUSTOM_ZOOM), ALWAYS, "Custom Zoom"),
    (f"MJ::CustomZoom::1::{U}", ParsedId(K.CUSTOM_ZOOM), ALWAYS, "Custom Zoom"),
    *(
        (f"MJ::JOB::pan_{way}::1::{U}::SOLO", ParsedId(K.PAN, direction=way), IF_REMIX, f"Pan {way.title()}")
        for way in ("left", "right", "up", "down")
    ),
    (f"MJ::JOB::animate_high::1::{U}::SOLO", ParsedId(K.ANIMATE, variant="high"), IF_REMIX, "Animate (High motion)"),
    (f"MJ::JOB::animate_low::1::{U}::SOLO", ParsedId(K.ANIMATE, variant="low"), IF_REMIX, "Animate (Low motion)"),
    (f"MJ::BOOKMARK::{U}", ParsedId(K.BOOKMARK), NO, "Favorite"),
    *((f"MJ::Job::PicReader::{n}", ParsedId(K.DESCRIBE_LINE, n), ALWAYS, str(n)) for n in (1, 2, 3, 4)),
    ("MJ::Job::PicReader::all", ParsedId(K.DESCRIBE_ALL), NO, "Imagine all"),
    ("MJ::Picread::Retry", ParsedId(K.DESCRIBE_RETRY), NO, "Retry"),
    *((f"MJ::Job::PromptAnalyzer::{n}", ParsedId(K.SHORTEN_LINE, n), ALWAYS, str(n)) for n in (1, 2, 3, 4, 5)),
    ("MJ::JOB::PromptAnalyzer::1", ParsedId(K.SHORTEN_LINE, 1), ALWAYS, "1"),
    ("MJ::Job::PromptAnalyzerExtended", ParsedId(K.SHORTEN_DETAILS), NO, "Show Details"),
    *((f"MJ::JOB::video_virtual_upscale::{n}::{U}", ParsedId(K.VIDEO_PICK, n), NO, f"U{n}") for n in (1, 2, 3, 4)),
    (f"MJ::JOB::animate_high_extend::1::{U}", ParsedId(K.VIDEO_EXTEND, variant="high"), NO, "Extend (High motion)"),
    (f"MJ::JOB::animate_low_extend::1::{U}", ParsedId(K.VIDEO_EXTEND, variant="low"), NO, "Extend (Low motion)"),
    (
        f"MJ::JOB::video::low::{U}::vid_1.1_i2v_480::auto",
        ParsedId(K.ANIMATE, variant="low"),
        IF_REMIX,
        "Animate (Low motion)",
    ),
    (
        f"MJ::JOB::video::high::{U}::vid_1.1_i2v_480::manual",
        ParsedId(K.VIDEO_MANUAL, variant="high"),
        ALWAYS,
        "Animate manually (High motion)",
    ),
    (f"MJ::CancelJob::ByJobid::{U}", ParsedId(K.CANCEL), NO, "Cancel Job"),
    (f"MJ::JOB::paint_it_black::1::{U}", ParsedId(K.OTHER), NO, "Paint It Black"),
    ("anything-else", ParsedId(K.OTHER), NO, "Anything-Else"),
]
IDS = [row[0] for row in CATALOGUE]


@pytest.mark.parametrize(("custom_id", "parsed", "modal", "label"), CATALOGUE, ids=IDS)
def test_an_id_of_the_catalogue_is_understood(custom_id: str, parsed: ParsedId, modal: str, label: str) -> None:
    assert parse_id(custom_id) == parsed
    assert parse_id(custom_id.swapcase()) == parsed
    assert (opens_modal(custom_id), remixable(custom_id)) == (
        modal == ALWAYS,
        modal == IF_REMIX,
    )
    assert default_label(custom_id) == label
    assert not never_send(custom_id)


@pytest.mark.parametrize(("custom_id", "parsed", "modal", "label"), CATALOGUE, ids=IDS)
def test_the_job_of_an_id_changes_nothing(custom_id: str, parsed: ParsedId, modal: str, label: str) -> None:
    facts = facts_of(custom_id)
    assert facts_of(custom_id.replace(U, "ffffffff-0000-4000-8000-000000000000")) == facts
    assert (facts.kind, facts.name, facts.sendable) == (parsed.kind, label, True)


def test_a_job_within_a_word_stays_part_of_the_name() -> None:
    assert facts_of(f"MJ::with_{U}::1").name == f"With {U.title()}"


@pytest.mark.parametrize(
    "custom_id",
    [
        "",
        "  ",
        "https://www.midjourney.com/jobs/x",
        f"MJ::RemixModal::{U}::1::0",
        f"MJ::PanModal::left::{U}::1",
        f"MJ::OutpaintCustomZoomModal::{U}",
        "MJ::ImagineModal::930000000000000001",
        "MJ::Picreader::Modal::1",
        f"MJ::AnimateModal::{U}::1::low::0",
        "MJ::iframe::token",
        "MJ::Settings::RemixMode",
        f"MJ::Inpaint::{U}",
    ],
)
def test_internal_ids_are_never_sent(custom_id: str) -> None:
    assert never_send(custom_id)
    assert not facts_of(custom_id).sendable
    assert default_label(custom_id)


@pytest.mark.parametrize(
    ("name", "custom_id", "expected"),
    [
        ("🔄", "x", "🔄"),
        ("🖌️", "x", "🖌️"),
        ("1️⃣", "x", "1️⃣"),
        ("upscale_1", f"MJ::JOB::upsample_v7_2x_subtle::1::{U}::SOLO", "⏫"),
        ("UPSCALE_1", "x", "⏫"),
        ("some_name", f"MJ::JOB::pan_left::1::{U}::SOLO", "⬅️"),
        ("ðŸ", "MJ::Picread::Retry", "🔄"),
        ("\ufffd\ufffd", "MJ::Picread::Retry", "🔄"),
        ("?", "MJ::Job::PicReader::3", "3️⃣"),
        ("some_name", "x", None),
        ("", f"MJ::JOB::reroll::0::{U}::SOLO", None),
        ("  ", "x", None),
    ],
)
def test_an_emoji_is_shown_mapped_or_dropped(name: str, custom_id: str, expected: str | None) -> None:
    assert fitting_emoji(name, custom_id) == expected


def test_all_emoji_of_our_own_are_emoji() -> None:
    own = [fitting_emoji("broken_name", custom_id) for custom_id in IDS]
    assert all(EMOJI.fullmatch(emoji) for emoji in own if emoji)
    assert sum(emoji is not None for emoji in own) > 20


@pytest.mark.parametrize("text", ["🪄", "↔️", "⬅️", "❤️", "🎞️", "👩🏽‍🚀", "🏳️‍🌈", "🇪🇺", "#️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "⏫", "🎉"])
def test_emoji_are_recognised(text: str) -> None:
    assert EMOJI.fullmatch(text)


@pytest.mark.parametrize(
    "text", ["", "a", "1", "U1", "upscale_1", "<:x:1>", "🪄🪄", "🪄 x", "é", "中", "\ufe0f", "🇪", "→"]
)
def test_other_texts_are_no_emoji(text: str) -> None:
    assert not EMOJI.fullmatch(text)


@pytest.mark.parametrize(
    "made_by",
    [
        "IMAGINE",
        "imagine",
        "blend",
        ActionKind.VARIATION,
        ActionKind.REROLL,
        ActionKind.VARY_STRONG,
        parse_id("change::VARIATION::2"),
        parse_id("change::REROLL::1"),
        parse_id(f"MJ::JOB::variation::1::{U}"),
    ],
)
def test_a_grid_without_buttons_gets_the_older_ones(made_by: str | ParsedId) -> None:
    buttons = change_buttons(made_by)
    assert [button.label or button.emoji for button in buttons] == [
        "U1",
        "U2",
        "U3",
        "U4",
        "🔄",
        "V1",
        "V2",
        "V3",
        "V4",
    ]
    parsed = [parse_id(button.custom_id) for button in buttons]
    assert {one.kind for one in parsed} == {ActionKind.CHANGE}
    assert [(ChangeAction(one.change), one.index) for one in parsed][3:6] == [
        (ChangeAction.UPSCALE, 4),
        (ChangeAction.REROLL, 1),
        (ChangeAction.VARIATION, 1),
    ]
    assert [default_label(button.custom_id) for button in buttons][3:6] == ["U4", "Reroll", "V1"]
    assert len({button.custom_id for button in buttons}) == 9
    assert not any(never_send(button.custom_id) for button in buttons)


@pytest.mark.parametrize(
    "made_by", ["UPSCALE", "describe", "swap", "button", ActionKind.CHANGE, parse_id("change::UPSCALE::2")]
)
def test_what_is_no_grid_gets_none(made_by: str | ParsedId) -> None:
    assert change_buttons(made_by) == ()
