"""The settings panel: a user's own defaults with selects and buttons, and the modal for the suffix. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import discord

from bot.engines.options import RATIOS, BotType, Mode
from bot.i18n import Translator
from bot.tasks.prompt import MAX_PROMPT, clean
from bot.tasks.task_updates import Notify
from bot.tasks.user_defaults import MAX_SUFFIX
from bot.ui.components.custom_ids import Setting, SettingId
from bot.ui.components.dynamic_items import SettingItem
from bot.ui.components.markdown import escape_markdown, sanitize_line, truncate
from bot.ui.components.message_components import MAX_CHOICES, MAX_OPTION, CheckedLayout
from bot.ui.components.payloads import fields_of, text_in
from bot.ui.panels.task_list import COLOUR
from storage import DEFAULT_ENGINE, UserDefaults

SUFFIX_FIELD = "suffix"
# The value of the option "nothing chosen": an option of a select needs a value.
NONE = "-"

# The choices of each setting.
CHOICES: Mapping[Setting, Sequence[str]] = {
    Setting.MODE: tuple(Mode),
    Setting.BOT: tuple(BotType),
    Setting.ASPECT: RATIOS,
    Setting.NOTIFY: (Notify.ALWAYS, Notify.NEVER),
}
SWITCHES = (Setting.REMIX, Setting.DIRECT)
# What no other engine has.
ONLY_MIDJOURNEY = (Setting.MODE, Setting.BOT, Setting.REMIX)


def settings_panel(preferred: UserDefaults, engines: Sequence[str], t: Translator) -> discord.ui.LayoutView:
    """The panel that shows and changes these defaults. `engines`: those that can be used now, the default first."""
    view = CheckedLayout()
    container: discord.ui.Container[Any] = discord.ui.Container(accent_colour=COLOUR)
    container.add_item(discord.ui.TextDisplay(t("settings.head")))
    if len(engines) > 1 or preferred.engine:
        container.add_item(discord.ui.TextDisplay(t("settings.engine.name")))
        container.add_item(discord.ui.ActionRow(_engine_select(preferred.engine, engines, t)))
    midjourney = DEFAULT_ENGINE in engines
    for setting in CHOICES:
        if setting in ONLY_MIDJOURNEY and not midjourney:
            continue
        container.add_item(discord.ui.TextDisplay(t(f"settings.{setting}.name")))
        container.add_item(discord.ui.ActionRow(_select(setting, getattr(preferred, setting), t)))
    container.add_item(_suffix(preferred, t))
    for setting in SWITCHES:
        if setting in ONLY_MIDJOURNEY and not midjourney:
            continue
        container.add_item(_switch(setting, getattr(preferred, setting), t))
    view.add_item(container)
    return view


def suffix_modal(suffix: str, t: Translator) -> discord.ui.Modal:
    """The modal for the suffix. `suffix`: its initial text, may be empty."""
    key = SettingId(Setting.SUFFIX)
    modal = discord.ui.Modal(title=t("settings.suffix.title"), custom_id=key.modal_custom_id())
    field: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=SUFFIX_FIELD, default=suffix or None, required=False, max_length=MAX_SUFFIX
    )
    label = t("settings.suffix.label")
    modal.add_item(discord.ui.Label(text=label, description=t("settings.suffix.description"), component=field))
    modal.stop()  # a stopped modal is sent but not kept in memory
    return modal


def written_suffix(data: Mapping[str, Any]) -> str:
    """The submitted suffix, cleaned and cut to the length of a prompt, but not checked yet."""
    return clean(text_in(fields_of(data).get(SUFFIX_FIELD))[:MAX_PROMPT])


def chosen(setting: Setting, value: str, engines: Sequence[str]) -> dict[str, str | bool | None] | None:
    """The change of the defaults for a submitted value. None if the value was never offered. `engines`: those that can
    be used now."""
    if setting is Setting.ENGINE:
        return {setting.value: None if value == NONE else value} if value == NONE or value in engines else None
    if setting in SWITCHES and value in ("on", "off"):
        return {setting.value: value == "on"}
    if value == NONE or value in CHOICES.get(setting, ()):
        return {setting.value: None if value == NONE else value}
    return None


def _select(setting: Setting, current: str | None, t: Translator) -> SettingItem:
    return SettingItem.make(SettingId(setting), discord.ui.Select(options=list(_options(setting, current, t))))


def _options(setting: Setting, current: str | None, t: Translator) -> Iterator[discord.SelectOption]:
    yield discord.SelectOption(label=t(f"settings.{setting}.none"), value=NONE, default=current not in CHOICES[setting])
    for value in CHOICES[setting]:
        label = value if setting is Setting.ASPECT else t(f"settings.{setting}.{value.lower()}")
        yield discord.SelectOption(label=label, value=value, default=value == current)


def _engine_select(current: str | None, engines: Sequence[str], t: Translator) -> SettingItem:
    # A longer name could not be an option's value.
    engines = [name for name in engines if len(name) <= MAX_OPTION]
    current = current if current and len(current) <= MAX_OPTION else None
    # An engine that is not offered now stays chosen, because it may come back.
    gone = [current] if current and current not in engines else []
    names = [*gone, *sorted(engines, key=lambda name: name != current)]
    select: discord.ui.Select[Any] = discord.ui.Select()
    default = t("settings.engine.none", engine=sanitize_line(engines[0])) if engines else t("settings.engine.unknown")
    select.add_option(label=truncate(default, MAX_OPTION), value=NONE, default=current is None)
    for name in names[: MAX_CHOICES - 1]:
        label = t("settings.engine.gone", engine=sanitize_line(name)) if name in gone else sanitize_line(name)
        select.add_option(label=truncate(label, MAX_OPTION), value=name, default=name == current)
    return SettingItem.make(SettingId(Setting.ENGINE), select)


def _suffix(preferred: UserDefaults, t: Translator) -> discord.ui.Section[Any]:
    suffix = escape_markdown(preferred.suffix, MAX_SUFFIX, t) if preferred.suffix else t("settings.suffix.none")
    name = t("settings.suffix.name")
    button: discord.ui.Button[Any] = discord.ui.Button(label=t("settings.suffix.change"), emoji="✏️")
    return discord.ui.Section(f"{name}\n{suffix}", accessory=SettingItem.make(SettingId(Setting.SUFFIX), button))


def _switch(setting: Setting, on: bool, t: Translator) -> discord.ui.Section[Any]:
    style = discord.ButtonStyle.success if on else discord.ButtonStyle.secondary
    button: discord.ui.Button[Any] = discord.ui.Button(
        label=t(f"settings.{setting}.{'on' if on else 'off'}"), style=style
    )
    # The custom_id contains the new value instead of "toggle", so that a double click has the effect of one.
    key = SettingId(setting, "off" if on else "on")
    return discord.ui.Section(t(f"settings.{setting}.name"), accessory=SettingItem.make(key, button))
