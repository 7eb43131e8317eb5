"""Panels: private messages with lists, details and settings."""
