"""The engine of a model that makes images through the images API (docs/platform-api.md#images-api)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engines.base import ReportProgress
from bot.engines.errors import Limitation, NotOffered, RefusalKind, Unsuitable
from bot.engines.models import Feature, PressInputs, RemoteTask, SubmitAnswer, SubmitTag
from bot.engines.platform import image_buttons, image_requests
from bot.engines.platform.image_answers import ImageTaskReader, submit_answer
from bot.engines.platform.image_buttons import ImageOperation
from bot.engines.platform.platform_engine import PlatformEngine
from bot.platform.client import PlatformClient
from bot.platform.engines_file import EngineProfile
from bot.platform.requests import ImageEditRequest
from bot.platform.switches import Switch
from storage import InputImage, Request, StoredButton, Task

# How a model is called that only enlarges images.
_PLAIN = EngineProfile(models=("*",), edits=True)


class ImagesEngine(PlatformEngine):
    """One model. Most platforms answer with the images, some with a task that will have them."""

    def __init__(self, model: str, profile: EngineProfile, client: PlatformClient) -> None:
        super().__init__(model, profile, client, {Feature.FETCH, *({Feature.EDIT} if profile.edits else ())})
        self._tasks = ImageTaskReader(client)
        self.qualities = profile.qualities

    def check(self, request: Request, images: int) -> None:
        """Compares a request with the profile. Raises Unsuitable."""
        super().check(request, images)
        if images and self._client.switches.is_set(Switch.ENDPOINT_MISSING, ImageEditRequest.path):
            raise Unsuitable(Limitation.NO_INPUTS, engine=self._model)

    async def submit(
        self, request: Request, inputs: Sequence[InputImage], tag: SubmitTag, report: ReportProgress
    ) -> SubmitAnswer:
        """Makes images of the prompt, or changes the given ones."""
        return await self._send(self._model, self._profile, request, inputs)

    async def press(
        self, parent: Task, request: Request, inputs: Sequence[InputImage], tag: SubmitTag, report: ReportProgress
    ) -> SubmitAnswer:
        """Sends the request of a button: with the images that it needs, to the model that it needs."""
        if image_buttons.operation_of(request.custom_id) is not ImageOperation.UPSCALE:
            return await self._send(self._model, self._profile, request, inputs)
        if self._profile.upscale is None:
            raise NotOffered(RefusalKind.UNSUPPORTED_BUTTON, f"{self._model} has no model that enlarges its images")
        return await self._send(self._profile.upscale, _PLAIN, request, inputs)

    def buttons(self, task: Task) -> tuple[StoredButton, ...]:
        """The buttons of a finished task."""
        return image_buttons.buttons_of(task, self._profile)

    def press_inputs(self, button: StoredButton) -> PressInputs:
        """An image of the result, or for *Again* the images of the request."""
        return image_buttons.inputs_of(button)

    def offers(self, button: StoredButton) -> bool:
        """Whether the platform has what the button needs, as far as it was learned."""
        switches = self._client.switches
        operation = image_buttons.operation_of(button.custom_id)
        if operation in (ImageOperation.AGAIN, ImageOperation.OTHER_RATIO):
            return True
        if switches.is_set(Switch.ENDPOINT_MISSING, ImageEditRequest.path):
            return False
        other_model = self._profile.upscale if operation is ImageOperation.UPSCALE else None
        return other_model is None or not switches.is_set(Switch.MODEL_MISSING, other_model)

    async def fetch(self, task_id: str, *, tries: int | None = None) -> RemoteTask:
        """The state of a task, for platforms that answer with one."""
        return await self._tasks.fetch(task_id, tries=tries)

    async def _send(
        self, model: str, profile: EngineProfile, request: Request, inputs: Sequence[InputImage]
    ) -> SubmitAnswer:
        images = self._client.images
        if inputs:
            answer = await images.edit(await image_requests.edit(model, profile, request, inputs))
        else:
            answer = await images.generate(image_requests.generation(model, profile, request))
        return await submit_answer(answer)
