"""The README and `.env.example` say what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import discord
import pytest

from bot.__main__ import Exit
from bot.settings import EXPECTED, Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ENV_EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
VARIABLES = sorted(name.upper() for name in Settings.model_fields)


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_setting_is_explained(variable: str) -> None:
    assert f"| `{variable}` |" in README
    assert re.search(rf"^(# )?{variable}=", ENV_EXAMPLE, re.MULTILINE)
    assert variable in EXPECTED


def test_no_setting_is_explained_that_is_not_there() -> None:
    assert set(re.findall(r"^(?:# )?([A-Z_]+)=", ENV_EXAMPLE, re.MULTILINE)) == set(VARIABLES)
    assert set(EXPECTED) == set(VARIABLES)


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_default_in_the_readme_is_the_real_one(variable: str) -> None:
    row = next(line for line in README.splitlines() if line.startswith(f"| `{variable}` |"))
    said = row.split("|")[2].strip().strip("`")
    field = Settings.model_fields[variable.lower()]
    default = field.default
    if field.is_required():
        assert said == "required"
    elif default is None or not str(getattr(default, "get_secret_value", lambda: default)()):
        assert said == "empty"
    else:
        assert said == str(default).lower() or said == str(default)


def test_the_invite_link_asks_for_exactly_the_permissions_named() -> None:
    wanted = discord.Permissions(
        view_channel=True, send_messages=True, send_messages_in_threads=True, attach_files=True, embed_links=True
    )
    assert f"permissions={wanted.value}" in README


@pytest.mark.parametrize("code", [code for code in Exit if code >= 10])
def test_every_exit_code_is_explained(code: Exit) -> None:
    assert re.search(rf"^\| {code.value} \|", README, re.MULTILINE)


def test_every_make_target_named_in_the_readme_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE)) <= targets
