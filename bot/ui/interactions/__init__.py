"""Interactions: context, routing, error handling, and the shutdown check."""
