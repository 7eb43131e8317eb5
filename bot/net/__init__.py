"""Helpers for HTTP: addresses, bodies, limits of JSON, proxies. They know nothing of services."""
