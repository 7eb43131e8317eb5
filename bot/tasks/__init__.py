"""The life of a task: submission, polling, callbacks, recovery and change events. Independent of Discord."""
