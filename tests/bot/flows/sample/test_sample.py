"""The sample workbook: realistic, seeded, and it imports without a complaint; twice changes nothing."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from bot.flows.importing.run import import_files
from bot.flows.sample import write_sample
from store.engine import Store

NOBODY = "SELECT count(*) FROM person p WHERE NOT EXISTS (SELECT 1 FROM contact c WHERE c.person_id = p.id)"


def test_the_same_seed_says_the_same(tmp_path: Path, now: datetime) -> None:
    one, two = (write_sample(tmp_path / name, 7, today=now.date())[0] for name in ("a", "b"))
    rows = [[list(page.values) for page in load_workbook(path)] for path in (one, two)]
    assert rows[0] == rows[1]
    other = load_workbook(write_sample(tmp_path / "c", 8, today=now.date())[0])
    assert [list(page.values) for page in other] != rows[0]


def test_it_opens_well(tmp_path: Path, now: datetime) -> None:
    book = load_workbook(write_sample(tmp_path, today=now.date())[0])
    assert book.sheetnames == ["小区信息", "房屋业主", "应收", "缴费"]
    assert book["应收"].freeze_panes == "B3"
    assert book["应收"]["D3"].number_format == "#,##0.00"


@pytest.mark.parametrize("days", [0, 101])
async def test_it_imports_whole_and_twice_changes_nothing(
    store: Store, tmp_path: Path, now: datetime, days: int
) -> None:
    at = now + timedelta(days=days)
    paths = write_sample(tmp_path, today=at.date())
    first = await import_files(store, paths, community=None, now=at)
    assert first.errors == []
    assert (first.says.accounts, first.did.changed, first.written) == (300, 0, True)
    second = await import_files(store, paths, community=None, now=at)
    assert (second.did.new, second.did.changed, second.written) == (0, 0, False)
    async with store.read() as conn:
        rows = (await conn.execute(text("SELECT segment, count(*) FROM unit GROUP BY segment"))).all()
        segments = {row[0]: row[1] for row in rows}
        held = (await conn.execute(text("SELECT count(*) FROM hold"))).scalar_one()
        silent = (await conn.execute(text(NOBODY))).scalar_one()
        ways = (
            await conn.execute(text("SELECT count(*) FROM contact WHERE channel IN ('wechat', 'telegram')"))
        ).scalar_one()
    assert segments["resident"] + segments["vacant"] == 216
    assert (segments["shop"], segments["parking"]) == (24, 60)
    assert held >= 8
    assert silent >= 5
    assert ways >= 100
