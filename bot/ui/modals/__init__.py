"""Modals: how they are built, their initial text, and how a submitted one is parsed."""
