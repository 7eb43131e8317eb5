"""JSON for text columns, without U+0000: not every database engine can store it, and some refuse it in JSON, too."""

from __future__ import annotations

import json
from typing import Any


def json_text(value: Any) -> str:
    """Serializes a value."""
    text = json.dumps(value)
    return json.dumps(_without_zeros(value)) if "\\u0000" in text else text


def _without_zeros(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, dict):
        return {_without_zeros(name): _without_zeros(each) for name, each in value.items()}
    return [_without_zeros(each) for each in value] if isinstance(value, list | tuple) else value
