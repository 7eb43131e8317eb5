"""No secret comes into the log, whoever logs it and however, and each event is one line that can be read."""

from __future__ import annotations

import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import logs
from bot.logs import MAX_LINE, MAX_TRACEBACK, DiscreetFormatter

TOKEN = "aW50ZXJhY3Rpb246MTIz-_secret"


@pytest.mark.parametrize(
    "line",
    [
        f"POST https://discord.com/api/v10/interactions/123/{TOKEN}/callback responded with 429",
        f"PATCH https://discord.com/api/v10/webhooks/9/{TOKEN}/messages/@original?wait=true",
        f"/webhooks/9/{TOKEN}",
        f"WebSocket Event: {{'t': 'INTERACTION_CREATE', 'd': {{'token': '{TOKEN}', 'id': '1'}}}}",
        f'{{"op":2,"d":{{"token":"{TOKEN}"}}}}',
        f'b\'{{\\"token\\": \\"{TOKEN}\\"}}\'',
        f"POST http://127.0.0.1:8420/callback/k7m2p9x4qa/{TOKEN}",
        f"Authorization: Bearer {TOKEN}",
    ],
)
def test_a_token_is_hidden_and_the_rest_stays(line: str) -> None:
    formatter = DiscreetFormatter([TOKEN] if "Bearer" in line else [])
    record = logging.LogRecord("discord.http", logging.DEBUG, "http.py", 1, "%s", (line,), None)
    written = formatter.format(record)
    assert TOKEN not in written
    assert "[hidden]" in written
    assert all(word in written for word in line.split(TOKEN, maxsplit=1)[0].split()[:-1])


def test_a_secret_in_a_traceback_is_hidden() -> None:
    try:
        raise ValueError(f"https://user:{TOKEN}@images.example.net")  # noqa: TRY301 - what is logged is a traceback
    except ValueError as error:
        record = logging.LogRecord("bot", logging.ERROR, "x.py", 1, "failed", (), (ValueError, error, None))
    written = DiscreetFormatter([TOKEN]).format(record)
    assert TOKEN not in written
    assert "images.example.net" in written


def test_an_empty_key_hides_nothing() -> None:
    record = logging.LogRecord("bot", logging.INFO, "x.py", 1, "ready", (), None)
    assert DiscreetFormatter([""]).format(record).endswith("ready")


def written(message: str, error: BaseException | None = None) -> str:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("bot", logging.WARNING, "x.py", 1, "said: %s", (message,), info)
    return DiscreetFormatter([]).format(record)


FORGED = "no\n2026-01-01 00:00:00,000 ERROR   bot.app: forged"
CONTROLS = [
    "\n",
    "\r",
    "\x1b[31m",
    "\x07",
    "\x9b",
    "\u2028",
    "\u2029",
    "\x85",
    "\u202e",
    "\u200b",
    "\x00",
    "\ud800",
    "\t",
]


@pytest.mark.parametrize("sign", CONTROLS, ids=ascii)
def test_what_is_logged_stays_on_its_line_and_can_be_read(sign: str) -> None:
    line = written(f"before{sign}after é 画 🦊")
    assert line.isprintable()
    assert "before" in line
    assert "after é 画 🦊" in line
    line.encode("utf-8")


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except type(error) as caught:
        return caught


def nested() -> BaseException:
    inner = raised(ValueError(FORGED))
    inner.add_note(FORGED)
    group = BaseExceptionGroup(FORGED, [inner, OSError(FORGED)])
    group.__cause__ = inner
    return raised(group)


@pytest.mark.parametrize(
    "error", [raised(ValueError(FORGED + "\x1b[2J\ud800")), nested(), SyntaxError(FORGED)], ids=repr
)
def test_no_line_of_a_traceback_looks_like_an_event(error: BaseException) -> None:
    lines = written(FORGED, error).split("\n")
    assert len(lines) > 1
    assert all(line.startswith("    ") for line in lines[1:])
    assert all(line.isprintable() for line in lines)


def test_a_traceback_keeps_its_frames() -> None:
    lines = written("x", raised(ValueError("y"))).split("\n")
    assert any("in raised" in line for line in lines)
    assert lines[-1] == "    ValueError: y"


def test_a_line_and_a_traceback_are_bounded() -> None:
    def deep(left: int) -> None:
        raise ValueError("x" * 1_000_000) if not left else shallow(left - 1)

    def shallow(left: int) -> BaseException:
        deep(left)
        return ValueError()

    assert len(written("x" * 1_000_000)) < MAX_LINE + 100
    with pytest.raises(ValueError, match="xxx") as caught:
        deep(150)
    lines = written("x", caught.value).split("\n")
    assert len(lines) <= MAX_TRACEBACK + 2
    assert max(map(len, lines)) < MAX_LINE + 100


def test_a_secret_is_hidden_where_the_line_is_cut() -> None:
    record = logging.LogRecord("bot", logging.INFO, "x.py", 1, "x" * (MAX_LINE - 45) + TOKEN, (), None)
    assert TOKEN[:6] not in DiscreetFormatter([TOKEN]).format(record)


@given(st.text())
def test_any_text_is_one_line(text: str) -> None:
    assert written(text).isprintable()


def test_a_line_that_cannot_be_formatted_is_one_line_without_its_values(capsys: pytest.CaptureFixture[str]) -> None:
    handler = logs.handler_on(sys.stderr, [])
    handler.handle(logging.LogRecord("bot", logging.INFO, "x.py", 1, "so many: %d\n", (TOKEN,), None))
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "so many" in said
    assert TOKEN not in said
