"""What the service at hand is known not to have: refused before anything is acknowledged in public. No I/O."""

from __future__ import annotations

from collections.abc import Mapping

from bot.midjourney import Capabilities, Feature, custom_id_facts
from bot.tasks.errors import UserError
from storage import Action, Request

# The features of which a command needs one, by what it asks for.
_NEEDS: Mapping[Action, tuple[Feature, ...]] = {
    Action.BLEND: (Feature.BLEND,),
    Action.DESCRIBE: (Feature.DESCRIBE,),
    Action.SHORTEN: (Feature.SHORTEN,),
    Action.SWAP: (Feature.SWAP,),
    Action.SWAP_VIDEO: (Feature.SWAP_VIDEO,),
    Action.EDIT: (Feature.EDIT, Feature.EDIT_OLDER),
    Action.RETEXTURE: (Feature.RETEXTURE,),
    Action.VIDEO: (Feature.VIDEO,),
}


def check_available(capabilities: Capabilities, asked: Request) -> None:
    """Raises UserError where the service is known not to do what a command asks."""
    needs = _NEEDS.get(asked.action, ())
    if not needs or any(map(capabilities.has, needs)):
        return
    if asked.action is Action.SWAP_VIDEO and capabilities.has(Feature.SWAP):
        raise UserError("not_offered_swap_video")
    raise lacking(asked.action.value.partition("_")[0])


def offers(capabilities: Capabilities, custom_id: str) -> bool:
    """Can a press of this button succeed, as far as is known?

    Lines of a description or of a shortened prompt are drawn as prompts where the service does not take their buttons.
    """
    return (
        capabilities.supports_button(custom_id) or custom_id_facts.parse(custom_id).kind in custom_id_facts.TEXT_LINES
    )


def lacking(command: str) -> UserError:
    """What to say of a command that the service at hand has nothing for."""
    return UserError("command_not_available", command=command)
