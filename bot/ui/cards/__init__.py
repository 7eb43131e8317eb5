"""Cards: the message that shows a task."""
