"""Languages: which catalog a text comes from, and what of a catalog cannot be used."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from bot.i18n import Translator, add_catalogs, catalogs
from tests.support.languages import DUTCH, ENGLISH


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for catalogs, which are forgotten after the test."""
    monkeypatch.setattr(catalogs, "_catalogs", dict(catalogs._catalogs))
    return tmp_path


def test_a_text_missing_in_a_language_is_english(folder: Path) -> None:
    (folder / "nl.toml").write_text(DUTCH, encoding="utf-8")
    add_catalogs(folder)
    dutch = Translator("nl")
    assert dutch("card.asker", user="Ada") == "gevraagd door Ada"
    assert dutch("card.cancelled") == ENGLISH("card.cancelled")
    assert Translator("da")("card.asker", user="Ada") == ENGLISH("card.asker", user="Ada")


def test_a_regional_language_stands_before_the_common_one(folder: Path) -> None:
    (folder / "pt.toml").write_text('[mode]\nfast = "rápido"\nturbo = "turbo!"\n', encoding="utf-8")
    (folder / "pt-BR.toml").write_text('[mode]\nfast = "rapidinho"\n', encoding="utf-8")
    add_catalogs(folder)
    brazilian = Translator("pt-BR")
    assert [brazilian(f"mode.{mode}") for mode in ("fast", "turbo", "relax")] == ["rapidinho", "turbo!", "relax"]
    assert Translator("pt")("mode.fast") == "rápido"


@pytest.mark.parametrize(
    "text", ["gevraagd door {wie}", "gevraagd door {", "{user} {}", "{user.name}", "{user:{user}}"]
)
def test_a_text_that_cannot_be_filled_in_is_left_out_and_named(
    folder: Path, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    (folder / "nl.toml").write_text(f'[card]\nasker = "{text}"\nno_such_text = "x"\ncancelled = "Geannuleerd."\n')
    with caplog.at_level(logging.WARNING):
        add_catalogs(folder)
    assert Translator("nl")("card.asker", user="Ada") == ENGLISH("card.asker", user="Ada")
    assert Translator("nl")("card.cancelled") == "Geannuleerd."
    assert "card.asker, card.no_such_text" in caplog.text


@pytest.mark.parametrize("locale", ["", "../en", "xx-YY", "en", "en-GB", "\x00", "-" * 5_000])
def test_any_other_locale_is_english(locale: str) -> None:
    assert Translator(locale)("mode.fast") == ENGLISH("mode.fast")
