"""The state behind the endpoints: tasks, queue, pictures, and who is told of what."""

import asyncio
from dataclasses import dataclass, field

from playground.images.answers import Reply, accepted, banned, queue_full
from playground.images.callbacks import CallbackPolicy, Callbacks
from playground.images.engine import Engine, QueueFull
from playground.images.gallery import Gallery
from playground.images.links import Links
from playground.images.mirror import Mirror
from playground.images.pace import Pace
from playground.images.profiles import PROFILES, Profile
from playground.images.shapes import newapi_fresh, task_json
from playground.images.tasks import Ids, Json, Status, Task
from playground.images.words import read

BANNED_WORD = "forbiddenword"
BANNED_REASON = "可能包含敏感词"


@dataclass
class Options:
    """What the service's operator has set, or has bought.

    `remix`: variations, pans, rerolls and animations wait in a window by themselves. `remix_allowed`: they may
    be asked for with `enableRemix`. `partner`: tasks keep the job id of their grid (docs/image-api.md#button-entries),
    and on trueai-9 single pictures have videos by name (docs/image-api.md#video-buttons). `hooks`: newapi lets
    notifyHook pass. `admin`: the key may cancel on trueai. `web_ui`: newapi answers a GET of an unknown path with
    its web page. `upload_channel`: newapi has a channel for uploads. `buttonless`: tasks have no buttons, as behind
    some free proxies (docs/image-api.md#failures). `video_faces`: trueai puts faces into clips. `gateway_spelling`:
    shortened lines are `MJ::JOB::PromptAnalyzer`, as one gateway writes them (docs/image-api.md#text-buttons).
    `names_all`: an answer names every task that a prompt with braces was expanded to, not the first alone.
    `upload_base`: where uploaded pictures are said to be, if not at the service itself.
    """

    remix: bool = False
    remix_allowed: bool = True
    partner: bool = False
    hooks: bool = False
    admin: bool = True
    web_ui: bool = True
    upload_channel: bool = True
    buttonless: bool = False
    video_faces: bool = True
    gateway_spelling: bool = False
    names_all: bool = True
    upload_base: str | None = None


class Studio:
    """Everything that the endpoints share."""

    def __init__(self, profile: Profile, pace: Pace, slots: int, queue_limit: int, options: Options) -> None:
        self.profile = profile
        self.options = options
        self.tasks: dict[str, Task] = {}
        self.uploads: dict[str, bytes] = {}
        # What is handed out for every finished picture, if not the picture.
        self.stand_in: bytes | None = None
        self.ids = Ids()
        self.gallery = Gallery()
        self.links = Links("")
        self.engine = Engine(pace, slots, queue_limit, self._changed)
        self.callbacks = Callbacks(CallbackPolicy())
        self.mirror = Mirror(self._relayed, lambda task: newapi_fresh(task, PROFILES["newapi"]))
        self.changed = asyncio.Condition()
        self._bumps: set[asyncio.Task[None]] = set()

    @property
    def side(self) -> int:
        """The edge of a square picture, in pixels."""
        return self.engine.pace.side

    def check_prompt(self, prompt: str) -> None:
        """Refuse a banned word where that is done at once. Raises `Refusal`."""
        if BANNED_WORD in prompt.lower() and self.profile.name in ("novicezk", "plus", "trueai-9"):
            raise banned(prompt, BANNED_WORD)

    def doom(self, prompt: str) -> str | None:
        """Why a task with this prompt will fail after its acceptance; None when it will not."""
        if BANNED_WORD in prompt.lower():
            return BANNED_REASON
        flag = read(prompt).unknown_flag
        return f"[Invalid parameter] unknown flag --{flag}" if flag else None

    def room(self) -> None:
        """Raises `Refusal` when the queue is full."""
        try:
            self.engine.room()
        except QueueFull:
            raise queue_full(self.profile) from None

    def take(self, task: Task, *, place: bool = True) -> Reply:
        """Put a task into the queue; the answer says that it was accepted. Raises `Refusal`."""
        self.room()
        self.store(task)
        return accepted(self.profile, task, self.engine.submit(task), place=place)

    def store(self, task: Task) -> None:
        """Keep a task without starting it."""
        self.tasks[task.id] = task
        task.buttonless = self.options.buttonless
        task.gateway_spelling = self.options.gateway_spelling
        if self.profile.name == "newapi":
            self.mirror.accepted(task)

    def known(self, task_id: str) -> Task | None:
        """The task of this id."""
        return self.tasks.get(task_id)

    def wire(self, task: Task) -> Json:
        """The task object as the present profile answers it."""
        if self.profile.name == "newapi":
            return self.mirror.row(task)
        return task_json(task, self.profile, self.links, partner=self.options.partner)

    async def close(self) -> None:
        """Stop the workers and the callbacks."""
        await self.engine.close()
        await self.callbacks.close()
        await asyncio.gather(*self._bumps, return_exceptions=True)

    def _relayed(self, task: Task) -> Json:
        return task_json(task, PROFILES["newapi"], self.links, partner=self.options.partner)

    def _changed(self, task: Task) -> None:
        bump = asyncio.create_task(self._bump())
        self._bumps.add(bump)
        bump.add_done_callback(self._bumps.discard)
        hooked = task.notify_hook and task.status not in (Status.MODAL, Status.CANCEL)
        if not hooked or (self.profile.name == "newapi" and not self.options.hooks):
            return
        # Behind a newapi relay it is the upstream that calls back, in its own format.
        speaker = PROFILES["trueai"] if self.profile.name == "newapi" else self.profile
        body = task_json(task, speaker, self.links, partner=self.options.partner)
        self.callbacks.notify(task.id, task.notify_hook or "", body)

    async def _bump(self) -> None:
        async with self.changed:
            self.changed.notify_all()


@dataclass(frozen=True)
class Call:
    """One request to an endpoint, its body read.

    `mode` comes from the path's prefix; `files` are those of a form, by their fields' names.
    """

    studio: Studio
    method: str
    endpoint: str
    body: Json
    mode: str | None = None
    task_id: str = ""
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def profile(self) -> Profile:
        return self.studio.profile

    def text(self, name: str) -> str:
        """A field as text; empty when it is missing. Numbers are taken as text."""
        value = self.body.get(name)
        return "" if value is None or isinstance(value, (dict, list)) else str(value)

    def wanted_mode(self, prompt: str) -> str | None:
        """FAST, RELAX or TURBO: by path, then account filter, then prompt (docs/image-api.md#modes)."""
        if self.mode:
            return self.mode
        wanted = self.body.get("accountFilter")
        modes = wanted.get("modes") if isinstance(wanted, dict) else None
        if isinstance(modes, list) and modes:
            return str(modes[0])
        mode = read(prompt).mode
        return mode.upper() if mode else None

    def hook(self) -> str | None:
        """The address for callbacks; newapi drops it unless its operator allows it."""
        if self.profile.name == "newapi" and not self.studio.options.hooks:
            return None
        return self.text("notifyHook") or None
