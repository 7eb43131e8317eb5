"""Discord's API: error codes, outages, Discord's clock, refreshed attachment links."""
