"""Conversations with chat models, and speech. Imports neither discord.py nor `bot.ui`."""
