"""Notifications: tells users that their tasks have ended."""
