"""Interactions: context, handling, responses, and the check of what is offered."""
