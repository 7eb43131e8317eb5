"""The unpatched discord.py at work on a local Discord."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import discord
import pytest
from discord import app_commands

from playground.discord import Limits, LocalDiscord, Message, RateLimit, UploadedFile
from tests.support.openapi import OpenApi

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000400000003008060000000000000000")


class Modal(discord.ui.Modal, title="Zoom"):
    prompt: discord.ui.Label[Any] = discord.ui.Label(
        text="Prompt", component=discord.ui.TextInput(custom_id="prompt", default="a fox", required=True)
    )
    image: discord.ui.Label[Any] = discord.ui.Label(
        text="Image", component=discord.ui.FileUpload(custom_id="image", required=False, max_values=2)
    )

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        field, upload = self.prompt.component, self.image.component
        assert isinstance(field, discord.ui.TextInput)
        assert isinstance(upload, discord.ui.FileUpload)
        names = [each.filename for each in upload.values]
        await interaction.response.send_message(f"zoomed {field.value} {names}")


class Press(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"mj:(?P<action>\w+)"):
    def __init__(self, action: str) -> None:
        super().__init__(discord.ui.Button(label=action.upper(), emoji="✨", custom_id=f"mj:{action}"))
        self.action = action

    @classmethod
    async def from_custom_id(cls, interaction: Any, item: Any, match: Any, /) -> "Press":
        return cls(match["action"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        if self.action == "zoom":
            await interaction.response.send_modal(Modal())
        elif self.action == "edit":
            await interaction.response.edit_message(view=card("edited", "u1"))
        else:
            await interaction.response.defer()
            await interaction.followup.send(f"followed {self.action}", ephemeral=True)


def card(text: str, *actions: str, image: str | None = None) -> discord.ui.LayoutView:
    view = discord.ui.LayoutView(timeout=None)
    box: discord.ui.Container[Any] = discord.ui.Container(discord.ui.TextDisplay(text), accent_color=0x123456)
    if image:
        box.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem(f"attachment://{image}", description=text)))
    box.add_item(discord.ui.ActionRow(*(Press(action) for action in actions)))
    view.add_item(box)
    return view


def make_bot() -> discord.AutoShardedClient:
    bot = discord.AutoShardedClient(
        intents=discord.Intents(guilds=True, guild_messages=True, dm_messages=True), guild_ready_timeout=0
    )
    bot.add_dynamic_items(Press)
    tree = app_commands.CommandTree(bot)

    @tree.command(description="Generates an image")
    async def imagine(
        interaction: discord.Interaction[Any],
        prompt: app_commands.Range[str, 1, 20],
        image1: discord.Attachment | None = None,
        mode: app_commands.Choice[str] | None = None,
    ) -> None:
        await interaction.response.defer(thinking=True)
        seen = (await image1.read()) if image1 else b""
        await interaction.edit_original_response(view=card(f"{prompt} 50% {len(seen)}", "cancel"))
        await interaction.edit_original_response(
            view=card(prompt, "u1", "zoom", "edit", image="fox.png"),
            attachments=[discord.File(io.BytesIO(PNG), "fox.png", description="a fox")],
        )

    imagine = app_commands.choices(mode=[app_commands.Choice(name="Fast", value="fast")])(imagine)

    add_task_commands(tree)

    @tree.command(description="Works everywhere")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def anywhere(interaction: discord.Interaction[Any]) -> None:
        by_guild, by_user = interaction.is_guild_integration(), interaction.is_user_integration()
        await interaction.response.send_message(f"guild {by_guild} user {by_user}")

    async def setup() -> None:
        await tree.sync()

    bot.setup_hook = setup  # type: ignore[method-assign] # a hook is set on an instance, as a subclass would override it
    return bot


def add_task_commands(tree: app_commands.CommandTree[Any]) -> None:
    @tree.command(description="Shows a task")
    async def show(interaction: discord.Interaction[Any], task: str) -> None:
        await interaction.response.send_message(f"task {task} <@{interaction.user.id}>", ephemeral=True)

    @show.autocomplete("task")
    async def tasks(interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{current}x", value="1")]

    @tree.context_menu(name="Describe")
    async def describe(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await interaction.response.send_message(f"seen {[each.filename for each in message.attachments]}")


@asynccontextmanager
async def bot_on(local: LocalDiscord) -> AsyncIterator[discord.AutoShardedClient]:
    async with make_bot() as bot:
        running = asyncio.create_task(bot.start(local.bot_token), name="test-bot")
        try:
            await local.bot_ready()
            await asyncio.wait_for(bot.wait_until_ready(), 10)
            yield bot
        finally:
            await bot.close()
            await asyncio.wait_for(asyncio.gather(running, return_exceptions=True), 10)


@pytest.fixture
async def bot(local: LocalDiscord, pointed: Callable[[LocalDiscord], None]) -> AsyncIterator[discord.AutoShardedClient]:
    pointed(local)
    async with bot_on(local) as bot:
        yield bot


async def test_the_bot_logs_in_and_knows_its_servers(local: LocalDiscord, bot: discord.AutoShardedClient) -> None:
    assert bot.user is not None
    assert bot.user.name == "test_bot"
    assert {guild.name for guild in bot.guilds} == {"Test Server", "Elsewhere"}
    assert [each["name"] for each in local.person("ada").offered(local.channel("studio"))] == [
        "imagine",
        "show",
        "anywhere",
        "Describe",
    ]
    info = await bot.application_info()
    assert info.owner.name == "owner"
    assert local.violations == []


async def test_discord_py_computes_the_permissions_of_the_local_discord(
    local: LocalDiscord, bot: discord.AutoShardedClient
) -> None:
    lounge, guild = local.channel("lounge"), local.guild("Test Server")
    artists = local.add_role(guild, "Artists", local.person("bob"))
    local.hide(lounge, artists, local.person("mod"))
    local.set_permission(lounge, artists, manage_messages=True)
    received = bot.wait_for("thread_create", timeout=10)
    thread = local.add_thread(lounge, "sketches", local.person("bob"), private=False)
    await received
    known = bot.get_guild(guild.id)
    assert known is not None
    for name in ("owner", "mod", "ada", "bob"):
        used = await local.person(name).slash(local.channel("studio"), "anywhere")
        member = discord.Member(data=used.payload["member"], guild=known, state=known._state)
        for channel in (local.channel("studio"), lounge, thread):
            known_channel = known.get_channel_or_thread(channel.id)
            assert known_channel is not None
            held = known_channel.permissions_for(member)
            for bit in ("view_channel", "manage_messages"):
                expected = local.state.may(member.id, channel, bit)
                assert getattr(held, bit) is expected, (name, str(channel), bit)


async def test_a_command_shows_progress_and_then_an_image_with_buttons(
    local: LocalDiscord, bot: discord.AutoShardedClient
) -> None:
    ada, studio = local.person("ada"), local.channel("studio")
    image = UploadedFile("in.png", "image/png", PNG)
    interaction = await ada.slash(studio, "imagine", {"prompt": "a fox", "image1": image, "mode": "Fast"})
    await interaction.answered()
    message = interaction.response_message
    assert message is not None
    await local.until(lambda: message.attachments)
    assert interaction.acknowledged_at is not None
    assert interaction.acknowledged_at < 3
    assert [button["label"] for button in message.buttons] == ["U1", "ZOOM", "EDIT"]
    assert message.attachments[0].width == 64
    assert message.attachments[0].description == "a fox"
    texts = [revision.payload["components"] for revision in message.revisions]
    assert len(texts) == 3
    assert str(len(PNG)) in str(texts[1])
    assert "[✨ U1] [✨ ZOOM] [✨ EDIT]" in local.transcript(studio)
    assert local.violations == []


async def finished_message(local: LocalDiscord) -> Message:
    interaction = await local.person("ada").slash(local.channel("studio"), "imagine", {"prompt": "a fox"})
    found = await local.until(lambda: next((m for m in interaction.messages if m.attachments), None))
    assert found is not None
    return found


async def test_a_press_is_answered_privately_by_a_follow_up(
    local: LocalDiscord, bot: discord.AutoShardedClient
) -> None:
    message = await finished_message(local)
    bob, ada, studio = local.person("bob"), local.person("ada"), local.channel("studio")
    press = await bob.press(message, "mj:u1")
    answer = await local.until(lambda: next(iter(press.followups), None))
    assert answer is not None
    assert answer.text == "followed u1"
    assert press.callback_type == 6
    assert answer in local.visible_messages(studio, bob)
    assert answer not in local.visible_messages(studio, ada)
    assert local.violations == []


async def test_a_press_can_change_its_own_message(local: LocalDiscord, bot: discord.AutoShardedClient) -> None:
    message = await finished_message(local)
    press = await local.person("bob").press(message, "mj:edit")
    await press.answered()
    assert press.response_message is message
    assert press.response_message.text == "edited"


async def test_a_modal_opens_and_its_text_and_files_arrive(local: LocalDiscord, bot: discord.AutoShardedClient) -> None:
    message = await finished_message(local)
    ada = local.person("ada")
    press = await ada.press(message, "mj:zoom")
    await press.answered()
    assert press.modal is not None
    assert press.modal["title"] == "Zoom"
    upload = UploadedFile("mask.png", "image/png", PNG)
    submit = await ada.submit_modal(press, {"prompt": "a red fox", "image": [upload]})
    await submit.answered()
    assert submit.response_message is not None
    assert submit.response_message.text == "zoomed a red fox ['mask.png']"
    assert local.violations == []


async def test_answers_are_as_discord_describes_them(
    local: LocalDiscord, bot: discord.AutoShardedClient, spec: OpenApi | None
) -> None:
    if spec is None:
        pytest.skip("Discord's OpenAPI description is not available")
    message = await finished_message(local)
    press = await local.person("bob").press(message, "mj:u1")
    await local.until(lambda: press.followups)
    edited = await local.person("bob").press(message, "mj:edit")
    await edited.answered()
    lounge = await bot.fetch_channel(local.channel("lounge").id)
    assert isinstance(lounge, discord.TextChannel)
    sent = await lounge.send("hello", file=discord.File(io.BytesIO(b"text"), "a.txt"))
    await lounge.fetch_message(sent.id)
    await lounge.guild.fetch_member(local.person("ada").user.id)
    await bot.fetch_guild(lounge.guild.id)
    await bot.fetch_user(local.person("eve").user.id)
    await bot.application_info()
    problems = [
        f"{record.method} {record.route}: {problem}"
        for record in local.requests
        if record.status is not None
        for problem in spec.check_answer(record.method, record.path, record.status, record.answer)
    ]
    assert "\n".join(problems) == ""


async def test_autocomplete_and_context_menu_reach_the_bot(local: LocalDiscord, bot: discord.AutoShardedClient) -> None:
    bob, studio = local.person("bob"), local.channel("studio")
    assert await bob.autocomplete(studio, "show", {"task": "fo"}, focused="task") == [{"name": "fox", "value": "1"}]
    said = await bob.say(studio, "look", [UploadedFile("cat.png", "image/png", PNG)])
    menu = await bob.context_menu(said, "Describe")
    await menu.answered()
    assert menu.response_message is not None
    assert menu.response_message.text == "seen ['cat.png']"
    assert local.violations == []


async def test_commands_work_in_direct_messages(local: LocalDiscord, bot: discord.AutoShardedClient) -> None:
    eve = local.person("eve")
    interaction = await eve.slash(local.dm(eve), "show", {"task": "7"})
    await interaction.answered()
    assert interaction.response_message is not None
    assert interaction.response_message.mentions == [eve.user]


async def test_a_dropped_connection_is_resumed_and_nothing_is_missed(
    local: LocalDiscord, bot: discord.AutoShardedClient
) -> None:
    local.gateway.drop(resumable=True)
    interaction = await local.person("ada").slash(local.channel("studio"), "show", {"task": "7"})
    await interaction.answered()
    assert local.gateway.resumed == 1
    assert local.gateway.identified == 1


async def test_after_a_lost_session_the_bot_identifies_again(
    local: LocalDiscord, bot: discord.AutoShardedClient
) -> None:
    local.gateway.drop(resumable=False)
    await local.until(lambda: local.gateway.ready == 2, timeout=20)
    interaction = await local.person("ada").slash(local.channel("studio"), "show", {"task": "7"})
    await interaction.answered()


async def test_a_message_with_a_file_goes_to_a_channel_and_is_edited_and_deleted(
    local: LocalDiscord, bot: discord.AutoShardedClient
) -> None:
    channel = bot.get_channel(local.channel("lounge").id)
    assert isinstance(channel, discord.TextChannel)
    sent = await channel.send("hello", file=discord.File(io.BytesIO(b"text"), "a b.txt"))
    assert sent.attachments[0].filename == "a_b.txt"
    assert await sent.attachments[0].read() == b"text"
    await sent.edit(content="changed")
    assert local.messages(local.channel("lounge"))[0].text == "changed"
    await sent.delete()
    assert local.messages(local.channel("lounge")) == []
    assert local.violations == []


async def test_discord_py_respects_the_rate_limit_headers(
    spec: OpenApi | None, pointed: Callable[[LocalDiscord], None]
) -> None:
    async with LocalDiscord(
        limits=Limits(send=RateLimit(2, 0.3)), check_request=spec.check_request if spec else None
    ) as local:
        pointed(local)
        async with bot_on(local) as bot:
            channel = bot.get_channel(local.channel("lounge").id)
            assert isinstance(channel, discord.TextChannel)
            for number in range(5):
                await channel.send(str(number))
        assert len(local.messages(local.channel("lounge"))) == 5
        assert {record.status for record in local.requests if record.method == "POST"} == {200}


async def test_a_429_is_retried_after_its_delay(local: LocalDiscord, bot: discord.AutoShardedClient) -> None:
    channel = bot.get_channel(local.channel("lounge").id)
    assert isinstance(channel, discord.TextChannel)
    local.fail_next("POST", "/messages$", status=429, retry_after=0.05, times=2)
    await channel.send("x")
    statuses = [record.status for record in local.requests if record.path.endswith("/messages")]
    assert statuses == [429, 429, 200]


async def test_a_user_installed_bot_answers_where_it_is_not_a_member(
    local: LocalDiscord, bot: discord.AutoShardedClient
) -> None:
    ada = local.person("ada")
    outside = local.add_guild("Outside", local.person("eve"), ada, with_bot=False)
    channel = local.add_channel(outside, "far")
    local.install_for_user(ada)
    assert bot.get_guild(outside.id) is None
    interaction = await ada.slash(channel, "anywhere")
    await interaction.answered()
    assert interaction.response_message is not None
    assert interaction.response_message.text == "guild False user True"


async def test_an_invalid_emoji_is_refused_with_its_path(local: LocalDiscord, bot: discord.AutoShardedClient) -> None:
    channel = bot.get_channel(local.channel("lounge").id)
    assert isinstance(channel, discord.TextChannel)
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(emoji="upscale_1", custom_id="x"))
    with pytest.raises(discord.HTTPException, match=r"components\.0\.components\.0\.emoji\.name: Invalid emoji"):
        await channel.send(view=view)
