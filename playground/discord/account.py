"""The bot's account with Discord: its token, and how many sessions it may still start."""

import secrets
from dataclasses import dataclass, field

SESSION_STARTS = 1000
RESET_MS = 14_400_000


@dataclass
class Account:
    """`remaining` counts down with every IDENTIFY (developer documentation, "Session Start Limit Object")."""

    token: str = field(default_factory=lambda: f"local.{secrets.token_urlsafe(24)}")
    remaining: int = SESSION_STARTS
    reset_after_ms: int = RESET_MS

    def session_start_limit(self) -> dict[str, int]:
        """The object as `GET /gateway/bot` answers it."""
        return {
            "total": SESSION_STARTS,
            "remaining": self.remaining,
            "reset_after": self.reset_after_ms,
            "max_concurrency": 1,
        }

    def reset_token(self) -> None:
        """Gives the account a new token; the old one is refused from now on."""
        self.token = f"local.{secrets.token_urlsafe(24)}"
