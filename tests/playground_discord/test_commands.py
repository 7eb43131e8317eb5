"""Registering commands: Discord's checks, and ids that stay."""

from typing import Any

import pytest

from playground.discord import LocalDiscord


def option(name: str = "prompt", **changes: Any) -> dict[str, Any]:
    return {"type": 3, "name": name, "description": "x"} | changes


def command(*options: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"name": "imagine", "description": "Generates an image", "options": list(options)} | changes


ACCEPTED = {
    "dashes and scripts": command(name="vary-größer_2"),
    "25 options": command(*[option(f"o{number}") for number in range(25)]),
    "25 choices": command(option(choices=[{"name": f"n{n}", "value": "v"} for n in range(25)])),
    "a group": command(option("a", type=2, options=[option("b", type=1, options=[option()])])),
    "a context menu": {"type": 3, "name": "Task Info", "description": ""},
    "everywhere": command(contexts=[0, 1, 2], integration_types=[0, 1]),
    "localized": command(name_localizations={"de": "stellvor"}, description_localizations={"de": "x"}),
}

REFUSED = {
    "a capital": (command(name="Imagine"), "name", "APPLICATION_COMMAND_INVALID_NAME"),
    "a blank": (command(name="two words"), "name", "APPLICATION_COMMAND_INVALID_NAME"),
    "a name of 33": (command(name="n" * 33), "name", "BASE_TYPE_BAD_LENGTH"),
    "no description": (command(description=""), "description", "BASE_TYPE_REQUIRED"),
    "a description of 101": (command(description="d" * 101), "description", "BASE_TYPE_BAD_LENGTH"),
    "26 options": (
        command(*[option(f"o{number}") for number in range(26)]),
        "options",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "an option's description of 101": (
        command(option(description="d" * 101)),
        "options.0.description",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "required after optional": (
        command(option("a"), option("b", required=True)),
        "options.1.required",
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    "an option twice": (
        command(option(), option()),
        "options.1.name",
        "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_USED",
    ),
    "26 choices": (
        command(option(choices=[{"name": f"n{n}", "value": "v"} for n in range(26)])),
        "options.0.choices",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "a choice of 101": (
        command(option(choices=[{"name": "n", "value": "v" * 101}])),
        "options.0.choices.0.value",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "a choice twice": (
        command(option(choices=[{"name": "n", "value": "v"}, {"name": "n", "value": "w"}])),
        "options.0.choices.1.name",
        "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_USED",
    ),
    "choices and autocomplete": (
        command(option(autocomplete=True, choices=[{"name": "n", "value": "v"}])),
        "options.0.autocomplete",
        "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE",
    ),
    "a file from a list": (
        command(option(type=11, autocomplete=True)),
        "options.0.type",
        "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    "a minimum over the maximum": (
        command(option(min_length=5, max_length=4)),
        "options.0.min_length",
        "APPLICATION_COMMAND_OPTIONS_MIN_OVER_MAX",
    ),
    "a subcommand beside an option": (command(option("a", type=1), option("b")), "options.1", "UNION_TYPE_CHOICES"),
    "a group in a group": (
        command(option("a", type=2, options=[option("b", type=2)])),
        "options.0.options.0",
        "UNION_TYPE_CHOICES",
    ),
    "an unknown context": (command(contexts=[3]), "contexts", "BASE_TYPE_CHOICES"),
    "an unknown installation": (command(integration_types=[2]), "integration_types", "BASE_TYPE_CHOICES"),
    "a described context menu": (
        {"type": 3, "name": "Describe", "description": "x"},
        "description",
        "APPLICATION_COMMAND_CONTEXT_MENU",
    ),
    "an unknown type": (command(type=9), "type", "BASE_TYPE_CHOICES"),
    "permissions that are no number": (
        command(default_member_permissions="all"),
        "default_member_permissions",
        "NUMBER_TYPE_COERCE",
    ),
    "a long localization": (
        command(name_localizations={"de": "n" * 33}),
        "name_localizations",
        "BASE_TYPE_BAD_LENGTH",
    ),
}


@pytest.fixture
def path(local: LocalDiscord) -> str:
    return f"/applications/{local.state.application_id}/commands"


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED)
async def test_a_valid_command_is_registered(local: LocalDiscord, call: Any, path: str, body: dict[str, Any]) -> None:
    reply = await call("POST", path, body)
    assert reply.status == 201, reply.body
    assert reply.body["name"] == body["name"]
    assert local.violations == []


@pytest.mark.parametrize(("body", "where", "code"), REFUSED.values(), ids=REFUSED)
async def test_an_invalid_command_is_refused_by_path(
    call: Any, path: str, body: dict[str, Any], where: str, code: str
) -> None:
    one, many = await call("POST", path, body), await call("PUT", path, [body])
    assert (one.status, one.body["code"], many.status) == (400, 50035, 400)
    for errors in (one.body["errors"], many.body["errors"]["0"]):
        for part in where.split("."):
            errors = errors[part]
        assert code in [each["code"] for each in errors["_errors"]]
    assert (await call("GET", path)).body == []


async def test_a_command_of_over_8000_characters_is_refused(call: Any, path: str) -> None:
    choices = [{"name": f"{n:0>100}", "value": "v" * 100} for n in range(25)]
    reply = await call("POST", path, command(option("a", choices=choices), option("b", choices=choices)))
    assert reply.body["errors"]["_errors"][0]["code"] == "APPLICATION_COMMAND_TOO_LARGE"


async def test_the_same_name_keeps_its_id_and_a_change_makes_a_version(call: Any, path: str) -> None:
    first = await call("POST", path, command())
    again = await call("POST", path, command())
    assert again.status == 200
    assert again.body == first.body
    changed = await call("POST", path, command(description="Another"))
    assert changed.body["id"] == first.body["id"]
    assert changed.body["version"] != first.body["version"]
    bulk = await call("PUT", path, [command(description="Another"), {"type": 3, "name": "Describe"}])
    assert bulk.body[0] == changed.body


async def test_the_bulk_overwrite_removes_what_it_does_not_name(call: Any, path: str) -> None:
    await call("PUT", path, [command(), command(name="show")])
    await call("PUT", path, [command(name="show")])
    assert [each["name"] for each in (await call("GET", path)).body] == ["show"]


async def test_a_name_twice_in_the_bulk_is_refused(call: Any, path: str) -> None:
    reply = await call("PUT", path, [command(), command()])
    assert reply.body["errors"]["1"]["name"]["_errors"][0]["code"] == "APPLICATION_COMMANDS_DUPLICATE_NAME"


@pytest.mark.parametrize(("kind", "most"), [(1, 100), (2, 15), (3, 15)])
async def test_each_kind_of_command_has_a_maximum_number(call: Any, path: str, kind: int, most: int) -> None:
    def made(number: int) -> dict[str, Any]:
        return {"type": kind, "name": f"c{number}", "description": "x" if kind == 1 else ""}

    assert (await call("PUT", path, [made(number) for number in range(most)])).status == 200
    assert (await call("POST", path, made(most))).body["code"] == 30032
    assert (await call("PUT", path, [made(number) for number in range(most + 1)])).body["code"] == 30032


async def test_one_command_is_read_changed_and_deleted(call: Any, path: str) -> None:
    made = (await call("POST", path, command(option()))).body
    one = f"{path}/{made['id']}"
    assert (await call("GET", one)).body == made
    patched = await call("PATCH", one, {"description": "Another"})
    assert (patched.body["description"], patched.body["options"]) == ("Another", made["options"])
    assert (await call("PATCH", one, {"name": "No"})).status == 400
    assert (await call("DELETE", one)).status == 204
    for method in ("GET", "DELETE"):
        missing = await call(method, one)
        assert (missing.status, missing.body["code"]) == (404, 10063)


async def test_a_servers_commands_are_its_own(local: LocalDiscord, call: Any, path: str) -> None:
    guild = local.guild("Elsewhere")
    of_guild = path.replace("/commands", f"/guilds/{guild.id}/commands")
    made = (await call("POST", of_guild, command())).body
    assert made["guild_id"] == str(guild.id)
    assert (await call("GET", path)).body == []
    assert local.person("ada").offered(local.channel("studio")) == []
    assert [each["name"] for each in local.person("eve").offered(local.channel("hall"))] == ["imagine"]
    assert (await call("GET", f"{of_guild}/permissions")).body == []
    assert (await call("GET", f"{of_guild}/{made['id']}/permissions")).body["code"] == 10066
    elsewhere = path.replace("/commands", "/guilds/1/commands")
    assert (await call("GET", elsewhere)).body["code"] == 50001


async def test_a_servers_command_hides_a_global_one(local: LocalDiscord, call: Any, path: str) -> None:
    await call("POST", path, command())
    of_guild = path.replace("/commands", f"/guilds/{local.guild('Test Server').id}/commands")
    made = (await call("POST", of_guild, command())).body
    interaction = await local.person("ada").slash(local.channel("studio"), "imagine")
    assert interaction.data["id"] == made["id"]


async def test_another_application_is_unknown(call: Any) -> None:
    assert (await call("GET", "/applications/1/commands")).body["code"] == 10002
