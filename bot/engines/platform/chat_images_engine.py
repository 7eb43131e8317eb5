"""The engine of a chat model whose answers contain images (docs/platform-api.md#images-in-text).

A model that takes links gets the whole conversation when its image is changed, because it answers in one; a model that
takes data gets the image alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from bot.engines.base import ReportProgress
from bot.engines.models import Feature, Finished, PressInputs, RemoteStatus, SubmitAnswer, SubmitTag
from bot.engines.platform import chat_messages, image_buttons, image_requests
from bot.engines.platform.chat_engine import ChatEngine, result_of, shown
from bot.engines.platform.chat_messages import Turns, question
from bot.engines.platform.image_buttons import ImageOperation
from bot.platform.chat_answer import ChatAnswer
from bot.platform.client import PlatformClient
from bot.platform.engines_file import EngineProfile, InputForm
from storage import InputImage, Request, StoredButton, Task


class ChatImagesEngine(ChatEngine):
    """One model. Aspect ratio and changes are words in the prompt."""

    def __init__(self, model: str, profile: EngineProfile, client: PlatformClient) -> None:
        edits = () if profile.inputs is InputForm.NONE else (Feature.EDIT,)
        super().__init__(model, profile, client, *edits)

    async def submit(
        self, request: Request, inputs: Sequence[InputImage], tag: SubmitTag, report: ReportProgress
    ) -> SubmitAnswer:
        """Asks for an image of the prompt, or for a change of the given images."""
        return await self._asked((), self._words(request), inputs, report)

    async def press(
        self, parent: Task, request: Request, inputs: Sequence[InputImage], tag: SubmitTag, report: ReportProgress
    ) -> SubmitAnswer:
        """Asks the same again, or for a change of the image that was pressed."""
        earlier = chat_messages.restored(parent.result.conversation)
        words = self._words(request)
        match image_buttons.operation_of(request.custom_id):
            case ImageOperation.AGAIN | ImageOperation.OTHER_RATIO:
                # What is asked again replaces the question that led to the result.
                earlier = earlier[:-1]
            case ImageOperation.VARY:
                words = f"Make a variation of this image: {words}"
        return await self._asked(earlier, words, inputs, report)

    def buttons(self, task: Task) -> tuple[StoredButton, ...]:
        """The buttons of a finished image: those of the images API, as far as the model reads images."""
        return image_buttons.buttons_of(task, self._profile)

    def press_inputs(self, button: StoredButton) -> PressInputs:
        """An image of the result, or for *Again* the images of the request."""
        needs = image_buttons.inputs_of(button)
        return needs._replace(link=self.takes_links)

    def _words(self, request: Request) -> str:
        return image_requests.words_of(self._profile, request)

    async def _asked(
        self, earlier: Turns, words: str, inputs: Sequence[InputImage], report: ReportProgress
    ) -> SubmitAnswer:
        message = await question(self._model, self._profile.inputs, words, inputs)
        answer = await self._answer([*chat_messages.messages_of(earlier), message], report)
        finished = await result_of(answer, self._client.base_url)
        if finished.remote.status is not RemoteStatus.SUCCESS:
            return finished
        asked = message.content if isinstance(message.content, str) else ""
        return self._continued(finished, answer, [*earlier, (asked, answer.raw_text)])

    def _continued(self, finished: Finished, answer: ChatAnswer, turns: Turns) -> Finished:
        """The result with the model's remark about the image, and with the conversation so far."""
        kept = chat_messages.stored(turns) if self.takes_links else ""
        remote = dataclasses.replace(finished.remote, text=shown(answer.text) or None, conversation=kept)
        return dataclasses.replace(finished, remote=remote)
