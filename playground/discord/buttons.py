"""What Discord checks on buttons and emoji (its documentation, "Component Reference", "Button")."""

from playground.discord.emoji import is_emoji
from playground.discord.forms import Form

LINK = 5
PREMIUM = 6


def check_button(button: Form) -> None:
    """A button's style decides what else it must and must not have; its custom_id is checked by the layout."""
    style = button.choice("style", range(1, 7), required=True)
    button.flag("disabled")
    label = button.text("label", 0, 80)
    check_emoji(button)
    if style == PREMIUM:
        _check_premium(button)
        return
    if style == LINK:
        check_url(button, "url", ("http://", "https://", "discord://"), 512)
    elif button.has("url"):
        button.fail("url", "BUTTON_COMPONENT_URL_NOT_ALLOWED", "Only link buttons may have a url")
    if not (label or "").strip() and not button.has("emoji"):
        button.fail(None, "BUTTON_COMPONENT_EMPTY", "A button must have a label or an emoji")


def needs_custom_id(button: Form) -> bool:
    return button.body.get("style") not in (LINK, PREMIUM)


def _check_premium(button: Form) -> None:
    if not button.has("sku_id"):
        button.missing("sku_id")
    for key in ("label", "emoji", "url"):
        if button.has(key):
            button.fail(key, "BUTTON_COMPONENT_PREMIUM", f"A premium button cannot have a {key}")


def check_emoji(component: Form) -> None:
    """A custom emoji has a snowflake id; without one the name must be a Unicode emoji."""
    if not component.has("emoji"):
        return
    emoji = component.child("emoji")
    name = emoji.text("name", 0, 32)
    custom = emoji.body.get("id")
    if custom is not None:
        if not str(custom).isdecimal():
            emoji.fail("id", "NUMBER_TYPE_COERCE", f'Value "{custom}" is not snowflake.')
    elif not name or not is_emoji(name):
        emoji.fail("name", "BUTTON_COMPONENT_INVALID_EMOJI", "Invalid emoji")


def check_url(form: Form, key: str, schemes: tuple[str, ...], most: int) -> str | None:
    """A url of one of the schemes. Returned when it is right."""
    url = form.text(key, 1, most, required=True)
    if url is None:
        return None
    rest = url.partition("://")[2]
    if not rest or not url.startswith(schemes) or any(sign.isspace() for sign in url):
        listed = ", ".join(f"'{scheme.removesuffix('://')}'" for scheme in schemes)
        form.fail(key, "URL_TYPE_INVALID_URL", f"Not a well formed URL; the scheme must be one of ({listed}).")
        return None
    return url
