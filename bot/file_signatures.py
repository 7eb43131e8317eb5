"""The first bytes of file formats that more than one package looks for."""

from __future__ import annotations

# PNG specification, 5.2.
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
