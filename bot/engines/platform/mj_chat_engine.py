"""The engine of Midjourney behind a chat model: grid, progress and buttons are in the text
(docs/platform-api.md#generation-texts)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from bot.engines.base import ReportProgress
from bot.engines.emoji import EMOJI
from bot.engines.errors import Limitation, NotOffered, RefusalKind, Unsuitable
from bot.engines.midjourney.buttons import complete, grid_size
from bot.engines.models import ButtonInput, Feature, PressInputs, RemoteStatus, SubmitAnswer, SubmitTag
from bot.engines.options import COUNT, QUALITY, TRANSPARENT
from bot.engines.platform import chat_messages, image_buttons
from bot.engines.platform.chat_engine import ChatEngine, result_of
from bot.engines.platform.chat_messages import question
from bot.engines.platform.image_buttons import ImageOperation
from bot.platform.chat import follow_up
from bot.platform.chat_answer import ChatAnswer
from bot.platform.client import PlatformClient
from bot.platform.engines_file import EngineProfile
from bot.platform.generation_text import ListedButton
from bot.platform.requests import ChatMessage
from storage import InputImage, Request, StoredButton, Task, TaskState

# Characters of an answer that are stored for its buttons. IDs and table are at its end.
MAX_ANSWER = 12_000
# What a button asks for that a chat can press. The others need a form that the model does not have.
_PRESSABLE = (ButtonInput.NONE, ButtonInput.REMIX)


class MjChatEngine(ChatEngine):
    """One model. Prompts may contain Midjourney's flags; a press is a message that follows on the whole answer."""

    def __init__(self, model: str, profile: EngineProfile, client: PlatformClient) -> None:
        super().__init__(model, profile, client, Feature.PROMPT_FLAGS)

    def check(self, request: Request, images: int) -> None:
        """Raises Unsuitable for options of other engines, for which Midjourney has flags, too."""
        if any(request.option(name) for name in (QUALITY, COUNT, TRANSPARENT)):
            raise Unsuitable(Limitation.FLAGS, engine=self.name)
        super().check(request, images)

    async def submit(
        self, request: Request, inputs: Sequence[InputImage], tag: SubmitTag, report: ReportProgress
    ) -> SubmitAnswer:
        """Asks for a grid of the prompt."""
        message = await question(self._model, self._profile.inputs, request.prompt, inputs)
        return await self._asked([message], report)

    async def press(
        self, parent: Task, request: Request, inputs: Sequence[InputImage], tag: SubmitTag, report: ReportProgress
    ) -> SubmitAnswer:
        """Presses a button of the table below an image."""
        if image_buttons.operation_of(request.custom_id) is ImageOperation.AGAIN:
            return await self.submit(request, inputs, tag, report)
        earlier = chat_messages.restored(parent.result.conversation)[-1:]
        if not earlier or request.custom_id is None:
            raise NotOffered(RefusalKind.UNSUPPORTED_BUTTON, "the answer with this button is not stored")
        [(asked, answered)] = earlier
        button = ListedButton(request.label, request.custom_id)
        history = [ChatMessage(role="user", content=asked)]
        return await self._asked(follow_up(history, ChatAnswer(raw_text=answered), button), report)

    def buttons(self, task: Task) -> tuple[StoredButton, ...]:
        """The buttons of the table, as Midjourney's own. A result without a table can be made again."""
        if task.state is not TaskState.SUCCESS or task.result.missing:
            return ()
        completed = [complete(button) for button in task.buttons]
        pressable = [each for each in completed if each.input in _PRESSABLE]
        without_form = tuple(dataclasses.replace(each, input=ButtonInput.NONE) for each in pressable)
        return without_form or (image_buttons.AGAIN,)

    def grid_size(self, task: Task) -> int:
        """4 for a grid."""
        return grid_size(task, self.buttons(task))

    def press_inputs(self, button: StoredButton) -> PressInputs:
        """Only what is asked for again needs its images again."""
        return image_buttons.inputs_of(button)._replace(link=self.takes_links)

    async def _asked(self, messages: Sequence[ChatMessage], report: ReportProgress) -> SubmitAnswer:
        answer = await self._answer(messages, report)
        finished = await result_of(answer, self._client.base_url)
        if finished.remote.status is not RemoteStatus.SUCCESS:
            return finished
        asked = messages[-1].content
        turns = [(asked, answer.raw_text[-MAX_ANSWER:])] if isinstance(asked, str) else []
        buttons = tuple(map(_stored, answer.generation.buttons))
        remote = dataclasses.replace(finished.remote, buttons=buttons, conversation=chat_messages.stored(turns))
        return dataclasses.replace(finished, remote=remote)


def _stored(button: ListedButton) -> StoredButton:
    """The button of a table row, whose label may be an emoji."""
    label, emoji = ("", button.label) if EMOJI.fullmatch(button.label) else (button.label, "")
    return StoredButton(button.custom_id, label, emoji)
