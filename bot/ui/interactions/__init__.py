"""Interactions: their context, routing, error handling, and the check for a shutdown."""
