"""The engines file: the default one, and files of operators."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.platform.engines_file import EngineKind, EnginesFileError, InputForm, default_engines, load_engines, parsed
from bot.platform.roles import Role

DEFAULT = default_engines()


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("dall-e-3", EngineKind.IMAGES),
        ("gpt-image-1.5", EngineKind.IMAGES),
        ("gpt-image-2.6-sunburst", EngineKind.IMAGES),
        ("flux-schnell", EngineKind.IMAGES),
        ("stable-diffusion-3", EngineKind.IMAGES),
        ("stable-diffusion", EngineKind.CHAT),
        ("gpt-4-all", EngineKind.CHAT),
        ("gpt-image-2-vip", EngineKind.CHAT),
        ("gpt-4o-image", EngineKind.CHAT),
        ("gemini-2.5-flash-image", EngineKind.CHAT),
        ("mj-chat", EngineKind.MJ_CHAT),
    ],
)
def test_the_image_models_of_common_resellers_are_known(model: str, kind: EngineKind) -> None:
    profile = DEFAULT.profile_of(model)
    assert profile is not None
    assert profile.kind is kind


@pytest.mark.parametrize("model", ["gpt-5-mini", "whisper-1", "tts-1", "text-embedding-3-small", "mj_imagine"])
def test_a_model_that_makes_no_images_is_no_engine(model: str) -> None:
    assert DEFAULT.profile_of(model) is None


def test_links_go_to_models_behind_an_account_and_data_to_others() -> None:
    forms = {model: DEFAULT.profile_of(model) for model in ("gpt-4-all", "gemini-2.5-flash-image", "stable-diffusion")}
    assert [form.inputs for form in forms.values() if form] == [InputForm.LINK, InputForm.DATA, InputForm.NONE]


def test_every_role_has_candidates_or_a_substitute() -> None:
    assert {role for role in Role if not DEFAULT.roles.get(role)} == {Role.ENHANCE}


def test_a_file_of_ones_own_adds_to_the_default_and_comes_first(tmp_path: Path) -> None:
    file = tmp_path / "engines.toml"
    file.write_text(
        'default = "flux-pro"\n[[engines]]\nmodels = ["flux*"]\nedits = true\n[roles]\nchat = ["own-model"]\n',
        encoding="utf-8-sig",
    )
    loaded = load_engines(file)
    flux, dalle = loaded.profile_of("FLUX-pro"), loaded.profile_of("dall-e-3")
    assert flux
    assert flux.edits
    assert dalle == DEFAULT.profile_of("dall-e-3")
    assert loaded.roles[Role.CHAT] == ("own-model",)
    assert loaded.roles[Role.SPEECH] == DEFAULT.roles[Role.SPEECH]
    assert loaded.templates == DEFAULT.templates


def test_a_hidden_model_is_no_engine() -> None:
    assert parsed('hidden = ["dall*"]', "file", DEFAULT).profile_of("dall-e-3") is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[[engines]]\nmodels = []", "engines.0.models"),
        ('[[engines]]\nmodels = ["a"]\nkind = "video"', "engines.0.kind"),
        ('[[engines]]\nmodels = ["a"]\nsizes = { "wide" = "2x1" }', "engines.0.sizes.wide"),
        ('[[engines]]\nmodels = ["a"]\nsizes = { "1:1" = "1024×1024" }', "engines.0.sizes.1:1"),
        ('[[engines]]\nmodels = ["a"]\nsize = "big"', "engines.0.size"),
        ("[roles]\nsinging = []", "roles.singing"),
        ("[roles", "end of document"),
    ],
)
def test_a_mistake_in_a_file_is_named(text: str, named: str, tmp_path: Path) -> None:
    file = tmp_path / "engines.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(EnginesFileError) as raised:
        load_engines(file)
    assert named in str(raised.value)
    assert str(file) in str(raised.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "engines.toml"
    file.write_bytes(b"\xff\x00")
    with pytest.raises(EnginesFileError):
        load_engines(file)
