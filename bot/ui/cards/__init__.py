"""Cards: the messages that show a task."""
