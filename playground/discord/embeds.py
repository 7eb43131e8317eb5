"""What Discord checks on classic embeds (message resource, "Embed Limits")."""

from playground.discord.forms import Form

MOST_TOGETHER = 6000


def check_embeds(message: Form) -> None:
    """Ten embeds of at most 6000 characters together, each part within its own limit."""
    together = sum(_check_embed(embed) for embed in message.children("embeds", 0, 10))
    if together > MOST_TOGETHER:
        message.fail("embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {MOST_TOGETHER}")


def _check_embed(embed: Form) -> int:
    size = len(embed.text("title", 0, 256) or "") + len(embed.text("description", 0, 4096) or "")
    embed.number("color", 0, 0xFFFFFF)
    embed.text("url", 0, 2048)
    for entry in embed.children("fields", 0, 25):
        size += len(entry.text("name", 1, 256, required=True) or "")
        size += len(entry.text("value", 1, 1024, required=True) or "")
    if embed.has("footer"):
        size += len(embed.child("footer").text("text", 0, 2048) or "")
    if embed.has("author"):
        size += len(embed.child("author").text("name", 0, 256) or "")
    for key in ("image", "thumbnail"):
        if embed.has(key):
            _check_picture(embed.child(key))
    return size


def _check_picture(picture: Form) -> None:
    url = picture.text("url", 0, 2048)
    if url and not url.startswith(("http://", "https://", "attachment://")):
        picture.fail("url", "URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('http', 'https', 'attachment').")
