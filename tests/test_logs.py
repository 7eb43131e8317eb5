"""No secret comes into the log, whoever logs it and however."""

from __future__ import annotations

import logging

import pytest

from bot.logs import DiscreetFormatter

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
