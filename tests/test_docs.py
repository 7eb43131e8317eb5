"""The documents say what the program does, and what sources cite is in them."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import discord
import pytest

from bot.__main__ import Exit
from bot.engines.midjourney.profiles import PROFILES
from bot.engines.models import Feature
from bot.settings import EXPECTED, Settings
from storage import (
    Action,
    InputImage,
    NewTask,
    OfferedPrompts,
    PromptSource,
    Request,
    SubmissionOutcome,
    TaskResult,
    TaskState,
    TaskUpdate,
    ThumbnailRole,
    open_store,
)
from storage.records import TASK_STATES
from storage.submission_records import SUBMISSION_TRANSITIONS
from tests.support import documents

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ENV_EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
VARIABLES = sorted(name.upper() for name in Settings.model_fields)


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_setting_is_explained(variable: str) -> None:
    assert f"| `{variable}` |" in README
    assert re.search(rf"^(# )?{variable}=", ENV_EXAMPLE, re.MULTILINE)
    assert variable in EXPECTED


def test_no_setting_is_explained_that_is_not_there() -> None:
    assert set(re.findall(r"^(?:# )?([A-Z_]+)=", ENV_EXAMPLE, re.MULTILINE)) == set(VARIABLES)
    assert set(EXPECTED) == set(VARIABLES)


# Defaults that depend on another setting.
DERIVED = {"PLATFORM_API_URL": "that of `MJ_API_URL`", "PLATFORM_API_KEY": "that of `MJ_API_KEY`"}


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_default_in_the_readme_is_the_real_one(variable: str) -> None:
    row = next(line for line in README.splitlines() if line.startswith(f"| `{variable}` |"))
    said = row.split("|")[2].strip()
    if variable in DERIVED:
        assert said == DERIVED[variable]
        return
    said = said.strip("`")
    field = Settings.model_fields[variable.lower()]
    default = field.default
    if field.is_required():
        assert said == "required"
    elif default is None or not str(getattr(default, "get_secret_value", lambda: default)()):
        assert said == "empty"
    else:
        assert said == str(default).lower() or said == str(default)


def test_the_invite_link_asks_for_exactly_the_permissions_named() -> None:
    wanted = discord.Permissions(
        view_channel=True,
        send_messages=True,
        send_messages_in_threads=True,
        attach_files=True,
        embed_links=True,
        read_message_history=True,
    )
    assert f"permissions={wanted.value}" in README


@pytest.mark.parametrize("code", [code for code in Exit if code >= 10])
def test_every_exit_code_is_explained(code: Exit) -> None:
    assert re.search(rf"^\| {code.value} \|", README, re.MULTILINE)


def test_every_make_target_named_in_the_readme_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE)) <= targets


CITATION = re.compile(r"docs/([\w-]+\.md)((?:#[\w-]+(?:, | and )?)*)")
# Official descriptions of APIs are not ours to copy; they are read where they lie beside the repository.
READS_FROM_OUTSIDE = {"tests/support/environments.py", "tests/support/openai_requests.py"}
BARE_NUMBER = re.compile(r"^\d{1,2}(?:\.\d+)?[.:;,]|\(\d{1,2}\.\d{1,2}(?:[,;)]| and )")
OTHER_NAMES = re.compile(r"image API reference|platform API|field[- ]cases|discord[- ]notes", re.IGNORECASE)
FILES = documents.text_files()
THIS = Path(__file__)


def test_every_cited_section_is_there() -> None:
    missing = []
    cited = 0
    for path in FILES:
        for document, anchors in CITATION.findall(documents.prose(path)):
            found = documents.sections(ROOT / "docs" / document) if (ROOT / "docs" / document).exists() else frozenset()
            for anchor in re.findall(r"#([\w-]+)", anchors):
                cited += 1
                missing += [] if anchor in found else [f"{documents.name(path)}: docs/{document}#{anchor}"]
    assert missing == []
    assert cited > 100


def test_no_file_cites_a_document_that_is_not_in_the_repository() -> None:
    unknown = [
        f"{documents.name(path)}: {cited}"
        for path in FILES
        for cited in re.findall(r"(?<![\w/.:-])[\w./-]+\.md\b", documents.prose(path))
        if not any((folder / cited).exists() for folder in (ROOT, path.parent))
    ]
    assert unknown == []


def test_only_official_descriptions_are_read_from_outside_the_repository() -> None:
    outside = re.compile(r"\.\./shared|/ \"shared\"|parents\[\d\]\.parent|parents\[3\]")
    sources = [path for path in FILES if path != THIS]
    assert {documents.name(path) for path in sources if outside.search(documents.prose(path))} == READS_FROM_OUTSIDE


def test_remarks_name_what_they_cite() -> None:
    """No bare section number stands for a document, and no document is called by a name that the repository lacks."""
    modules = [path for path in FILES if path.suffix == ".py" and path != THIS]
    bare = [
        f"{documents.name(path)}: {remark[:80]}"
        for path in modules
        for remark in documents.remarks(path)
        if BARE_NUMBER.search(remark) or OTHER_NAMES.search(remark)
    ]
    assert bare == []


@pytest.mark.parametrize("document", documents.documents(), ids=documents.name)
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    text = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", text)):
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if re.match(r"[a-z]+:", link):
            continue
        if not target.exists() or (anchor and anchor not in documents.sections(target)):
            broken.append(link)
    assert broken == []


SERVICES = ("plus", "trueai", "trueai-9", "newapi", "novicezk", "gateway")
NEEDS = {
    "`/imagine`": None,
    "buttons: upscale, variations, reroll": None,
    "other buttons": Feature.ACTION,
    "`/blend`": Feature.BLEND,
    "`/describe`": Feature.DESCRIBE,
    "`/describe` with a link": Feature.DESCRIBE_LINK,
    "`/shorten`": Feature.SHORTEN,
    "`/swap`": Feature.SWAP,
    "`/swap` into a video": Feature.SWAP_VIDEO,
    "`/edit`": Feature.EDIT,
    "`/retexture`": Feature.RETEXTURE,
    "`/video`": Feature.VIDEO,
    "`/upload`": Feature.UPLOAD,
    "`/show` with a Midjourney job": Feature.SHOW,
    "`/queue` with the service's queue": Feature.QUEUE,
    "`/cancel` after sending": Feature.CANCEL,
    "`/seed`": Feature.SEED,
}


@pytest.mark.parametrize("command", NEEDS)
def test_the_readme_says_of_each_service_what_its_profile_says(command: str) -> None:
    row = next(line for line in README.splitlines() if line.startswith(f"| {command} | ") and line.count("|") == 8)
    feature = NEEDS[command]
    expected = ["–" if feature in PROFILES[service].lacks else "yes" for service in SERVICES]
    assert [cell.strip() for cell in row.split("|")[2:-1]] == expected


def test_the_columns_of_that_table_are_the_profiles() -> None:
    assert f"| Command | {' | '.join(SERVICES)} |" in README
    assert set(SERVICES) | {"unknown"} == set(PROFILES)


async def test_the_statements_in_the_privacy_document_remove_what_a_person_wrote(tmp_path: Path) -> None:
    privacy = (ROOT / "docs/privacy.md").read_text(encoding="utf-8")
    (statements,) = re.findall(r"^```sql\n(.*?)^```", privacy, re.MULTILINE | re.DOTALL)
    url = f"sqlite:///{tmp_path}/atelier.db"
    request = Request(Action.IMAGINE, prompt="a secret garden", link="https://example.org/secret")
    async with open_store(url) as store:
        for task_id, owner_id, parent_id in (("parent", 123, None), ("child", 456, "parent")):
            image = InputImage("image/png", b"secret", b"secret")
            await store.tasks.add(_new_task(task_id, owner_id, parent_id, request, image), 1.0)
            result = TaskResult(
                final_prompt="a secret garden",
                image_url="https://example.org/secret",
                thumbnail_url="https://example.org/secret",
                lines=("secret",),
                alts=("secret",),
                conversation="secret",
            )
            await store.tasks.move(
                task_id, TaskUpdate(TaskState.FAILURE, result=result, error_params={"reason": "secret"}), 2.0
            )
        for user_id in (123, 456):
            offered = OfferedPrompts(f"offer-{user_id}", user_id, PromptSource.PROMPT, request, ("a secret",), 1.0)
            await store.offered_prompts.save(offered)
    with closing(sqlite3.connect(tmp_path / "atelier.db", isolation_level=None)) as connection:
        connection.executescript(statements)
    async with open_store(url) as store:
        erased, kept = await store.tasks.get("parent"), await store.tasks.get("child")
        assert erased is not None
        assert kept is not None
        assert "secret" not in repr(erased)
        assert erased.result.conversation == ""
        assert await store.offered_prompts.get("offer-123", 123) is None
        assert await store.offered_prompts.get("offer-456", 456)
        assert kept.prompt == "a secret garden"
        assert kept.parent_id == "parent"
        assert await store.tasks.inputs("parent") == []
        assert await store.thumbnails.of("parent", ThumbnailRole.SOURCE) == []
        assert len(await store.tasks.inputs("child")) == 1


def _new_task(task_id: str, owner_id: int, parent_id: str | None, request: Request, image: InputImage) -> NewTask:
    return NewTask(
        id=task_id,
        parent_id=parent_id,
        owner_id=owner_id,
        guild_id=1,
        channel_id=2,
        request=request,
        callback_token=task_id,
        pictures=[image],
    )


@pytest.mark.parametrize("document", documents.documents(), ids=documents.name)
def test_every_file_that_a_document_names_is_there(document: Path) -> None:
    cited = re.findall(r"`((?:bot|cogs|storage|playground|tests)/[\w./-]+)`", document.read_text(encoding="utf-8"))
    assert [path for path in cited if not (ROOT / path).exists()] == []


ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", [TaskState, SubmissionOutcome])
def test_the_architecture_names_every_state_as_it_is_stored(kind: type[TaskState | SubmissionOutcome]) -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| `(\w+)` \|", ARCHITECTURE, re.MULTILINE)
    assert {(state.name, state.value) for state in kind} <= set(rows)


@pytest.mark.parametrize("state", TaskState)
def test_the_architecture_says_of_each_state_what_holds_in_it(state: TaskState) -> None:
    row = next(line for line in ARCHITECTURE.splitlines() if line.startswith(f"| `{state.name}` | `{state.value}` |"))
    final, polled, cancellable, retryable = (cell.strip().startswith("yes") for cell in row.split("|")[4:8])
    rules = TASK_STATES[state]
    assert (final, polled, cancellable) == (rules.final, rules.polled, rules.cancellable)
    assert retryable == rules.retryable


def test_the_architecture_names_the_outcomes_that_may_follow_each() -> None:
    table = ARCHITECTURE.partition("| Outcome | Stored as |")[2].partition("\n\n")[0]
    cells = [row.split("|") for row in table.splitlines()[2:]]
    told = {row[1].strip(" `"): set(re.findall(r"`([A-Z_]+)`", row[4])) for row in cells}
    assert told == {before.name: {each.name for each in after} for before, after in SUBMISSION_TRANSITIONS.items()}
