"""Interactions: context, routing, handling, responses, and the check of what is offered."""
