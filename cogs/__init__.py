"""The commands, menus and component handlers: one module per command family."""
