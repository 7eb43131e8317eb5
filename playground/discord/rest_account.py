"""REST: the gateway's address, the bot itself, users, servers, and new links to attachments."""

from collections.abc import Iterable

from playground.discord import errors, payloads
from playground.discord.attachments import FileStore
from playground.discord.errors import ApiError
from playground.discord.forms import Form
from playground.discord.gateway import Gateway
from playground.discord.gateway_sessions import Account
from playground.discord.http_server import ApiRequest, Route
from playground.discord.records import Guild, Json
from playground.discord.state import ServerState

MAX_LINKS = 50


class AccountRoutes:
    """Handlers of the routes below /gateway, /users, /applications/@me, /guilds and /attachments."""

    def __init__(self, state: ServerState, files: FileStore, gateway: Gateway, account: Account) -> None:
        self._state = state
        self._files = files
        self._gateway = gateway
        self._account = account

    def routes(self) -> Iterable[Route]:
        state = self._state
        yield Route("GET", "/gateway", lambda _: {"url": self._gateway.url}, by_token=True)
        yield Route("GET", "/gateway/bot", self.gateway_bot)
        yield Route("GET", "/users/@me", lambda _: payloads.own_user(state.bot))
        yield Route("POST", "/users/@me/channels", self.open_dm)
        yield Route("GET", "/users/{user_id}", self.user)
        for path in ("/oauth2/applications/@me", "/applications/@me"):
            yield Route("GET", path, lambda _: payloads.application(state))
        yield Route("POST", "/attachments/refresh-urls", self.refresh_links)
        guild = "/guilds/{guild_id}"
        yield Route("GET", guild, self.guild)
        yield Route(
            "GET", f"{guild}/channels", lambda call: [*map(payloads.channel, state.channels_of(self._guild(call)))]
        )
        yield Route("GET", f"{guild}/members/{{user_id}}", self.member)

    def gateway_bot(self, call: ApiRequest) -> Json:
        return {"url": self._gateway.url, "shards": 1, "session_start_limit": self._account.session_start_limit()}

    def user(self, call: ApiRequest) -> Json:
        user = self._state.users.get(call.id("user_id"))
        if user is None:
            raise ApiError(*errors.UNKNOWN_USER)
        return payloads.user(user)

    def open_dm(self, call: ApiRequest) -> Json:
        form = Form(call.body)
        recipient = str(form.body.get("recipient_id", ""))
        user = self._state.users.get(int(recipient)) if recipient.isdecimal() else None
        if user is None or user.bot:
            form.fail("recipient_id", "USER_INVALID", "Invalid Recipient(s)")
            raise errors.invalid_form(form.errors)
        return payloads.channel(self._state.dm(user))

    def refresh_links(self, call: ApiRequest) -> Json:
        """New links for expired ones, in their order; null for a link to no attachment of Discord's."""
        form = Form(call.body)
        links = form.items("attachment_urls")
        if not form.has("attachment_urls"):
            form.missing("attachment_urls")
        elif not all(isinstance(link, str) for link in links):
            form.fail("attachment_urls", "STRING_TYPE_CONVERT", "Could not interpret the value as string.")
        elif not 1 <= len(links) <= MAX_LINKS:
            form.fail("attachment_urls", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {MAX_LINKS} in length.")
        form.finish()
        refreshed = [{"original": link, "refreshed": self._files.refreshed(link)} for link in links]
        return {"refreshed_urls": refreshed}

    def guild(self, call: ApiRequest) -> Json:
        guild = self._guild(call)
        counts = {"approximate_member_count": len(guild.members), "approximate_presence_count": len(guild.members)}
        return payloads.guild(guild) | (counts if call.record.query.get("with_counts") else {})

    def member(self, call: ApiRequest) -> Json:
        member = self._guild(call).members.get(call.id("user_id"))
        if member is None:
            raise ApiError(*errors.UNKNOWN_MEMBER)
        return payloads.member(member)

    def _guild(self, call: ApiRequest) -> Guild:
        guild = self._state.guilds.get(call.id("guild_id"))
        if guild is None or not self._state.bot_is_in(guild):
            raise ApiError(*errors.UNKNOWN_GUILD)
        return guild
