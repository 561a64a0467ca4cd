"""The wide table (收费大表): a heading that names a fee, a period, or both, and whether it is owed or paid."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.flows.importing.fees import fee, late_fee
from bot.flows.importing.fold import folded
from bot.flows.importing.periods import Period, Years, find

_PAID = re.compile(r"实收|已收|已缴|已交|实缴|实付|已付|收款|\bpaid|received|collected")
_UNPAID = re.compile(r"欠费|欠缴|欠款|未收|未缴|未交|尚欠|outstanding|arrears|unpaid|balance|owing")
_OWED = re.compile(r"应收|应缴|应交|应付|金额|amount|receivable|billed|charged|\bdue\b|payable")
_TOTAL = re.compile(r"合计|小计|总计|共计|累计|总额|总和|\btotal|\bsum\b|subtotal")
_NOT_MONEY = re.compile(
    r"日期|时间|方式|单价|标准|读数|用量|数量|天数|单号|流水|状态|备注|面积|\bdate\b|method|price|reading|usage|status|remark"
)
_SURE = re.compile(r"费|金|款|租|fee|charge|fund|levy")
_UNITS = re.compile(r"[(\[【]?(?:单位[:：]?)?(?:人民币|rmb|cny|hkd|yuan|元|￥|¥|\$)+[)\]】]?")
_EMPTY = re.compile(r"[\s()\[\]【】:：_\-—/.,'’·&的份度期费用]+")


@dataclass(frozen=True, slots=True)
class WideColumn:
    """A column of amounts. Without ``kind`` the row or the title tells it, without ``period`` likewise."""

    heading: str
    kind: str | None
    label: str
    period: Period | None
    role: str
    """owed, paid or unpaid."""

    @property
    def sure(self) -> bool:
        """Names a period, or says itself that it is a fee; a bare 车位 may be anything."""
        return self.period is not None or _SURE.search(folded(self.heading)) is not None


@dataclass(frozen=True, slots=True)
class FeeColumn:
    """One fee of the wide table with all its columns: what is owed, what was paid, what is left."""

    column: int
    heading: str
    kind: str | None
    label: str
    period: Period | None
    paid: int | None = None
    unpaid: int | None = None


def fee_columns(wide: Mapping[int, WideColumn]) -> list[FeeColumn]:
    """The fees of a wide table. A column of what is left is a fee of its own only where none of what is owed stands."""
    owed = {i: w for i, w in wide.items() if w.role == "owed"}
    if not owed:
        owed = {i: w for i, w in wide.items() if w.role == "unpaid"}
    return [
        FeeColumn(
            i,
            w.heading,
            w.kind,
            w.label,
            w.period,
            _beside(w, i, "paid", wide, owed),
            _beside(w, i, "unpaid", wide, owed),
        )
        for i, w in owed.items()
    ]


def _beside(
    fee: WideColumn, own: int, role: str, wide: Mapping[int, WideColumn], owed: Mapping[int, WideColumn]
) -> int | None:
    for i, other in wide.items():
        if i == own or other.role != role or i in owed or other.period != fee.period:
            continue
        alone = sum(1 for w in owed.values() if w.period == fee.period) == 1
        if other.label == fee.label or (not other.label and alone):
            return i
    return None


def read_heading(heading: str, years: Years) -> WideColumn | None:
    """What a heading of a wide table means; None when it names neither fee nor period, or is no amount."""
    flat = _UNITS.sub("", folded(heading))
    if not flat or _TOTAL.search(flat) or _NOT_MONEY.search(flat) or late_fee(flat):
        return None
    role, flat = _role(flat)
    found = find(flat, years)
    period, rest = found if found else (None, flat)
    named = fee(rest) if _EMPTY.sub("", rest) else None
    if named is None and (period is None or _EMPTY.sub("", rest)):
        return None
    kind, label = named if named else (None, "")
    return WideColumn(heading, kind, label, period, role)


def _role(flat: str) -> tuple[str, str]:
    for role, words in (("paid", _PAID), ("unpaid", _UNPAID), ("owed", _OWED)):
        if words.search(flat):
            return role, words.sub("", flat)
    return "owed", flat
