"""Speech as a prompt: `/transcribe`, `/translate`, *Use as prompt*. The text is confirmed before anything is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.discord import Interaction, Message, UploadedFile
from playground.driver import Environment, Scenario
from playground.platform import Fault
from playground.platform.replies import Reply
from playground.platform.speech import as_opus, as_wav
from tests.support import recordings
from tests.support.environments import MakeEnvironment, captions
from tests.support.models import without_model
from tests.support.panels import drawn, panel_of, posted_after
from tests.support.pictures import png

TRANSCRIPTIONS, TRANSLATIONS = "/v1/audio/transcriptions", "/v1/audio/translations"
SPOKEN = "ein roter Fuchs im Schnee"
MENU = "Use as prompt"
BUTTONS = ["Create image", "Improve prompt", "Copy text"]


@pytest.fixture
async def env(make_env: MakeEnvironment) -> Environment:
    return await sold(await make_env(Scenario(platform="clean")))


async def sold(env: Environment) -> Environment:
    """Waits until the bot knows what the platform sells."""
    await env.platform.until(lambda: any(each.status for each in env.platform.calls_of("/v1/models")))
    return env


def voice(text: str = SPOKEN) -> UploadedFile:
    """A voice message, as Discord's clients record it."""
    return UploadedFile("voice-message.ogg", "audio/ogg", as_opus(text), seconds=2.0)


async def used(env: Environment, message: Message) -> Interaction:
    return await (await env.person("ada").context_menu(message, MENU)).answered()


def prefilled(opened: Interaction) -> str:
    assert opened.modal is not None
    return str(opened.modal["components"][0]["component"]["value"])


def files_sent(env: Environment, path: str) -> list[str]:
    return [file.name for call in env.platform.calls_of(path) for file in call.files]


async def test_a_voice_message_becomes_a_prompt_after_it_was_confirmed(env: Environment) -> None:
    message = await env.person("bob").say(env.studio, "", [voice()])
    panel = await panel_of(env, await used(env, message))
    assert panel.ephemeral
    assert SPOKEN in panel.text
    assert captions(panel) == BUTTONS
    assert env.images.submits == []
    await env.kill_bot()
    await env.start_bot()
    opened = await env.press(panel, "Create image")
    assert prefilled(opened) == SPOKEN
    await posted_after(env, await env.submit_modal(opened, {"prompt": f"{SPOKEN}, watercolor"}))
    assert env.images.submits[-1].body["prompt"] == f"{SPOKEN}, watercolor"
    assert files_sent(env, TRANSCRIPTIONS) == ["voice.ogg"]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        (UploadedFile("memo.wav", "audio/wav", as_wav(SPOKEN)), "voice.wav"),
        (UploadedFile("memo.bin", None, as_opus(SPOKEN)), "voice.ogg"),
        (UploadedFile("memo.mp3", "audio/mpeg", as_opus(SPOKEN)), "voice.ogg"),
    ],
    ids=["wav", "unnamed", "misnamed"],
)
async def test_the_bytes_decide_what_a_recording_is_called(env: Environment, file: UploadedFile, name: str) -> None:
    panel = await panel_of(env, await env.slash("transcribe", {"audio": file}))
    assert SPOKEN in panel.text
    assert files_sent(env, TRANSCRIPTIONS) == [name]


async def test_a_translation_is_in_english_and_can_be_improved_and_copied(env: Environment) -> None:
    panel = await panel_of(env, await env.slash("translate", {"audio": voice()}))
    assert "red fox" in panel.text
    assert len(env.platform.calls_of(TRANSLATIONS)) == 1
    copied = await env.private_answer(await env.press(panel, "Copy text"))
    assert copied.startswith("```\n")
    assert "red fox" in copied
    improved = await panel_of(env, await env.press(panel, "Improve prompt"))
    assert captions(improved) == ["Create", "Edit"] * 4


async def test_a_forwarded_recording_and_text_and_a_result_of_ours_are_prompts(env: Environment) -> None:
    said = await env.person("bob").say(env.studio, "", [voice()])
    forwarded = await env.person("bob").forward(said, env.studio)
    assert SPOKEN in (await panel_of(env, await used(env, forwarded))).text
    text = await env.person("bob").say(env.studio, "a **brass** owl\nat dawn")
    panel = await panel_of(env, await used(env, text))
    assert prefilled(await env.press(panel, "Create image")) == "a **brass** owl\nat dawn"
    (grid,) = await drawn(env, "a fox --ar 3:2")
    panel = await panel_of(env, await used(env, grid))
    assert prefilled(await env.press(panel, "Create image")) == "a fox --ar 3:2"
    assert len(env.platform.billed) == 1


async def test_a_long_text_is_attached_and_never_cut(env: Environment) -> None:
    spoken = " ".join(f"word{number}" for number in range(1_500))
    env.platform.fail_next(TRANSCRIPTIONS, Reply(200, {"text": spoken}))
    panel = await panel_of(env, await env.slash("transcribe", {"audio": voice()}))
    assert [attachment.data.decode() for attachment in panel.attachments] == [spoken]
    assert "4000" in panel.text
    assert prefilled(await env.press(panel, "Create image")) == spoken[:4_000]
    copied = await env.press(panel, "Copy text")
    await env.until(lambda: copied.followups)
    assert [attachment.data.decode() for attachment in copied.followups[0].attachments] == [spoken]


async def test_words_of_a_recording_neither_ping_nor_format(env: Environment) -> None:
    env.platform.fail_next(
        TRANSCRIPTIONS, Reply(200, {"text": "@everyone **loud** ```\n# head https://evil.example.org"})
    )
    panel = await panel_of(env, await env.slash("transcribe", {"audio": voice()}))
    assert r"\@everyone \*\*loud\*\*" in panel.text
    assert "https://" not in panel.text
    copied = await env.private_answer(await env.press(panel, "Copy text"))
    assert copied.count("```") == 2


REFUSED = {
    "image": (png("sea.png"), "isn't a supported recording"),
    "text": (UploadedFile("notes.txt", "text/plain", b"words"), "isn't a supported recording"),
    "disguised": (UploadedFile("voice.ogg", "audio/ogg", b"no sound at all"), "isn't a supported recording"),
    "long": (UploadedFile("talk.ogg", "audio/ogg", recordings.opus(300)), "300 seconds long, but the limit is 120"),
    "long_mp3": (UploadedFile("talk.mp3", "audio/mpeg", recordings.mp3(130)), "but the limit is 120"),
    "long_as_discord_says": (
        UploadedFile("voice-message.ogg", "audio/ogg", as_opus(SPOKEN), seconds=200.0),
        "200 seconds long, but the limit is 120",
    ),
    "large": (UploadedFile("talk.wav", "audio/wav", bytes(26 * 1024 * 1024)), "too large: the limit is 25 MB"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_is_no_short_recording_is_refused_before_anything_is_sent(
    make_env: MakeEnvironment, case: str
) -> None:
    env = await sold(await make_env(Scenario(platform="clean")))
    env.discord.guild("Atelier").attachment_size_limit = 50 * 1024 * 1024
    file, said = REFUSED[case]
    assert said in await env.private_answer(await env.slash("transcribe", {"audio": file}))
    assert env.platform.billed == []


@pytest.mark.parametrize("command", ["transcribe", "translate"])
async def test_a_lost_transcript_is_asked_again_by_a_person_only(env: Environment, command: str) -> None:
    path = TRANSCRIPTIONS if command == "transcribe" else TRANSLATIONS
    env.platform.fail_next(path, Fault.CLOSE)
    panel = await panel_of(env, await env.slash(command, {"audio": voice()}))
    assert "may have been billed" in panel.text
    assert captions(panel) == ["Ask again"]
    assert len(env.platform.calls_of(path)) == 1
    await env.kill_bot()
    await env.start_bot()
    again = await panel_of(env, await env.press(panel, "Ask again"))
    assert captions(again) == BUTTONS
    assert len(env.platform.calls_of(path)) == 2


async def test_silence_and_a_message_without_words_are_told(env: Environment) -> None:
    env.platform.fail_next(TRANSCRIPTIONS, Reply(200, {"text": ""}))
    panel = await panel_of(env, await env.slash("transcribe", {"audio": voice()}))
    assert "couldn't hear any words" in panel.text
    message = await env.person("bob").say(env.studio, "", [png("sea.png")])
    assert "no text and no recording" in await env.private_answer(await used(env, message))


async def test_the_limit_is_a_setting(make_env: MakeEnvironment, tmp_path: Path) -> None:
    file = tmp_path / "engines.toml"
    file.write_text("recording_seconds = 400", encoding="utf-8")
    env = await sold(await make_env(Scenario(platform="clean", settings={"ENGINES_FILE": str(file)})))
    talk = UploadedFile("talk.ogg", "audio/ogg", recordings.opus(300))
    panel = await panel_of(env, await env.slash("transcribe", {"audio": talk}))
    assert captions(panel) == BUTTONS


async def test_without_a_model_the_commands_say_so_and_text_still_works(
    make_env: MakeEnvironment, tmp_path: Path
) -> None:
    env = await without_model(make_env, tmp_path, "transcription", "translation", "enhance", "chat")
    for command, what in (("transcribe", "write down speech"), ("translate", "translate speech")):
        answered = await env.private_answer(await env.slash(command, {"audio": voice()}))
        assert f"no model that can {what}" in answered
    text = await env.person("bob").say(env.studio, "a brass owl")
    panel = await panel_of(env, await used(env, text))
    assert captions(panel) == ["Create image", "Copy text"]
