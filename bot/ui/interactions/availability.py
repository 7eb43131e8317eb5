"""What the service at hand is known not to have: refused before anything is acknowledged in public. No I/O."""

from __future__ import annotations

from collections.abc import Mapping

from bot.midjourney import Capabilities, custom_id_facts
from bot.tasks.errors import UserError
from storage import Action, Request

_LINES = (custom_id_facts.ActionKind.DESCRIBE_LINE, custom_id_facts.ActionKind.SHORTEN_LINE)
# The capabilities of which a command needs one, by what it asks for.
_NEEDS: Mapping[Action, tuple[str, ...]] = {
    Action.BLEND: ("blend",),
    Action.DESCRIBE: ("describe",),
    Action.SHORTEN: ("shorten",),
    Action.SWAP: ("swap",),
    Action.SWAP_VIDEO: ("swap_video",),
    Action.EDIT: ("edit", "edit_older"),
    Action.RETEXTURE: ("retexture",),
    Action.VIDEO: ("video",),
}


def check_available(capabilities: Capabilities, asked: Request) -> None:
    """Raises UserError where the service is known not to do what a command asks."""
    needs = _NEEDS.get(asked.action, ())
    if not needs or any(getattr(capabilities, need) for need in needs):
        return
    if asked.action is Action.SWAP_VIDEO and capabilities.swap:
        raise UserError("not_offered_swap_video")
    raise lacking(asked.action.value.partition("_")[0])


def offers(capabilities: Capabilities, custom_id: str) -> bool:
    """Can a press of this button succeed, as far as is known?

    Lines of a description or of a shortened prompt are drawn as prompts where the service does not take their buttons.
    """
    return capabilities.supports_button(custom_id) or custom_id_facts.parse(custom_id).kind in _LINES


def lacking(command: str) -> UserError:
    """What to say of a command that the service at hand has nothing for."""
    return UserError("command_not_available", command=command)
