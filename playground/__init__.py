"""A local Discord and a local image API, which talk to the bot by HTTP and WebSocket only."""
