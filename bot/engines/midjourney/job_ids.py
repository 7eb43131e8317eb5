"""IDs of Midjourney's jobs: UUIDs in lower case."""

from __future__ import annotations

import re

JOB_ID_PATTERN = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
JOB_ID = re.compile(JOB_ID_PATTERN)


def job_id_in(typed: str) -> str | None:
    """The ID of a Midjourney job in typed text: by itself, or in the URL of its page or image. None if there is
    none."""
    found = JOB_ID.search(typed.lower())
    return found[0] if found else None
