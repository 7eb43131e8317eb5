"""A stand-in for Discord and for the image API, speaking only HTTP and WebSocket to the bot."""
