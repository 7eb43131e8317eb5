"""Links to files at Discord, for tests in which there is no Discord."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from bot.tasks.requests import AttachmentLinks


def unsigned_links() -> AttachmentLinks:
    """Links that nothing can refresh."""

    async def refresh(links: Sequence[str]) -> Mapping[str, str]:
        return {}

    return AttachmentLinks(refresh, time.time)
