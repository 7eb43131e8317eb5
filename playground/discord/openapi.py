"""Checks request and response bodies against Discord's own OpenAPI description. Needs jsonschema-rs."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError, ValidationErrorKind

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
        self._document: Schema = json.loads(Path(path).read_text(encoding="utf-8"))
        # The description wants snowflakes as strings; Discord takes whole numbers too, and discord.py sends them so.
        snowflake = self._document["components"]["schemas"]["SnowflakeType"]
        self._document["components"]["schemas"]["SnowflakeType"] = {"anyOf": [snowflake, {"type": "integer"}]}
        self._document["paths"] = _UNDESCRIBED | self._document["paths"]
        self._paths = sorted(self._document["paths"], key=_generality)
        self._patterns = {template: _pattern(template) for template in self._paths}
        self._validators: dict[tuple[str, str, str], Draft202012Validator] = {}

    def check(self, method: str, path: str, json_body: Any) -> list[str]:
        """The problems of a request as texts; empty if there is none. `path` is without the API's base.

        Of a multipart request, `json_body` is its payload_json part; its files are not checked.
        """
        template = self._template(method, path)
        if template is None:
            return [f"Discord has no {method} {path}"]
        request = self._document["paths"][template][method.lower()].get("requestBody")
        if request is None or json_body is None:
            return ["a body is required"] if request and request.get("required") and json_body is None else []
        return self._problems((method, template, "request"), request["content"]["application/json"], json_body)

    def check_answer(self, method: str, path: str, status: int, json_body: Any) -> list[str]:
        """The same for a response."""
        template = self._template(method, path)
        if template is None:
            return [f"Discord has no {method} {path}"]
        responses = self._document["paths"][template][method.lower()]["responses"]
        response = responses.get(str(status))
        if response is None:
            return [] if status >= 400 else [f"{method} {template} does not answer {status}"]
        content = response.get("content")
        if content is None:
            return [] if json_body is None else [f"{method} {template} answers {status} without a body"]
        return self._problems((method, template, str(status)), content["application/json"], json_body)

    def _template(self, method: str, path: str) -> str | None:
        for template in self._paths:
            if self._patterns[template].fullmatch(path) and method.lower() in self._document["paths"][template]:
                return str(template)
        return None

    def _problems(self, key: tuple[str, str, str], content: Schema, body: Any) -> list[str]:
        if key not in self._validators:
            schema = {**content["schema"], "components": self._document["components"]}
            self._validators[key] = Draft202012Validator(schema)
        validator = self._validators[key]
        if validator.is_valid(body):
            return []
        return [_text(error) for error in list(_leaves(validator.iter_errors(body)))[:_MAX_PROBLEMS]]


def _generality(template: str) -> tuple[int, str]:
    return template.count("{"), template


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
