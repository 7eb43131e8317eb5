"""Supervision of background tasks, and memory budgets."""
