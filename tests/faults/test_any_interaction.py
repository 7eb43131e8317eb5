"""Whatever an interaction holds: it is answered in time, costs one log line at most, and the bot goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.discord import InteractionFailed, InteractionType, Limits, Message, RawInteraction
from playground.driver import Environment, Scenario
from tests.support.environments import environments_in, task_id_of
from tests.support.forging import everything_told, forged_press

# Half characters too, which are valid in JSON and in no encoding.
TEXT = st.text(st.characters(exclude_categories=()), max_size=30)
LONG = st.sampled_from(["x" * 5_000, "画" * 101, "\ud800" * 200, "\0", "9" * 5_000, "../../x", "@everyone", "`" * 120])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT | LONG
NAMES = st.sampled_from(
    ["custom_id", "value", "values", "type", "components", "component", "attachments", "name", "options", "id", "size"]
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=12
)


def mostly(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Now and then anything in its place."""
    return st.integers(0, 7).flatmap(lambda number: ANYTHING if number == 0 else usual)


# The commands, and what each is asked for with: an option's name, its type, and what people put into it.
WORDS = TEXT | LONG | st.sampled_from(["{own}", "{task}", "a fox --ar 3:2", "https://example.net/x.png"])
OPTIONS: dict[str, list[tuple[str, int, st.SearchStrategy[Any]]]] = {
    "imagine": [("prompt", 3, WORDS), ("mode", 3, st.sampled_from(["fast", "warp"])), ("image1", 11, TEXT)],
    "shorten": [("prompt", 3, WORDS)],
    "describe": [("link", 3, WORDS)],
    "show": [("task", 3, WORDS)],
    "seed": [("task", 3, WORDS)],
    "cancel": [("task", 3, WORDS)],
    "delete": [("task", 3, WORDS)],
    "tasks": [("words", 3, WORDS), ("status", 3, st.sampled_from(["done", "x"])), ("everyone", 5, st.booleans())],
    "queue": [],
    "settings": [],
    "nothing": [],
}


@st.composite
def command_data(draw: st.DrawFn) -> dict[str, Any]:
    """A command with its options, some of which are odd."""
    name = draw(st.sampled_from(sorted(OPTIONS)))
    options: list[Any] = [
        {"name": draw(mostly(st.just(option))), "type": draw(mostly(st.just(kind))), "value": draw(mostly(values))}
        for option, kind, values in OPTIONS[name]
        if draw(st.integers(0, 3))
    ]
    focused = draw(st.booleans())
    if options and focused:
        options[0]["focused"] = draw(SCALARS) if draw(st.booleans()) else True
    data: dict[str, Any] = {"id": "1", "name": draw(mostly(st.just(name))), "type": draw(mostly(st.just(1)))}
    kinds = st.sampled_from(["attachments", "messages", "users"])
    data["resolved"] = draw(st.dictionaries(kinds, ANYTHING, max_size=1)) if draw(st.booleans()) else {}
    data["options"] = options if draw(st.integers(0, 7)) else draw(ANYTHING)
    return data


MENU_DATA = st.fixed_dictionaries(
    {
        "id": st.just("1"),
        "name": st.sampled_from(["Task info", "Get seed", "Describe", "Nothing"]),
        "type": mostly(st.just(3)),
        "target_id": mostly(st.just("1")),
        "resolved": mostly(st.fixed_dictionaries({"messages": mostly(st.fixed_dictionaries({"1": ANYTHING}))})),
    }
)
# `{task}` is one that the sender may not see, `{own}` her own.
KEYS = st.sampled_from(
    [
        *(
            f"at:1:{{task}}:{control}"
            for control in ("retry", "look", "fetch", "cancel", "show", "seed", "delete", "delete_now", "page:999")
        ),
        *(f"at:1:{{own}}:{control}" for control in ("look", "fetch", "cancel", "show", "seed", "page:999", "here")),
        *(f"mj:1:{{task}}:aaaaaaaa:{modal}" for modal in "-xzralp"),
        *(f"mw:1:{{task}}:aaaaaaaa:{modal}" for modal in "zralp"),
        *(f"mj:1:{{own}}:{{digest}}:{modal}" for modal in "-xzralp"),
        "ls:1:t:n:9999:any:",
        "ls:1:q:r:0:any:\ud800",
        "ls:1:a:r:0:any:%",
        "ls:1:t:k:0:any:",
        "st:1:mode",
        "st:1:suffix",
        "st:1:remix:on",
        "sw:1:suffix",
    ]
)
MODALS = st.sampled_from(["sw:1:suffix", *(f"mw:1:{{own}}:{{digest}}:{modal}" for modal in "xzralp")]) | KEYS
CHOSEN = st.lists(st.sampled_from(["fast", "done", "left", "1"]), max_size=3)
COMPONENT_DATA = st.fixed_dictionaries(
    {"custom_id": mostly(KEYS), "component_type": mostly(st.sampled_from([2, 3, 5, 30]))},
    optional={"values": mostly(CHOSEN), "id": SCALARS, "resolved": ANYTHING},
)
FIELD = st.fixed_dictionaries(
    {"custom_id": mostly(st.sampled_from(["prompt", "area", "mask", "suffix"]))},
    optional={"type": mostly(st.sampled_from([3, 4, 19])), "value": mostly(TEXT | LONG), "values": mostly(CHOSEN)},
)
LABEL = st.fixed_dictionaries(
    {"type": mostly(st.just(18)), "component": mostly(FIELD)}, optional={"components": mostly(st.lists(FIELD))}
)
FILE = st.fixed_dictionaries(
    {
        "filename": mostly(TEXT),
        "url": mostly(st.just("http://127.0.0.1:9/x.png")),
        "size": mostly(st.integers(0, 2**70)),
    }
)
MODAL_DATA = st.fixed_dictionaries(
    {"custom_id": mostly(MODALS), "components": mostly(st.lists(mostly(LABEL), max_size=4))},
    optional={"resolved": mostly(st.fixed_dictionaries({"attachments": mostly(st.fixed_dictionaries({"1": FILE}))}))},
)
# Found bugs stay found: the same payloads every time. A slow machine is no defect.
CALM = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
SECRET = "moonlit heron"


class Target:
    """A running bot, a picture that eve cannot see, and a message of hers."""

    def __init__(self, runner: asyncio.Runner, env: Environment, hidden: str, card: Message) -> None:
        self._runner = runner
        self._world = env
        self._hidden = hidden
        self._card = card
        self._keys = [button["custom_id"] for button in card.buttons]
        self.sent = 0

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            own = self._keys[self.sent % len(self._keys)].split(":")
            return value.replace("{task}", self._hidden).replace("{own}", own[2]).replace("{digest}", own[3])
        if isinstance(value, dict):
            return {key: self._filled(each) for key, each in value.items()}
        return [self._filled(each) for each in value] if isinstance(value, list) else value

    def send(
        self, kind: int, data: Any, *, on_message: bool = False, change: Callable[[Any], Any] = lambda p: p
    ) -> None:
        """Sends one, and waits until it is answered."""
        data = self._filled(data)
        message = self._card if on_message else None
        self._runner.run(self._answered(RawInteraction(kind, data, message, change)))

    async def _answered(self, event: RawInteraction) -> None:
        channel = self._world.discord.channel("hall")
        interaction = self._world.discord.inject(self._world.person("eve"), channel, event)
        self.sent += 1
        try:
            await interaction.answered()
        except InteractionFailed:
            log = "\n".join(self._world.bot.lines[-10:])
            pytest.fail(f"no answer to {interaction.payload}\n{log}")

    async def check(self) -> None:
        """The bot has gone on, has said little, and has told nothing."""
        env = self._world
        asked = await env.slash("settings", by="eve", where=env.discord.channel("hall"))
        await env.until(lambda: "Remix" in asked.messages[0].text if asked.messages else False)
        assert env.discord.gateway.identified == 1
        assert env.discord.gateway.resumed == 0
        assert SECRET not in everything_told(env, "eve")
        assert [button["custom_id"] for button in self._card.buttons] == self._keys
        told = [line for line in env.bot.lines if "bot.app" not in line and "bot.client" not in line]
        assert len(told) <= self.sent + 10, "\n".join(told[-30:])


async def hidden_and_own(env: Environment) -> tuple[str, Message]:
    hidden = await env.result_of(await env.slash("imagine", {"prompt": f"a {SECRET}"}))
    hall = env.discord.channel("hall")
    own = await env.result_of(await env.slash("imagine", {"prompt": "a plain kettle"}, by="eve", where=hall))
    return task_id_of(hidden), own


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Target]:
    with asyncio.Runner() as runner:
        environments = environments_in(tmp_path, None)
        make = runner.run(environments.__aenter__())
        env = runner.run(make(Scenario(limits=Limits.off())))
        found = Target(runner, env, *runner.run(hidden_and_own(env)))
        yield found
        runner.run(found.check())
        runner.run(environments.__aexit__(None, None, None))


@CALM
@given(
    data=mostly(command_data() | MENU_DATA),
    kind=st.sampled_from([InteractionType.COMMAND, InteractionType.AUTOCOMPLETE]),
)
def test_any_command_is_answered(target: Target, data: Any, kind: int) -> None:
    target.send(kind, data)


@CALM
@given(data=mostly(COMPONENT_DATA), components=st.none() | ANYTHING, on_message=mostly(st.just(True)))
def test_any_use_of_a_component_is_answered(target: Target, data: Any, components: Any, on_message: Any) -> None:
    def change(payload: dict[str, Any]) -> dict[str, Any]:
        if components is not None and "message" in payload:
            payload["message"]["components"] = components
        return payload

    target.send(InteractionType.COMPONENT, data, on_message=on_message is True, change=change)


@CALM
@given(data=mostly(MODAL_DATA))
def test_any_submitted_window_is_answered(target: Target, data: Any) -> None:
    target.send(InteractionType.MODAL_SUBMIT, data, on_message=True)


GOOD = {
    InteractionType.COMMAND: {"id": "1", "name": "queue", "type": 1, "options": []},
    InteractionType.AUTOCOMPLETE: {
        "id": "1",
        "name": "show",
        "type": 1,
        "options": [{"name": "task", "type": 3, "value": "", "focused": True}],
    },
    InteractionType.COMPONENT: {"custom_id": "at:1:{task}:show", "component_type": 2},
    InteractionType.MODAL_SUBMIT: {"custom_id": "mw:1:{task}:aaaaaaaa:z", "components": []},
    99: {},
}
PARTS = ["member", "user", "channel", "channel_id", "guild_id", "guild", "message", "data", "locale", "context"]
PARTS += ["attachment_size_limit", "application_id", "app_permissions", "entitlements", "version"]
PARTS += ["authorizing_integration_owners", "guild_locale"]


@CALM
@given(kind=st.sampled_from(sorted(GOOD)), part=st.sampled_from(PARTS), value=st.just("missing") | ANYTHING)
def test_any_part_of_a_payload_may_be_missing_or_odd(target: Target, kind: int, part: str, value: Any) -> None:
    def change(payload: dict[str, Any]) -> dict[str, Any]:
        payload = payload | {part: value}
        if value == "missing":
            del payload[part]
        return payload

    target.send(
        kind, GOOD[kind], on_message=kind in (InteractionType.COMPONENT, InteractionType.MODAL_SUBMIT), change=change
    )


@CALM
@given(part=st.sampled_from(["member", "channel", "message"]), inner=st.data())
def test_any_field_within_a_part_may_be_odd(target: Target, part: str, inner: st.DataObject) -> None:
    def change(payload: dict[str, Any]) -> dict[str, Any]:
        name = inner.draw(st.sampled_from(sorted(payload[part])))
        return payload | {part: payload[part] | {name: inner.draw(ANYTHING)}}

    target.send(InteractionType.COMPONENT, GOOD[InteractionType.COMPONENT], on_message=True, change=change)


ODD: list[Callable[[Any], Any]] = [
    lambda payload: [payload],
    lambda _: "x",
    lambda _: None,
    lambda _: {},
    lambda payload: payload | {"id": "x"},
]


def with_token(token: Any) -> Callable[[Any], Any]:
    return lambda payload: payload | {"token": token}


@pytest.mark.parametrize("change", [*ODD, *map(with_token, ("../../x", "a b", "", 7, None))])
async def test_what_cannot_be_answered_costs_a_log_line_and_no_more(
    env: Environment, change: Callable[[Any], Any]
) -> None:
    eve, hall = env.person("eve"), env.discord.channel("hall")
    env.discord.inject(eve, hall, RawInteraction(InteractionType.COMMAND, GOOD[InteractionType.COMMAND], change=change))
    asked = await env.slash("settings")
    await env.until(lambda: "Remix" in asked.messages[0].text if asked.messages else False)
    await env.bot.logged("ignored an invalid interaction")
    assert sum("ignored an invalid interaction" in line for line in env.bot.lines) == 1
    assert env.discord.gateway.identified == 1
    assert not [each for each in env.discord.requests if "/x/callback" in each.path]


async def test_half_characters_and_nul_are_replaced_where_they_come_in(env: Environment) -> None:
    odd = "a \ud83d fox\0"
    fox = await env.result_of(await env.slash("imagine", {"prompt": odd}))
    assert env.images.submits[0].body["prompt"] == "a \ufffd fox\ufffd"
    assert "a \ufffd fox" in fox.text
    for command in ("show", "seed", "cancel"):
        assert await env.person("ada").autocomplete(env.studio, command, {"task": odd}, focused="task") is not None
    single = await env.result_of(await env.press(fox, "U1"))
    opened = await env.press(single, "Custom Zoom")
    await env.result_of(await env.submit_modal(opened, {"prompt": "wider \udc00 --zoom 2"}))
    assert env.images.submits[-1].body["prompt"] == "wider \ufffd --zoom 2"
    used = await forged_press(env, "ada", fox, "ls:1:t:r:0:any:\ud800")
    assert used.state == "acknowledged"
