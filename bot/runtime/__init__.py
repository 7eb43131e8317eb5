"""Owners of background tasks and of memory."""
