"""A local platform: everything that a reseller sells in addition to the Midjourney API, under one key.

`LocalPlatform` is the server. Its models draw with the local painter, talk about what they were asked, see what is in
an image, speak in tones and understand them.
"""

from playground.platform.faults import MEANINGS, Fault
from playground.platform.models import Kind
from playground.platform.profiles import PROFILES
from playground.platform.replies import Reply
from playground.platform.server import LocalPlatform
from playground.platform.state import Pace

__all__ = ["MEANINGS", "PROFILES", "Fault", "Kind", "LocalPlatform", "Pace", "Reply"]
