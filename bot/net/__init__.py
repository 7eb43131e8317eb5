"""HTTP helpers: URLs, bodies, JSON limits, proxies. Independent of the services used."""
