"""Requests as they are sent: what a button asks for, the prompt, the mode, the links to attachments, and the ids.

Links to Discord attachments are signed and expire a day after Discord issued them; they can be refreshed.
"""

from __future__ import annotations

import dataclasses
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

from bot.engines.base import EngineCapabilities, ImageEngine, SendPress
from bot.engines.errors import EngineError, Unsuitable
from bot.engines.models import Feature, PressInputs, SubmitTag
from bot.engines.options import COUNT, LEFT_OUT, MASKED, RATIO, Mode
from bot.engines.registry import EngineMissing, EngineRegistry, caption
from bot.tasks.engine_calls import error_of
from bot.tasks.errors import UserError
from bot.tasks.policy import InteractionContext
from bot.tasks.prompt import MAX_PROMPT, Prompt, parse
from bot.tasks.prompt_flags import MODE
from bot.tasks.request_prompts import WORDED, check_not_empty, with_sent_prompt, without_flags
from bot.tasks.results import ModalInput
from storage import KEEPS_INPUTS, Action, InputImage, NewTask, Repeats, Request, StoredButton, Task, chosen_options

log = logging.getLogger(__name__)

# Discord's documentation, "API Reference", "Signed Attachment CDN URLs".
HOSTS = ("cdn.discordapp.com", "media.discordapp.net")
# A task may wait in a queue before the image service downloads its links.
SPARE_SECONDS = 3600.0
# Limits for the refusal's text, which must fit into an ephemeral message and into the task's card.
MAX_SHOWN, MOST_SHOWN = 120, 4

Refresh = Callable[[Sequence[str]], Awaitable[Mapping[str, str]]]
Before = Callable[[], Awaitable[None]]

_LETTERS = b"23456789abcdefghjkmnpqrstvwxyz"
# The letter of each byte.
_LETTER_OF_BYTE = bytes(_LETTERS[byte % len(_LETTERS)] for byte in range(256))

# A second press of the same button by the same user within this many milliseconds is a double click.
DOUBLE_CLICK_MS = 1_500
# Discord's ids contain the milliseconds of its own clock above this many lower bits (its "Snowflakes").
SNOWFLAKE_BITS = 22


async def at_once() -> None:
    """Waits for nothing."""


def settled_prompt(request: Request, capabilities: EngineCapabilities) -> Request:
    """The request with the prompt that is sent and the mode in which it will be generated; no I/O. Raises UserError."""
    prompt = typed_prompt(request)
    if prompt is None:
        return _with_possible_mode(request, capabilities)
    check_not_empty(prompt)
    if len(str(prompt)) > MAX_PROMPT:
        raise UserError("prompt_too_long", length=str(len(str(prompt))), limit=str(MAX_PROMPT))
    if not capabilities.has(Feature.PROMPT_FLAGS):
        return without_flags(request, prompt)
    if prompt.mode is None:
        return _with_possible_mode(with_sent_prompt(request, prompt), capabilities)
    request = request.with_options(mode=prompt.mode.value)
    if capabilities.supports_mode(prompt.mode) and not capabilities.reads_mode_flag:
        return with_sent_prompt(request, prompt.without({MODE}))
    if capabilities.supports_mode(prompt.mode) or capabilities.ignores_modes:
        return with_sent_prompt(request, prompt)  # Midjourney reads only the flag
    raise UserError("no_such_mode")


def check_suitable(engine: ImageEngine, request: Request, images: int) -> None:
    """Raises UserError for a prepared request that the engine can certainly not carry out; no I/O. `images` is how many
    are sent with it."""
    try:
        engine.check(request, images)
    except Unsuitable as error:
        raise error_of(error) from error


def check_mode(request: Request, capabilities: EngineCapabilities) -> None:
    """Raises UserError for a mode option that the service does not have. A mode in the prompt takes precedence."""
    prompt = typed_prompt(request)
    typed = prompt.mode if prompt else None
    mode = request.option("mode")
    if mode and not typed and not capabilities.supports_mode(Mode(mode)):
        raise UserError("no_such_mode")


def typed_prompt(request: Request) -> Prompt | None:
    """The prompt that a user typed for this request, or None."""
    if request.action is Action.BUTTON:
        return None if request.window_prompt is None else parse(request.window_prompt)
    return parse(request.prompt) if request.action in WORDED else None


def request_of_press(parent: Task, button: StoredButton, modal: ModalInput | None, needs: PressInputs) -> Request:
    """The request of a task's button: that of the task, with what was typed or chosen in the button's modal. `needs` is
    what else it sends: a change of one image makes one image."""
    options = {
        **parent.request.options,
        RATIO: (modal and modal.aspect) or parent.request.option(RATIO),
        LEFT_OUT: None,
        MASKED: bool(modal and modal.mask) or (needs.inputs and parent.request.options.get(MASKED)),
    }
    if needs.image:
        options[COUNT] = None
    return Request(
        Action.BUTTON,
        prompt=(modal and modal.prompt) or parent.prompt,
        engine=parent.request.engine,
        options=chosen_options(**options),
        custom_id=button.custom_id,
        label=caption(button),
        group=button.group,
        window_prompt=modal.prompt if modal and not modal.aspect else None,
        spoiler=parent.request.spoiler,
    )


def _with_possible_mode(request: Request, capabilities: EngineCapabilities) -> Request:
    """Removes a mode that comes from the user's settings or from the parent task if the service does not have it,
    because the card must not show it. A mode in the prompt is kept."""
    mode = request.option("mode")
    if not mode or capabilities.supports_mode(Mode(mode)) or parse(request.prompt).mode == mode:
        return request
    return request.with_options(mode=None)


class DiscordUnreachable(Exception):
    """Discord does not answer: no link can be refreshed, and it is unknown which links can be refreshed later."""


class AttachmentLinks:
    """Refreshes links to Discord attachments that have expired or expire soon."""

    def __init__(
        self,
        refresh: Refresh,
        now: Callable[[], float],
        hosts: Collection[str] = (),
        *,
        time_is_known: Callable[[], bool] = lambda: True,
    ) -> None:
        """`refresh` maps old links to new ones, omits links that cannot be refreshed, and raises DiscordUnreachable.
        `now` returns unix seconds by Discord's clock, or by this machine's until `time_is_known`. `hosts` are
        attachment hosts in addition to Discord's own."""
        names = "|".join(re.escape(host) for host in (*HOSTS, *hosts))
        self._pattern = re.compile(
            rf"https?://(?:{names})/(?:ephemeral-)?attachments/\d+/\d+/[^\s<>\"'`|{{}},]+", re.IGNORECASE
        )
        self._refresh = refresh
        self._now = now
        self._time_is_known = time_is_known

    def unsigned(self, text: str) -> str:
        """The text with the signatures removed from its attachment links, so that it is the same before and after a
        refresh."""
        return self._pattern.sub(lambda match: match[0].partition("?")[0], text)

    def same(self, one: Request, other: Request) -> bool:
        """Whether two requests are equal apart from the signatures of their attachment links."""
        return self._without_signatures(one) == self._without_signatures(other)

    def _without_signatures(self, request: Request) -> Request:
        return dataclasses.replace(
            request,
            prompt=self.unsigned(request.prompt),
            window_prompt=self.unsigned(request.window_prompt) if request.window_prompt else request.window_prompt,
            link=self.unsigned(request.link) if request.link else request.link,
        )

    async def refreshed(self, request: Request, *, patient: bool = False, before: Before = at_once) -> Request:
        """The request with links that stay valid for at least `SPARE_SECONDS`, as far as they can be refreshed. Waits
        for `before` before it asks Discord.

        Raises UserError, which names the links that have expired and cannot be refreshed. With `patient`, raises
        DiscordUnreachable instead if Discord does not answer, because a later attempt may succeed.
        """
        texts = (request.prompt, request.window_prompt or "", request.link or "")
        links = dict.fromkeys(link for text in texts for link in self._pattern.findall(text))
        if not links:
            return request
        if patient and not self._time_is_known():
            # By this machine's clock, a link that has expired may look valid.
            raise DiscordUnreachable("Discord's time is not known yet")
        now = self._now()
        ending = [link for link in links if ends_at(link) <= now + SPARE_SECONDS]
        if not ending:
            return request
        await before()
        try:
            fresh = await self._refresh(ending)
        except DiscordUnreachable:
            if patient and any(ends_at(link) <= now for link in ending):
                raise
            fresh = {}
        ended = [link for link in ending if link not in fresh and ends_at(link) <= now]
        if ended:
            log.info("%d expired Discord attachment links cannot be refreshed", len(ended))
            shown = [_shown(link) for link in ended[:MOST_SHOWN]] + ["…"] * (len(ended) > MOST_SHOWN)
            raise UserError("link_ended", reason=", ".join(shown))

        def replaced(text: str) -> str:
            return self._pattern.sub(lambda match: fresh.get(match[0], match[0]), text)

        return dataclasses.replace(
            request,
            prompt=replaced(request.prompt),
            window_prompt=request.window_prompt and replaced(request.window_prompt),
            link=request.link and replaced(request.link),
        )

    async def fresh_images(self, images: Sequence[InputImage]) -> Sequence[InputImage]:
        """The images with URLs that stay valid for at least `SPARE_SECONDS`, as far as they can be refreshed. An
        expired URL is left out."""
        now = self._now()
        urls = dict.fromkeys(image.url for image in images if image.url and self._pattern.fullmatch(image.url))
        ending = [url for url in urls if ends_at(url) <= now + SPARE_SECONDS]
        try:
            fresh = await self._refresh(ending) if ending else {}
        except DiscordUnreachable:
            fresh = {}

        def current(url: str | None) -> str | None:
            expired = url in ending and ends_at(url) <= now
            return fresh.get(url, None if expired else url) if url else None

        return [dataclasses.replace(image, url=current(image.url)) for image in images]

    async def current(self, url: str) -> str:
        """The URL, refreshed if it is an attachment link that has expired and can be refreshed."""
        if not self._pattern.fullmatch(url) or ends_at(url) > self._now():
            return url
        try:
            return (await self._refresh([url])).get(url, url)
        except DiscordUnreachable:
            return url


async def ready_to_send(
    engine: ImageEngine, request: Request, images: Sequence[InputImage], links: AttachmentLinks, before: Before
) -> tuple[Request, Sequence[InputImage]]:
    """The request and its images as they are journaled and sent, with links that stay valid. Waits for `before` before
    it asks Discord for them. Raises UserError."""
    ready = await links.refreshed(settled_prompt(request, engine.capabilities), before=before)
    check_suitable(engine, ready, len(images))
    if engine.takes_links and images:
        await before()
        images = await links.fresh_images(images)
    if images or ready.option(KEEPS_INPUTS):
        ready = ready.with_options(**{KEEPS_INPUTS: bool(images) and engine.repeats_inputs})
    return ready, images


def ends_at(link: str) -> float:
    """When an attachment link expires, in unix seconds; 0 for an unsigned link."""
    signed = parse_qs(urlsplit(link).query)
    if not {"ex", "is", "hm"} <= signed.keys():
        return 0.0
    try:
        return float(int(signed["ex"][0], 16))
    except (ValueError, OverflowError):
        return 0.0


def _shown(link: str) -> str:
    return link.partition("://")[2].partition("?")[0][:MAX_SHOWN]


def engine_of(engines: EngineRegistry, request: Request) -> ImageEngine:
    """The engine of a request. Raises UserError if it is not configured any longer."""
    try:
        return engines.named(request.engine)
    except EngineMissing as error:
        raise UserError("engine_missing", engine=request.engine) from error


def new_task_id() -> str:
    """A random id of ten letters and digits (48 bits), without characters that are easily confused."""
    return secrets.token_bytes(10).translate(_LETTER_OF_BYTE).decode()


def new_nonce() -> str:
    """The nonce that is sent to the service as `state` and returned by it (at most 255 characters:
    docs/image-api.md#common-fields)."""
    return secrets.token_hex(12)


def new_callback_token() -> str:
    """The secret part of a task's callback URL."""
    return secrets.token_urlsafe(24)


class Preparation:
    """What is sent for a button, prepared while the journal and the acknowledgment are waited for."""

    def __init__(
        self, engine: ImageEngine, request: Request, parent: Task | None, pictures: Sequence[InputImage]
    ) -> None:
        # The tag with which the request is being journaled.
        self.tag: SubmitTag | None = None
        self._engine = engine
        self._request = request
        self._parent = parent
        self._pictures = pictures
        self._prepared: tuple[SubmitTag, SendPress | None] | None = None

    def prepare(self) -> None:
        """Prepares the request with its tag, unless that has been done. No I/O. Never raises: the send will."""
        if self.tag is None or self._parent is None or self._request.action is not Action.BUTTON:
            return
        if self._prepared and self._prepared[0] == self.tag:
            return
        send: SendPress | None = None
        with suppress(EngineError, ValueError):
            send = self._engine.prepared_press(self._parent, self._request, self._pictures, self.tag)
        self._prepared = self.tag, send

    def sender(self, engine: ImageEngine, tag: SubmitTag) -> SendPress | None:
        """What sends the request that was journaled with this tag. None if it was not prepared just like that."""
        if self._prepared is None or engine is not self._engine or self._prepared[0] != tag:
            return None
        return self._prepared[1]


def repeats_of(context: InteractionContext, new: NewTask, again: Task | None) -> Repeats | None:
    """The earlier submissions of which this one may be a repetition."""
    moment = _double_click(context.interaction_id)
    if again:
        return Repeats(moment, new.parent_id, different=(again.id,))
    if new.parent_id is None or new.request.custom_id is None:
        return None
    if new.pictures and new.request.window_prompt is not None:
        return None  # a mask has its link's interaction id, so its time cannot indicate a double click
    return Repeats(moment, new.parent_id, new.request.custom_id)


def _double_click(interaction_id: int) -> range:
    """The interaction ids close enough to this one, by Discord's clock, to be a double click."""
    moment = interaction_id >> SNOWFLAKE_BITS
    first = max(0, moment - DOUBLE_CLICK_MS)
    return range(first << SNOWFLAKE_BITS, (moment + DOUBLE_CLICK_MS + 1) << SNOWFLAKE_BITS)
