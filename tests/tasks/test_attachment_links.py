"""Links to files at Discord: when they end, and what becomes of those that have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from bot.tasks.errors import UserError
from bot.tasks.requests import SPARE_SECONDS, AttachmentLinks, DiscordUnreachable, ends_at
from storage import Action, InputImage, Request

NOW = 1_700_000_000.0
CDN = "https://cdn.discordapp.com/attachments/1/2/cat.png"


def signed(link: str, ends: float) -> str:
    return f"{link}?ex={int(ends):x}&is={int(NOW):x}&hm=ab&"


class Discord:
    """Refreshes what it knows, and notes what it was asked for."""

    def __init__(self, *, knows: bool = True) -> None:
        self.knows = knows
        self.asked: list[Sequence[str]] = []

    async def refresh(self, links: Sequence[str]) -> Mapping[str, str]:
        self.asked.append(links)
        return {link: signed(link.partition("?")[0], NOW + 86_400) for link in links if self.knows}


@pytest.mark.parametrize(
    ("link", "ends"),
    [
        (CDN, 0),
        (f"{CDN}?ex=66000000&is=65000000&hm=ab&", 0x66000000),
        (f"{CDN}?ex=66000000", 0),
        (f"{CDN}?ex=soon&is=1&hm=2", 0),
        (f"{CDN}?ex={'f' * 400}&is=1&hm=2", 0),
    ],
)
def test_a_link_ends_when_its_signature_does(link: str, ends: float) -> None:
    assert ends_at(link) == ends


async def test_each_link_is_refreshed_in_its_place_and_no_other_changes() -> None:
    longer = f"{CDN}2"
    media = "https://media.discordapp.net/ephemeral-attachments/1/2/owl.webp?width=40&height=30"
    other = "https://pictures.example/attachments/1/2/cat.png"
    prompt = f"{CDN} {longer} {{{media}, b}} {other} a cat --sref {CDN}"
    discord = Discord()
    made = await AttachmentLinks(discord.refresh, lambda: NOW).refreshed(
        Request(Action.BUTTON, prompt=prompt, window_prompt=prompt, link=CDN, custom_id="x")
    )
    assert isinstance(made, Request)
    fresh = {each: signed(each.partition("?")[0], NOW + 86_400) for each in (CDN, longer, media)}
    expected = f"{fresh[CDN]} {fresh[longer]} {{{fresh[media]}, b}} {other} a cat --sref {fresh[CDN]}"
    assert (made.prompt, made.window_prompt, made.link) == (expected, expected, fresh[CDN])
    assert discord.asked == [[CDN, longer, media]]


@pytest.mark.parametrize(
    ("ends", "asked", "refused"),
    [(NOW + SPARE_SECONDS + 1, 0, False), (NOW + 60, 1, False), (NOW, 1, True), (NOW - 86_400, 1, True)],
)
async def test_a_link_that_ends_soon_is_refreshed_and_used_as_it_is_if_that_fails(
    ends: float, asked: int, *, refused: bool
) -> None:
    discord = Discord(knows=False)
    request = Request(Action.IMAGINE, prompt=f"{signed(CDN, ends)} a cat")
    links = AttachmentLinks(discord.refresh, lambda: NOW)
    if refused:
        with pytest.raises(UserError) as error:
            await links.refreshed(request)
        assert (error.value.code, error.value.params) == ("link_ended", {"reason": CDN.removeprefix("https://")})
    else:
        assert await links.refreshed(request) == request
    assert len(discord.asked) == asked


@pytest.mark.parametrize(
    ("ends", "patient", "made"),
    [
        (NOW - 60, True, DiscordUnreachable),
        (NOW - 60, False, UserError),
        (NOW + 60, True, Request),
        (NOW + 60, False, Request),
    ],
)
async def test_what_can_wait_waits_for_discord_if_a_link_has_ended(ends: float, made: type, *, patient: bool) -> None:
    async def refresh(links: Sequence[str]) -> Mapping[str, str]:
        raise DiscordUnreachable

    links = AttachmentLinks(refresh, lambda: NOW)
    request = Request(Action.IMAGINE, prompt=f"{signed(CDN, ends)} a cat")
    try:
        answer: object = await links.refreshed(request, patient=patient)
    except (DiscordUnreachable, UserError) as error:
        answer = error
    assert isinstance(answer, made)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (signed(CDN, NOW - 1), signed(CDN, NOW + 86_400)),
        (CDN, signed(CDN, NOW + 86_400)),
        (signed(CDN, NOW + 1), signed(CDN, NOW + 1)),
        ("https://pictures.example/attachments/1/2/cat.png", "https://pictures.example/attachments/1/2/cat.png"),
    ],
    ids=["expired", "unsigned", "valid", "elsewhere"],
)
async def test_one_link_is_refreshed_only_if_it_has_expired(url: str, expected: str) -> None:
    discord = Discord()
    assert await AttachmentLinks(discord.refresh, lambda: NOW).current(url) == expected
    assert len(discord.asked) == (url != expected)


async def test_one_link_stays_as_it_is_if_it_cannot_be_refreshed() -> None:
    async def unreachable(_: Sequence[str]) -> Mapping[str, str]:
        raise DiscordUnreachable

    for refresh in (unreachable, Discord(knows=False).refresh):
        assert await AttachmentLinks(refresh, lambda: NOW).current(CDN) == CDN


async def test_what_can_wait_waits_until_discords_time_is_known() -> None:
    known = False
    discord = Discord()
    links = AttachmentLinks(discord.refresh, lambda: NOW, time_is_known=lambda: known)
    valid = Request(Action.IMAGINE, prompt=f"{signed(CDN, NOW + 2 * SPARE_SECONDS)} a cat")
    with pytest.raises(DiscordUnreachable):
        await links.refreshed(valid, patient=True)
    without = Request(Action.IMAGINE, prompt="a cat")
    assert await links.refreshed(without, patient=True) == without
    known = True
    assert await links.refreshed(valid, patient=True) == valid
    assert discord.asked == []


def image_at(url: str | None) -> InputImage:
    return InputImage("image/png", b"an image", url=url)


async def test_images_get_links_that_stay_valid_and_lose_those_that_have_expired() -> None:
    lasting, ending, other = signed(CDN, NOW + 80_000), signed(CDN, NOW + 60), "https://images.example/owl.png"
    images = [image_at(url) for url in (lasting, ending, other, None)]
    discord = Discord()
    fresh = await AttachmentLinks(discord.refresh, lambda: NOW).fresh_images(images)
    assert [image.url for image in fresh] == [lasting, signed(CDN, NOW + 86_400), other, None]
    assert discord.asked == [[ending]]
    later = await AttachmentLinks(Discord(knows=False).refresh, lambda: NOW + 3_600).fresh_images(images)
    assert [image.url for image in later] == [lasting, None, other, None]


async def test_while_discord_is_unreachable_a_link_is_used_as_long_as_it_is_valid() -> None:
    async def unreachable(links: Sequence[str]) -> Mapping[str, str]:
        raise DiscordUnreachable("no answer")

    links = AttachmentLinks(unreachable, lambda: NOW)
    fresh = await links.fresh_images([image_at(signed(CDN, NOW + 60)), image_at(signed(CDN, NOW - 60))])
    assert [image.url for image in fresh] == [signed(CDN, NOW + 60), None]
