"""Measurements: `make bench`. Ratios within one run, because machines are noisy; no test depends on a time."""
