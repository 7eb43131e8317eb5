"""A channel's conversation as text: for demonstrations, and for the messages of failing tests."""

from collections.abc import Iterable

from playground.discord.components import ComponentType
from playground.discord.interactions import Interaction, InteractionType
from playground.discord.records import Channel, Json, Message, User
from playground.discord.state import ServerState
from playground.discord.stored_components import shown_ids


def transcript(
    channel: Channel, state: ServerState, interactions: Iterable[Interaction], person: User | None = None
) -> str:
    """What happened in a channel, in order; with a person, only what that person sees."""
    actions = [each for each in interactions if each.channel is channel and each.type != InteractionType.AUTOCOMPLETE]
    messages = list(state.messages_in(channel))
    if person is not None:
        actions = [each for each in actions if each.user is person]
        messages = [each for each in messages if state.sees(person.id, each)]
    entries = {each.id: _action(each) for each in actions} | {each.id: _message(each) for each in messages}
    guild = state.guild_of(channel)
    title = f"— {guild.name} {channel} —" if guild else f"— direct messages with {channel} —"
    return "\n".join([title, *(entries[key] for key in sorted(entries))])


def _action(interaction: Interaction) -> str:
    text = f"{interaction.user.display_name} → {interaction.said}"
    if interaction.failed:
        return f"{text}\n    The application did not respond"
    return f"{text}\n    opens “{interaction.modal['title']}”" if interaction.modal else text


def _message(message: Message) -> str:
    """One message: its author, text, components, files and marks."""
    marks = []
    if message.ephemeral:
        marks.append("dismissed" if message.dismissed else "only they see this")
    if message.edited_at:
        marks.append("edited")
    lines = ["is thinking…"] if message.loading else []
    lines += message.content.splitlines()
    for embed in message.embeds:
        lines += [f"│ {embed[key]}" for key in ("title", "description") if embed.get(key)]
        lines += [f"│ {entry['name']}: {entry['value']}" for entry in embed.get("fields") or []]
    for component in message.components:
        lines += _component(component)
    shown = shown_ids(message.components)
    beside = [each for each in message.attachments if each.id not in shown]
    lines += [f"📎 {_file(each.filename, each.width, each.height)}" for each in beside]
    head = message.author.display_name + (f" ({', '.join(marks)})" if marks else "")
    return "\n".join([f"{head}:", *(f"    {line}" for line in lines)])


def _component(component: Json) -> list[str]:
    match component:
        case {"type": ComponentType.ROW, "components": children}:
            return [" ".join(_inline(each) for each in children)]
        case {"type": ComponentType.CONTAINER, "components": children}:
            return [f"┃ {line}" for child in children for line in _component(child)]
        case {"type": ComponentType.SECTION, "components": children, "accessory": accessory}:
            return [*(line for child in children for line in _component(child)), _inline(accessory)]
        case {"type": ComponentType.TEXT, "content": content}:
            return str(content).splitlines()
        case {"type": ComponentType.GALLERY, "items": items}:
            return [_inline(item) for item in items]
        case {"type": ComponentType.FILE}:
            return [f"📄 {component.get('name')}"]
    return ["─" * 12] if component.get("divider") else [""]


def _inline(component: Json) -> str:
    """A button, a select, or an image."""
    if media := component.get("media"):
        name = media["url"].partition("?")[0].rpartition("/")[2]
        described = f" “{component['description']}”" if component.get("description") else ""
        return f"🖼 {_file(name, media.get('width'), media.get('height'))}{described}"
    if component["type"] != ComponentType.BUTTON:
        chosen = [option["label"] for option in component.get("options", []) if option.get("default")]
        return f"▾ {', '.join(chosen) or component.get('placeholder') or component['custom_id']}"
    emoji = (component.get("emoji") or {}).get("name")
    label = " ".join(part for part in (emoji, component.get("label")) if part)
    return f"({label})" if component.get("disabled") else f"[{label}]"


def _file(name: str, width: int | None, height: int | None) -> str:
    return f"{name} {width}×{height}" if width and height else name
