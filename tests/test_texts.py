"""Every text that the program asks for is in the catalogue, and nothing stands there unused."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from bot import i18n
from bot.discord_api.errors import MessagePart
from bot.media.mask_uploads import Reading
from bot.media.masks import PROBLEMS
from bot.media.outgoing import Altered
from bot.platform.prices import PriceUnit
from bot.platform.roles import Role
from bot.ui.components.catalog_texts import error_text_name
from bot.ui.components.custom_ids import Setting, TaskFilter
from bot.ui.components.message_components import Control, ModalKind
from bot.ui.modals.action_modals import AREAS
from bot.ui.panels.user_settings import CHOICES, SWITCHES
from storage import Action, PromptSource, TaskState
from tests.support.error_codes import every_code
from tests.support.languages import ENGLISH

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [path for package in ("bot", "cogs") for path in (ROOT / package).rglob("*.py")]
NAMED = re.compile(r'"((?:[a-z_]+\.)+[a-z_]+)"')
# Names that are put together while running.
COMPOSED = {
    *(error_text_name(code) for code in every_code()),
    *(f"button.{control}" for control in Control),
    *(f"modal.{part}.{modal.name.lower()}" for part in ("title", "hint") for modal in ModalKind),
    *(f"area.{name}" for name in AREAS),
    *(f"mask.{problem}" for problem in (*PROBLEMS, "other_shape")),
    *(f"told.mask_{reading}" for reading in Reading),
    *(f"card.without_{part}" for part in MessagePart),
    *(f"card.picture_{change}" for change in Altered),
    *(f"card.usual_{unit}" for unit in ("seconds", "minutes")),
    *(f"notification.{ended}" for ended in ("done", "failed")),
    *(
        f"use.{action}"
        for action in (Action.EDIT, Action.VIDEO, Action.RETEXTURE, Action.IMAGINE, Action.BLEND, Action.SWAP)
    ),
    *(f"settings.{Setting.NOTIFY}.{choice}" for choice in CHOICES[Setting.NOTIFY]),
    *(f"offer.{source}" for source in PromptSource),
    *(f"mode.{mode}" for mode in ("fast", "relax", "turbo")),
    *(f"action.{action}" for action in Action),
    *(f"state.{state}" for state in TaskState),
    *(f"list.kind.{kind}" for kind in TaskFilter),
    *(f"settings.{Setting.MODE}.{mode}" for mode in CHOICES[Setting.MODE]),
    *(f"settings.{Setting.BOT}.{bot.lower()}" for bot in CHOICES[Setting.BOT]),
    *(f"settings.{setting}.name" for setting in (*CHOICES, *SWITCHES)),
    *(f"settings.{setting}.none" for setting in CHOICES),
    *(f"models.role.{role}" for role in Role),
    *(f"models.price.{unit}" for unit in PriceUnit),
    *(f"settings.{setting}.{way}" for setting in SWITCHES for way in ("on", "off")),
    *(f"chat.end.{state}" for state in ("cut", "stopped", "interrupted")),
    *(
        f"failed.{kind}"
        for kind in (
            "banned",
            "parameter",
            "timeout",
            "forgotten",
            "impossible_id",
            "answer_lost",
            "no_result",
            "no_result_silent",
        )
    ),
}


def asked_for() -> set[str]:
    roots = {name.split(".")[0] for name in i18n.names()}
    found = {name for path in SOURCES for name in NAMED.findall(path.read_text(encoding="utf-8"))}
    return {name for name in found if name.split(".")[0] in roots}


def test_every_text_asked_for_is_there() -> None:
    optional = {name for name in COMPOSED if name.endswith((".here", ".none"))}
    missing = {name for name in asked_for() | (COMPOSED - optional) if not i18n.has(name)}
    assert not missing - {f"button.{Control.PAGE_LABEL}"}


def test_no_text_stands_there_unused() -> None:
    assert i18n.names() <= asked_for() | COMPOSED


def test_the_braces_of_every_text_are_well_formed() -> None:
    for name in i18n.names():
        fields = {field for _, field, _, _ in string.Formatter().parse(ENGLISH(name)) if field is not None}
        assert all(field.isidentifier() for field in fields), name


def test_no_text_uses_a_word_that_the_glossary_rules_out() -> None:
    glossary = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    listed = glossary.partition("No text of the catalog uses these words:")[2].partition("\n\n")[0]
    words = re.findall(r"`([^`]+)`", listed)
    assert len(words) > 20
    ruled_out = re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})s?\b", re.IGNORECASE)
    used = {name: found[0] for name in i18n.names() if (found := ruled_out.search(ENGLISH(name)))}
    assert used == {}


def test_a_language_that_is_not_there_falls_back_to_english() -> None:
    assert i18n.Translator("xx-YY")("mode.fast") == ENGLISH("mode.fast")


def test_a_text_that_nobody_wrote_is_an_error() -> None:
    with pytest.raises(KeyError):
        ENGLISH("no.such_text")
