"""Task objects of every dialect become one shape; what makes no sense is dropped alone."""

from __future__ import annotations

from typing import Any

import pytest

from bot.engines.errors import ServiceRefused, Unavailable, Unreadable
from bot.engines.midjourney import parse_task, parse_tasks
from bot.engines.midjourney.task_answers import parse_page
from bot.engines.models import RemoteStatus, RemoteTask
from storage import StoredVideo

S = RemoteStatus
URL = "https://cdn.example.net/a.png"


def task(**fields: Any) -> RemoteTask:
    return parse_task({"id": "17", "status": "SUCCESS", **fields})


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("", S.PENDING),
        (None, S.PENDING),
        ("NOT_START", S.PENDING),
        ("SUBMITTED", S.PENDING),
        ("queued", S.PENDING),
        ("IN_PROGRESS", S.RUNNING),
        ("MODAL", S.WAITING_USER),
        (" success ", S.SUCCESS),
        ("Completed", S.SUCCESS),
        ("FAILURE", S.FAILURE),
        ("TIMEOUT", S.FAILURE),
        ("CANCEL", S.CANCELLED),
        ("CANCELED", S.CANCELLED),
        (1, S.RUNNING),
        ("2", S.RUNNING),
        (3, S.SUCCESS),
        (4.0, S.FAILURE),
        (5, S.FAILURE),
        (6, S.RUNNING),
        (True, S.RUNNING),
        ({}, S.RUNNING),
        ("dreaming", S.RUNNING),
    ],
)
def test_a_status_in_any_spelling(status: Any, expected: RemoteStatus) -> None:
    assert task(status=status).status is expected


def test_a_task_without_a_status_is_pending() -> None:
    assert parse_task({"id": 17, "action": "IMAGINE"}).status is S.PENDING


@pytest.mark.parametrize(
    ("progress", "expected"),
    [
        ("46%", 46),
        ("0%", 0),
        ("(31%)", 31),
        ("12.5%", 12),
        (" 7 % ", 7),
        (46, 46),
        (46.9, 46),
        (150, 100),
        (-3, 0),
        ("", None),
        (None, None),
        ("paused", None),
        ("Waiting to start", None),
        (True, None),
        (float("nan"), None),
        ([46], None),
    ],
)
def test_progress_in_any_spelling(progress: Any, expected: int | None) -> None:
    assert task(progress=progress).progress == expected


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (1760000000123, 1760000000.123),
        ("1760000000123", 1760000000.123),
        (1760000000, 1760000000.0),
        (0, None),
        (None, None),
        (-5, None),
        ("2025-10-09 16:53:20", None),
        (float("inf"), None),
    ],
)
def test_times_in_any_spelling(time: Any, expected: float | None) -> None:
    assert task(finishTime=time).finished_at == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"failReason": "camel", "fail_reason": "snake"}, "camel"),
        ({"fail_reason": "snake", "failReason": "camel"}, "camel"),
        ({"failReason": "", "fail_reason": "snake"}, "snake"),
        ({"failReason": None, "fail_reason": "snake"}, "snake"),
        ({"failReason": 0, "fail_reason": "snake"}, "0"),
        ({"fail__reason": "no", "_fail_reason": "no", "FAIL_REASON": "no"}, ""),
    ],
)
def test_of_two_spellings_camel_case_counts_unless_it_is_empty(fields: dict[str, Any], expected: str) -> None:
    assert task(**fields).fail_reason == expected


def test_snake_case_twins_are_read() -> None:
    read = task(image_url=URL, fail_reason="why", finish_time=1760000000, image_urls=[URL], parent_id=5)
    assert (read.image_url, read.fail_reason, read.finished_at, read.image_urls, read.parent_id) == (
        URL,
        "why",
        1760000000.0,
        (URL,),
        "5",
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([URL, URL + "?2"], (URL, URL + "?2")),
        ([{"url": URL, "thumbnail": "x"}], (URL,)),
        ([None, 5, "ftp://x", "https://", "http://[", {"url": None}, "https://a b", URL], (URL,)),
        ("not a list", ()),
        (None, ()),
    ],
)
def test_pictures_in_any_shape(given: Any, expected: tuple[str, ...]) -> None:
    assert task(imageUrls=given).image_urls == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"imageUrl": URL, "url": "https://other.example.net"}, URL),
        ({"imageUrl": "", "url": URL}, URL),
        ({"imageUrl": None, "imageUrls": [URL]}, URL),
        ({"imageUrl": None, "imageUrls": [URL, URL + "?2"]}, None),
        ({"imageUrl": "https://cdn.example.net/a.mp4"}, None),
    ],
)
def test_the_picture_is_found_where_it_is(fields: dict[str, Any], expected: str | None) -> None:
    assert task(**fields).image_url == expected


SMALL = "https://cdn.example.net/a.webp?width=256"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"imageUrl": URL, "thumbnailUrl": SMALL}, SMALL),
        ({"image_url": URL, "thumbnail_url": SMALL}, SMALL),
        ({"imageUrls": [{"url": URL, "thumbnail": SMALL}]}, SMALL),
        ({"imageUrl": URL, "imageUrls": [{"url": URL, "thumbnail": SMALL}, {"url": URL, "thumbnail": URL}]}, None),
        ({"imageUrl": URL, "thumbnailUrl": "N/A", "imageUrls": [{"url": URL, "thumbnail": SMALL}]}, SMALL),
        ({"imageUrl": URL, "thumbnailUrl": "https://cdn.example.net/a.mp4"}, None),
        ({"imageUrl": URL, "thumbnailUrl": ["x"]}, None),
        ({"imageUrl": URL, "imageUrls": [URL]}, None),
        ({"thumbnailUrl": SMALL}, None),
    ],
)
def test_a_smaller_version_of_the_picture_is_found(fields: dict[str, Any], expected: str | None) -> None:
    assert task(**fields).thumbnail_url == expected


CLIP = "https://cdn.example.net/0.mp4?x=1"


@pytest.mark.parametrize(
    "fields",
    [
        {"videoUrls": [{"url": CLIP}]},
        {"videoUrls": [CLIP]},
        {"videoUrls": None, "videoUrl": CLIP},
        {"videoUrl": "", "imageUrls": [CLIP]},
        {"url": CLIP},
        {"imageUrl": CLIP},
    ],
)
def test_clips_are_found_where_they_are(fields: dict[str, Any]) -> None:
    read = task(**fields)
    assert read.videos == (StoredVideo(CLIP),)
    assert (read.image_url, read.image_urls) == (None, ())


def test_buttons_are_kept_to_the_letter_and_garbage_is_dropped() -> None:
    given: list[Any] = [
        {"customId": " MJ::JOB::upsample::1::U ", "label": " U1 ", "emoji": None, "type": 2, "style": 1},
        {"customId": "", "label": "Web", "style": 5},
        {"customId": None, "style": 2},
        {"customId": "https://example.org", "label": "Web", "style": 5},
        {"custom_id": "x", "emoji": {"name": "🔄"}, "label": 7, "style": "4"},
        {"customId": "y", "style": 99},
        {"customId": ["z"]},
        {"customId": "half \ud800"},
        "garbage",
        None,
    ]
    read = task(buttons=given)
    assert [(each.custom_id, each.label, each.emoji, each.style) for each in read.buttons] == [
        (" MJ::JOB::upsample::1::U ", "U1", "", 1),
        ("x", "7", "🔄", 4),
        ("y", "", "", 2),
    ]


@pytest.mark.parametrize(
    ("fields", "expected"), [({"seed": 42}, "42"), ({"properties": {"imageSeed": "43"}}, "43"), ({"seed": ""}, None)]
)
def test_a_seed_is_found(fields: dict[str, Any], expected: str | None) -> None:
    assert task(**fields).seed == expected


LINES = "1️⃣ an owl, [ink](https://example.org/ink)\r\n\r\n2️⃣ a wise\r\nowl\r\n\r\n3⃣ owl --ar 3:2\r\n\r\n4️⃣ bird"
READ = ("an owl, ink", "a wise owl", "owl --ar 3:2", "bird")


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "DESCRIBE", "properties": {"finalPrompt": LINES}},
        {"action": "DESCRIBE", "properties": {"finalPrompt": "x"}, "promptEn": LINES, "prompt": "x"},
        {"action": "describe", "properties": None, "promptEn": "", "prompt": LINES},
        {"action": "ACTION", "prompt": LINES},
        {"action": "SHORTEN", "description": "## Important tokens\n**owl**\n\n## Shortened prompts\n" + LINES},
    ],
)
def test_the_lines_of_a_text_are_found_where_they_are(fields: dict[str, Any]) -> None:
    read = task(**fields)
    assert read.text_lines == READ
    assert read.text is not None
    assert "\r" not in read.text
    assert read.final_prompt == ""


def test_a_text_without_numbers_is_still_the_text() -> None:
    read = task(action="DESCRIBE", prompt="an owl")
    assert (read.text, read.text_lines) == ("an owl", ())


def test_lines_end_where_a_number_is_missing() -> None:
    assert task(action="DESCRIBE", prompt="1️⃣ a\n\n3️⃣ c").text_lines == ("a",)


def test_a_drawn_tasks_prompt_is_no_text() -> None:
    read = task(action="IMAGINE", prompt=LINES, properties={"finalPrompt": LINES})
    assert (read.text, read.text_lines, read.final_prompt) == (None, (), LINES)


def test_a_running_describe_has_no_text_yet() -> None:
    assert task(status="IN_PROGRESS", action="DESCRIBE", prompt="upload.png").text is None


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (None, Unreadable),
        ("text", Unreadable),
        ([], Unreadable),
        ({}, Unreadable),
        ({"id": "", "status": "SUCCESS"}, Unreadable),
        ({"id": [1], "status": "SUCCESS"}, Unreadable),
        ({"code": 1, "result": "17"}, Unavailable),
    ],
)
def test_what_is_no_task_is_said_to_be_none(body: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse_task(body)


def test_a_wrapped_task_is_read() -> None:
    assert parse_task({"code": 1, "data": {"id": 17, "status": "SUCCESS"}}).id == "17"


@pytest.mark.parametrize("body", [None, [], {"data": []}, {"content": []}])
def test_an_empty_list_is_empty(body: Any) -> None:
    assert parse_tasks(body) == ()


@pytest.mark.parametrize("body", ["text", {}, {"code": 1}])
def test_what_is_no_list_is_said_to_be_none(body: Any) -> None:
    with pytest.raises((Unreadable, Unavailable)):
        parse_tasks(body)


@pytest.mark.parametrize(
    "body", [{"content": [{"id": 17}]}, {"id": "17", "status": "SUCCESS"}, {"data": [{"id": "17"}]}]
)
def test_a_list_in_another_shape_is_read(body: Any) -> None:
    assert [read.id for read in parse_tasks(body)] == ["17"]


def test_the_tasks_of_a_page_are_read() -> None:
    assert [read.id for read in parse_page({"content": [{"id": 17}, "garbage"]})] == ["17"]


@pytest.mark.parametrize("body", [[], {"code": 1}, {"hello": "world"}])
def test_what_is_no_page_is_said_to_be_none(body: Any) -> None:
    with pytest.raises((Unreadable, Unavailable)):
        parse_page(body)


@pytest.mark.parametrize("parse", [parse_tasks, parse_page])
def test_a_refusal_in_a_lists_place_is_a_refusal(parse: Any) -> None:
    with pytest.raises(ServiceRefused):
        parse({"code": 4, "description": "?"})


@pytest.mark.parametrize("impossible", ["9" * 129, "a/b", "..", "1 7", "画", "\ud800", 10**400, {}])
def test_a_task_with_an_impossible_id_is_left_out_and_is_no_task_alone(impossible: Any) -> None:
    odd = {"id": impossible, "status": "SUCCESS"}
    listed = parse_tasks([odd, {"id": "9" * 128, "status": "SUCCESS"}, {**odd, "action": "IMAGINE"}])
    assert [each.id for each in listed] == ["9" * 128]
    with pytest.raises(Unreadable):
        parse_task(odd)
