"""The bench counts right, draws what it measured, and compares with a bot that does what is said of it."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree as ET

import aiosqlite
import pytest

from storage import open_store
from tests.bench import counts, document, loads, many_images, queries, report, search_ways, sustained
from tests.bench.counting import Counts, counting
from tests.bench.loads import SHORT, Crowd, Load, shown, started
from tests.bench.plot import svg
from tests.bench.pressing import Cost, Costs
from tests.bench.process import cpu_seconds
from tests.bench.programs import ATELIER, BARE, FAIR, atelier_of, counted
from tests.bench.starting import Start
from tests.bench.sustained import Stage
from tests.bench.tables import Table, percentile

SVG = "{http://www.w3.org/2000/svg}"
FEW = Load("few", 2, 2.0, SHORT.pace)
ROOT = Path(__file__).resolve().parent.parent


def numbers(found: Counts) -> tuple[int, int, int]:
    return found.statements, found.transactions, found.full_commits


def database(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE t (a)")
    return connection


def test_statements_and_transactions_that_changed_rows_are_counted(tmp_path: Path) -> None:
    with counting() as found:
        connection = database(tmp_path / "a.db")
        for sql in ("BEGIN", "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)", "COMMIT"):
            connection.execute(sql)
        connection.execute("INSERT INTO t VALUES (3)")  # a transaction of its own
        for sql in ("BEGIN", "SELECT a FROM t", "COMMIT", "UPDATE t SET a = 4 WHERE a = 99"):
            connection.execute(sql)
        for sql in ("BEGIN", "INSERT INTO t VALUES (5)", "ROLLBACK", "SELECT 1"):
            connection.execute(sql)
        connection.close()
    assert numbers(found) == (15, 2, 2)


def test_a_savepoint_rolled_back_does_not_hide_its_transaction(tmp_path: Path) -> None:
    with counting() as found:
        connection = database(tmp_path / "a.db")
        for sql in ("BEGIN", "INSERT INTO t VALUES (1)", "SAVEPOINT s", "INSERT INTO t VALUES (2)", "ROLLBACK TO s"):
            connection.execute(sql)
        for sql in ("RELEASE s", "COMMIT", "SELECT 1"):
            connection.execute(sql)
        connection.close()
    assert found.transactions == 1


@pytest.mark.parametrize(
    ("pragma", "full"),
    [
        ("PRAGMA synchronous = NORMAL", 0),
        ("pragma synchronous=1", 0),
        ("PRAGMA main.synchronous(OFF)", 0),
        ("PRAGMA synchronous = FULL", 1),
        ("PRAGMA synchronous = 'extra'", 1),
        ("PRAGMA synchronous", 1),
    ],
)
def test_only_commits_at_a_level_with_fsync_are_counted_as_such(tmp_path: Path, pragma: str, full: int) -> None:
    with counting() as found:
        connection = database(tmp_path / "a.db")
        for sql in (pragma, "INSERT INTO t VALUES (1)", "PRAGMA synchronous = NORMAL"):
            connection.execute(sql)
        connection.close()
    assert (found.transactions, found.full_commits) == (1, full)


async def test_answers_of_other_threads_are_hops(tmp_path: Path) -> None:
    with counting() as found:
        async with aiosqlite.connect(tmp_path / "a.db") as connection:
            before = found.as_dict()
            await connection.execute_fetchall("SELECT 1")
            asyncio.get_running_loop().call_soon_threadsafe(int)  # by the loop's own thread
            assert found.statements - before["statements"] == 1
            assert found.thread_hops - before["thread_hops"] == 1
            assert found.pool_jobs == 0
        before = found.as_dict()
        waited_for = threading.Event()
        with ThreadPoolExecutor(1) as pool:
            job = asyncio.get_running_loop().run_in_executor(pool, waited_for.wait)
            waited_for.set()
            await job
        assert found.pool_jobs == 1
        assert found.thread_hops - before["thread_hops"] == 1


def test_nothing_is_counted_after_the_end(tmp_path: Path) -> None:
    connect, submit = sqlite3.connect, ThreadPoolExecutor.submit
    with counting():
        assert sqlite3.connect is not connect
    assert sqlite3.connect is connect
    assert ThreadPoolExecutor.submit is submit


async def test_the_real_bot_is_counted_in_its_own_process() -> None:
    found = await counts.measure(ATELIER, FEW)
    assert 5 <= found["statements"] <= 500
    assert 1 <= found["full_commits"] <= found["transactions"] <= found["statements"]
    assert found["thread_hops"] >= 1


async def test_the_fair_bot_shows_a_state_then_the_image_and_marks_the_button() -> None:
    async with started(FAIR, FEW) as env:
        crowd = Crowd(env)
        await crowd.prepare(1)
        env.images.hold()
        (press,) = await crowd.press(1, 1.0)
        await env.until(lambda: press.messages)
        assert "Submitted" in press.messages[0].text
        assert not press.messages[0].attachments
        env.images.release()
        await shown([press])
        assert press.messages[0].attachments
        assert len(press.messages[0].buttons) >= 8
        grid = press.message
        assert grid is not None
        await env.until(lambda: grid.buttons[0]["label"] == "✓ U1")
        assert [button["label"] for button in grid.buttons[1:4]] == ["U2", "U3", "U4"]
        assert cpu_seconds(env.bot.pid) > 0.05


def test_another_version_runs_from_its_own_folder(tmp_path: Path) -> None:
    other = atelier_of(tmp_path / "older")
    assert (other.name, other.settings) == ("Atelier of older", {"PYTHONPATH": str(tmp_path / "older")})
    watched = counted(other, tmp_path / "counts.json")
    assert watched.settings["BENCH_BOT_FROM"] == str(tmp_path / "older")
    assert "PYTHONPATH" not in watched.settings
    assert "BENCH_BOT_FROM" not in counted(ATELIER, tmp_path / "counts.json").settings
    assert loads.scenario(watched).settings["PROBE_FILE"] == str(tmp_path / "counts.json")


def stage(
    rate: float, acknowledged: float = 0.1, late: float = 1.0, playground: float = 0.2, planned: float = 0.0
) -> Stage:
    return Stage(planned or rate, rate, acknowledged, late, 0.02, playground)


@pytest.mark.parametrize(
    ("ramp", "rate"),
    [
        ([stage(8), stage(20), stage(22, acknowledged=1.0)], 20),
        ([stage(8), stage(20, late=float("inf"))], 8),
        ([stage(8, acknowledged=float("inf"))], 0),
        ([stage(8), stage(20, late=3.1), stage(22)], 8),
    ],
)
def test_a_rate_is_held_until_one_is_not(ramp: list[Stage], rate: float) -> None:
    assert sustained.held(ramp) == rate


def test_the_medians_run_is_told_and_when_the_playground_was_the_limit() -> None:
    runs = [[stage(number), stage(99, late=9.0, playground=share)] for number, share in ((9, 0.2), (7, 0.9), (8, 0.2))]
    assert sustained.shown_rate(runs) == "8"
    assert sustained.shown_rate(runs[1:2]) == "≥ 7"
    assert sustained.shown_rate([[stage(8), stage(50, planned=60)]]) == "≥ 50"


def measured() -> report.Report:
    def costs(cpu: float, submitted: float) -> Costs:
        return Costs([Cost(cpu * share, [0.005], [submitted * share]) for share in (1.0, 0.5, 3.0)])

    pressing = {BARE.name: costs(0.004, 0.005), FAIR.name: costs(0.005, 0.006), ATELIER.name: costs(0.02, 0.01)}
    counted_ = {"statements": 54.2, "full_commits": 7.1}
    return report.Report(
        pressing={"short": pressing, "long": pressing},
        counts={ATELIER.name: {"short": counted_, "long": counted_}},
        ramps={ATELIER.name: [[stage(8), stage(20), stage(22.4, late=float("inf"))]] * 3},
        starts={BARE.name: Start(0.3, 0.2, 40.0), ATELIER.name: Start(0.6, 0.5, 60.0)},
    )


def test_the_summary_compares_medians() -> None:
    values = [row[1] for row in report.table(measured()).rows]
    assert values == ["54 / 54", "7.1 / 7.1", "× 4.0 / × 4.0", "× 2.0", "20", "× 2.5 / × 1.5"]


def test_the_plot_has_bars_as_long_as_their_values_and_a_point_for_each_rate() -> None:
    picture = ET.fromstring(svg(measured()))  # noqa: S314 - our own
    bars = [float(bar.get("width", "")) for bar in picture.iter(f"{SVG}rect")]
    assert bars[1] / bars[2] == pytest.approx(5 / 20, abs=0.01)
    assert bars[:3] == bars[3:]
    assert len(list(picture.iter(f"{SVG}circle"))) == 2 * 3
    words = [text.text or "" for text in picture.iter(f"{SVG}text")]
    assert {"Atelier", "fair bare bot", "20.0 ms", "8", "20", "22"} <= set(words)
    width, height = float(picture.get("width", "")), float(picture.get("height", ""))
    places = [(float(text.get("x", "")), float(text.get("y", ""))) for text in picture.iter(f"{SVG}text")]
    assert all(0 <= x < width and 0 < y < height for x, y in places)
    assert "prefers-color-scheme: dark" in svg(measured())


def test_tables_replace_those_of_their_name_alone() -> None:
    text = "a\n<!-- bench: one -->\n\nold\n\n<!-- end -->\nb\n<!-- bench: two -->\n\nkept\n\n<!-- end -->\n"
    table = Table("one", ["x", "y"], [["1", "\\2"]])
    new = document.replaced(text, {"one": table.markdown(), "three": "nowhere"})
    assert new == text.replace("old", "| x | y |\n| --- | --- |\n| 1 | \\2 |")
    assert document.places(new) == ["one", "two"]


def test_the_document_has_a_place_for_the_tables_of_a_run() -> None:
    text = document.DOCUMENT.read_text(encoding="utf-8")
    shown_ = document.places(text)
    assert {"summary", "short", "long", "counts", "sustained", "start", "queries", "machine"} <= set(shown_)
    assert len(shown_) == len(set(shown_)) == text.count(document.END)
    assert "(performance.svg)" in text
    ET.fromstring(document.PLOT.read_text(encoding="utf-8"))  # noqa: S314 - our own


def test_the_short_table_of_questions_shows_ranges_of_medians() -> None:
    times = {
        "/tasks own, any, page 1": queries.Times([1.0, 3.0, 2.0], [0.5, 0.4, 0.6]),
        "/tasks everybody, done, page 250": queries.Times([9.0, 5.0, 5.0], [4.0, 4.0, 4.0]),
    }
    (row,) = queries.short_table(times, {"lists": ("/tasks",)}).rows
    assert row == ["lists", "0.5–4.0 ms", "2.0–5.0 ms", "9.0 ms"]
    (row,) = queries.short_table(times, {"own": ("/tasks own",)}).rows
    assert row == ["own", "0.5 ms", "2.0 ms", "3.0 ms"]


async def test_every_question_is_in_one_row_of_the_short_table(tmp_path: Path) -> None:
    async with open_store(f"sqlite:///{tmp_path / 'a.db'}") as store:
        names = list(queries.questions(store))
    rows = {name: [row for row, beginnings in queries.GROUPS.items() if name.startswith(beginnings)] for name in names}
    assert {name: found for name, found in rows.items() if len(found) != 1} == {}


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([3.0, 1.0, 2.0], 99) == 3.0
    assert percentile([float(number) for number in range(1, 101)], 99) == 99.0


async def test_the_ways_to_search_find_the_same_in_a_small_database(tmp_path: Path) -> None:
    path = tmp_path / "images.db"
    await many_images.make(path, 32, 400)
    (query,) = many_images.queries(32, 1, random.Random(1))  # noqa: S311 - the same query each time
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        for scope, count in (("", 20), (search_ways.SCOPES["own"], 2)):
            exact = search_ways.by_standard_library(connection, query, scope)
            assert len(exact) == count
            assert search_ways.by_codes(connection, query, scope) == exact
    connection.close()
