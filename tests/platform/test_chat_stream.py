"""The reader of chat answers: whatever the cuts, the line ends and the deviations, the answer is the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engines.errors import AnswerLost, AnswerTooLarge, RateLimited
from bot.platform import event_stream
from bot.platform.chat_answer import MAX_ANSWER_TEXT, ChatAnswer, ChatEnd
from bot.platform.chat_stream import ChatReader, read_chat
from bot.platform.event_stream import EventReader, LineReader
from bot.platform.transport import AnswerHead
from tests.support import platform_samples as samples

OK = AnswerHead(200, "POST", "text/event-stream")
BOAT = "A paper boat."
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGOor68HAAL+AX66JXAlAAAAAElFTkSuQmCC"
)


def chunk(content: Any = None, finish: str | None = None, **delta: Any) -> str:
    """A part of an answer, as a line of data."""
    fields = delta if content is None else {"content": content, **delta}
    return f"data: {json.dumps({'choices': [{'index': 0, 'delta': fields, 'finish_reason': finish}]})}\n\n"


def read(*parts: str | bytes, images: bool = False) -> ChatAnswer:
    """The answer of a body."""
    body = b"".join(part.encode() if isinstance(part, str) else part for part in parts)
    return read_chat(body, OK, expects_images=images)


def in_parts(body: bytes, cuts: list[int], head: AnswerHead, *, images: bool) -> ChatAnswer:
    """The answer of a body that arrives in parts. Every snapshot is taken, and progress never goes down."""
    reader = ChatReader(head, expects_images=images)
    progress = -1
    for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True):
        reader.feed(body[start:end])
        shown = reader.snapshot()
        assert shown.end is None
        assert "base64" not in shown.text
        assert progress <= (-1 if shown.progress is None else shown.progress)
        progress = -1 if shown.progress is None else shown.progress
    return reader.end()


def facts(answer: ChatAnswer) -> tuple[object, ...]:
    """What makes two answers the same."""
    error = (type(answer.error), str(answer.error))
    return (answer.text, answer.raw_text, answer.images, answer.progress, answer.generation, answer.reasoning,
            answer.end, answer.reason, error, answer.model, answer.total_tokens)  # fmt: skip


CHATS = sorted(
    name
    for name in samples.listed()
    if name.startswith(("sse-", "stream-", "chat-", "gemini-", "reverse-", "flux-", "mjchat-", "html-", "error-"))
    and not name.startswith(("sse-images", "sse-tts", "mjchat-followup"))
)


@pytest.mark.parametrize("name", CHATS)
def test_an_answer_is_the_same_wherever_its_body_is_cut(name: str) -> None:
    body, head = samples.body(name), samples.head(name)
    whole = facts(read_chat(body, head, expects_images=True))
    # The largest files hold nothing of its own kind, and are also read byte by byte.
    for cut in range(0, len(body) + 1, 1 if len(body) < 2_000 else 11):
        reader = ChatReader(head, expects_images=True)
        reader.feed(body[:cut])
        reader.feed(body[cut:])
        assert facts(reader.end()) == whole, cut


@pytest.mark.parametrize("name", CHATS)
def test_an_answer_is_the_same_byte_by_byte(name: str) -> None:
    body, head = samples.body(name), samples.head(name)
    reader = ChatReader(head)
    for at in range(len(body)):
        reader.feed(body[at : at + 1])
    assert facts(reader.end()) == facts(read_chat(body, head))


PIECES = st.sampled_from(
    ["A paper ", "boat.", "\n", "> 进度 **3", "4%**\n\n", "[31%](https://a.example/p.webp)", "![b", "](https://a.exam",
     "ple/x.png?a=b%2Bc)", f"![i]({PIXEL})", PIXEL[:40], PIXEL[40:],
     "```json\n{\"prompt\": \"a 100% boat\"}\n```\n",
     "<think>hm", "</think>", "生成失败: x", "🔄", "|a|U1|2|MJ::JOB::upsample::1::x|\n", "`code`",
     "https://a.example/y.jpg "]
)  # fmt: skip
LINES = st.lists(PIECES.map(chunk) | st.sampled_from(
    [": PING\n\n", "id: 1\n", "event: ping\n", "data:\n\n", "data: ping\n\n", "data: [none]\n\n", "\n", "junk\n",
     'data: {"choices": null}\n\n', 'data: {"choices": [], "usage": {"total_tokens": 7}}\n\n', '{"error": "late"}\n',
     'data: {"error": {"message": "bad", "code": "x"}}\n\n', chunk(reasoning_content="hm"), chunk({}, "stop"),
     'data: {"choices":\ndata: [{"delta": {"content": "joined"}}]}\n\n', "data: [DONE]\n\n"]
), max_size=12)  # fmt: skip
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
CALM = settings(max_examples=150, deadline=None, derandomize=True)


@CALM
@given(lines=LINES, line_end=ENDS, images=st.booleans(), bom=st.booleans(), data=st.data())
def test_any_stream_is_read_the_same_in_any_parts(
    lines: list[str], line_end: str, images: bool, bom: bool, data: st.DataObject
) -> None:
    body = ("\ufeff" * bom + "".join(lines).replace("\n", line_end)).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=40)))
    assert facts(in_parts(body, cuts, OK, images=images)) == facts(read_chat(body, OK, expects_images=images))


@settings(CALM, max_examples=300)
@given(body=st.binary(max_size=300) | st.text(max_size=200).map(str.encode), status=st.sampled_from([200, 400, 503]))
def test_no_body_breaks_the_reader(body: bytes, status: int) -> None:
    answer = read_chat(body, AnswerHead(status, "POST"))
    assert answer.end in (ChatEnd.FAILED, ChatEnd.CUT, ChatEnd.COMPLETE, ChatEnd.REFUSED)


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["choices", "delta", "message", "content", "error", "images", "image_url", "url", "text",
                         "type",                          "finish_reason", "usage", "total_tokens", "index",
                         "code", "refusal", "reasoning"]),
        inner, max_size=5),
    max_leaves=25,
)  # fmt: skip


@settings(CALM, max_examples=300)
@given(document=JSONS)
def test_no_document_breaks_the_reader(document: Any) -> None:
    text = json.dumps(document)
    for body in (text, f"data: {text}\n\n"):
        answer = read(body)
        answer.text.encode()
        assert answer.end is not None


DEVIATIONS = {
    "event: ping": "event: ping\ndata: {\"type\": \"ping\"}\n\n",
    "[none]": "data: [none]\n\n",
    "null choices": 'data: {"id": "", "choices": null}\n\n',
    "empty choices": 'data: {"choices": []}\n\n',
    "retry": "retry: 3000\n",
    "a number": "data: 17\n\n",
    "a second choice": 'data: {"choices": [{"index": 1, "delta": {"content": "other"}}]}\n\n',
}  # fmt: skip


@pytest.mark.parametrize("name", DEVIATIONS)
def test_what_is_no_part_of_the_answer_is_ignored(name: str) -> None:
    answer = read(chunk("A paper "), DEVIATIONS[name], chunk("boat."), chunk({}, "stop"), "data: [DONE]\n\n")
    assert (answer.text, answer.end) == (BOAT, ChatEnd.COMPLETE)


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n"])
def test_line_ends_of_all_kinds_are_read(line_end: str) -> None:
    body = "".join([chunk("A paper "), chunk("boat."), chunk({}, "stop")]).replace("\n", line_end)
    assert read(body).text == BOAT


def test_the_last_line_needs_no_end() -> None:
    answer = read(chunk("A paper "), chunk("boat.", "stop").rstrip("\n"))
    assert (answer.text, answer.end) == (BOAT, ChatEnd.COMPLETE)


def test_a_stream_is_read_although_json_was_announced() -> None:
    answer = read_chat(samples.body("sse-normal.txt"), AnswerHead(200, "POST", "application/json"))
    assert (answer.text, answer.end) == (BOAT, ChatEnd.COMPLETE)


ERRORS = {
    "text": 'data: {"error": "all busy"}\n\n',
    "object": 'data: {"error": {"message": "all busy"}}\n\n',
    "event": 'event: error\ndata: {"message": "all busy"}\n\n',
    "event with detail": 'event: error\ndata: {"detail": {"message": "all busy"}}\n\n',
    "type": 'data: {"type": "error", "message": "all busy"}\n\n',
    "no data": '{"error": {"message": "all busy"}}\n',
    "delta": chunk(error="all busy"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_in_a_stream_is_one_although_the_stream_ends_well(name: str) -> None:
    answer = read(chunk("A paper "), ERRORS[name], chunk({}, "stop"), "data: [DONE]\n\n")
    assert (answer.text, answer.end, answer.reason) == ("A paper", ChatEnd.FAILED, "all busy")


def test_an_error_line_at_the_beginning_is_one() -> None:
    answer = read('{"error": {"message": "x", "code": "rate_limit_exceeded"}}\n', "data: [DONE]\n\n")
    assert (answer.end, type(answer.error)) == (ChatEnd.FAILED, RateLimited)


def test_the_name_of_an_event_does_not_stand_for_the_next_one() -> None:
    reader = EventReader()
    events = [*reader.feed(b'event: error\ndata: {"a": 1}\ndata: {"b": 2}\n'), *reader.end()]
    assert [(event.name, dict(event.document)) for event in events] == [("error", {"a": 1}), ("", {"b": 2})]


@pytest.mark.parametrize(
    ("finish", "end"),
    [
        ("length", ChatEnd.CUT),
        ("stop", ChatEnd.COMPLETE),
        ("eos", ChatEnd.COMPLETE),
        ("content_filter", ChatEnd.REFUSED),
        (None, ChatEnd.CUT),
    ],
)
def test_the_end_follows_from_the_reason(finish: str | None, end: ChatEnd) -> None:
    assert read(chunk("A paper "), chunk({}, finish), "data: [DONE]\n\n").end is end


def test_a_refusal_in_its_own_field_is_one() -> None:
    answer = read(chunk(refusal="I can't "), chunk(refusal="do that."), chunk({}, "stop"))
    assert (answer.end, answer.reason) == (ChatEnd.REFUSED, "I can't do that.")


def test_an_image_that_came_counts_whatever_went_wrong_afterwards() -> None:
    image = chunk("![b](https://a.example/x.png)\n")
    for after in (ERRORS["text"], chunk({}, "content_filter"), "data: [DONE]\n\n", ""):
        answer = read(image, after, images=True)
        assert (answer.end, len(answer.images)) == (ChatEnd.COMPLETE, 1)


def test_an_empty_answer_is_no_success() -> None:
    for body in (chunk("", "stop"), chunk({}, "tool_calls"), '{"choices": [{"message": {"content": ""}}]}'):
        assert read(body).end is ChatEnd.FAILED


@pytest.mark.parametrize("body", ["", "  \n", "data: [DONE]\n\n", ": PING\n\n", "[]", "{}", '{"object": "list"}'])
def test_a_body_without_an_answer_is_lost(body: str) -> None:
    answer = read(body)
    assert (answer.end, type(answer.error)) == (ChatEnd.FAILED, AnswerLost)


WHOLE = {"choices": [{"message": {"content": BOAT}, "finish_reason": "stop"}]}


@pytest.mark.parametrize("end", ["", "\n\n", "\n\ndata: [DONE]\n\n", " data: [DONE] data: [DONE]"])
@pytest.mark.parametrize("indent", [None, 1])
def test_one_document_is_read_with_whatever_a_gateway_adds(end: str, indent: int | None) -> None:
    answer = read("\n \n", json.dumps(WHOLE, indent=indent), end)
    assert (answer.text, answer.end) == (BOAT, ChatEnd.COMPLETE)


def test_lines_without_a_field_name_are_read_if_the_body_begins_so() -> None:
    lines = [chunk("A paper "), chunk("boat."), chunk({}, "stop")]
    answer = read(*(line.removeprefix("data: ") for line in lines))
    assert (answer.text, answer.end) == (BOAT, ChatEnd.COMPLETE)


def test_a_json_body_that_was_cut_off_is_lost() -> None:
    assert isinstance(read('{"choices": [{"message": {"content": "A pa').error, AnswerLost)


def test_a_data_url_is_cut_out_while_it_arrives_in_pieces() -> None:
    pieces = [PIXEL[at : at + 7] for at in range(0, len(PIXEL), 7)]
    lines = [chunk("Here: ![i]("), *map(chunk, pieces), chunk(") done"), chunk({}, "stop")]
    reader = ChatReader(OK)
    changes = 0
    for line in lines:
        changes += reader.feed(line.encode())
        assert "base64" not in reader.snapshot().text + reader.snapshot().raw_text
    assert changes < 8
    answer = reader.end()
    assert [image.data_url for image in answer.images] == [PIXEL]
    assert answer.text == "Here:  done"


@pytest.mark.parametrize("halves", [("\\ud83d", "\\ude80"), ("a\\ud83d", "\\ude80b")])
def test_a_character_that_is_split_between_two_parts_is_put_together(halves: tuple[str, str]) -> None:
    reader = ChatReader(OK)
    for half in halves:
        line = f'data: {{"choices": [{{"delta": {{"content": "{half}"}}}}]}}\n\n'
        reader.feed(line.encode())
        assert "\ufffd" not in reader.snapshot().text
    assert "🚀" in reader.end().text
    assert read(chunk("\ud83d lone"), chunk({}, "stop")).text == "\ufffd lone"


def test_reasoning_at_the_beginning_is_hidden_while_it_arrives() -> None:
    reader = ChatReader(OK)
    for piece in ("<thi", "nk>secret", " more</thin", "k>\n\nA paper "):
        reader.feed(chunk(piece).encode())
        assert reader.snapshot().text in ("", "A paper")
    reader.feed(chunk("boat.", "stop").encode())
    assert (reader.end().text, reader.end().reasoning) == (BOAT, "secret more")


def test_a_document_over_several_lines_of_data_is_joined() -> None:
    document = json.dumps({"choices": [{"delta": {"content": BOAT}, "finish_reason": "stop"}]}, indent=1)
    body = "".join(f"data: {line}\n" for line in document.splitlines())
    assert read(body, "\n").text == BOAT


def test_a_long_answer_is_cut_and_says_so() -> None:
    answer = read(*[chunk("x" * 10_000)] * (MAX_ANSWER_TEXT // 10_000 + 5), chunk({}, "stop"))
    assert (len(answer.text), answer.end) == (MAX_ANSWER_TEXT, ChatEnd.CUT)


def test_a_line_without_an_end_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "MAX_LINE", 1_000)
    reader = EventReader()
    with pytest.raises(AnswerTooLarge):
        for _ in range(100):
            list(reader.feed(b"data: " + b"x" * 100))


@pytest.mark.parametrize("size", [1, 2, 3, 50])
@pytest.mark.parametrize("text", ["a\r\nb", "\r\n\r\n", "a\rb\r", "a\n\rb\n", "\r\r\n\n", "ab", "a\n", "", "\r\na"])
def test_lines_are_split_as_python_splits_them(text: str, size: int) -> None:
    body = text.encode()
    for cut in range(len(body) + 1):
        reader = LineReader()
        lines: list[bytes] = []
        for half in (body[:cut], body[cut:]):
            for start in range(0, len(half), size):
                lines += reader.feed(half[start : start + size])
        last = reader.rest()
        assert [*lines, *([last] if last else [])] == body.splitlines()
