"""The panel of found images."""
