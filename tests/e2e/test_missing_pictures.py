"""Tasks that are finished before their picture has an address, or whose picture has an unusual one."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from playground.discord import Message
from playground.driver import Environment, Scenario, public_messages
from playground.images import Pace
from playground.images.files import PictureUrls
from tests.support.environments import MakeEnvironment, picture_of
from tests.support.odd_tasks import OddTasks
from tests.support.picture_host import noise
from tests.support.raw_host import raw_host, reply

COMING, MISSING = "Finished, waiting for the image", "hasn't provided an image"
SIGNED = "/s1g/plain/http%3A%2F%2Fcdn.example%2Fa%40b.png?Signature=a%2Fb%2Bc%3D"
BLUE = (10, 40, 230)
# The bot, which waits for a picture no longer than two seconds.
IMPATIENT = (
    "import bot.tasks.task_updates as task_updates; task_updates.PICTURE_SECONDS = 2.0;"
    "from bot.__main__ import main; raise SystemExit(main(['run']))"
)


def blue(kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), BLUE).save(buffer, kind)
    return buffer.getvalue()


def is_blue(card: Message) -> bool:
    red, green, shade = picture_of(card).resize((1, 1)).getpixel((0, 0))  # type: ignore[misc] # an RGB pixel
    return red < 60 and green < 90 and shade > 180


async def finishing(env: Environment, fields: Mapping[str, object]) -> tuple[Message, OddTasks]:
    """The card of a task that is finished, and shown by the service with these fields until they are cleared."""
    env.images.hold()
    asked = await env.slash("imagine", {"prompt": "a lighthouse"})
    (task_id,) = await env.until(lambda: [task for submit in env.images.submits for task in submit.task_ids])
    odd = OddTasks(env.images, fields={task_id: {name: json.dumps(value) for name, value in fields.items()}})
    env.images.release()
    await env.images.finished(task_id)
    await env.until(lambda: public_messages(asked))
    return public_messages(asked)[0], odd


@pytest.mark.parametrize(
    "fields",
    [
        {"imageUrl": None, "imageUrls": None},
        {"imageUrl": "", "imageUrls": []},
        {"imageUrl": "N/A", "imageUrls": [{"url": ""}]},
        {"imageUrl": "data:image/png,none", "imageUrls": None},
    ],
    ids=["null", "empty", "not available", "an address that holds nothing"],
)
@pytest.mark.parametrize("profile", ["plus", "newapi"])
async def test_a_picture_that_comes_late_is_waited_for(
    make_env: MakeEnvironment, fields: Mapping[str, object], profile: str
) -> None:
    env = await make_env(Scenario(profile=profile))
    card, odd = await finishing(env, fields)
    await env.until(lambda: COMING in card.text)
    assert "Cancel" not in [button.get("label") for button in card.buttons]
    odd.clear()
    await env.until(lambda: bool(card.attachments) and COMING not in card.text)
    assert picture_of(card).width > 0
    assert MISSING not in card.text


async def test_a_picture_that_never_comes_is_missed_in_words_and_can_be_fetched_later(tmp_path: Path) -> None:
    async with Environment(tmp_path, Scenario(program=("-c", IMPATIENT))) as env:
        await env.start_bot()
        card, odd = await finishing(env, {"imageUrl": None, "imageUrls": None})
        await env.until(lambda: MISSING in card.text)
        before = len(card.revisions)
        await env.press(card, "Download again")
        await env.until(lambda: len(card.revisions) > before)
        assert MISSING in card.text
        # The button works after a restart, too.
        await env.stop_bot()
        await env.start_bot()
        odd.clear()
        await env.press(card, "Download again")
        await env.until(lambda: bool(card.attachments) and MISSING not in card.text)
        assert "Download again" not in [button.get("label") for button in card.buttons]


async def test_a_picture_is_waited_for_after_a_kill(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario())
    card, odd = await finishing(env, {"imageUrl": "", "imageUrls": None})
    await env.until(lambda: COMING in card.text)
    await env.kill_bot()
    odd.clear()
    await env.start_bot()
    await env.until(lambda: bool(card.attachments) and COMING not in card.text)


@pytest.mark.parametrize(
    "address",
    [
        "data:image/png;base64," + base64.b64encode(blue()).decode(),
        "data:image/jpeg;charset=utf-8;base64," + base64.urlsafe_b64encode(blue("JPEG")).decode().rstrip("="),
        "DATA:image/webp;base64," + base64.b64encode(blue("WEBP")).decode().replace("+", "%2B").replace("/", "%2F"),
    ],
    ids=["png", "jpeg", "webp"],
)
async def test_a_picture_within_its_address_is_shown_as_a_picture(env: Environment, address: str) -> None:
    card, _ = await finishing(env, {"imageUrl": address, "imageUrls": None})
    await env.until(lambda: bool(card.attachments) and is_blue(card))
    inside = address.partition(",")[2][:60]
    assert inside not in json.dumps(card.revisions, default=str)
    assert not [line for line in env.bot.lines if inside in line]


async def test_a_large_picture_within_its_address_is_not_kept_in_the_store(env: Environment) -> None:
    address = "data:image/png;base64," + base64.b64encode(noise(800, 600)).decode()
    card, _ = await finishing(env, {"imageUrl": address, "imageUrls": None})
    await env.until(lambda: bool(card.attachments) and picture_of(card).size == (800, 600))
    assert len(address) > 1_000_000
    await env.stop_bot()
    assert (env.folder / "atelier.db").stat().st_size < 1_000_000


async def test_what_is_no_picture_within_its_address_is_missed_in_words(env: Environment) -> None:
    address = "data:image/png;base64," + base64.b64encode(b"no picture at all").decode()
    card, odd = await finishing(env, {"imageUrl": address, "imageUrls": None})
    await env.until(lambda: "couldn't be downloaded" in card.text)
    odd.clear()
    await env.press(card, "Download again")
    await env.until(lambda: bool(card.attachments) and "couldn't be downloaded" not in card.text)


@pytest.mark.parametrize(
    "form", ["/mj/image/{id}", "mj/image/{id}", "//mj/image/{id}", "api.example.org/mj/image/{id}"]
)
async def test_an_address_without_a_host_leads_to_the_service(make_env: MakeEnvironment, form: str) -> None:
    env = await make_env(Scenario(profile="newapi"))
    env.images.hold()
    asked = await env.slash("imagine", {"prompt": "a lighthouse"})
    (task_id,) = await env.until(lambda: [task for submit in env.images.submits for task in submit.task_ids])
    OddTasks(env.images, fields={task_id: {"imageUrl": json.dumps(form.format(id=task_id))}})
    env.images.release()
    card = await env.result_of(asked)
    assert picture_of(card).width > 0
    assert any(seen.path.startswith("/mj/image/") for seen in env.images.requests)


@pytest.mark.parametrize("form", ["{base}{target}", "//{host}{target}", "{host}{target}", "{base}/go"])
async def test_a_signed_address_is_asked_for_to_the_letter(make_env: MakeEnvironment, form: str) -> None:
    env = await make_env(Scenario(settings={"ALLOW_PRIVATE_IMAGE_HOSTS": "true"}))

    def answer(target: str) -> bytes:
        if target == "/go":
            return reply(b"", f"Location: {SIGNED}", status="302 Found")
        return reply(blue(), content_type="image/png") if target == SIGNED else reply(b"", status="403 Forbidden")

    async with raw_host() as host:
        host.choose = answer
        given = form.format(base=host.base, host=host.base.removeprefix("http://"), target=SIGNED)
        card, _ = await finishing(env, {"imageUrl": given, "imageUrls": None})
        await env.until(lambda: bool(card.attachments) and is_blue(card))
        assert set(host.targets) <= {"/go", SIGNED}


@pytest.mark.parametrize("profile", ["plus", "trueai"])
async def test_addresses_without_a_host_in_callbacks_are_followed_too(
    make_env: MakeEnvironment, monkeypatch: pytest.MonkeyPatch, profile: str
) -> None:
    file = PictureUrls.file
    monkeypatch.setattr(
        "playground.images.files.PictureUrls.file",
        lambda links, name, chosen: file(links, name, chosen).removeprefix(links.base),
    )
    # Asked once a minute, the bot learns of progress from callbacks alone.
    env = await make_env(Scenario(profile=profile, pace=replace(Pace.quick(), step=0.8, steps=5), poll_interval=60.0))
    card = await env.result_of(await env.slash("imagine", {"prompt": "a paper boat"}), timeout=60)
    assert picture_of(card).width > 0
    assert any("preview-" in json.dumps(revision, default=str) for revision in card.revisions)
