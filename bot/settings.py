"""The settings: the only module that reads the environment and, through `bot.env_file`, `.env`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from bot.engines.midjourney import PROFILES, AuthStyle, Quirk
from bot.env_file import EnvFileError, values_of
from bot.net.proxies import Proxies
from bot.web.client_address import Network, networks
from storage import path_of

# pydantic would look for plugins in every installed distribution, which takes longer than all that it does at a start.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

DISCORD_API_URL = "https://discord.com/api/v10"
# Pseudo-profile: the bot detects the image service's profile at start.
FOUND_OUT = "auto"
ENV_FILE = Path(".env")
# Replacements for " and ' that word processors and some chat programs insert.
TYPOGRAPHIC = tuple("“”„‟‘’‚‛«»‹›")
TYPOGRAPHIC_QUOTES = "typographic_quotes"
NO_ENGINE = "no_engine"
ENGINES_FILE = "engines_file"


class SettingsError(Exception):
    """A setting is missing or invalid. The text names each variable and its expected value, on one line."""


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected a URL that starts with http:// or https://")
    if parts.query or parts.fragment:
        raise ValueError("expected a URL without ? and #")
    _ = parts.port  # raises ValueError for an invalid port
    return value.rstrip("/")


def _service_address(value: str | None) -> str | None:
    if value is None:
        return None
    address = _web_address(value)
    if address.endswith("/mj"):
        raise ValueError("expected the URL without /mj at the end")
    return address


def _platform_address(value: str | None, info: ValidationInfo) -> str | None:
    address = _web_address(value.strip()) if value and value.strip() else value and ""
    # Fields are validated in their order, and one that is wrong is missing here.
    if not address and info.data.get("mj_api_url", "wrong") is None:
        raise PydanticCustomError(NO_ENGINE, "no engine")
    return address


def _engines_file(value: Path | None) -> Path | None:
    if value is None:
        return None
    if not value.is_file():
        raise ValueError("expected the path of a file")
    from bot.platform.engines_file import EnginesFileError, load_engines  # noqa: PLC0415 - most bots have no such file

    try:
        load_engines(value)
    except EnginesFileError as error:
        raise PydanticCustomError(ENGINES_FILE, "{text}", {"text": " ".join(str(error).split())}) from error
    return value


def _database_address(value: str) -> str:
    path_of(value)
    return value


def _profile(value: str) -> str:
    if value != FOUND_OUT and value not in PROFILES:
        raise ValueError("expected a profile name")
    return value


def _quirks(value: str) -> str:
    for word in value.split():
        Quirk(word)
    return value


def _proxies(value: str) -> str:
    networks(value)
    return value


def _header_value(value: SecretStr) -> SecretStr:
    """The value of a header without surrounding whitespace, which is easily pasted with it."""
    text = value.get_secret_value().strip()
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ValueError("expected no spaces, line breaks, or non-ASCII characters")
    return SecretStr(text)


def _proxy(value: SecretStr | None) -> SecretStr | None:
    if value is None or not value.get_secret_value().strip():
        return None
    text = value.get_secret_value().strip()
    text = text if "://" in text else f"http://{text}"
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or (parts.port or 1) < 1:
        raise ValueError("expected a proxy URL that starts with http:// or https://")
    return SecretStr(text)


HeaderSecret = Annotated[SecretStr, AfterValidator(_header_value)]
ProxyAddress = Annotated[SecretStr | None, AfterValidator(_proxy)]
WebAddress = Annotated[str, AfterValidator(_web_address)]


class Settings(BaseModel):
    """All settings. The README's table and `.env.example` describe each one; a test compares the three."""

    model_config = ConfigDict(extra="ignore", frozen=True, validate_default=True)

    discord_token: HeaderSecret
    discord_api_url: WebAddress = DISCORD_API_URL
    mj_api_url: Annotated[str | None, AfterValidator(_service_address)] = None
    mj_api_key: HeaderSecret = SecretStr("")
    mj_auth: AuthStyle = AuthStyle.BEARER
    mj_profile: Annotated[str, AfterValidator(_profile)] = FOUND_OUT
    mj_styles: Annotated[str, AfterValidator(_quirks)] = ""
    platform_api_url: Annotated[str | None, AfterValidator(_platform_address)] = None
    platform_api_key: HeaderSecret = SecretStr("")
    engines_file: Annotated[Path | None, AfterValidator(_engines_file)] = None
    database_url: Annotated[str, AfterValidator(_database_address)] = "sqlite:///data/atelier.db"
    public_url: WebAddress | None = None
    web_host: str = "127.0.0.1"
    web_port: Annotated[int, Field(ge=0, le=65535)] = 8420
    trusted_proxies: Annotated[str, AfterValidator(_proxies)] = ""
    poll_interval: Annotated[float, Field(gt=0, le=300)] = 4
    lost_after: Annotated[float, Field(gt=0, le=3600)] = 60
    input_retention_days: Annotated[float, Field(ge=0, le=3650)] = 3
    allow_private_image_hosts: bool = False
    https_proxy: ProxyAddress = None
    http_proxy: ProxyAddress = None
    no_proxy: str = ""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("*", mode="before")
    @classmethod
    def _without_typographic_quotes(cls, value: object) -> object:
        if isinstance(value, str) and (value[:1] in TYPOGRAPHIC or value[-1:] in TYPOGRAPHIC):
            raise PydanticCustomError(TYPOGRAPHIC_QUOTES, "typographic quotes")
        return value

    @property
    def outgoing(self) -> Proxies:
        """The proxies for outgoing requests."""
        return Proxies(_revealed(self.https_proxy), _revealed(self.http_proxy), self.no_proxy)

    @property
    def secrets(self) -> list[str]:
        """The values that must not appear in logs."""
        keys = (self.discord_token, self.mj_api_key, self.platform_api_key)
        return [*(key.get_secret_value() for key in keys), *self.outgoing.secrets()]

    @property
    def platform(self) -> tuple[str, SecretStr] | None:
        """The base URL and the key of the platform: those of the image service, if no other one is set. None if the
        platform is switched off by an empty URL."""
        if self.platform_api_url is not None:
            return (self.platform_api_url, self.platform_api_key) if self.platform_api_url else None
        key = self.platform_api_key if self.platform_api_key.get_secret_value() else self.mj_api_key
        return (self.mj_api_url, key) if self.mj_api_url else None

    @property
    def profile(self) -> str | None:
        """The name of the image service's profile; None if the bot detects it."""
        return None if self.mj_profile == FOUND_OUT else self.mj_profile

    @property
    def proxies(self) -> tuple[Network, ...]:
        """The networks of the reverse proxies whose information about a request's origin is trusted."""
        return networks(self.trusted_proxies)

    @property
    def quirks(self) -> frozenset[Quirk]:
        """The image service's deviations from its profile."""
        return frozenset(map(Quirk, self.mj_styles.split()))


def _revealed(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


EXPECTED = {
    "DISCORD_TOKEN": "the bot token from Discord's developer portal",
    "DISCORD_API_URL": "the base URL of Discord's API, such as https://discord.com/api/v10",
    "MJ_API_URL": "the image service's base URL without /mj, such as https://images.example.org",
    "MJ_API_KEY": "the image service's key",
    "MJ_AUTH": "bearer, secret, or both",
    "MJ_PROFILE": f"{FOUND_OUT}, or one of {', '.join(PROFILES)}",
    "MJ_STYLES": f"nothing, or any of {', '.join(Quirk)}, separated by spaces",
    "PLATFORM_API_URL": "the base URL of the platform's other models, or nothing to switch them off",
    "PLATFORM_API_KEY": "the key of the platform's other models",
    "ENGINES_FILE": "the path of a TOML file with engines, or nothing",
    "DATABASE_URL": "sqlite:///relative/path or sqlite:////absolute/path",
    "PUBLIC_URL": "the bot's public URL, such as https://bot.example.org, or nothing",
    "WEB_HOST": "an address to listen on, such as 127.0.0.1",
    "WEB_PORT": "a port from 0 to 65535",
    "TRUSTED_PROXIES": "addresses or networks of your reverse proxies, such as 127.0.0.1 or 10.0.0.0/8, or nothing",
    "POLL_INTERVAL": "seconds, more than 0 and at most 300",
    "LOST_AFTER": "seconds, more than 0 and at most 3600",
    "INPUT_RETENTION_DAYS": "days, at least 0 and at most 3650",
    "ALLOW_PRIVATE_IMAGE_HOSTS": "true or false",
    "HTTPS_PROXY": "a proxy URL such as http://proxy.example.org:3128 (no SOCKS), or nothing",
    "HTTP_PROXY": "a proxy URL such as http://proxy.example.org:3128 (no SOCKS), or nothing",
    "NO_PROXY": "host names, domains, and networks separated by commas, or nothing",
    "LOG_LEVEL": "DEBUG, INFO, WARNING, or ERROR",
}


# An empty value is not the same as none.
_MAY_BE_EMPTY = {"platform_api_url"}

_WHAT = {
    "missing": "is missing",
    TYPOGRAPHIC_QUOTES: "is in typographic quotes (“ ”): use plain quotes or none",
    NO_ENGINE: "is missing, and PLATFORM_API_URL names no platform",
}


def load() -> Settings:
    """Reads the settings; the environment takes precedence over the file. Raises SettingsError."""
    try:
        from_file = values_of(ENV_FILE, {name.upper() for name in Settings.model_fields})
        return Settings.model_validate({**_by_field(from_file), **_by_field(os.environ)})
    except EnvFileError as error:
        raise SettingsError(str(error)) from None
    except ValidationError as error:
        raise SettingsError("; ".join(_complaints(error))) from None


def _by_field(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables that are not empty, and those whose empty value has a meaning. The case of their names does not
    matter."""
    return {name.lower(): value for name, value in variables.items() if value or name.lower() in _MAY_BE_EMPTY}


def _complaints(error: ValidationError) -> list[str]:
    complaints: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        # Without any engine, the one that most people have is asked for.
        variable = "MJ_API_URL" if problem["type"] == NO_ENGINE else str(problem["loc"][0]).upper()
        what = _WHAT.get(problem["type"], "is wrong")
        if problem["type"] == ENGINES_FILE:
            what = f"is wrong ({problem['msg']})"
        complaints[variable] = f"{variable} {what}: expected {EXPECTED[variable]}"
    return list(complaints.values())
