"""Writes the sample as a workbook a person can open: a profile, units with owners, charges, payments."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from bot.flows.sample.debts import Bill, Receipt, bills, receipts
from bot.flows.sample.estate import Estate, Owner, Place

NAME = "锦绣花园 Jinxiu Garden"
FILE = "yinuo-sample.xlsx"
_MONEY = "#,##0.00"
_DAY = "yyyy-mm-dd"
_HEAD = PatternFill("solid", fgColor="DDEBE4")
_UNIT_HEADINGS = (
    "房号",
    "楼栋",
    "单元",
    "房间",
    "类型",
    "入住状态",
    "建筑面积",
    "业主",
    "手机",
    "语言",
    "微信openid",
    "Telegram",
    "托收",
    "备注",
)
_CHARGE_HEADINGS = ("房号", "费用名称", "账期", "应收金额", "缴费截止", "备注")
_PAYMENT_HEADINGS = ("房号", "费用名称", "账期", "实收金额", "缴费日期", "缴费方式", "流水号")


def write_sample(folder: Path, seed: int = 7, *, today: date) -> list[Path]:
    """Writes ``yinuo-sample.xlsx`` into the folder; the same seed and day give the same rows. Answers the files."""
    estate = Estate(seed)
    owed = bills(estate, today)
    paid = receipts(estate, owed, today)
    book = Workbook()
    _profile(book, today)
    _table(book, "房屋业主", f"{NAME} 房屋与业主", _UNIT_HEADINGS, (_unit(p) for p in estate.places), ())
    _table(book, "应收", f"{NAME} 应收明细", _CHARGE_HEADINGS, (_charge(b) for b in owed), (4,))
    _table(book, "缴费", f"{NAME} 缴费记录", _PAYMENT_HEADINGS, (_payment(r) for r in paid), (4,))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    book.save(path)
    return [path]


def _profile(book: Workbook, today: date) -> None:
    page = book.active
    assert page is not None
    page.title = "小区信息"
    rows = (
        ("小区", NAME),
        ("服务电话", "0755-0000 1234"),
        ("办公时间", "周一至周日 8:30-18:00"),
        ("联系人", "陈主任"),
        (
            "缴费方式",
            "微信公众号“锦绣花园”菜单：物业缴费；前台现金、刷卡；银行转账：锦绣物业 0000 0000 0000 0001，备注房号",
        ),
        ("时区", "Asia/Shanghai"),
        ("语言", "zh-Hans"),
        ("数据截至", today - timedelta(days=1)),
    )
    for row in rows:
        page.append(row)
    for (cell,) in page.iter_rows(max_col=1):
        cell.font = Font(bold=True)
    page["B8"].number_format = _DAY
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 14, 80


def _table(
    book: Workbook, name: str, title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]], sums: Sequence[int]
) -> None:
    """A title over all columns, headings that stay in view, money as money, a total row below."""
    page = book.create_sheet(name)
    page.append([title])
    page.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(headings))
    page["A1"].font, page["A1"].alignment = Font(bold=True, size=14), Alignment(horizontal="center")
    page.append(list(headings))
    for cell in page[2]:
        cell.font, cell.fill = Font(bold=True), _HEAD
    count, totals = 0, dict.fromkeys(sums, 0)
    for row in rows:
        page.append([Decimal(value) / 100 if i in totals else value for i, value in enumerate(row, 1)])
        count += 1
        for column in totals:
            totals[column] += row[column - 1]
    if totals:
        page.append(["合计", *(Decimal(totals[i]) / 100 if i in totals else None for i in range(2, len(headings) + 1))])
    _dress(page, headings, sums)
    page.freeze_panes = "B3"
    page.auto_filter.ref = f"A2:{get_column_letter(len(headings))}{count + 2}"


def _dress(page: Any, headings: Sequence[str], sums: Sequence[int]) -> None:
    widths = {
        "业主": 26,
        "手机": 28,
        "微信openid": 32,
        "Telegram": 14,
        "缴费截止": 13,
        "缴费日期": 13,
        "流水号": 19,
        "备注": 22,
    }
    for column, heading in enumerate(headings, 1):
        page.column_dimensions[get_column_letter(column)].width = widths.get(heading, 12)
        dated = "日期" in heading or "截止" in heading
        for cell in page[get_column_letter(column)][2:]:
            if column in sums:
                cell.number_format = _MONEY
            elif dated:
                cell.number_format = _DAY


def _unit(place: Place) -> tuple[Any, ...]:
    owner = place.owner
    return (
        place.code, place.building, place.stair, place.room, place.kind, place.occupancy, Decimal(place.area) / 100,
        _names(owner),
        "/".join(owner.phones), owner.locale, owner.openid, owner.telegram, "是" if place.bank_collection else "",
        place.remark,
    )  # fmt: skip


def _names(owner: Owner) -> str:
    return f"{owner.name}、{owner.co_owner}" if owner.co_owner else owner.name


def _charge(bill: Bill) -> tuple[Any, ...]:
    return bill.place.code, bill.fee, bill.period, bill.amount_fen, bill.due, bill.remark


def _payment(receipt: Receipt) -> tuple[Any, ...]:
    bill = receipt.bill
    return bill.place.code, bill.fee, bill.period, receipt.amount_fen, receipt.paid_on, receipt.way, receipt.ref
