"""Images are found in whatever form they are shown, each once, and nothing else is taken for one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.platform.generation_text import read_generation
from bot.platform.image_collector import EmbeddedImages, FoundImage, image_of_field, images_in, links_in

CDN = "https://cdn.example.net/"
PIXEL = "data:image/png;base64,iVBORw0KGgo="


def urls(text: str, *, final: bool = True) -> list[str]:
    """The images of a text, data URLs as such."""
    embedded = EmbeddedImages()
    words = embedded.move_out(text, final=final)
    return [image.url or image.data_url for image in images_in(words, embedded, final=final)]


SHOWN = {
    "plain": (f"![a boat]({CDN}1.png)", [f"{CDN}1.png"]),
    "query unchanged": (f"![a]({CDN}1.png?a=b%2Bc&d=e+f)", [f"{CDN}1.png?a=b%2Bc&d=e+f"]),
    "parentheses": (f"![a]({CDN}a_(1)_b.png) (see)", [f"{CDN}a_(1)_b.png"]),
    "an unbalanced parenthesis": (f"![a]({CDN}a(b.png) text", [f"{CDN}a(b.png"]),
    "a title": (f'![a]({CDN}1.png "a title")', [f"{CDN}1.png"]),
    "angle brackets": (f"![a](<{CDN}1.png>)", [f"{CDN}1.png"]),
    "no extension": (f"![a]({CDN}file_00000000abcd)", [f"{CDN}file_00000000abcd"]),
    "empty label": (f"![]({CDN}1.png)", [f"{CDN}1.png"]),
    "brackets in the label": (f"![a [b] c]({CDN}1.png)", [f"{CDN}1.png"]),
    "the link as its label": (f"![{CDN}1.png]({CDN}1.png)", [f"{CDN}1.png"]),
    "quoted": (f"> ![a]({CDN}1.png)\n> prompt", [f"{CDN}1.png"]),
    "inside a link": (f"[![a]({CDN}1.png)]({CDN}page)", [f"{CDN}1.png"]),
    "four": ("".join(f"![a]({CDN}{n}.png)" for n in range(4)), [f"{CDN}{n}.png" for n in range(4)]),
    "twice": (f"![a]({CDN}1.png)\n![b]({CDN}1.png)", [f"{CDN}1.png"]),
    "with its download": (f"![a]({CDN}1.png)\n[下载⏬]({CDN}download/1.png)", [f"{CDN}1.png"]),
    "with its twin": (
        "![a](https://x.example/cdn/1.png)![a](https://x.example/cdn/download/1.png)",
        ["https://x.example/cdn/1.png"],
    ),
    "a download alone": (f"done [⏬下载]({CDN}download/1)", [f"{CDN}download/1"]),
    "a download in English": (f"[Download]({CDN}1)", [f"{CDN}1"]),
    "a bare link": (f"Here: {CDN}1.webp?x=1, done", [f"{CDN}1.webp?x=1"]),
    "only a link": (f" {CDN}result/17 \n", [f"{CDN}result/17"]),
    "a data URL": (f"![a]({PIXEL})", [PIXEL]),
    "a bare data URL": (f"Here: {PIXEL} done", [PIXEL]),
    "two data URLs": (f"![a]({PIXEL})![b]({PIXEL[:-1]}A)", [PIXEL, f"{PIXEL[:-1]}A"]),
    "data URLs without anything between": (f"{PIXEL[:-1]}{PIXEL}", [PIXEL[:-1], PIXEL]),
    "a link after a preview": (f"[31%]({CDN}p.webp).![a]({CDN}1.png)", [f"{CDN}1.png"]),
}
NONE = {
    "previews": f"[0%]({CDN}0.webp).[31%]({CDN}31.webp)[null%]({CDN}n.webp)[12.5%]({CDN}12.webp)[100%]({CDN}1.png)",
    "a preview as an image": f"![31%]({CDN}31.webp)",
    "pages": f"See [its site]({CDN}mj) and {CDN}paper.pdf .",
    "a cited image": f"See [the photo]({CDN}1.png).",
    "another scheme": "![a](ftp://x.example/1.png)![b](javascript:alert(1))![c](file:///etc/passwd)",
    "relative": "![a](1.png)![b](/mj/1.png)",
    "code": f"Write `![a]({CDN}1.png)`:\n```\n![b]({CDN}2.png)\n```",
    "no host": "![a](https://)![b](http:///x.png)",
    "a mark of data that is not there": "![a](embedded-image:3)",
    "a line break": f"![a]({CDN}\n1.png)",
}


@pytest.mark.parametrize("name", SHOWN)
def test_an_image_is_found(name: str) -> None:
    text, expected = SHOWN[name]
    assert urls(text) == expected


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_image_is_not_taken_for_one(name: str) -> None:
    assert urls(NONE[name]) == []


@pytest.mark.parametrize("name", SHOWN)
def test_an_image_is_found_only_when_its_link_is_complete(name: str) -> None:
    text, expected = SHOWN[name]
    for end in range(len(text)):
        assert set(urls(text[:end], final=False)) <= set(expected), text[:end]


FIELDS: dict[str, tuple[Any, str]] = {
    "url": ({"url": f"{CDN}1.png"}, f"{CDN}1.png"),
    "image_url": ({"type": "image_url", "image_url": {"url": f"{CDN}1.png"}}, f"{CDN}1.png"),
    "image_url as text": ({"image_url": f"{CDN}1.png"}, f"{CDN}1.png"),
    "text": (f"{CDN}1.png", f"{CDN}1.png"),
    "base64": ({"b64_json": "iVBORw0KGgoAAAANSUhEUgAA"}, "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA"),
    "JPEG": ({"b64_json": "/9j/4AAQSkZJRgABAQAAAQAB"}, "data:image/jpeg;base64,/9j/4AAQSkZJRgABAQAAAQAB"),
    "a data URL in base64": ({"b64_json": PIXEL}, PIXEL),
    "a data URL in url": ({"url": PIXEL, "b64_json": ""}, PIXEL),
    "unused fields": ({"url": "", "b64_json": "", "revised_prompt": ""}, ""),
    "relative": ({"url": "/files/1.png"}, "/files/1.png"),
    "nothing": ({}, ""),
    "null": (None, ""),
    "a number": ({"url": 17}, ""),
    "another data URL": ({"url": "data:text/html;base64,AAAA"}, ""),
}


@pytest.mark.parametrize("name", FIELDS)
def test_an_image_is_found_in_its_field(name: str) -> None:
    value, expected = FIELDS[name]
    image = image_of_field(value)
    assert (image.url or image.data_url if image else "") == expected


def test_no_image_shows_its_data() -> None:
    assert "base64" not in repr(FoundImage(data_url=PIXEL))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(text=st.text(st.sampled_from('![]()<>"` \nhttps:/a.png%|>{}0下载'), max_size=80))
def test_links_are_within_their_text(text: str) -> None:
    for link in links_in(text):
        assert 0 <= link.start < link.end <= len(text)
        assert link.target in text
    read_generation(text)
    urls(text)


@pytest.mark.parametrize("text", ["[" * 200_000, "](" * 100_000, "![a](" * 80_000, "> 1%\n" * 60_000, "`" * 300_000])
def test_a_hostile_text_takes_no_time(text: str) -> None:
    # Quadratic time would take minutes, and the limit of a test is two.
    urls(text)
    read_generation(text)


PROGRESS = {
    "quoted": ("> 进度 **2%**\n\n> 进度 **34%**\n", 34),
    "labels": ("> 开始绘制...[0%](https://a.example/0.webp).[46%](https://a.example/46.webp)", 46),
    "in a row": ("> 生成中...0%.15%..48%93%100%\n", 100),
    "on a line": ("48%93%", 93),
    "decimals": ("> [12.5%](https://a.example/p.webp)", 12),
    "null": ("> [null%](https://a.example/p.webp)", None),
    "prose": ("Made of 100% cotton, at 50% off.", None),
    "a prompt": ('{"prompt": "100% wool"}\n\n> 进度 **7%**', 7),
    "a prompt that is incomplete": ('{"prompt": "100% wool', None),
    "a link": ("> ![50%](https://a.example/1%2020%25.png)", None),
    "too much": ("> 400%", None),
    "going down": ("> 60%\n> 40%", 60),
}


@pytest.mark.parametrize("name", PROGRESS)
def test_progress_is_read_where_it_is_told(name: str) -> None:
    text, expected = PROGRESS[name]
    assert read_generation(text).progress == expected


def test_buttons_are_read_in_both_revisions_of_the_table() -> None:
    first, second = "|放大|U1|2|MJ::JOB::upsample::1::x|", "|Zoom|2|Zoom Out 2x|MJ::Outpaint::50::1::x::SOLO|"
    table = f"|name|label|type|custom_id|\n|---|---|---|---|\n{first}\n{second}\n|a|b|\n"
    found = read_generation(table).buttons
    assert [(button.label, button.custom_id) for button in found] == [
        ("U1", "MJ::JOB::upsample::1::x"),
        ("Zoom Out 2x", "MJ::Outpaint::50::1::x::SOLO"),
    ]


def test_a_text_without_a_generation_stays_as_it_is() -> None:
    for text in ("> a quote\n\n\n\n| a | b |", '{"prompt": "a boat"}', "See [download](https://a.example/x)."):
        assert read_generation(text).prose == text


FAILURES = {
    "生成失败: timeout": "timeout",
    "生成失败, 原因: banned": "banned",
    '> 生成失败，错误原因如下\n```json\n{"message": "no account"}\n```': "no account",
    "生成失败": "生成失败",
    "x\nInvalid component action": "Invalid component action",
    "A failure is a text.": "",
}


@pytest.mark.parametrize("text", FAILURES)
def test_the_reason_of_a_failure_is_read(text: str) -> None:
    assert read_generation(text).failure == FAILURES[text]
