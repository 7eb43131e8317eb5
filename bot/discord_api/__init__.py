"""Discord's API: messages, error codes, outages, Discord's clock, refreshed attachment links."""
