"""The error that users see: the rule that was broken, with its values."""

from __future__ import annotations

from collections.abc import Mapping


class UserError(Exception):
    """A user's request is refused, and the user is shown why.

    `code` names the reason and `params` holds its values; both are stored with a refused task. The user interface maps
    codes to texts (`bot.ui.components.catalog_texts`).
    """

    def __init__(self, code: str, /, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params: Mapping[str, str] = params

    def __str__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.code} ({values})" if values else self.code
