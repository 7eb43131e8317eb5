"""Building blocks of messages: custom_ids, buttons and selects, limits, escaped text, timestamps. No I/O."""
