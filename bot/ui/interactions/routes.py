"""Routes: which handler takes a component or a modal, by its custom_id."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.ui.interactions.client import Interaction

Handler = Callable[[Interaction, re.Match[str]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Route:
    """A handler of the custom_ids that match as a whole.

    `private`: only on a message that one person sees, because the handler replaces that message. `holds_text`: somebody
    typed into it, so the handler itself answers while the bot shuts down, and gives the text back.
    """

    pattern: re.Pattern[str]
    handler: Handler
    private: bool = False
    holds_text: bool = False


class Routes:
    """The routes of components and of modals, added by the cogs."""

    def __init__(self) -> None:
        self._components: list[Route] = []
        self._modals: list[Route] = []

    def add_component(self, pattern: re.Pattern[str], handler: Handler, *, private: bool = False) -> None:
        """From now on `handler` takes these buttons and selects."""
        self._components.append(Route(pattern, handler, private))

    def add_modal(
        self, pattern: re.Pattern[str], handler: Handler, *, private: bool = False, holds_text: bool = False
    ) -> None:
        """From now on `handler` takes these modals."""
        self._modals.append(Route(pattern, handler, private, holds_text))

    def component(self, custom_id: str) -> tuple[Route, re.Match[str]] | None:
        """The route of a button or a select."""
        return _first(self._components, custom_id)

    def modal(self, custom_id: str) -> tuple[Route, re.Match[str]] | None:
        """The route of a modal."""
        return _first(self._modals, custom_id)


def _first(routes: list[Route], custom_id: str) -> tuple[Route, re.Match[str]] | None:
    for route in routes:
        if match := route.pattern.fullmatch(custom_id):
            return route, match
    return None
