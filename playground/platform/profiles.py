"""The kinds of platforms that can be emulated, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """One kind of reseller."""

    name: str
    mj_form: str = "A"


_ALL = (Profile("clean"),)
PROFILES = {profile.name: profile for profile in _ALL}


def profile_named(name: str) -> Profile:
    """The profile of this name. Raises ValueError for an unknown one."""
    if name not in PROFILES:
        raise ValueError(f"no profile {name!r}: choose one of {', '.join(PROFILES)}")
    return PROFILES[name]
