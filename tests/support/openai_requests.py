"""Checks requests against the official description of the platform's API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator

from playground.platform.requests import Received

# The official description of the requests, a cut of `openapi.json` of github.com/openai/openai-openapi, is not part of
# this repository. Requests are validated against it where it is stored next to the repository.
DESCRIPTION = Path(__file__).resolve().parents[3] / "shared" / "openai-requests.json"
_FORM, _JSON = "multipart/form-data", "application/json"


class OpenAiRequests:
    """The official description of the requests."""

    def __init__(self, path: Path = DESCRIPTION) -> None:
        self._document: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        self._validators: dict[tuple[str, str], Draft202012Validator] = {}

    def problems(self, path: str, media_type: str, body: Any) -> list[str]:
        """What it says against a body for an endpoint such as `/v1/embeddings`. KeyError for an unknown endpoint."""
        validator = self._validators.get((path, media_type))
        if validator is None:
            operation = self._document["paths"][path.removeprefix("/v1")]["post"]
            schema = operation["requestBody"]["content"][media_type]["schema"]
            validator = Draft202012Validator({**schema, "components": self._document["components"]})
            self._validators[path, media_type] = validator
        return [error.message for error in validator.iter_errors(body)]

    def check(self, request: Received) -> list[str]:
        """The problems of a request that the local platform received; reads have none."""
        if request.method != "POST":
            return []
        is_form = bool(request.files)
        try:
            found = self.problems(
                request.path, _FORM if is_form else _JSON, form_body(request) if is_form else request.body
            )
        except KeyError:
            return [f"POST {request.path}: no such endpoint"]
        return [f"POST {request.path}: {problem[:300]}" for problem in found]


def form_body(request: Received) -> dict[str, Any]:
    """The fields of a form as the description types them: files and lists by name, whole numbers as numbers."""
    fields: dict[str, Any] = {name: as_typed(value) for name, value in request.body.items()}
    for file in request.files:
        if file.field_name.endswith("[]"):
            fields.setdefault(file.field_name.removesuffix("[]"), []).append(file.name)
        else:
            fields[file.field_name] = file.name
    return fields


def as_typed(value: Any) -> Any:
    """A field of a form: whole numbers as numbers."""
    return int(value) if isinstance(value, str) and value.isdigit() else value


def official_description() -> OpenAiRequests | None:
    """The official description, where that file is there."""
    return OpenAiRequests() if DESCRIPTION.exists() else None
