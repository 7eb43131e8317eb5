"""Delivery: brings every message that shows a task to the newest state of the task."""
