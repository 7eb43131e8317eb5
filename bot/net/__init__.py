"""HTTP without the services: URLs, address ranges, proxies, bodies and JSON from outside within limits."""
