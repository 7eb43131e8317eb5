"""Tasks that spoil every answer they are part of, for as long as they are odd."""

from enum import StrEnum

from playground.images.answers import Reply, envelope
from playground.images.tasks import Json

_HUGE = 9 * 1024 * 1024
_LONG_ID = 129


class Oddity(StrEnum):
    """What is odd about a task."""

    HUGE = "huge"
    """One field holds 9 MiB."""
    CROWDED = "crowded"
    """One field holds 200,000 lists."""
    DEEP = "deep"
    """One field is nested 5,000 levels deep."""
    CUT_OFF = "cut off"
    """The JSON ends in its middle."""
    REFUSED = "refused"
    """A request that names it is refused, HTTP 400."""
    FAILING = "failing"
    """A request that names it ends with HTTP 500."""
    LONG_ID = "long id"
    """Its id is shown with 129 characters."""


# JSON that Python would not write by itself takes the place of these marks.
_WRITTEN = {
    Oddity.CROWDED: "[" + ",".join(["[]"] * 200_000) + "]",
    Oddity.DEEP: "[" * 5_000 + "]" * 5_000,
}


def spoilt(reply: Reply, odd: dict[str, Oddity]) -> Reply:
    """The answer, as the odd tasks in it make it."""
    body = reply.body.get("content", [reply.body]) if isinstance(reply.body, dict) else reply.body
    tasks = body if isinstance(body, list) else []
    found = [(task, odd[task["id"]]) for task in tasks if task.get("id") in odd]
    for task, oddity in found:
        if oddity is Oddity.REFUSED:
            return Reply(400, envelope(4, "参数错误"))
        if oddity is Oddity.FAILING:
            return Reply(500, {"status": 500, "error": "Internal Server Error"})
        _change(task, oddity)
    if not found:
        return reply
    text = reply.text()
    for oddity, written in _WRITTEN.items():
        text = text.replace(f'"<{oddity}>"', written)
    cut = any(oddity is Oddity.CUT_OFF for _, oddity in found)
    return Reply(reply.status, text[: len(text) // 2] if cut else text, task_ids=reply.task_ids)


def _change(task: Json, oddity: Oddity) -> None:
    if oddity is Oddity.HUGE:
        task["promptEn"] = "x" * _HUGE
    elif oddity is Oddity.LONG_ID:
        task["id"] = "9" * _LONG_ID
    elif oddity in _WRITTEN:
        task["properties"] = f"<{oddity}>"
