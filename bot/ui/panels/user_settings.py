"""A person's own defaults as one message with selects and buttons, and the window for the suffix. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import discord

from bot.midjourney import BotType, Mode
from bot.tasks.notifications import Notify
from bot.tasks.prompt import MAX_PROMPT, clean
from bot.tasks.user_defaults import MAX_SUFFIX
from bot.texts import say
from bot.ui.components.custom_ids import Setting, SettingId
from bot.ui.components.dynamic_items import SettingItem
from bot.ui.components.markdown import escape_markdown
from bot.ui.components.payloads import fields_of, text_in
from bot.ui.panels.task_list import COLOUR
from storage import UserDefaults

ASPECTS = ("1:1", "3:2", "2:3", "4:3", "3:4", "16:9", "9:16", "21:9")
SUFFIX_FIELD = "suffix"
# What stands for "nothing chosen": a select's option needs a value.
NONE = "-"

# What can be chosen, by setting.
CHOICES: Mapping[Setting, Sequence[str]] = {
    Setting.MODE: tuple(Mode),
    Setting.BOT: tuple(BotType),
    Setting.ASPECT: ASPECTS,
    Setting.NOTIFY: (Notify.ALWAYS, Notify.NEVER),
}
SWITCHES = (Setting.REMIX, Setting.DIRECT)


def settings_panel(preferred: UserDefaults, locale: str | None) -> discord.ui.LayoutView:
    """The panel that shows these defaults and changes them."""
    view = discord.ui.LayoutView(timeout=None)
    container: discord.ui.Container[Any] = discord.ui.Container(accent_colour=COLOUR)
    container.add_item(discord.ui.TextDisplay(say("settings.head", locale)))
    for setting in CHOICES:
        container.add_item(discord.ui.TextDisplay(say(f"settings.{setting}.name", locale)))
        container.add_item(discord.ui.ActionRow(_select(setting, getattr(preferred, setting), locale)))
    container.add_item(_suffix(preferred, locale))
    for setting in SWITCHES:
        container.add_item(_switch(setting, getattr(preferred, setting), locale))
    view.add_item(container)
    return view


def suffix_modal(suffix: str, locale: str | None) -> discord.ui.Modal:
    """The window in which the suffix is written; empty for none."""
    key = SettingId(Setting.SUFFIX)
    modal = discord.ui.Modal(title=say("settings.suffix.title", locale), custom_id=key.modal_custom_id())
    field: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=SUFFIX_FIELD, default=suffix or None, required=False, max_length=MAX_SUFFIX
    )
    label = say("settings.suffix.label", locale)
    modal.add_item(
        discord.ui.Label(text=label, description=say("settings.suffix.description", locale), component=field)
    )
    modal.stop()  # a finished modal is sent but not kept
    return modal


def written_suffix(data: Mapping[str, Any]) -> str:
    """The suffix that was written into the window, as it is kept; not checked yet, but never longer than any text."""
    return clean(text_in(fields_of(data).get(SUFFIX_FIELD))[:MAX_PROMPT])


def chosen(setting: Setting, value: str) -> dict[str, str | bool | None] | None:
    """The change of preferences that a choice means, or None when it was never offered."""
    if setting in SWITCHES and value in ("on", "off"):
        return {setting.value: value == "on"}
    if value == NONE or value in CHOICES.get(setting, ()):
        return {setting.value: None if value == NONE else value}
    return None


def _select(setting: Setting, current: str | None, locale: str | None) -> SettingItem:
    return SettingItem.make(SettingId(setting), discord.ui.Select(options=list(_options(setting, current, locale))))


def _options(setting: Setting, current: str | None, locale: str | None) -> Iterator[discord.SelectOption]:
    yield discord.SelectOption(
        label=say(f"settings.{setting}.none", locale), value=NONE, default=current not in CHOICES[setting]
    )
    for value in CHOICES[setting]:
        label = value if setting is Setting.ASPECT else say(f"settings.{setting}.{value.lower()}", locale)
        yield discord.SelectOption(label=label, value=value, default=value == current)


def _suffix(preferred: UserDefaults, locale: str | None) -> discord.ui.Section[Any]:
    suffix = escape_markdown(preferred.suffix, MAX_SUFFIX) if preferred.suffix else say("settings.suffix.none", locale)
    name = say("settings.suffix.name", locale)
    button: discord.ui.Button[Any] = discord.ui.Button(label=say("settings.suffix.change", locale), emoji="✏️")
    return discord.ui.Section(f"{name}\n{suffix}", accessory=SettingItem.make(SettingId(Setting.SUFFIX), button))


def _switch(setting: Setting, on: bool, locale: str | None) -> discord.ui.Section[Any]:
    style = discord.ButtonStyle.success if on else discord.ButtonStyle.secondary
    button: discord.ui.Button[Any] = discord.ui.Button(
        label=say(f"settings.{setting}.{'on' if on else 'off'}", locale), style=style
    )
    # The key says what a press sets, not that it turns over: a double click does it once.
    key = SettingId(setting, "off" if on else "on")
    return discord.ui.Section(say(f"settings.{setting}.name", locale), accessory=SettingItem.make(key, button))
