"""Webhooks of interactions, for messages sent and edited through an interaction's token."""

from __future__ import annotations

import discord


def of_interaction(client: discord.Client, application_id: int, token: str) -> discord.Webhook:
    """The webhook, with the client's session and proxy. discord.py's `partial` ignores the proxy (2.7.1)."""
    webhook = discord.Webhook.partial(application_id, token, client=client)
    webhook.proxy = client.http.proxy
    return webhook
