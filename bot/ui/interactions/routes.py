"""Routes: map the custom_ids of components and modals to handlers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.ui.interactions.client import Interaction

Handler = Callable[[Interaction, re.Match[str]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Route:
    """A handler for the custom_ids that match the whole pattern.

    `private`: only on ephemeral messages, because the handler replaces the message. `holds_text`: the modal contains
    the user's text, so the handler itself answers during a shutdown and returns the text.
    """

    pattern: re.Pattern[str]
    handler: Handler
    private: bool = False
    holds_text: bool = False


class Routes:
    """The routes of components and of modals. The cogs add them."""

    def __init__(self) -> None:
        self._components: list[Route] = []
        self._modals: list[Route] = []

    def add_component(self, pattern: re.Pattern[str], handler: Handler, *, private: bool = False) -> None:
        """Adds a handler for buttons and selects."""
        self._components.append(Route(pattern, handler, private))

    def add_modal(
        self, pattern: re.Pattern[str], handler: Handler, *, private: bool = False, holds_text: bool = False
    ) -> None:
        """Adds a handler for modals."""
        self._modals.append(Route(pattern, handler, private, holds_text))

    def component(self, custom_id: str) -> tuple[Route, re.Match[str]] | None:
        """The route of a button or select with its match, or None."""
        return _first(self._components, custom_id)

    def modal(self, custom_id: str) -> tuple[Route, re.Match[str]] | None:
        """The route of a modal with its match, or None."""
        return _first(self._modals, custom_id)


def _first(routes: list[Route], custom_id: str) -> tuple[Route, re.Match[str]] | None:
    for route in routes:
        if match := route.pattern.fullmatch(custom_id):
            return route, match
    return None
