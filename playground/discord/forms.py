"""Validation of a request body as Discord does it: all errors are collected by path and sent back in one 50035."""

from collections.abc import Collection, Iterable
from typing import Any

from playground.discord.errors import FormErrors, invalid_form


class Form:
    """One JSON object of a body. Readers return a valid value, and None after recording an error."""

    def __init__(self, body: Any, path: tuple[str, ...] = (), errors: FormErrors | None = None) -> None:
        self.path = path
        self.errors: FormErrors = [] if errors is None else errors
        self.body: dict[str, Any] = body if isinstance(body, dict) else {}
        if not isinstance(body, dict):
            self.fail(None, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")

    def fail(self, key: str | None, code: str, message: str) -> None:
        self.errors.append(((*self.path, key) if key else self.path, code, message))

    def finish(self) -> None:
        """Raises ApiError 50035 if an error was recorded, here or in a child."""
        if self.errors:
            raise invalid_form(self.errors)

    def has(self, key: str) -> bool:
        return self.body.get(key) is not None

    def require(self, key: str) -> bool:
        """Whether there is a value; if not, that is an error."""
        if not self.has(key):
            self.fail(key, "BASE_TYPE_REQUIRED", "This field is required")
        return self.has(key)

    def text(self, key: str, low: int, high: int, *, required: bool = False) -> str | None:
        """A string of `low` to `high` characters."""
        value = self._value(key, required=required)
        if value is None:
            return None
        if not isinstance(value, str):
            self.fail(key, "STRING_TYPE_CONVERT", "Could not interpret the value as string.")
        elif low <= len(value) <= high:
            return value
        elif value == "" and required:
            self.fail(key, "BASE_TYPE_REQUIRED", "This field is required")
        elif low:
            self.fail(key, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
        else:
            self.fail(key, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")
        return None

    def number(self, key: str, low: int, high: int) -> int | None:
        """A whole number of `low` to `high`."""
        value = self.body.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            self.fail(key, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        elif value < low:
            self.fail(key, "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {low}.")
        elif value > high:
            self.fail(key, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}.")
        else:
            return value
        return None

    def bounds(self, noun: str, highest: int, code: str, *, default: int) -> tuple[int, int]:
        """`min_…` and `max_…` of the noun, not above `highest` and in order. `default` is the maximum if left out."""
        low, high = self.number(f"min_{noun}", 0, highest) or 0, self.number(f"max_{noun}", 1, highest) or default
        if low > high:
            self.fail(f"min_{noun}", f"{code}_MIN_OVER_MAX", f"min_{noun} cannot be greater than max_{noun}")
        return low, high

    def choice(self, key: str, allowed: Collection[int], *, required: bool = False) -> int | None:
        """One of the allowed numbers."""
        value = self._value(key, required=required)
        if value in allowed and not isinstance(value, bool):
            return int(value)
        if value is not None:
            self.fail(key, "BASE_TYPE_CHOICES", f"Value must be one of {{{', '.join(map(str, allowed))}}}.")
        return None

    def kind(self, allowed: Collection[int]) -> int | None:
        """The `type` by which Discord tells several kinds of object apart."""
        value = self._value("type", required=True)
        if value in allowed and not isinstance(value, bool):
            return int(value)
        if value is not None:
            listed = tuple(sorted(int(each) for each in allowed))
            self.fail(None, "UNION_TYPE_CHOICES", f'Value of field "type" must be one of {listed}.')
        return None

    def flag(self, key: str) -> bool:
        value = self.body.get(key)
        if value is not None and not isinstance(value, bool):
            self.fail(key, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
        return value is True

    def child(self, key: str) -> "Form":
        """The object under `key`."""
        return Form(self.body.get(key), (*self.path, key), self.errors)

    def items(self, key: str, low: int = 0, high: int = 100, *, required: bool = False) -> list[Any]:
        """The list of `low` to `high` values under `key`; empty where there is none."""
        value = self._value(key, required=required)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fail(key, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return []
        if not low <= len(value) <= high:
            self.fail(key, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
        return value

    def children(self, key: str, low: int, high: int, *, required: bool = False) -> list["Form"]:
        """The `low` to `high` objects of the list under `key`."""
        found = self.items(key, low, high, required=required)
        return [Form(each, (*self.path, key, str(index)), self.errors) for index, each in enumerate(found)]

    def _value(self, key: str, *, required: bool) -> Any:
        if required:
            self.require(key)
        return self.body.get(key)


def fail_repeated(forms: Iterable[Form], key: str, code: str, message: str) -> None:
    """Records an error for every form whose value of `key` an earlier one has."""
    seen = set()
    for form in forms:
        value = str(form.body.get(key))
        if form.has(key) and value in seen:
            form.fail(key, code, message)
        seen.add(value)
