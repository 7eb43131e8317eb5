"""Tasks of the local image service that alter the answers which they are part of."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from playground.images import LocalImages
from playground.images.replies import Reply, envelope
from playground.images.tasks import Json


class Oddity(StrEnum):
    """What is odd about a task."""

    HUGE = "huge"  # one field holds 9 MiB
    CROWDED = "crowded"  # one field holds 200,000 lists
    DEEP = "deep"  # one field is nested 5,000 levels deep
    LONG_ID = "long id"  # its id has 129 characters
    CUT_OFF = "cut off"  # the JSON ends in its middle
    REFUSED = "refused"  # a request that names it is refused with HTTP 400
    FAILING = "failing"  # a request that names it ends with HTTP 500


# Fields as JSON text, some of which Python would not write by itself.
_FIELDS: dict[str, dict[str, str]] = {
    Oddity.HUGE: {"promptEn": '"' + "x" * 9 * 1024 * 1024 + '"'},
    Oddity.CROWDED: {"properties": "[" + ",".join(["[]"] * 200_000) + "]"},
    Oddity.DEEP: {"properties": "[" * 5_000 + "]" * 5_000},
    Oddity.LONG_ID: {"id": '"' + "9" * 129 + '"'},
}


class OddTasks:
    """The odd tasks of a service by id; `fields` gives JSON texts for fields of a task."""

    def __init__(
        self,
        images: LocalImages,
        tasks: Mapping[str, Oddity] | None = None,
        fields: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.tasks = dict(tasks or {})
        self.fields = dict(fields or {})
        images.faults.alter = self.altered

    def clear(self) -> None:
        self.tasks.clear()
        self.fields.clear()

    def altered(self, reply: Reply) -> Reply:
        """The answer, as the odd tasks in it make it."""
        if not (self.tasks or self.fields):
            return reply
        # What is answered may be what is stored.
        reply = replace(reply, body=copy.deepcopy(reply.body))
        body = reply.body.get("content", [reply.body]) if isinstance(reply.body, dict) else reply.body
        tasks: list[Json] = body if isinstance(body, list) else []
        found = [task for task in tasks if task.get("id") in self.tasks or task.get("id") in self.fields]
        kinds = {self.tasks[task["id"]] for task in found if task["id"] in self.tasks}
        if Oddity.REFUSED in kinds:
            return Reply(400, envelope(4, "参数错误"))
        if Oddity.FAILING in kinds:
            return Reply(500, {"status": 500, "error": "Internal Server Error"})
        if not found:
            return reply
        marks: dict[str, str] = {}
        for number, task in enumerate(found):
            oddity = self.tasks.get(task["id"])
            for name, json_text in {**_FIELDS.get(oddity or "", {}), **self.fields.get(task["id"], {})}.items():
                task[name] = f"<{name} of {number}>"
                marks[task[name]] = json_text
        text = reply.text()
        for mark, json_text in marks.items():
            text = text.replace(f'"{mark}"', json_text, 1)
        return Reply(reply.status, text[: len(text) // 2] if Oddity.CUT_OFF in kinds else text)
