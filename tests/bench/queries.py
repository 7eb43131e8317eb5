"""What each question to the store costs among a million tasks: everything that a person can cause, and the jobs."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import random
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bot.ui.components.custom_ids import TaskFilter
from bot.ui.components.limits import MAX_CHOICES
from bot.ui.panels.task_list import MAX_PAGES, PAGE, STATES
from storage import Action, NewTask, Request, Store, TaskQuery, TaskResult, TaskState, open_store
from storage.migrate import migrations
from tests.bench.filling import BUTTONS
from tests.bench.tables import Table

# Removed by `make clean`.
FOLDER = Path(__file__).resolve().parent.parent.parent / "build" / "bench"
TASKS = 1_000_000
RUNNING = 300
# One person who has asked for a twentieth of all, and one picture that everybody reworks with one button.
HEAVY, POPULAR, CHILDREN, CUSTOM_ID = 7, 500_000, 5_000, "MJ::JOB::variation::1::uuid"
LOST_EVERY, FAILED_EVERY = 200, 30
TIMES = 7
WORDS = ["fox", "boat", "owl", "lantern", "harbour", "paper", "brass", "city", "rain", "gold", "狐", "山水", "雨夜"]
PICTURE = "https://cdn.example.net/attachments/1300000000000000000/1300000000000000001/a.png"
# The version before the indexes: so that bringing a database of this size to the newest one is measured, too.
OLD_VERSION = 2

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
    path = database()
    made = [] if path.exists() else [await _make(path)]
    async with open_store(f"sqlite:///{path}") as store:
        times = {name: await _times(query) for name, query in questions(store).items()}
    return [short_table(times), full_table(times), *made]


def database() -> Path:
    """The file of the million tasks: kept, and made anew when this module or a migration changes."""
    written = (Path(__file__).read_bytes(), *(script.encode() for _, script in migrations()))
    return FOLDER / f"tasks-{hashlib.sha256(b''.join(written)).hexdigest()[:12]}.db"


async def _make(path: Path) -> Table:
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob("tasks-*"):
        old.unlink()
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    fill(part, TASKS)
    before, began, cpu = part.stat().st_size, time.perf_counter(), time.process_time()
    async with open_store(f"sqlite:///{part}"):
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
    sizes = [f"{size / 1e6:,.0f} MB" for size in (before, part.stat().st_size)]
    part.rename(path)
    heads = [f"{TASKS:,} tasks, from version {OLD_VERSION}", "CPU", "before", "after"]
    return Table("migration", heads, [[f"{took:.1f} s", f"{cpu:.1f} s", *sizes]])


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
        rows.append([words, *(f"{min(each):.1f}–{max(each):.1f} ms" for each in medians), f"{worst:.1f} ms"])
    return Table("queries", [f"among {TASKS:,} tasks", "CPU, median", "by the clock, median", "worst"], rows)


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
    now, moment = _moment(TASKS), range(_snowflake(TASKS - 10), _snowflake(TASKS))
    new = NewTask("new", None, HEAVY, 1, 2, Request(Action.IMAGINE, prompt="a paper boat"), "t")
    return {
        **_searches(store),
        "/show by Midjourney's id: newest picture": lambda: tasks.search(
            TaskQuery(states=(TaskState.SUCCESS,)), limit=1
        ),
        "a task by its id": lambda: tasks.get(popular),
        "tasks by the service's id": lambda: tasks.by_upstream(_upstream(POPULAR)),
        f"children of a task with {CHILDREN:,}": lambda: tasks.children(popular),
        "a callback's task": lambda: tasks.by_callback(popular, "t"),
        "asked for the same just now?": lambda: tasks.requested_by(new.owner_id, moment, parent_id=None),
        f"the same button, pressed {CHILDREN:,} times": lambda: presses.same_button(HEAVY, popular, CUSTOM_ID, moment),
        f"used buttons, pressed {CHILDREN:,} times": lambda: presses.used_buttons(popular),
        "the press of an interaction": lambda: presses.get(_snowflake(POPULAR)),
        "the press of a task": lambda: presses.of_task(popular),
        "a message by Discord's id": lambda: messages.by_message_id(_snowflake(POPULAR)),
        "messages of a task": lambda: messages.for_task(popular),
        f"/queue: {RUNNING} running": tasks.polled,
        "/queue: on their way": tasks.on_their_way,
        "start: messages to catch up": messages.unfinished,
        "job: ended tokens": lambda: messages.forget_tokens(now, limit=500),
        "job: old inputs": lambda: tasks.remove_inputs(now, limit=1),
        "health: a write": store.check_writable,
    }


def task_id(number: int) -> str:
    """The id of a task: as random as real ones, and each number's own."""
    return f"{number * 0x9E3779B97F % (1 << 40):010x}"


def _upstream(number: int) -> str:
    return str(10**15 + number)


def _snowflake(number: int) -> int:
    return int(_upstream(number)) * 1_000


def _moment(number: int) -> float:
    return 1_600_000_000.0 + number * 10


def fill(path: Path, count: int) -> None:
    """Makes a database of an earlier version with this many tasks, each with its press and its message."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("synchronous = OFF", "journal_mode = OFF", "cache_size = -1000000", "foreign_keys = OFF"):
            connection.execute(f"PRAGMA {pragma}")
        for _, script in migrations()[:OLD_VERSION]:
            connection.executescript(script)
        connection.execute(f"PRAGMA user_version = {OLD_VERSION}")
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO tasks (id, upstream_id, parent_id, owner_id, guild_id, channel_id, action, prompt, request,"
            " state, result, buttons, callback_hash, created_at, progressed_at, version)"
            " VALUES (?, ?, ?, ?, 1, 2, 'imagine', ?, ?, ?, ?, ?, x'00', ?, ?, 4)",
            _tasks(count),
        )
        connection.execute(
            "INSERT INTO messages (task_id, route, user_id, application_id, guild_id, channel_id, message_id,"
            " token_ends_at, upload_limit, shown_version, settled, files) SELECT id, 'original', owner_id, 9, 1, 2,"
            " CAST(upstream_id AS INTEGER) * 1000, 0, 10485760, 4,"
            " state IN ('success', 'failure', 'refused'), '[\"a.png\"]' FROM tasks"
        )
        connection.execute(
            "INSERT INTO presses (interaction_id, user_id, task_id, pressed_id, custom_id, nonce, outcome, created_at)"
            " SELECT CAST(upstream_id AS INTEGER) * 1000, owner_id, id,"
            " parent_id, CASE WHEN parent_id IS NULL THEN NULL ELSE ? END, id,"
            " CASE state WHEN 'refused' THEN 'refused' ELSE 'taken' END, created_at FROM tasks",
            (CUSTOM_ID,),
        )
        connection.execute("COMMIT")


def _tasks(count: int) -> Iterator[tuple[Any, ...]]:
    empty, shown = (json.dumps(dataclasses.asdict(TaskResult(image_url=url))) for url in (None, PICTURE))
    buttons = json.dumps([dataclasses.asdict(button) for button in BUTTONS])
    chance = random.Random(1)  # noqa: S311 - the same tasks each time
    # In the order of the ids, because that is how the table is stored.
    for number in sorted(range(count), key=task_id):
        state = _state(number, count)
        prompt = " ".join(chance.choices(WORDS, k=14)) + f" --ar 16:9 --seed {number}"
        request = json.dumps(dataclasses.asdict(Request(Action.IMAGINE, prompt=prompt)))
        moment, owner = _moment(number), HEAVY if number % 20 == 0 else 1_000 + number % 9_973
        parent = task_id(POPULAR) if POPULAR < number <= POPULAR + CHILDREN else None
        ended = state == TaskState.SUCCESS
        yield (
            *(task_id(number), _upstream(number), parent, owner, prompt, request, state),
            *((shown, buttons) if ended else (empty, "[]")),
            *(moment, moment),
        )


def _state(number: int, count: int) -> TaskState:
    if number >= count - RUNNING:
        return TaskState.RUNNING
    if number % LOST_EVERY == 0:
        return TaskState.UNKNOWN
    if number % FAILED_EVERY == 0:
        return TaskState.FAILURE
    return TaskState.REFUSED if number % FAILED_EVERY == 1 else TaskState.SUCCESS
