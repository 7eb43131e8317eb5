"""POST /v1/audio/…: transcriptions, translations and speech (docs/platform-api.md#audio)."""

from collections.abc import Callable
from pathlib import PurePath

from playground.platform.conversation import in_english
from playground.platform.replies import Reply, refusal
from playground.platform.requests import File
from playground.platform.speech import as_opus, as_pcm, as_wav, heard_in, seconds_of
from playground.platform.state import Call

_LONGEST_SPEECH = 4_096
_EXTENSIONS = ("flac", "mp3", "mp4", "mpeg", "mpga", "m4a", "oga", "ogg", "wav", "webm")
_VOICES = (
    "alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer", "verse", "marin", "cedar",
)  # fmt: skip
_SOUNDS: dict[str, tuple[str, Callable[[str, str], bytes]]] = {
    "opus": ("audio/ogg", as_opus),
    "wav": ("audio/wav", as_wav),
    "pcm": ("audio/pcm", as_pcm),
}


async def transcribe(call: Call) -> Reply:
    """The words of a recording."""
    return _transcript(call, _heard(call))


async def translate(call: Call) -> Reply:
    """The words of a recording in English. The newer models only transcribe."""
    if "whisper" not in call.model.id:
        raise refusal(400, f"Translation is not supported for the model {call.model.id}.", param="model")
    return _transcript(call, in_english(_heard(call)))


def _heard(call: Call) -> str:
    return call.said or heard_in(_recording(call).data)


def _recording(call: Call) -> File:
    file = next((file for file in call.request.files if file.field_name == "file"), None)
    if file is None:
        raise refusal(400, "Missing required parameter: 'file'.", param="file")
    # The name decides, not the content.
    if PurePath(file.name).suffix.removeprefix(".") not in _EXTENSIONS:
        raise refusal(400, f"Unrecognized file format: {file.name!r}.", param="file")
    return file


def _transcript(call: Call, text: str) -> Reply:
    if (form := call.body.get("response_format", "json")) != "json":
        raise refusal(400, f"response_format {form!r} is not supported here", param="response_format")
    seconds = max(round(seconds_of(_recording(call).data)), 1)
    return Reply(200, {"text": text, "usage": {"type": "duration", "seconds": seconds}})


async def speak(call: Call) -> Reply:
    """A text as sound: a tone for each letter. There is no MP3, AAC or FLAC here."""
    text, voice = call.text("input"), call.text("voice")
    if call.state.profile.length_of(text) > _LONGEST_SPEECH:
        raise refusal(400, "[{'type': 'string_too_long', 'loc': ('body', 'input')}]", param="input")
    if voice not in _VOICES:
        raise refusal(400, f"Invalid voice: {voice!r}.", code="invalid_voice", param="voice")
    form = call.body.get("response_format", "opus")
    if form not in _SOUNDS:
        raise refusal(400, f"response_format {form!r} is not supported here", param="response_format")
    media_type, make = _SOUNDS[form]
    return Reply(200, await call.drawn(make, text, voice), media_type)
