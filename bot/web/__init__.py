"""The web server: health checks, callbacks and the mask editor."""
