"""Checks request and response bodies against Discord's own OpenAPI description. Needs jsonschema-rs."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError, ValidationErrorKind

from playground.discord import RequestRecord

Schema = dict[str, Any]
_MAX_PROBLEMS = 5


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _content(schema: Schema) -> Schema:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items, "minItems": 1, "maxItems": 50}


_TEXT, _TEXT_OR_NULL = {"type": "string"}, {"type": ["string", "null"]}
_REFRESHED = _object(refreshed_urls=_list(_object(original=_TEXT, refreshed=_TEXT_OR_NULL)))
# Discord has this endpoint and its clients use it, but its description lacks it.
_UNDESCRIBED: Schema = {
    "/attachments/refresh-urls": {
        "post": {
            "requestBody": _content(_object(attachment_urls=_list(_TEXT))),
            "responses": {"200": _content(_REFRESHED)},
        }
    }
}
_UNIONS = (ValidationErrorKind.AnyOf, ValidationErrorKind.OneOfNotValid)


class OpenApi:
    """`path` is the file openapi.json of Discord's repository discord-api-spec."""

    def __init__(self, path: Path) -> None:
        document: Schema = json.loads(Path(path).read_text(encoding="utf-8"))
        self._components = document["components"]
        # The description wants snowflakes as strings; Discord takes whole numbers too, and discord.py sends them so.
        snowflake = self._components["schemas"]["SnowflakeType"]
        self._components["schemas"]["SnowflakeType"] = {"anyOf": [snowflake, {"type": "integer"}]}
        paths: Schema = _UNDESCRIBED | document["paths"]
        # A path without parameters comes before one with a parameter in its place.
        self._paths = [(_pattern(each), paths[each]) for each in sorted(paths, key=lambda each: each.count("{"))]
        self._validators: dict[int, Draft202012Validator] = {}

    def check(self, method: str, path: str, json_body: Any) -> list[str]:
        """The problems of a request as texts; empty if there is none. `path` is without the API's base.

        Of a multipart request, `json_body` is its payload_json part; its files are not checked.
        """
        operation = self._operation(method, path)
        if operation is None:
            return [f"Discord has no {method} {path}"]
        request = operation.get("requestBody", {})
        if json_body is None:
            return ["a body is required"] if request.get("required") else []
        return self._problems(request, json_body) if request else []

    def check_request(self, record: RequestRecord) -> list[str]:
        """The problems of a logged request."""
        return self.check(record.method, record.path, record.json)

    def check_answer(self, method: str, path: str, status: int, json_body: Any) -> list[str]:
        """The same for a response."""
        operation = self._operation(method, path)
        if operation is None:
            return [f"Discord has no {method} {path}"]
        response = operation["responses"].get(str(status))
        if response is None:
            return [] if status >= 400 else [f"{method} {path} does not answer {status}"]
        if "content" not in response:
            return [] if json_body is None else [f"{method} {path} answers {status} without a body"]
        return self._problems(response, json_body)

    def _operation(self, method: str, path: str) -> Schema | None:
        found = (operations for pattern, operations in self._paths if pattern.fullmatch(path))
        return next((each[method.lower()] for each in found if method.lower() in each), None)

    def _problems(self, described: Schema, body: Any) -> list[str]:
        schema = described["content"]["application/json"]["schema"]
        if id(schema) not in self._validators:
            self._validators[id(schema)] = Draft202012Validator({**schema, "components": self._components})
        validator = self._validators[id(schema)]
        if validator.is_valid(body):
            return []
        return [_text(error) for error in list(_leaves(validator.iter_errors(body)))[:_MAX_PROBLEMS]]


def _pattern(template: str) -> re.Pattern[str]:
    literal = re.split(r"\{[^}]*\}", template)
    return re.compile("[^/]+".join(re.escape(part) for part in literal))


def _leaves(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """The errors themselves; for a union, those of the member that the body is meant as."""
    for error in errors:
        if isinstance(error.kind, _UNIONS) and error.kind.context:
            members = [list(member) for member in error.kind.context]
            yield from _leaves(min(members, key=partial(_distance, error)))
        else:
            yield error


def _distance(union: ValidationError, errors: list[ValidationError]) -> tuple[bool, int]:
    """The members of a union differ by `type`: the one whose type fits is meant, otherwise the nearest."""
    wrong_kind = any(
        error.instance_path == [*union.instance_path, "type"]
        or (isinstance(error.kind, ValidationErrorKind.Type) and error.instance_path == union.instance_path)
        for error in errors
    )
    return wrong_kind, len(errors)


def _text(error: ValidationError) -> str:
    where = ".".join(map(str, error.instance_path)) or "the body"
    text = error.message if len(error.message) <= 200 else f"{error.message[:200]}…"
    return f"{where}: {text}"
