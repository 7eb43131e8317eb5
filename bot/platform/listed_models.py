"""One list of a platform's models, compared with the engines file once: which make images, and which have which role.

Matching over a thousand names with all patterns takes a tenth of a second, and cards and autocomplete ask often.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.platform.engines_file import EngineKind, EnginesFile, Role, matches
from bot.platform.models import Model, ModelList


class ListedModels:
    """The names of a list by use, each in the order of preference. CPU-bound to make."""

    def __init__(self, models: ModelList, file: EnginesFile) -> None:
        self.list = models
        self.models: Sequence[Model] = [model for model in models.models if not model.is_price_entry]
        names = [model.id for model in self.models if not model.is_family]
        profiles = {name: file.profile_of(name) for name in names}
        images = [name for name in names if profiles[name]]
        ranks = {name: _rank(name, file) for name in images}
        self.images: Sequence[str] = sorted(images, key=lambda name: (name != file.default, ranks[name], name))
        self.chats: Sequence[str] = [name for name in names if is_chat(name, file)]
        others = [name for name in names if not profiles[name]]
        self.roles: Mapping[Role, Sequence[str]] = {role: _candidates(role, others, file) for role in Role}


def is_chat(name: str, file: EnginesFile) -> bool:
    """Whether a model answers chats, by its name."""
    if profile := file.profile_of(name):
        return profile.kind is EngineKind.CHAT
    other = [role for role in Role if role not in (Role.CHAT, Role.ENHANCE, Role.VISION)]
    return not any(matches(name, file.roles.get(role, ())) for role in other)


def _candidates(role: Role, names: Sequence[str], file: EnginesFile) -> Sequence[str]:
    """The models that can have a role, those of the first pattern first."""
    if role is Role.ENHANCE and not file.roles.get(role):
        role = Role.CHAT
    return [name for pattern in file.roles.get(role, ()) for name in names if matches(name, [pattern])]


def _rank(name: str, file: EnginesFile) -> int:
    return next((i for i, profile in enumerate(file.engines) if matches(name, profile.models)), 0)
