"""Modals: how they are built, what they propose, and how a submitted one is read."""
