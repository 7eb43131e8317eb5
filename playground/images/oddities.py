"""Tasks that spoil every answer they are part of, for as long as they are odd."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from playground.images.answers import Reply, envelope
from playground.images.tasks import Json


class Oddity(StrEnum):
    """What is odd about a task."""

    HUGE = "huge"
    """One field holds 9 MiB."""
    CROWDED = "crowded"
    """One field holds 200,000 lists."""
    DEEP = "deep"
    """One field is nested 5,000 levels deep."""
    LONG_ID = "long id"
    """Its id is shown with 129 characters."""
    CUT_OFF = "cut off"
    """The JSON ends in its middle."""
    REFUSED = "refused"
    """A request that names it is refused, HTTP 400."""
    FAILING = "failing"
    """A request that names it ends with HTTP 500."""


# Fields as JSON text, some of which Python would not write by itself.
_FIELDS = {
    Oddity.HUGE: {"promptEn": '"' + "x" * 9 * 1024 * 1024 + '"'},
    Oddity.CROWDED: {"properties": "[" + ",".join(["[]"] * 200_000) + "]"},
    Oddity.DEEP: {"properties": "[" * 5_000 + "]" * 5_000},
    Oddity.LONG_ID: {"id": '"' + "9" * 129 + '"'},
}


@dataclass
class Odd:
    """The odd tasks by id; `fields` gives JSON texts for fields of a task."""

    tasks: dict[str, Oddity] = field(default_factory=dict)
    fields: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def clear(self) -> None:
        """From now on no task is odd."""
        self.tasks.clear()
        self.fields.clear()

    def spoilt(self, reply: Reply) -> Reply:
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
        written = [_marked(task, self._fields_of(task["id"]), number) for number, task in enumerate(found)]
        text = reply.text()
        for mark, json_text in (pair for pairs in written for pair in pairs):
            text = text.replace(f'"{mark}"', json_text, 1)
        return Reply(reply.status, text[: len(text) // 2] if Oddity.CUT_OFF in kinds else text)

    def _fields_of(self, task_id: str) -> dict[str, str]:
        oddity = self.tasks.get(task_id)
        return {**(_FIELDS.get(oddity, {}) if oddity else {}), **self.fields.get(task_id, {})}


def _marked(task: Json, fields: Mapping[str, str], number: int) -> list[tuple[str, str]]:
    """Puts marks into a task's fields; each with the JSON text that is to take its place."""
    marks = [(f"<{name} of {number}>", json_text) for name, json_text in fields.items()]
    task |= {name: mark for name, (mark, _) in zip(fields, marks, strict=True)}
    return marks
