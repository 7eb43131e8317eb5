"""One request, several remote tasks: "Imagine all" starts one per line (docs/image-api.md#text-buttons); some services
expand `{a, b}` and `--repeat` themselves.

The answer contains their ids, joined by commas. If it contains only the first id, the other tasks are recognized by
their `state`: the `state` of the request followed by `::` and a number.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from bot.engines.models import RemoteTask
from bot.tasks.permutations import prompts_of
from bot.tasks.prompt import clean
from bot.tasks.results import new_callback_token, new_task_id
from storage import Action, NewMessage, NewTask, Request, Route, Store, Submission, Task, TaskState, TaskUpdate

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


async def add_named(store: Store, task: Task, upstream_ids: Sequence[str], now: float) -> list[Task]:
    """Stores the tasks that an answer names after the first, each with a message to be posted beside the first task's
    message.

    Must be called within a transaction. Raises StorageError.
    """
    parent = await store.tasks.get(task.parent_id) if task.parent_id else None
    prompts = list(parent.result.lines) if parent else expanded(task.request)
    if len(upstream_ids) > 1 and parent is None and len(prompts) == len(upstream_ids):
        await store.tasks.rewrite(task.id, dataclasses.replace(task.request, prompt=prompts[0]))
    prompts += [task.request.prompt] * (len(upstream_ids) - len(prompts))
    pairs = list(zip(upstream_ids, prompts, strict=False))
    return [await _add(store, task, upstream_id, prompt, now) for upstream_id, prompt in pairs[1:]]


async def add_found(store: Store, press: Submission, remotes: Sequence[RemoteTask], now: float) -> list[Task]:
    """Stores the tasks of a request that are not stored yet. `remotes` are the service's tasks, found by their `state`.

    Returns the tasks whose messages need an update. Raises StorageError.
    """
    if not remotes:
        return []
    changed: list[Task] = []
    async with store.transaction():
        first = await store.tasks.get(press.task_id)
        if first is None or first.upstream_id is None:
            return []
        prompts = expanded(first.request)
        for remote in in_order(remotes):
            if not await store.tasks.by_upstream(remote.id):
                told = remote.prompt if remote.prompt in prompts or not prompts else ""
                changed.append(await _add(store, first, remote.id, told or first.request.prompt, now))
        own = next((remote.prompt for remote in remotes if remote.id == first.upstream_id), "")
        if own in prompts and len(remotes) >= len(prompts):
            # The first task now has only its own prompt, which a retry uses as well.
            changed.append(await store.tasks.rewrite(first.id, dataclasses.replace(first.request, prompt=own)))
    return changed


async def _add(store: Store, task: Task, upstream_id: str, prompt: str, now: float) -> Task:
    """Adds another task beside this one, with the same images, and a message to be posted beside the first message."""
    new = NewTask(
        id=new_task_id(),
        parent_id=task.parent_id,
        owner_id=task.owner_id,
        guild_id=task.guild_id,
        channel_id=task.channel_id,
        request=dataclasses.replace(task.request, prompt=prompt),
        callback_token=new_callback_token(),
        # A retry of this task alone needs the images.
        pictures=await store.tasks.inputs(task.id),
    )
    added = await store.tasks.add(new, now)
    for message in (await store.messages.for_task(task.id))[:1]:
        await store.messages.add(
            new.id,
            NewMessage(
                route=Route.FOLLOWUP,
                user_id=message.user_id,
                application_id=message.application_id,
                guild_id=message.guild_id,
                channel_id=message.channel_id,
                token=message.token,
                token_ends_at=message.token_ends_at,
                upload_limit=message.upload_limit,
                locale=message.locale,
            ),
        )
    return await store.tasks.move(new.id, TaskUpdate(TaskState.PENDING, upstream_id=upstream_id), now) or added
