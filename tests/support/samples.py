"""Example answers of image services (tests/data/image-api/README.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "image-api"


def sample(name: str) -> Any:
    """The JSON of a file, by its name."""
    return json.loads((SAMPLES / name).read_text(encoding="utf-8"))
