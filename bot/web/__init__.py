"""The web server: callbacks and health."""
