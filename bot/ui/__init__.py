"""The user interface in Discord: cards, buttons, modals and panels, and their delivery."""
