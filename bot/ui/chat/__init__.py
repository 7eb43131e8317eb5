"""Chat answers in Discord: their text, messages, controls and forms."""
