"""Long lists of charges go by column; every answer is the one the careful way gives, row by row."""

import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.flows.importing import reader
from bot.flows.importing.run import undo_last
from store.engine import Store

on_sqlite = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
"""The file decides, not the database: once is enough."""
UNITS = [["房号", "业主", "手机"], *([f"{n % 3 + 1}-{n}", f"业主{n}", f"199000000{n:02d}"] for n in range(1, 13))]
HEAD = ["房号", "费用名称", "账期", "应收金额", "缴费截止"]
LIST = [HEAD, *([f"{n % 3 + 1}-{n}", "物业费", f"2026-{m:02d}", 100 + n, ""] for m in (7, 8, 9) for n in range(1, 13))]
ALL = "SELECT u.code, c.kind, c.period, c.amount_fen, c.open_fen, c.due_on, c.due_rule, c.external_ref FROM charge c \
JOIN account a ON a.id = c.account_id JOIN unit u ON u.id = a.unit_id WHERE c.cancelled_at IS NULL AND c.source = '{}' \
ORDER BY u.code, c.external_ref"


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "BLOCK", 7)


async def test_a_list_told_twice_is_written_once_and_undone_whole(
    store: Store, make_book: Any, bring: Any, ask: Any, now: datetime
) -> None:
    await bring(make_book("units.xlsx", 房屋=UNITS))
    path = make_book("list.xlsx", 应收=LIST)
    first = await bring(path)
    assert (first.did.new, first.says.charges, first.written) == (36, 36, True)
    assert [int(row[0]) for row in await ask("SELECT sum(amount_fen) FROM charge")] == [first.says.charged_fen]
    second = await bring(path)
    assert (second.did.new, second.did.changed, second.did.unchanged, second.written) == (0, 0, 36, False)
    more = [*LIST, ["2-1", "物业费", "2026-10", 101, ""], ["2-1", "水费", "2026-10", 9.5, ""]]
    third = await bring(make_book("more.xlsx", 应收=more))
    assert (third.did.new, third.did.unchanged) == (2, 36)
    assert (await undo_last(store, 1, now, "test")).removed == 2
    assert (await undo_last(store, 1, now, "test")).removed == 36
    assert await ask("SELECT count(*) FROM charge") == [(0,)]


async def test_a_dry_run_of_a_list_leaves_nothing_behind(make_book: Any, bring: Any, ask: Any) -> None:
    await bring(make_book("units.xlsx", 房屋=UNITS))
    path = make_book("list.xlsx", 应收=LIST)
    assert (await bring(path, dry_run=True)).did.new == 36
    assert await ask("SELECT count(*) FROM charge") == [(0,)]
    assert (await bring(path)).did.new == 36


@on_sqlite
async def test_every_bad_row_of_a_list_is_named_and_nothing_is_written(make_book: Any, bring: Any, ask: Any) -> None:
    await bring(make_book("units.xlsx", 房屋=UNITS))
    rows = [list(row) for row in LIST]
    rows[9][3], rows[17][0], rows[23][2], rows[30][3], rows[31][4] = "一百", "9-99", "2026-13", -5, "2026-02-30"
    report = await bring(make_book("list.xlsx", 应收=rows))
    assert [(e.row, e.column, e.value) for e in report.errors] == [
        (10, "应收金额", "一百"), (18, "房号", "9-99"), (24, "账期", "2026-13"), (31, "应收金额", "-5"),
        (32, "缴费截止", "2026-02-30"),
    ]  # fmt: skip
    assert await ask("SELECT count(*) FROM charge") == [(0,)]
    assert (await bring(make_book("list.xlsx", 应收=rows), skip_bad=True)).did.new == 31


@on_sqlite
async def test_a_column_of_numbers_nobody_understood_is_told(make_book: Any, bring: Any) -> None:
    await bring(make_book("units.xlsx", 房屋=UNITS))
    rows = [[*HEAD, "某某数"], *([*row, 5] for row in LIST[1:])]
    report = await bring(make_book("list.xlsx", 应收=rows))
    assert any("某某数" in warning for warning in report.warnings)


@pytest.mark.parametrize("seed", range(6))
async def test_a_list_read_by_column_says_and_does_what_the_careful_way_does(
    store: Store, make_book: Any, bring: Any, ask: Any, seed: int
) -> None:
    chance = random.Random(seed)
    print("seed", seed)
    for name in ("快", "慢"):
        await bring(make_book("units.xlsx", 房屋=UNITS), community=name, new_community=True)
    for turn in range(6):
        sheets = _month(chance)
        skip = chance.random() < 0.5
        answers = []
        for name, source in (("快", "import:1"), ("慢", "import:2")):
            told = sheets if name == "快" else {**sheets, "应收": _careful(sheets["应收"])}
            report = await bring(make_book(f"{turn}.xlsx", **told), community=name, skip_bad=skip)
            said = report.json() | {"questions": sorted(q.words() for q in report.questions)}
            answers.append((report.written, said, await ask(ALL.format(source)), await _money(ask, source)))
        assert answers[0] == answers[1], (seed, turn)


def _month(chance: random.Random) -> dict[str, list[list[Any]]]:
    """A list as an office might hand it in: repeated, corrected, partly wrong, perhaps with owners and payments."""
    spoilt, owners = chance.random() < 0.4, chance.random() < 0.3
    rows = [_row(chance, spoilt) for _ in range(chance.randint(5, 60))]
    rows += [list(chance.choice(rows)) for _ in range(chance.choice((0, 0, 3)))]
    head = list(HEAD)
    if owners:
        head.append("业主")
        names = {row[0]: row[1] for row in UNITS[1:]}
        rows = [[*row, "别人" if chance.random() < 0.02 else names.get(row[0], "某人")] for row in rows]
    sheets = {"应收": [head, *rows]}
    if chance.random() < 0.4:
        paid = [[*row[:3], row[3], "2026-11-20"] for row in rows[:4] if isinstance(row[3], int)]
        sheets["缴费"] = [["房号", "费用名称", "账期", "实收金额", "缴费日期"], *paid]
    return sheets


def _row(chance: random.Random, spoilt: bool) -> list[Any]:
    n = chance.randint(1, 12)
    code = chance.choice((f"{n % 3 + 1}-{n}", f"{n % 3 + 1}栋{n}室", f"{n % 3 + 1}-{n}"))
    fee, period = chance.choice(("物业费", "水费", "物业管理费")), f"2026-{chance.randint(6, 10):02d}"
    due = chance.choice(("", "", "", f"{period}-25"))
    row: list[Any] = [code, fee, period, chance.choice((100, 200, 100 + n, "1,234.50")), due]
    if spoilt and chance.random() < 0.08:
        row[chance.randint(0, 4)] = chance.choice(("", "9-99", "不知道", "合计", -3, 0))
    return row


def _careful(rows: list[list[Any]]) -> list[list[Any]]:
    """The same list with an empty column that makes every row its own story."""
    return [[*rows[0], "减免"], *([*row, ""] for row in rows[1:])]


async def _money(ask: Any, source: str) -> Any:
    return await ask(
        f"SELECT p.external_ref, c.external_ref FROM payment p LEFT JOIN charge c ON c.id = p.named_charge_id "
        f"WHERE p.source = '{source}' ORDER BY 1, 2"
    )


async def test_after_a_sale_the_old_list_changes_nothing_and_a_new_one_is_the_buyers(
    make_book: Any, bring: Any, ask: Any
) -> None:
    await bring(make_book("units.xlsx", 房屋=UNITS))
    await bring(make_book("list.xlsx", 应收=LIST))
    sold = make_book("sold.xlsx", 房屋=[UNITS[0], ["2-1", "买主", "19900000099"]])
    await bring(sold, accept_owners={"2-1"})
    again = await bring(make_book("list.xlsx", 应收=LIST))
    assert (again.did.new, again.did.changed, again.did.unchanged) == (0, 0, 36)
    await bring(make_book("next.xlsx", 应收=[HEAD, *(["2-1", "物业费", f"2026-{m}", 101, ""] for m in (10, 11))]))
    owed = (
        "SELECT o.name, count(*) FROM charge c JOIN account a ON a.id = c.account_id JOIN owner o ON o.id = a.owner_id \
JOIN unit u ON u.id = a.unit_id WHERE u.code = '2-1' GROUP BY o.name ORDER BY 2"
    )
    assert await ask(owed) == [("买主", 2), ("业主1", 3)]


@on_sqlite
async def test_a_line_that_ends_early_is_read(tmp_path: Path, make_book: Any, bring: Any) -> None:
    await bring(make_book("units.xlsx", 房屋=UNITS))
    path = tmp_path / "list.csv"
    lines = [",".join(map(str, row)) for row in LIST]
    lines[5] = lines[5].rstrip(",")
    path.write_text("\n".join([*lines, "", ""]), encoding="utf-8")
    assert (await bring(path)).did.new == 36
