"""What models of a platform are used for. A module of its own, because the cards and panels of a bot without a platform
need nothing else of the platform."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a model is used for, other than making images."""

    CHAT = "chat"
    ENHANCE = "enhance"
    """Improves prompts. By default the chat model."""
    VISION = "vision"
    EMBEDDINGS = "embeddings"
    TRANSCRIPTION = "transcription"
    TRANSLATION = "translation"
    SPEECH = "speech"
