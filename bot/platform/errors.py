"""Errors that only the platform has. All others are those of `bot.engines.errors`.

ServiceRefused
├── NotOffered
│   ├── ModelNotOffered  the platform does not sell this model to this key
│   ├── CompletionsOnly  the model is no chat model
│   └── EndpointMissing  the platform does not have this endpoint, or the base URL is wrong
└── FieldRefused         the platform does not take a field of the request, or not with its value
AnswerLost
└── NoResult             the answer is complete and holds no result; it may have been billed
"""

from __future__ import annotations

from bot.engines.errors import AnswerLost, NotOffered, RefusalKind, ServiceRefused


class ModelNotOffered(NotOffered):
    """The platform does not sell this model, or not to this key (docs/platform-api.md#meaning-of-errors)."""


class CompletionsOnly(NotOffered):
    """The model is no chat model (docs/platform-api.md#completions)."""


class EndpointMissing(NotOffered):
    """The platform does not have this endpoint, or the base URL is wrong (docs/platform-api.md#base-url)."""


class FieldRefused(ServiceRefused):
    """The platform does not know `field`, or not for this model (docs/platform-api.md#learned-switches)."""

    def __init__(self, field: str, description: str = "", *, http_status: int = 0) -> None:
        super().__init__(RefusalKind.INVALID, description, http_status=http_status)
        self.field = field


class NoResult(AnswerLost):
    """The answer is complete, but holds no result (docs/platform-api.md#success). `told` is what the platform says
    about that, "" if it says nothing."""

    def __init__(self, what: str, told: str = "") -> None:
        super().__init__(what)
        self.told = told
