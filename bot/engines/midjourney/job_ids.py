"""IDs of Midjourney's jobs: UUIDs in lower case."""

from __future__ import annotations

import re

JOB_ID_PATTERN = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
JOB_ID = re.compile(JOB_ID_PATTERN)
