"""Every kind of call to a platform, each made by a person in Discord: a command, a menu or a button."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from playground.discord import Interaction, UploadedFile
from playground.driver import Environment
from playground.platform.speech import as_opus
from tests.support.pictures import png

CHAT, COMPLETIONS = "/v1/chat/completions", "/v1/completions"
GENERATIONS, EDITS = "/v1/images/generations", "/v1/images/edits"
EMBEDDINGS, SPEECH = "/v1/embeddings", "/v1/audio/speech"
TRANSCRIPTIONS, TRANSLATIONS = "/v1/audio/transcriptions", "/v1/audio/translations"
MODELS = "/v1/models"
GEMINI = "gemini-2.5-flash-image"

Use = Callable[[Environment], Awaitable[Interaction]]


@dataclass(frozen=True)
class PlatformCall:
    """What a person does (`use`), the endpoint that it needs, and what they see if all goes well (`said`) or not.

    `failures`: what they see by the meaning of a failure. `model` restricts a fault to the model of this call.
    """

    path: str
    use: Use
    said: str
    failures: Mapping[str, str]
    model: str = ""


async def listed(env: Environment) -> Environment:
    """Waits until the bot knows what the platform sells."""
    await env.platform.until(lambda: any(each.status == 200 for each in env.platform.calls_of(MODELS)))
    return env


def imagine(engine: str) -> Use:
    """`/imagine` with this engine."""

    async def use(env: Environment) -> Interaction:
        return await env.slash("imagine", {"prompt": "a brass owl", "engine": engine})

    return use


def pressed(engine: str, caption: str, prompt: str = "") -> Use:
    """A button of a card of this engine, with the prompt of its modal if it has one."""

    async def use(env: Environment) -> Interaction:
        card = await env.result_of(await imagine(engine)(env))
        opened = await env.press(card, caption)
        return await env.submit_modal(opened, {"prompt": prompt}) if prompt else opened

    return use


def slash(command: str, **options: str | UploadedFile) -> Use:
    """A command with its options."""

    async def use(env: Environment) -> Interaction:
        return await env.slash(command, dict(options))

    return use


async def describe(env: Environment) -> Interaction:
    """The menu *Describe in words* on an image that another person has posted."""
    message = await env.person("bob").say(env.studio, "look", [png("sea.png")])
    return await (await env.person("ada").context_menu(message, "Describe in words")).answered()


def voice() -> UploadedFile:
    """A voice message."""
    return UploadedFile("voice-message.ogg", "audio/ogg", as_opus("ein roter Fuchs im Schnee"), seconds=2.0)


# What people see by the meaning of a failure (`playground/platform/faults.toml`), and by the name of a broken stream.
OF_IMAGES = {
    "credit": "out of credit",
    "key": "doesn't accept the bot's key",
    "model": "right now, so nothing was made",
    "endpoint": "doesn't offer this for",
    "busy": "overloaded",
    "rate": "reached one of its limits",
    "content": "doesn't allow some words in your prompt",
    "invalid": "rejected this",
    "blocked": "failed: Your request was blocked. Try again",
    "lost": "may have been made and billed",
    "no_result": "It may have been billed nevertheless",
    "cut": "may have been made and billed",
    "delta_error": "may have been made and billed",
    "error_chunk": "may have been made and billed",
    "error_event": "may have been made and billed",
    "close": "may have been made and billed",
}
OF_CHAT_IMAGES = {
    **OF_IMAGES,
    "no_result": "may have been made and billed",
    "done_early": "may have been made and billed",
    "refused_text": "answered without an image: I can't create that image",
    "failed_text": "timed out: timeout",
}
# Not streamed.
OF_DATA_IMAGES = {meaning: said for meaning, said in OF_CHAT_IMAGES.items() if meaning != "done_early"}
OF_DATA_IMAGES["no_result"] = "billed"
OF_WORDS = {
    "credit": "out of credit",
    "key": "doesn't accept the bot's key",
    "model": "has no model that can",
    "endpoint": "has no model that can",
    "busy": "busy right now",
    "rate": "busy right now",
    "content": "doesn't allow this content",
    "invalid": "rejected this",
    "blocked": "rejected this: Your request was blocked.",
    "lost": "may have been billed",
    "cut": "may have been billed",
    "delta_error": "may have been billed",
    "error_chunk": "may have been billed",
    "error_event": "may have been billed",
    "close": "may have been billed",
}
OF_MODELS = {**OF_WORDS, "no_result": "may have been billed", "refused_text": "but not with prompts"}
OF_MODELS["failed_text"] = "The platform failed: timeout"
OF_RECORDINGS = {**OF_WORDS, "no_result": "couldn't hear any words"}
OF_CHAT = {
    **OF_WORDS,
    "model": "at the moment",
    "endpoint": "at the moment",
    "no_result": "may have been billed",
    "cut": "The answer is incomplete",
    "done_early": "The answer is incomplete",
    "delta_error": "The platform failed: timeout",
    "error_chunk": "The platform failed: upstream broke off",
    "error_event": "The platform failed: boom",
}
# The message that waits for the sound says that it may have been billed, in case it never comes.
OF_SPEECH = {name: said.replace("may have been billed", "answer was lost") for name, said in OF_WORDS.items()}
OF_SPEECH |= {"model": "at the moment", "endpoint": "at the moment", "no_result": "answer was empty"}
# A search falls back to words, whatever happens.
OF_SEARCH = dict.fromkeys(
    ("credit", "key", "model", "endpoint", "content", "invalid", "blocked"), "by exact words only"
)

HAT = pressed("gpt-image-2", "Edit", "give it a hat")
INSTRUCT = "gpt-3.5-turbo-instruct"
THOUGHT = "here is what I think"
SPOKEN = "ein roter Fuchs im Schnee"

CALLS = {
    "generation": PlatformCall(GENERATIONS, imagine("dall-e-3"), "atelier-", OF_IMAGES, "dall-e-3"),
    "task": PlatformCall(GENERATIONS, imagine("flux-schnell"), "atelier-", OF_IMAGES, "flux-schnell"),
    "edit": PlatformCall(EDITS, HAT, "atelier-", OF_IMAGES),
    "image by chat": PlatformCall(CHAT, imagine("gpt-4o-image"), "atelier-", OF_CHAT_IMAGES, "gpt-4o-image"),
    "image as data": PlatformCall(CHAT, imagine(GEMINI), "atelier-", OF_DATA_IMAGES, GEMINI),
    "image by link": PlatformCall(CHAT, imagine("stable-diffusion"), "atelier-", OF_CHAT_IMAGES, "stable-diffusion"),
    "mj-chat": PlatformCall(CHAT, imagine("mj-chat"), "U1", OF_CHAT_IMAGES, "mj-chat"),
    "chat": PlatformCall(CHAT, slash("chat", prompt="a paper boat"), THOUGHT, OF_CHAT),
    "completion": PlatformCall(COMPLETIONS, slash("chat", prompt="a paper boat", model=INSTRUCT), THOUGHT, OF_CHAT),
    "GPT": PlatformCall(CHAT, slash("chat", prompt="a paper boat", model="g-abcdef123"), THOUGHT, OF_CHAT),
    "vision": PlatformCall(CHAT, describe, "**4.**", OF_MODELS),
    "enhance": PlatformCall(CHAT, slash("enhance", prompt="a red fox --ar 3:2"), "**3.**", OF_MODELS),
    "search": PlatformCall(EMBEDDINGS, slash("find", words="a brass owl"), "Images for", OF_SEARCH),
    "transcription": PlatformCall(TRANSCRIPTIONS, slash("transcribe", audio=voice()), SPOKEN, OF_RECORDINGS),
    "translation": PlatformCall(TRANSLATIONS, slash("translate", audio=voice()), "red fox", OF_RECORDINGS),
    "speech": PlatformCall(SPEECH, slash("speak", text="a paper boat"), "speech.ogg", OF_SPEECH),
}


def shown(used: Interaction) -> str:
    """Everything that an interaction shows now: texts, file names and captions."""
    parts = []
    for message in used.messages:
        if not message.deleted:
            captions = [button.get("label") or "" for button in message.buttons]
            files = [attachment.filename for attachment in message.attachments]
            parts += [message.text, *files, *captions]
    return "\n".join(parts)
