"""What each question to the store costs among a million tasks: everything that a person can cause, and the jobs."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bot.ui.components.custom_ids import TaskFilter
from bot.ui.components.message_components import MAX_CHOICES
from bot.ui.panels.task_list import MAX_PAGES, PAGE, STATES
from storage import (
    Action,
    NewMessage,
    NewSubmission,
    NewTask,
    Opening,
    Repeats,
    Request,
    Route,
    Store,
    SubmissionOutcome,
    TaskQuery,
    TaskState,
    open_store,
)
from tests.bench import million
from tests.bench.million import (
    CHILDREN,
    CUSTOM_ID,
    HEAVY,
    POPULAR,
    RUNNING,
    TASKS,
    moment_of,
    snowflake,
    task_id,
    upstream_id,
)
from tests.bench.tables import Table

TIMES = 7

Query = Callable[[], Awaitable[Any]]


@dataclass(frozen=True)
class Times:
    """Of one question: milliseconds by the clock and of the processor, each time it was asked."""

    clock: Sequence[float]
    cpu: Sequence[float]


# Rows of the short table, and how the names of their questions begin.
GROUPS = {
    "`/tasks`, any page": tuple(f"/tasks {whose}, {kind}" for whose in ("own", "everybody") for kind in TaskFilter),
    "`/tasks` by words": ("/tasks own, words", "/tasks everybody, words"),
    "suggestions while typing": ("autocomplete",),
    "`/show`: the newest image": ("/show",),
    f"`/queue` with {RUNNING} running tasks": ("/queue",),
    "a press: its task, its button, its message, each": (
        *("a task by", "tasks by", "a callback's", "asked for", "the same", "used", "the press"),
        *("a message", "messages"),
    ),
    f"the {CHILDREN:,} children of one task": ("children",),
    "start: messages to catch up": ("start",),
    "daily jobs": ("job", "health"),
}


async def measure() -> Sequence[Table]:
    """The short table, the full one, and if the database was made: that of its migration."""
    path = million.database()
    made = [] if path.exists() else [await million.make(path)]
    async with open_store(f"sqlite:///{path}") as store:
        times = {name: await _times(query) for name, query in questions(store).items()}
    return [short_table(times), full_table(times), *made]


async def _times(query: Query) -> Times:
    clock, cpu = [], []
    for _ in range(TIMES):
        began, began_cpu = time.perf_counter(), time.process_time()
        await query()
        clock.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - began_cpu) * 1000)
    return Times(clock, cpu)


def full_table(times: Mapping[str, Times]) -> Table:
    """One row a question."""
    rows = [
        [name, *(f"{value:.1f} ms" for value in (median(each.cpu), each.clock[0], median(each.clock), max(each.clock)))]
        for name, each in times.items()
    ]
    return Table("questions", ["question", "CPU, median", "first", "median", "worst"], rows)


def short_table(times: Mapping[str, Times], groups: Mapping[str, tuple[str, ...]] = GROUPS) -> Table:
    """One row a group of questions: the range of their medians, and the worst of all."""
    rows = []
    for words, beginnings in groups.items():
        group = [each for name, each in times.items() if name.startswith(beginnings)]
        medians = [[median(each.cpu) for each in group], [median(each.clock) for each in group]]
        worst = max(max(each.clock) for each in group)
        rows.append([words, *map(_span, medians), f"{worst:.1f} ms"])
    return Table("queries", [f"among {TASKS:,} tasks", "CPU, median", "by the clock, median", "worst"], rows)


def _span(values: Sequence[float]) -> str:
    least, most = f"{min(values):.1f}", f"{max(values):.1f}"
    return f"{most} ms" if least == most else f"{least}–{most} ms"


def _searches(store: Store) -> Mapping[str, Query]:
    tasks = store.tasks

    def search(words: str = "", kind: TaskFilter = TaskFilter.ANY, page: int = 0, owner: int | None = HEAVY) -> Query:
        wanted = TaskQuery(owner, STATES[kind], words)
        return lambda: tasks.search(wanted, limit=PAGE + 1, offset=page * PAGE)

    def suggest(words: str, kind: TaskFilter = TaskFilter.ANY) -> Query:
        return lambda: tasks.search(TaskQuery(HEAVY, STATES[kind], words), limit=MAX_CHOICES)

    lists = {
        f"/tasks {'everybody' if owner is None else 'own'}, {kind}, page {page + 1:,}": search("", kind, page, owner)
        for owner in (HEAVY, None)
        for kind in TaskFilter
        for page in (0, MAX_PAGES - 1)
    }
    words = {
        f"/tasks {'everybody' if owner is None else 'own'}, words: {name}": search(word, owner=owner)
        for owner in (HEAVY, None)
        for name, word in {"common": "fox", "none": "xylophone", "two signs": "雨雪", "%": "%"}.items()
    }
    suggestions = {
        f"autocomplete, {kind}, {word or 'nothing typed'}": suggest(word, kind)
        for kind in (TaskFilter.ANY, TaskFilter.RUNNING, TaskFilter.DONE)
        for word in ("", "xylophone")
    }
    return {**lists, **words, **suggestions}


def questions(store: Store) -> Mapping[str, Query]:
    """By what they are asked for."""
    tasks, messages, presses, popular = store.tasks, store.messages, store.submissions, task_id(POPULAR)
    now, moment = moment_of(TASKS), range(snowflake(TASKS - 10), snowflake(TASKS))
    pressed = NewSubmission(snowflake(TASKS - 5), HEAVY, "again", popular, CUSTOM_ID, "again")
    again = Opening(
        NewTask("again", popular, HEAVY, 1, 2, Request(Action.BUTTON, custom_id=CUSTOM_ID), "t"),
        pressed,
        NewMessage(Route.FOLLOWUP, HEAVY, 1, 1, 2, None, 0.0, 1, None),
        SubmissionOutcome.OUTCOME_UNKNOWN,
        now,
        Repeats(moment, popular, CUSTOM_ID),
    )
    new = NewTask("new", None, HEAVY, 1, 2, Request(Action.IMAGINE, prompt="a paper boat"), "t")
    return {
        **_searches(store),
        "/show by Midjourney's id: newest picture": lambda: tasks.search(
            TaskQuery(states=(TaskState.SUCCESS,)), limit=1
        ),
        "a task by its id": lambda: tasks.get(popular),
        "tasks by the service's id": lambda: tasks.by_upstream(upstream_id(POPULAR)),
        f"children of a task with {CHILDREN:,}": lambda: tasks.children(popular),
        "a callback's task": lambda: tasks.by_callback(popular, "t"),
        "asked for the same just now?": lambda: tasks.requested_by(new.owner_id, moment, parent_id=None),
        f"the same button, pressed {CHILDREN:,} times": lambda: presses.open(again),
        f"used buttons, pressed {CHILDREN:,} times": lambda: presses.used_buttons(popular),
        "the press of an interaction": lambda: presses.get(snowflake(POPULAR)),
        "the press of a task": lambda: presses.of_task(popular),
        "a message by Discord's id": lambda: messages.by_message_id(snowflake(POPULAR)),
        "messages of a task": lambda: messages.for_task(popular),
        f"/queue: {RUNNING} running": tasks.polled,
        "/queue: on their way": tasks.on_their_way,
        "start: messages to catch up": messages.unfinished,
        "job: ended tokens": lambda: messages.forget_tokens(now, limit=500),
        "job: old inputs": lambda: tasks.remove_inputs(now, limit=1),
        "health: a write": store.check_writable,
    }
