"""One request, several remote tasks: "Imagine all" starts one per line (docs/image-api.md#text-buttons); some services
expand `{a, b}` and `--repeat` themselves.

The answer contains their ids, joined by commas. If it contains only the first id, the other tasks are recognized by
their `state`: the `state` of the request followed by `::` and a number.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import NamedTuple

from bot.engines.models import RemoteTask
from bot.tasks.permutations import prompts_of
from bot.tasks.prompt import clean
from bot.tasks.requests import new_callback_token, new_task_id
from storage import Action, FurtherTask, Message, NewMessage, NewTask, Request, Route, Store, Submission, Task

_NUMBER = re.compile(r"::\d{1,3}$")


def nonce_of(state: str) -> str:
    """The nonce of the request that created a task with this `state`."""
    return _NUMBER.sub("", state)


def in_order(remotes: Sequence[RemoteTask]) -> list[RemoteTask]:
    """The tasks of one request, in the order of their prompts."""
    return sorted(remotes, key=lambda remote: (len(remote.state), remote.state, remote.id))


def expanded(request: Request) -> list[str]:
    """The prompts into which a service may expand a request; empty if it stays a single prompt."""
    prompts = prompts_of(request.prompt) if request.action is Action.IMAGINE else []
    return list(map(clean, prompts)) if isinstance(prompts, list) and len(prompts) > 1 else []


class Split(NamedTuple):
    """A request that the service split into several tasks: the further tasks, and the part of the request that the
    first task keeps (None: all of it)."""

    further: Sequence[FurtherTask] = ()
    request: Request | None = None


async def named(store: Store, task: Task, upstream_ids: Sequence[str], now: float) -> Split:
    """The tasks that an answer names after the first, each with a message of its own, posted after that of the first.

    Raises StorageError.
    """
    parent = await store.tasks.get(task.parent_id) if task.parent_id else None
    prompts = list(parent.result.lines) if parent else expanded(task.request)
    own = parent is None and len(prompts) == len(upstream_ids)
    request = dataclasses.replace(task.request, prompt=prompts[0]) if own else None
    prompts += [task.request.prompt] * (len(upstream_ids) - len(prompts))
    pairs = list(zip(upstream_ids, prompts, strict=False))[1:]
    return Split(await _further(store, task, pairs, now), request)


async def add_found(store: Store, press: Submission, remotes: Sequence[RemoteTask], now: float) -> list[Task]:
    """Stores the tasks of a request that are not stored yet. `remotes` are the service's tasks, found by their `state`.

    Returns the tasks whose messages need an update. Raises StorageError.
    """
    first = await store.tasks.get(press.task_id) if remotes else None
    if first is None or first.upstream_id is None:
        return []
    prompts = expanded(first.request)
    found = [
        (remote.id, (remote.prompt if remote.prompt in prompts or not prompts else "") or first.request.prompt)
        for remote in in_order(remotes)
        if not await store.tasks.by_upstream(remote.id)
    ]
    own, request = next((remote.prompt for remote in remotes if remote.id == first.upstream_id), ""), None
    if own in prompts and len(remotes) >= len(prompts):
        # The first task now has only its own prompt, which a retry uses as well.
        request = dataclasses.replace(first.request, prompt=own)
    if not found and request is None:
        return []
    return await store.tasks.add_further(first, await _further(store, first, found, now, once=True), request)


async def _further(
    store: Store, task: Task, pairs: Sequence[tuple[str, str]], now: float, *, once: bool = False
) -> list[FurtherTask]:
    """Further tasks, given by ID and prompt, with the same images. `once`: those that are stored already are left
    out."""
    # A retry of one of these tasks alone needs the images.
    pictures = await store.tasks.inputs(task.id) if pairs else []
    shown = await store.messages.for_task(task.id) if pairs else []
    message = _beside(shown[0]) if shown else None
    return [
        FurtherTask(
            NewTask(
                id=new_task_id(),
                parent_id=task.parent_id,
                owner_id=task.owner_id,
                guild_id=task.guild_id,
                channel_id=task.channel_id,
                request=dataclasses.replace(task.request, prompt=prompt),
                callback_token=new_callback_token(),
                pictures=pictures,
                upstream_id=upstream_id,
            ),
            message,
            now,
            once,
        )
        for upstream_id, prompt in pairs
    ]


def _beside(message: Message) -> NewMessage:
    """A message to be posted next to this one."""
    return NewMessage(
        route=Route.FOLLOWUP,
        user_id=message.user_id,
        application_id=message.application_id,
        guild_id=message.guild_id,
        channel_id=message.channel_id,
        token=message.token,
        token_ends_at=message.token_ends_at,
        upload_limit=message.upload_limit,
        locale=message.locale,
    )
