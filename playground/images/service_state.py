"""The state behind the endpoints: tasks, queue, images, callbacks, and the copies of a relay."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ParamSpec

from playground.discord.events import EventBus
from playground.images.callbacks import CallbackPolicy, Callbacks
from playground.images.files import PictureUrls
from playground.images.profiles import PROFILES, Profile
from playground.images.prompt import parse_prompt
from playground.images.replies import Reply, accepted, banned, queue_full
from playground.images.task_json import newapi_new_task_json, task_json
from playground.images.task_queue import Pace, TaskQueue
from playground.images.tasks import Ids, Json, Status, Task

P = ParamSpec("P")
BANNED_WORD = "forbiddenword"
BANNED_REASON = "可能包含敏感词"


@dataclass
class Options:
    """What the service's operator has set, or has bought. See docs/image-api.md."""

    remix: bool = False  # variations, pans, rerolls and animations wait in a modal by themselves
    remix_allowed: bool = True  # they may be asked for with `enableRemix`
    partner: bool = False  # tasks keep the job id of their grid, on trueai-9 images have videos by name
    hooks: bool = False  # newapi lets notifyHook pass
    admin: bool = True  # the key may cancel on trueai
    web_ui: bool = True  # newapi answers a GET of an unknown path with its web page
    upload_channel: bool = True  # newapi has a channel for uploads
    buttonless: bool = False  # tasks have no buttons, as behind some free proxies
    video_faces: bool = True  # trueai puts faces into videos
    gateway_spelling: bool = False  # shortened lines are `MJ::JOB::PromptAnalyzer`, as one gateway writes them
    names_all: bool = True  # an answer names every task that braces were expanded to, not the first alone
    upload_base: str | None = None  # where uploaded images are said to be, if not at the service itself


class RelayCopies:
    """What a newapi relay knows: its own copy of each task, updated only now and then.

    A task confirmed in a modal is stored a second time, but fetch answers with the first copy: it stays at MODAL until
    the second one is finished and a further round has passed (docs/image-api.md#newapi-tasks).
    """

    def __init__(self, service: "ServiceState") -> None:
        self._service = service
        self._rows: dict[str, Json] = {}
        self._open: dict[str, Task] = {}
        self._waited: set[str] = set()

    def accepted(self, task: Task) -> None:
        self._rows.setdefault(task.id, newapi_new_task_json(task, PROFILES["newapi"], self._service.urls))
        self._open[task.id] = task

    def row(self, task: Task) -> Json:
        """The copy of a task; one that came while another service was emulated is copied at once."""
        if task.id not in self._rows:
            self._rows[task.id] = self._service.json_at(task, PROFILES["newapi"])
            self._open[task.id] = task
        return self._rows[task.id]

    def sync(self) -> None:
        """One round: copy every task that is not finished."""
        for task in list(self._open.values()):
            second = task.modal and task.confirmations and self._rows[task.id]["status"] in ("", "MODAL")
            if second and not (task.status.final and task.id in self._waited):
                self._waited |= {task.id} if task.status.final else set()
                continue
            renamed = {"action": "MODAL"} if second and task.status is Status.SUCCESS else {}
            self._rows[task.id] = self._service.json_at(task, PROFILES["newapi"]) | renamed
            if task.status.final:
                del self._open[task.id]


class ServiceState:
    """Everything that the endpoints share."""

    def __init__(self, profile: Profile, pace: Pace, slots: int, queue_limit: int, options: Options) -> None:
        self.profile = profile
        self.options = options
        self.tasks: dict[str, Task] = {}
        self.uploads: dict[str, bytes] = {}
        # Sent in place of every finished image.
        self.replacement_picture: bytes | None = None
        self.ids = Ids()
        self._rendering = asyncio.Lock()
        self.urls = PictureUrls("")
        self.queue = TaskQueue(pace, slots, queue_limit, self._changed)
        self.callbacks = Callbacks(CallbackPolicy())
        self.relay_copies = RelayCopies(self)
        self.bus = EventBus()

    @property
    def side(self) -> int:
        return self.queue.pace.side

    def check_prompt(self, prompt: str) -> None:
        """Refuse a banned word where that is done at once. Raises `Refusal`."""
        if BANNED_WORD in prompt.lower() and self.profile.name in ("novicezk", "plus", "trueai-9"):
            raise banned(prompt, BANNED_WORD)

    def failure_for(self, prompt: str) -> str | None:
        """Why a task with this prompt will fail after its acceptance; None when it will not."""
        if BANNED_WORD in prompt.lower():
            return BANNED_REASON
        flag = parse_prompt(prompt).unknown_flag
        return f"[Invalid parameter] unknown flag --{flag}" if flag else None

    def check_capacity(self) -> None:
        """Raises `Refusal` when the queue is full."""
        if self.queue.full:
            raise queue_full(self.profile.full_code)

    def enqueue(self, task: Task, *, place: bool = True) -> Reply:
        self.check_capacity()
        self.store(task)
        return accepted(self.profile, task, self.queue.submit(task), place=place)

    def store(self, task: Task) -> None:
        self.tasks[task.id] = task
        task.buttonless = self.options.buttonless
        task.gateway_spelling = self.options.gateway_spelling
        if self.profile.name == "newapi":
            self.relay_copies.accepted(task)

    def json_of(self, task: Task) -> Json:
        """The task object as the present profile answers it."""
        if self.profile.name == "newapi":
            return self.relay_copies.row(task)
        return self.json_at(task, self.profile)

    def json_at(self, task: Task, profile: Profile) -> Json:
        return task_json(task, profile, self.urls, partner=self.options.partner)

    async def rendered(self, render: Callable[P, bytes], *arguments: P.args, **options: P.kwargs) -> bytes:
        """A file that `rendering` makes, in a thread; one at a time, because nothing here is as much work."""
        async with self._rendering:
            return await asyncio.to_thread(render, *arguments, **options)

    async def close(self) -> None:
        await self.queue.close()
        await self.callbacks.close()

    def _changed(self, task: Task) -> None:
        self.bus.publish("task", task)
        hooked = task.notify_hook and task.status not in (Status.MODAL, Status.CANCEL)
        if not hooked or (self.profile.name == "newapi" and not self.options.hooks):
            return
        # Behind a newapi relay it is the upstream that calls back, in its own format.
        sender = PROFILES["trueai"] if self.profile.name == "newapi" else self.profile
        self.callbacks.notify(task.id, task.notify_hook or "", self.json_at(task, sender))


@dataclass(frozen=True)
class Call:
    """One request to an endpoint, its body read.

    `mode` comes from the path's prefix; `files` are those of a form, by their fields' names.
    """

    service: ServiceState
    endpoint: str
    body: Json
    mode: str | None = None
    task_id: str = ""
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def profile(self) -> Profile:
        return self.service.profile

    def text(self, name: str) -> str:
        """A field as text; empty when it is missing. Numbers are taken as text."""
        value = self.body.get(name)
        return "" if value is None or isinstance(value, (dict, list)) else str(value)

    def requested_mode(self, prompt: str) -> str | None:
        """FAST, RELAX or TURBO: by path, then account filter, then prompt (docs/image-api.md#modes)."""
        if self.mode:
            return self.mode
        wanted = self.body.get("accountFilter")
        modes = wanted.get("modes") if isinstance(wanted, dict) else None
        if isinstance(modes, list) and modes:
            return str(modes[0])
        mode = parse_prompt(prompt).mode
        return mode.upper() if mode else None

    def hook(self) -> str | None:
        """The URL for callbacks; newapi drops it unless its operator allows it."""
        if self.profile.name == "newapi" and not self.service.options.hooks:
            return None
        return self.text("notifyHook") or None
