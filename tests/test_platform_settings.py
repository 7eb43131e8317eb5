"""Which platform the settings name: by the environment or `.env`, empty or not, quoted or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import settings

SHOP, SERVICE = "https://shop.example.org", "https://images.example.org"
BASE = f"DISCORD_TOKEN=t\nMJ_API_URL={SERVICE}\nMJ_API_KEY=mj-key\n"
ALONE = "DISCORD_TOKEN=t\nMJ_API_URL=\n"


def loaded(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str, **environment: str) -> settings.Settings:
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    (folder / ".env").write_text(text)
    monkeypatch.chdir(folder)
    return settings.load()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BASE, (SERVICE, "mj-key")),
        (f"{BASE}# PLATFORM_API_URL=\n", (SERVICE, "mj-key")),
        (f"{BASE}PLATFORM_API_KEY=other\n", (SERVICE, "other")),
        (f"{BASE}PLATFORM_API_KEY=\n", (SERVICE, "mj-key")),
        (f"{BASE}PLATFORM_API_URL=\n", None),
        (f'{BASE}PLATFORM_API_URL=""\n', None),
        (f"{BASE}PLATFORM_API_URL='  '\n", None),
        (f"{BASE}PLATFORM_API_URL=\nPLATFORM_API_KEY=other\n", None),
        (f"{BASE}PLATFORM_API_URL='{SHOP}/'\n", (SHOP, "")),
        (f'{BASE}PLATFORM_API_URL="{SHOP}/v1"\nPLATFORM_API_KEY="sk-1"\n', (f"{SHOP}/v1", "sk-1")),
        (f"{ALONE}PLATFORM_API_URL={SHOP}\nPLATFORM_API_KEY=sk-1\n", (SHOP, "sk-1")),
        (f"DISCORD_TOKEN=t\nPLATFORM_API_URL=' {SHOP} '\n", (SHOP, "")),
    ],
)
def test_the_platform_is_what_the_file_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, expected: tuple[str, str] | None
) -> None:
    found = loaded(monkeypatch, tmp_path, text).platform
    assert (found and (found[0], found[1].get_secret_value())) == expected


def test_an_empty_variable_in_the_environment_switches_off_what_the_file_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert loaded(monkeypatch, tmp_path, f"{BASE}PLATFORM_API_URL={SHOP}\n", PLATFORM_API_URL="").platform is None


@pytest.mark.parametrize("text", [ALONE, f"{ALONE}PLATFORM_API_URL=\n", f'{ALONE}PLATFORM_API_URL=" "\n'])
def test_no_engine_at_all_is_a_missing_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    with pytest.raises(settings.SettingsError, match="MJ_API_URL is missing, and PLATFORM_API_URL names no platform"):
        loaded(monkeypatch, tmp_path, text)


@pytest.mark.parametrize("address", ["shop.example.org", f"{SHOP}?key=1", "ftp://shop.example.org", "“https://a.org”"])
def test_a_wrong_url_is_named_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str) -> None:
    with pytest.raises(settings.SettingsError) as caught:
        loaded(monkeypatch, tmp_path, f"{ALONE}PLATFORM_API_URL={address}\n")
    assert str(caught.value).startswith("PLATFORM_API_URL ")
    assert "MJ_API_URL" not in str(caught.value)
