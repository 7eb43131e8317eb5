"""The image API's document says what the client and the local image service do (docs/image-api.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bot.engines.midjourney import parse_task
from bot.engines.midjourney.button_kinds import ActionKind
from bot.engines.midjourney.buttons import never_send, opens_modal, parse_id, remixable
from playground.images.profiles import PROFILES
from tests.support.documents import ROOT

TEXT = (ROOT / "docs/image-api.md").read_text(encoding="utf-8")
STATES = {
    "pending": "pending",
    "waiting for the user": "waiting_user",
    "running": "running",
    "finished": "success",
    "failed": "failure",
    "canceled": "cancelled",
}


def rows(heading: str) -> Iterator[list[str]]:
    """The cells of the rows below a heading, in all tables up to the next one, without the heads of the tables."""
    section = re.split(r"^#+ ", TEXT.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    lines = section.splitlines()
    for above, line in zip(["", *lines], lines, strict=False):
        if line.startswith("|") and above.startswith("|") and not line.startswith("|--"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]*)`", cell)


def statuses() -> Iterator[tuple[str, str]]:
    for values, state, *_ in rows("Status"):
        yield from ((value.strip('"') if value != "null" else value, state) for value in words(values))


@pytest.mark.parametrize(("value", "state"), list(statuses()))
def test_a_status_means_what_the_document_says(value: str, state: str) -> None:
    task = parse_task({"id": "1", "status": None if value == "null" else value})
    assert task.status == STATES[state]


def test_other_statuses_mean_what_the_document_says() -> None:
    assert parse_task({"id": "1", "action": "IMAGINE"}).status == "pending"
    assert parse_task({"id": "1", "status": "PAINTING"}).status == "running"
    assert len(list(statuses())) > 20


TABLES = ("Grid buttons", "Image buttons", "Text buttons", "Video buttons")
CUSTOM_IDS = [
    (custom_id.replace("UUID", "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"), row[2])
    for table in TABLES
    for row in rows(table)
    for custom_id in words(row[0])
    if custom_id.startswith("MJ::")
]


@pytest.mark.parametrize(("custom_id", "modal"), CUSTOM_IDS)
def test_every_button_of_the_document_is_known(custom_id: str, modal: str) -> None:
    assert parse_id(custom_id).kind is not ActionKind.OTHER
    assert not never_send(custom_id)
    if modal.startswith(("always", "with remix", "no")):
        assert opens_modal(custom_id) == modal.startswith("always")
        assert remixable(custom_id) == modal.startswith("with remix")


def test_the_internal_ids_of_the_document_are_never_sent() -> None:
    section = TEXT.partition("### Internal ids\n")[2].partition("\n#")[0]
    internal = [text.replace("UUID", "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0") for text in words(section)]
    assert len(internal) >= 8
    assert [custom_id for custom_id in internal if not never_send(custom_id)] == []


def endpoints() -> Iterator[tuple[str, str, bool]]:
    """Each service, an endpoint, and whether it is there, as the document says."""
    columns = ("novicezk", "plus", "trueai-9", "trueai", "newapi")
    for first, *cells in rows("Endpoints"):
        path, *others = first.partition("/mj/")[2].split(", ")
        for endpoint in (path, *(f"submit/{other}" for other in others)):
            yield from (
                (name, endpoint, cell not in ("–", "removed")) for name, cell in zip(columns, cells, strict=True)
            )


@pytest.mark.parametrize(("service", "endpoint", "there"), list(endpoints()))
def test_the_local_service_has_the_endpoints_of_the_document(service: str, endpoint: str, there: bool) -> None:
    assert (endpoint in PROFILES[service].endpoints) == there
