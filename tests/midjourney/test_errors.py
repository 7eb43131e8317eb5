"""The tree of errors is total: as drawn, nothing else comes out, and each class is raised by something."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bot.engines import errors
from bot.engines.errors import (
    AnswerLost,
    AuthFailed,
    EngineError,
    NotOffered,
    NotSent,
    RateLimited,
    ServiceRefused,
    Unavailable,
    UnknownTask,
    Unreadable,
    Unsuitable,
)
from bot.engines.midjourney import MidjourneyClient, parse_task
from bot.engines.midjourney.requests import ActionRequest, ImagineRequest
from bot.engines.models import SubmitTag
from tests.midjourney.service import DROP, Reply, ScriptedService, empty, js, plain

TAG = SubmitTag("nonce-1")


def classes(root: type[EngineError]) -> Iterator[type[EngineError]]:
    """The classes of the vocabulary. A client of one service may add classes of its own."""
    yield root
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from classes(child)


def test_the_tree_is_as_drawn() -> None:
    drawn = re.findall(r"^ *[│├└─ ]*(\w+)", (errors.__doc__ or "").split("\n\n")[1], re.MULTILINE)
    assert drawn == [cls.__name__ for cls in classes(EngineError)]


def test_only_not_sent_and_refused_say_that_nothing_was_taken() -> None:
    sure = {cls for cls in classes(EngineError) if issubclass(cls, NotSent | ServiceRefused)}
    assert sure == {NotSent, ServiceRefused, AuthFailed, RateLimited, NotOffered, UnknownTask, Unsuitable}


@pytest.mark.parametrize(
    ("reply", "submit", "read"),
    [
        (DROP, AnswerLost, Unavailable),
        (plain("no", 400), ServiceRefused, ServiceRefused),
        (empty(401), AuthFailed, AuthFailed),
        (empty(429), RateLimited, RateLimited),
        (js({"error": "Not Found"}, 404), NotOffered, NotOffered),
        (js({"code": 4, "description": "task_not_found"}, 400), UnknownTask, UnknownTask),
    ],
)
async def test_each_class_is_raised_where_it_belongs(
    service: ScriptedService,
    client: MidjourneyClient,
    reply: Reply,
    submit: type[ServiceRefused],
    read: type[ServiceRefused],
) -> None:
    service.will(reply)
    with pytest.raises(EngineError) as caught:
        await client.submit(ActionRequest(task_id="17", custom_id="MJ::JOB::upsample::1::u"), None, TAG)
    assert type(caught.value) is submit
    with pytest.raises(EngineError) as caught:
        await client.fetch("17")
    assert type(caught.value) is read


async def test_what_is_not_sent_is_said_to_be(client: MidjourneyClient) -> None:
    with pytest.raises(NotSent):
        await client.fetch("no / id")


def test_a_body_that_came_in_another_way_can_be_unreadable() -> None:
    with pytest.raises(Unreadable):
        parse_task({"hello": "world"})


async def test_an_error_keeps_its_cause(service: ScriptedService, client: MidjourneyClient) -> None:
    service.will(DROP)
    with pytest.raises(AnswerLost) as caught:
        await client.submit(ImagineRequest(prompt="an owl"), None, TAG)
    assert caught.value.__cause__ is not None
