"""The settings: the only reader of the environment and of `.env`."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.midjourney import PROFILES, AuthStyle, Style
from bot.web.client_address import Network, networks
from storage.database import path_of

DISCORD_API_URL = "https://discord.com/api/v10"
# The profile that is none: the bot asks the service which it is.
FOUND_OUT = "auto"


class SettingsError(Exception):
    """A setting is missing or wrong; the text names each variable and what is expected, on one line."""


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected an address that begins with http:// or https://")
    if parts.query or parts.fragment:
        raise ValueError("expected an address without ? and #")
    return value.rstrip("/")


def _service_address(value: str) -> str:
    address = _web_address(value)
    if address.endswith("/mj"):
        raise ValueError("expected the address without /mj at its end")
    return address


def _database_address(value: str) -> str:
    path_of(value)
    return value


def _profile(value: str) -> str:
    if value != FOUND_OUT and value not in PROFILES:
        raise ValueError("expected a profile's name")
    return value


def _styles(value: str) -> str:
    for word in value.split():
        Style(word)
    return value


def _proxies(value: str) -> str:
    networks(value)
    return value


WebAddress = Annotated[str, AfterValidator(_web_address)]


class Settings(BaseSettings):
    """What can be set. The README's table and `.env.example` explain each; a test keeps the three together."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    discord_token: SecretStr
    discord_api_url: WebAddress = DISCORD_API_URL
    mj_api_url: Annotated[str, AfterValidator(_service_address)]
    mj_api_key: SecretStr = SecretStr("")
    mj_auth: AuthStyle = AuthStyle.BEARER
    mj_profile: Annotated[str, AfterValidator(_profile)] = FOUND_OUT
    mj_styles: Annotated[str, AfterValidator(_styles)] = ""
    database_url: Annotated[str, AfterValidator(_database_address)] = "sqlite:///data/atelier.db"
    public_url: WebAddress | None = None
    web_host: str = "127.0.0.1"
    web_port: Annotated[int, Field(ge=0, le=65535)] = 8420
    trusted_proxies: Annotated[str, AfterValidator(_proxies)] = ""
    poll_interval: Annotated[float, Field(gt=0, le=300)] = 4
    lost_after: Annotated[float, Field(gt=0, le=3600)] = 60
    input_retention_days: Annotated[float, Field(ge=0, le=3650)] = 3
    allow_private_image_hosts: bool = False
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def profile(self) -> str | None:
        """The image service's profile by name; None where the bot is to find out."""
        return None if self.mj_profile == FOUND_OUT else self.mj_profile

    @property
    def proxies(self) -> tuple[Network, ...]:
        """The reverse proxies that tell truly where a request comes from."""
        return networks(self.trusted_proxies)

    @property
    def styles(self) -> frozenset[Style]:
        """How the image service wants to be asked besides what its profile says."""
        return frozenset(map(Style, self.mj_styles.split()))


EXPECTED = {
    "DISCORD_TOKEN": "the bot token from Discord's developer portal",
    "DISCORD_API_URL": "the base address of Discord's API, such as https://discord.com/api/v10",
    "MJ_API_URL": "the image service's base address without /mj, such as https://images.example.org",
    "MJ_API_KEY": "the image service's key",
    "MJ_AUTH": "bearer, secret or both",
    "MJ_PROFILE": f"{FOUND_OUT}, or one of {', '.join(PROFILES)}",
    "MJ_STYLES": f"nothing, or some of {', '.join(Style)}, with blanks between them",
    "DATABASE_URL": "sqlite:///relative/path or sqlite:////absolute/path",
    "PUBLIC_URL": "this bot's own address from outside, such as https://bot.example.org, or nothing",
    "WEB_HOST": "an address to listen on, such as 127.0.0.1",
    "WEB_PORT": "a port between 0 and 65535",
    "TRUSTED_PROXIES": "addresses or networks of your own reverse proxies, such as 127.0.0.1 or 10.0.0.0/8, or nothing",
    "POLL_INTERVAL": "seconds, more than 0 and at most 300",
    "LOST_AFTER": "seconds, more than 0 and at most 3600",
    "INPUT_RETENTION_DAYS": "days, at least 0 and at most 3650",
    "ALLOW_PRIVATE_IMAGE_HOSTS": "true or false",
    "LOG_LEVEL": "DEBUG, INFO, WARNING or ERROR",
}


def load() -> Settings:
    """Reads the settings. Raises SettingsError."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("; ".join(_complaints(error))) from None


def _complaints(error: ValidationError) -> list[str]:
    complaints: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        variable = str(problem["loc"][0]).upper()
        what = "is missing" if problem["type"] == "missing" else "is wrong"
        complaints[variable] = f"{variable} {what}: expected {EXPECTED[variable]}"
    return list(complaints.values())
