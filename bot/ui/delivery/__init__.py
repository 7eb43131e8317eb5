"""Delivery: keeps every message that shows a task up to date with the task."""
