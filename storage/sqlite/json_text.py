"""JSON for text columns, without U+0000: not every database engine can store it, and some refuse it in JSON, too."""

from __future__ import annotations

import json
from typing import Any


def json_text(value: Any) -> str:
    """Serializes a value. Records (dataclasses) become objects."""
    text = _encode(value)
    return _encode(_without_zeros(json.loads(text))) if "\\u0000" in text else text


def _fields(record: Any) -> dict[str, Any]:
    # `dataclasses.asdict` would copy every value within the record.
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


_encode = json.JSONEncoder(default=_fields).encode


def _without_zeros(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, dict):
        return {_without_zeros(name): _without_zeros(each) for name, each in value.items()}
    return [_without_zeros(each) for each in value] if isinstance(value, list) else value
