"""A channel's conversation as text that a person can read: for demonstrations, and for tests that fail."""

from collections.abc import Iterable

from playground.discord.interactions import AUTOCOMPLETE, Interaction
from playground.discord.records import Channel, Json, Message, User
from playground.discord.world import World


def transcript(channel: Channel, world: World, interactions: Iterable[Interaction], person: User | None = None) -> str:
    """What happened in a channel in order; with a person, only what that person sees."""
    deeds = [each for each in interactions if each.channel is channel and each.type != AUTOCOMPLETE]
    if person is not None:
        deeds = [each for each in deeds if each.user is person]
    messages = list(world.messages_in(channel))
    if person is not None:
        messages = [each for each in messages if world.sees(person.id, each)]
    lines = [(each.id, _deed(each)) for each in deeds] + [(each.id, message_text(each)) for each in messages]
    place = world.guild_of(channel)
    title = f"— {place.name} {channel} —" if place else f"— direct messages with {channel} —"
    return "\n".join([title, *(text for _, text in sorted(lines))])


def message_text(message: Message) -> str:
    """One message: who, what can be read, its buttons, its files, its marks."""
    marks = []
    if message.ephemeral:
        marks.append("only they see this" if not message.dismissed else "dismissed")
    if message.edited_at:
        marks.append("edited")
    head = message.author.shown_as + (f" ({', '.join(marks)})" if marks else "")
    lines = ["is thinking…"] if message.loading else []
    lines += message.content.splitlines()
    for embed in message.embeds:
        lines += [f"│ {embed[key]}" for key in ("title", "description") if embed.get(key)]
        lines += [f"│ {entry['name']}: {entry['value']}" for entry in embed.get("fields") or []]
    for component in message.components:
        lines += _component(component)
    lines += [f"📎 {_file(each.filename, each.width, each.height)}" for each in message.attachments]
    return "\n".join([f"{head}:", *(f"    {line}" for line in lines)])


def _deed(interaction: Interaction) -> str:
    text = f"{interaction.user.shown_as} → {interaction.said}"
    if interaction.failed:
        return f"{text}\n    The application did not respond"
    if interaction.modal is not None:
        return f"{text}\n    opens “{interaction.modal['title']}”"
    return text


def _component(component: Json) -> list[str]:
    kind = component["type"]
    if kind == 1:
        return [" ".join(_inline(each) for each in component["components"])]
    if kind == 17:
        return [f"┃ {line}" for child in component["components"] for line in _component(child)]
    if kind == 9:
        lines = [line for child in component["components"] for line in _component(child)]
        return [*lines, _inline(component["accessory"])]
    if kind == 10:
        return str(component["content"]).splitlines()
    if kind == 12:
        return [_picture(item) for item in component["items"]]
    if kind == 13:
        return [f"📄 {component.get('name')}"]
    return ["─" * 12] if component.get("divider") else [""]


def _inline(component: Json) -> str:
    if component["type"] == 11:
        return _picture(component)
    if component["type"] != 2:
        chosen = [option["label"] for option in component.get("options", []) if option.get("default")]
        return f"▾ {', '.join(chosen) or component.get('placeholder') or component['custom_id']}"
    emoji = (component.get("emoji") or {}).get("name")
    label = " ".join(part for part in (emoji, component.get("label")) if part)
    return f"({label})" if component.get("disabled") else f"[{label}]"


def _picture(item: Json) -> str:
    media = item["media"]
    name = media["url"].partition("?")[0].rpartition("/")[2]
    described = f" “{item['description']}”" if item.get("description") else ""
    return f"🖼 {_file(name, media.get('width'), media.get('height'))}{described}"


def _file(name: str, width: int | None, height: int | None) -> str:
    return f"{name} {width}×{height}" if width and height else name
