"""The profile sheet: what the community is called, how it is reached and paid, in two columns of names and values."""

import re
from collections.abc import Sequence

from bot.flows.importing import remarks
from bot.flows.importing.book import Book
from bot.flows.importing.cells import Unreadable, day, shown, text
from bot.flows.importing.fields import plain
from bot.flows.importing.report import Cell, Problem
from bot.flows.importing.sentences import sentence

_KEYS: dict[str, str] = {
    "name": "小区 小区名称 项目 项目名称 小区项目 社区名称 楼盘 community name communityname estate project",
    "service_phone": "服务电话 客服电话 物业电话 服务中心电话 联系电话 电话 servicephone phone hotline "
    "telephone officephone",
    "office_hours": "办公时间 工作时间 服务时间 上班时间 officehours hours openinghours workinghours",
    "pay_ways": "缴费方式 付款方式 支付方式 交费方式 缴费渠道 waystopay paymentmethods payways howtopay paymentways",
    "contact_person": "联系人 服务中心主任 负责人 主任 contactperson contact manager",
    "timezone": "时区 timezone",
    "locale": "语言 默认语言 locale language",
    "region": "地区 所在地区 region",
    "as_of": "数据截至 账目截至 截至日期 数据截至日期 收款截至 账务截至 asof dataasof ledgerasof",
}
_BY_KEY = {word: field for field, words in _KEYS.items() for word in words.split()}
_MAINLAND = re.compile(r"mainland|大陆|内地|中国$|cn$", re.IGNORECASE)


def is_profile(rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether at least two rows are a known name with a value beside it and nothing more."""
    hits = [_key(row) for row in rows if 2 <= sum(1 for c in row if text(c)) <= 3]
    return len({hit for hit in hits if hit}) >= 2


def _key(row: Sequence[Cell]) -> str | None:
    said = [text(cell) for cell in row if text(cell)]
    return _BY_KEY.get(plain(said[0])) if said else None


def read_profile(rows: Sequence[Sequence[Cell]], sheet: str, book: Book) -> None:
    """Takes over what the sheet says; what cannot be read is named."""
    for number, row in enumerate(rows, 1):
        cells = [cell for cell in row if text(cell)]
        field = _key(row)
        if field is None or len(cells) < 2:
            continue
        try:
            _take(book, field, cells[1])
        except Unreadable as error:
            book.errors.append(Problem(sheet, number, text(cells[0]), shown(cells[1]), error.said))


def _take(book: Book, field: str, cell: Cell) -> None:
    said = text(cell)
    if field == "as_of":
        book.profile.as_of = day(cell)
    elif field == "locale":
        found = remarks.locale(said)
        if found is None:
            raise Unreadable(sentence("locale"))
        book.profile.values["locale"] = found
    elif field == "timezone":
        book.profile.values["timezone"] = _timezone(said)
    elif field == "region":
        book.profile.values["region"] = "mainland" if _MAINLAND.search(said) else "elsewhere"
    elif field == "pay_ways":
        ways = re.split(r"[;；\n]", _as_written(cell))
        book.profile.values["pay_ways"] = "\n".join(way.strip() for way in ways if way.strip())
    elif field in ("office_hours", "contact_person"):
        book.profile.values[field] = _as_written(cell)
    else:
        book.profile.values[field] = said


def _as_written(cell: Cell) -> str:
    """Words that owners will read keep their full-width marks."""
    return cell.strip() if isinstance(cell, str) else text(cell)


def _timezone(said: str) -> str:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(said).key
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Unreadable(sentence("timezone")) from error
