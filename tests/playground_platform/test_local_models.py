"""The local models: what they recognize in a conversation, see in an image, hear in a recording, and draw."""

from __future__ import annotations

import io
import json
import math
import wave
from collections.abc import Sequence
from itertools import pairwise

import pytest
from PIL import Image
from playwright.async_api import Browser

from bot.language.prompt_variants import filled
from bot.platform.engines_file import default_engines
from playground.images.pictures import decoded
from playground.platform.conversation import Turn, answer_to
from playground.platform.embeddings import vector_of
from playground.platform.models import Catalog, Kind
from playground.platform.ogg import opus_comment, opus_file, opus_seconds, packets_of
from playground.platform.pictures import Pictures
from playground.platform.speech import as_opus, as_pcm, as_wav, heard_in, seconds_of
from playground.platform.vision import look_at
from tests.support.browsers import browser as browser  # noqa: PLC0414 - a fixture that is used here
from tests.support.browsers import needs_chromium


@pytest.fixture
def pictures() -> Pictures:
    return Pictures(side=64)


def talk(*turns: tuple[str, str]) -> str:
    return answer_to([Turn(role, text) for role, text in turns])


def near(first: Sequence[float], second: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(first, second, strict=True))


IMPROVE = "Rewrite the person's prompt for an image model. Answer with three variants"


@pytest.mark.parametrize(
    ("system", "count"), [(f"{IMPROVE}, one a line.", 3), ("Suggest 5 versions of the prompt.", 5)]
)
def test_variants_are_numbered_lines(system: str, count: int) -> None:
    lines = talk(("system", system), ("user", "a red fox --ar 3:2")).splitlines()
    assert [line.partition(". ")[0] for line in lines] == [str(number) for number in range(1, count + 1)]
    assert len(set(lines)) == count
    assert all("a red fox, " in line and line.endswith(" --ar 3:2") for line in lines)


def test_variants_are_json_where_json_is_asked_for() -> None:
    listed = json.loads(talk(("system", f"{IMPROVE} as a JSON array of strings."), ("user", "a fox")))
    assert (len(listed), listed[0][:7]) == (3, "a fox, ")
    keyed = json.loads(talk(("system", f'{IMPROVE} as JSON: {{"variants": ["…"]}}'), ("user", "a fox")))
    assert (list(keyed), len(keyed["variants"])) == (["variants"], 3)


def test_variants_are_made_without_a_system_message() -> None:
    asked = talk(("user", 'Give me two variants of the prompt "ein roter Fuchs", translated into English.'))
    assert [line[3:13] for line in asked.splitlines()] == ["a red fox,", "a red fox,"]
    assert talk(("user", "Four suggestions: a castle")).count("a castle, ") == 4


def test_the_shipped_templates_are_understood(pictures: Pictures) -> None:
    templates = default_engines().templates
    enhance = filled(templates.enhance, engine="dall-e-3", language="English")
    lines = talk(("system", enhance), ("user", "ein roter Fuchs")).splitlines()
    assert [line[:14] for line in lines] == [f"{number}. a red fox, " for number in (1, 2, 3)]
    foreign = filled(templates.enhance, engine="gpt-image-2", language="German")
    assert talk(("system", foreign), ("user", "ein roter Fuchs")).startswith("1. ein roter Fuchs, ")

    seen = tuple(look_at(pictures.paint(each).data, pictures) for each in ("a lighthouse", "a castle"))
    described = answer_to([Turn("system", filled(templates.describe, language="English")), Turn("user", "", seen[:1])])
    assert [line[:15] for line in described.splitlines()] == [f"{number}. a lighthouse" for number in range(1, 5)]
    alt = filled(templates.alt_text, language="English")
    assert answer_to([Turn("system", alt), Turn("user", "", seen[:1])]) == seen[0].sentence()
    both = f"{alt}\nThere are 2 images. Answer with a numbered list: one line for each, in order."
    answer = answer_to([Turn("system", both), Turn("user", "", seen)])
    assert answer == f"1. {seen[0].sentence()}\n2. {seen[1].sentence()}"

    assert talk(("system", templates.chat), ("user", "a fox")).startswith("About “a fox”: ")


def test_a_text_is_translated() -> None:
    assert (
        talk(("system", "Translate into English."), ("user", "Ein Papierboot im Wald")) == "a paper boat in the forest"
    )
    assert talk(("user", "Translate: un renard dans la neige")) == "a fox in the snow"


def test_a_conversation_is_remembered() -> None:
    said = [("user", "I like foxes"), ("assistant", "So do I."), ("user", "What did I say first?")]
    assert talk(*said) == "The first thing you said was: “I like foxes”"
    assert "Before, you said “I like foxes”" in talk(*said[:2], ("user", "and owls"))
    assert talk(("user", "and owls")) == talk(("system", "Be brief."), ("user", "and owls"))


def test_an_answer_is_as_long_as_was_asked() -> None:
    assert len(talk(("user", "a poem of 300 words")).split()) == 300
    assert talk(("user", "a story of 12 paragraphs")).count("\n\n") == 12


def test_an_image_is_described(pictures: Pictures) -> None:
    seen = look_at(pictures.paint("a lighthouse").data, pictures)

    def ask(system: str, text: str = "") -> str:
        return answer_to([Turn("system", system), Turn("user", text, (seen,))])

    assert ask("Write an alt text.").startswith("A square image (64×64 pixels) of a lighthouse, mostly ")
    lines = ask("Describe the image in 4 numbered prompts.").splitlines()
    assert [line[:15] for line in lines] == [f"{number}. a lighthouse"[:15] for number in range(1, 5)]
    assert len(json.loads(ask("Describe it as a JSON array of three prompts."))) == 3
    assert ask("You are kind.", "What is it?").endswith("You asked: What is it?")


def test_a_painted_image_is_recognized_after_scaling_and_compressing(pictures: Pictures) -> None:
    prompts = [f"{thing} at {time}" for thing in ("a fox", "a boat", "a castle") for time in ("dawn", "night")]
    painted = {prompt: decoded(pictures.paint(prompt).data) for prompt in prompts}
    for prompt, image in painted.items():
        out = io.BytesIO()
        image.resize((200, 200)).save(out, "JPEG", quality=70)
        assert pictures.prompt_of(decoded(out.getvalue())) == prompt
    assert pictures.prompt_of(Image.radial_gradient("L").convert("RGB")) == ""
    assert pictures.prompt_of(Image.new("RGB", (64, 64), "red")) == ""


def test_other_images_are_described_by_their_colors(pictures: Pictures) -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 80), (200, 30, 30)).save(out, "PNG")
    seen = look_at(out.getvalue(), pictures)
    assert seen.sentence() == "A tall image (40×80 pixels) of a scene in red, mostly red."
    pictures.remember(out.getvalue(), "a wall")
    assert look_at(out.getvalue(), pictures).subject == "a wall"
    with pytest.raises(ValueError, match="not a picture"):
        look_at(b"none", pictures)


def mask_of(size: tuple[int, int], box: tuple[int, int, int, int]) -> bytes:
    """A mask that is transparent in a box."""
    mask, out = Image.new("RGBA", size, (0, 0, 0, 255)), io.BytesIO()
    mask.paste((0, 0, 0, 0), box)
    mask.save(out, "PNG")
    return out.getvalue()


def test_an_edit_changes_the_region_alone(pictures: Pictures) -> None:
    source = pictures.paint("a quiet lake")
    before = decoded(source.data)
    mask = mask_of(before.size, (0, 0, 32, 64))
    after = decoded(pictures.edit([source.data], "a forest fire", mask=mask).data)
    left, right = (0, 0, 32, 64), (32, 0, 64, 64)
    assert before.crop(right).tobytes() == after.crop(right).tobytes()
    assert before.crop(left).tobytes() != after.crop(left).tobytes()
    with pytest.raises(ValueError, match="size of the image"):
        pictures.edit([source.data], "a fire", mask=mask_of((10, 10), (0, 0, 5, 5)))
    with pytest.raises(ValueError, match="alpha channel"):
        pictures.edit([source.data], "a fire", mask=source.data)


def test_an_edit_keeps_the_shape_and_mixes_images(pictures: Pictures) -> None:
    wide, other = pictures.paint("a lake", aspect=2.0), pictures.paint("a fox")
    alone = decoded(pictures.edit([wide.data], "in the snow").data)
    mixed = decoded(pictures.edit([wide.data, other.data], "in the snow").data)
    assert alone.size == mixed.size == decoded(wide.data).size
    assert alone.tobytes() != mixed.tobytes()


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
def test_images_have_the_format_that_was_asked_for(pictures: Pictures, form: str) -> None:
    painted = pictures.paint("a fox", form=form)
    with Image.open(io.BytesIO(painted.data)) as image:
        assert (image.format, painted.media_type) == (form.upper(), f"image/{form}")
    assert pictures.files[painted.name] is painted


def test_vectors_are_near_for_similar_texts() -> None:
    fox = vector_of("a red fox in the snow")
    order = ["the red foxes in snow", "a fox", "a snowy forest", "a castle on a hill at night"]
    distances = [near(fox, vector_of(text)) for text in order]
    assert all(first > second for first, second in pairwise(distances))
    assert vector_of("a red fox in the snow") == fox
    for text in ("…", "a", "a" * 10_000, "狐狸"):
        assert math.isclose(near(vector_of(text, 64), vector_of(text, 64)), 1.0)


def test_speech_is_understood_again() -> None:
    for text in ("a paper boat", "Größe: 3 µm", "狐狸在雪中", "…", "x" * 5_000):
        assert heard_in(as_opus(text, "nova")) == text
        assert heard_in(as_wav(text, "alloy")) == text
    assert as_opus("a fox", "nova") != as_opus("a fox", "onyx")
    assert [seconds_of(as_opus("abcde")), seconds_of(as_wav("abcde"))] == pytest.approx([0.4, 0.4])
    assert (seconds_of(b"RIFF"), seconds_of(b"none"), heard_in(b"OggS")) == (0.0, 0.0, "A recording of 0.0 seconds")


def test_a_wav_file_is_one() -> None:
    with wave.open(io.BytesIO(as_wav("a fox"))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
        samples = file.readframes(file.getnframes())
    assert samples == as_pcm("a fox")
    assert max(samples[1::2]) > 0


def test_an_opus_file_has_the_pages_of_its_packets() -> None:
    packets = [bytes([0x78]) + bytes([number % 256]) * number for number in (1, 254, 255, 300, 600)] * 30
    head, tags, *rest = packets_of(opus_file(packets, "a fox"))
    assert (head[:8], tags[:8]) == (b"OpusHead", b"OpusTags")
    assert rest == packets
    assert opus_seconds(opus_file(packets, "a fox")) == len(packets) * 0.02
    assert opus_comment(opus_file(packets, "a fox")) == "a fox"


DECODE = """async (bytes) => {
    const sound = await new OfflineAudioContext(1, 48000, 48000).decodeAudioData(new Uint8Array(bytes).buffer);
    const samples = sound.getChannelData(0);
    let crossings = 0;
    for (let at = 4800; at < 14400; at++) crossings += samples[at] < 0 && samples[at + 1] >= 0;
    return [sound.duration, Math.max(...samples), crossings / 0.2];
}"""


@needs_chromium
@pytest.mark.asyncio(loop_scope="session")
async def test_a_browser_plays_the_sound(browser: Browser) -> None:
    page = await browser.new_page()
    try:
        for text, hertz in (("P" * 8, 220), ("l" * 8, 466)):
            seconds, loudest, heard = await page.evaluate(DECODE, list(as_opus(text)))
            assert seconds == pytest.approx(0.64, abs=0.03)
            assert loudest > 0.2
            assert heard == pytest.approx(hertz, rel=0.1)
    finally:
        await page.close()


def test_a_family_sells_all_of_its_models() -> None:
    catalog = Catalog()
    named = catalog.named("gpt-4-gizmo-g-abcdef123")
    assert named is not None
    assert (named.kind, named.id) == (Kind.GPT, "gpt-4-gizmo-*")
    assert (catalog.named("gpt-4-gizmo-"), catalog.named("gpt-4")) == (None, None)
    with pytest.raises(KeyError):
        catalog.withdraw("gpt-4")
