"""The bot's core: tasks, Discord, the image API and the user interface. The commands themselves are in `cogs`."""
