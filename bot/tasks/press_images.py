"""The images that a pressed button sends: one of the result, or those of the task's own request again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from bot.engines.models import PressInputs
from bot.engines.registry import EngineRegistry
from bot.runtime.byte_budget import ByteBudget
from bot.tasks.errors import UserError
from bot.tasks.policy import InteractionContext
from bot.tasks.task_images import TaskImages
from storage import Action, InputImage, Store, Task


class PressImages:
    """Reads the images of presses."""

    def __init__(self, store: Store, engines: EngineRegistry, budget: ByteBudget, images: TaskImages | None) -> None:
        """`images` reads results; without it, no button can send one."""
        self._store = store
        self._engines = engines
        self._budget = budget
        self._images = images

    @asynccontextmanager
    async def opened(
        self, context: InteractionContext, parent: Task, needs: PressInputs, mask: Sequence[InputImage]
    ) -> AsyncIterator[Sequence[InputImage]]:
        """The images to send for a button with these needs, the mask last. They count toward the budget of the user
        inside the context. Raises UserError, StorageError."""
        async with AsyncExitStack() as stack:
            if needs.inputs:
                images = await self._sent_before(stack, context, parent)
            else:
                images = [await self._of_result(stack, context, parent, needs)]
            yield [*images, *mask]

    @asynccontextmanager
    async def sent_before(self, context: InteractionContext, task: Task) -> AsyncIterator[Sequence[InputImage]]:
        """The images of a task's own request, which count toward the budget of the user inside the context. Raises
        UserError, StorageError."""
        async with AsyncExitStack() as stack:
            yield await self._sent_before(stack, context, task)

    async def _of_result(
        self, stack: AsyncExitStack, context: InteractionContext, task: Task, needs: PressInputs
    ) -> InputImage:
        if self._images is None or needs.image is None:
            raise UserError("result_gone")
        return await stack.enter_async_context(
            self._images.opened(context.user_id, task, needs.image, shown=context.shown(), link=needs.link)
        )

    async def _sent_before(
        self, stack: AsyncExitStack, context: InteractionContext, task: Task
    ) -> Sequence[InputImage]:
        """The images of the task's own request: as they were stored, or read once more from the result that they
        were."""
        if not task.input_count:
            return ()
        size = await self._store.tasks.input_bytes(task.id)
        await stack.enter_async_context(self._budget.hold(context.user_id, size))
        stored = await self._store.tasks.inputs(task.id)
        if len(stored) == task.input_count:
            return stored
        source = await self._source_of(task) if task.input_count == 1 else None
        if source is None:
            raise UserError("mask_removed" if task.request.action is Action.BUTTON else "pictures_removed")
        return [await self._of_result(stack, context, *source)]

    async def _source_of(self, task: Task) -> tuple[Task, PressInputs] | None:
        """The task whose result this task's request sent, and which image of it; through any number of repetitions."""
        while task.request.action is Action.BUTTON and task.parent_id:
            parent = await self._store.tasks.get(task.parent_id)
            if parent is None:
                return None
            pressed = [each for each in self._engines.buttons(parent) if each.custom_id == task.request.custom_id]
            needs = self._engines.of(parent).press_inputs(pressed[0]) if pressed else PressInputs()
            if not needs.inputs:
                return (parent, needs) if needs.image else None
            task = parent
        return None
