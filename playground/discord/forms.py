"""Reading a request body as Discord does: every fault is noted by its path, and all come back in one 50035."""

from collections.abc import Collection
from typing import Any

from playground.discord.errors import Found, invalid_form


class Form:
    """One object of a body. Readers return the value when it is right and None otherwise, noting why."""

    def __init__(self, body: Any, path: tuple[str, ...] = (), found: Found | None = None) -> None:
        self.path = path
        self.found: Found = [] if found is None else found
        self.body: dict[str, Any] = body if isinstance(body, dict) else {}
        if not isinstance(body, dict):
            self.fail(None, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")

    def fail(self, key: str | None, code: str, message: str) -> None:
        self.found.append(((*self.path, key) if key else self.path, code, message))

    def finish(self) -> None:
        """Raises ApiError 50035 when anything was noted, here or in a child."""
        if self.found:
            raise invalid_form(self.found)

    def has(self, key: str) -> bool:
        return self.body.get(key) is not None

    def missing(self, key: str) -> None:
        self.fail(key, "BASE_TYPE_REQUIRED", "This field is required")

    def text(self, key: str, least: int = 0, most: int = 0, *, required: bool = False) -> str | None:
        """A string of `least` to `most` characters; `most` 0 means any length."""
        value = self.body.get(key)
        if value is None:
            if required:
                self.missing(key)
            return None
        if not isinstance(value, str):
            self.fail(key, "STRING_TYPE_CONVERT", "Could not interpret the value as string.")
            return None
        if most and not least <= len(value) <= most:
            if value == "" and required:
                self.missing(key)
            elif least:
                self.fail(key, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
            else:
                self.fail(key, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
            return None
        return value

    def number(self, key: str, least: int, most: int, *, required: bool = False) -> int | None:
        value = self.body.get(key)
        if value is None:
            if required:
                self.missing(key)
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            self.fail(key, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        elif value < least:
            self.fail(key, "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {least}.")
        elif value > most:
            self.fail(key, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {most}.")
        else:
            return value
        return None

    def choice(self, key: str, allowed: Collection[int], *, required: bool = False) -> int | None:
        value = self.body.get(key)
        if value is None:
            if required:
                self.missing(key)
            return None
        if value not in allowed or isinstance(value, bool):
            listed = ", ".join(str(each) for each in sorted(allowed))
            self.fail(key, "BASE_TYPE_CHOICES", f"Value must be one of {{{listed}}}.")
            return None
        return int(value)

    def kind(self, allowed: Collection[int]) -> int | None:
        """The `type` that tells which of several kinds of object this one is."""
        value = self.body.get("type")
        if value is None:
            self.missing("type")
        elif value in allowed and not isinstance(value, bool):
            return int(value)
        else:
            listed = ", ".join(str(each) for each in sorted(allowed))
            comma = "," if len(allowed) == 1 else ""
            self.fail(None, "UNION_TYPE_CHOICES", f'Value of field "type" must be one of ({listed}{comma}).')
        return None

    def flag(self, key: str) -> bool:
        value = self.body.get(key)
        if value is not None and not isinstance(value, bool):
            self.fail(key, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
        return value is True

    def child(self, key: str) -> "Form":
        """The object under `key`, a fault when it is none."""
        return Form(self.body.get(key), (*self.path, key), self.found)

    def children(self, key: str, least: int, most: int, *, required: bool = False) -> list["Form"]:
        """The objects of the list under `key`, a fault when they are not `least` to `most`."""
        value = self.body.get(key)
        if value is None:
            if required:
                self.missing(key)
            return []
        if not isinstance(value, list):
            self.fail(key, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return []
        if not least <= len(value) <= most:
            self.fail(key, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
        return [Form(each, (*self.path, key, str(index)), self.found) for index, each in enumerate(value)]
