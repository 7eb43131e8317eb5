"""The error that people are told: which rule was broken, with the values that belong to it."""

from __future__ import annotations

from collections.abc import Mapping


class UserError(Exception):
    """What a person asked for is refused, and they are told why.

    `code` names the reason and `params` are its values; both are stored with a task that was refused. What is said of
    a code is the user interface's to know (`bot.ui.components.error_texts`).
    """

    def __init__(self, code: str, /, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params: Mapping[str, str] = params

    def __str__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.code} ({values})" if values else self.code
