"""The sample's four quarters: what was charged and what was paid, told from the day the sample is made."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from bot.flows.sample.estate import Estate, Place

RATES_FEN = {"住宅": 260, "商铺": 680}
"""Management fee per square metre and month."""
PARKING_FEN = 12_000
QUARTERS = 4
DUE_IN = 9
"""The newest quarter falls due so many days ahead: the reminder a week before it is still to come."""
WAYS = ("微信支付", "支付宝", "银行转账", "现金", "POS刷卡")
_OWES = {"prompt": 1, "slow": 2, "part": 2, "late": 3, "bad": 4}
"""How many of the newest quarters an owner still owes; the newest is not due yet."""


@dataclass(slots=True)
class Bill:
    place: Place
    fee: str
    period: str
    amount_fen: int
    due: date
    quarter: int
    """0 is the newest."""
    remark: str = ""


@dataclass(slots=True)
class Receipt:
    bill: Bill
    amount_fen: int
    paid_on: date
    way: str
    ref: str


def bills(estate: Estate, today: date) -> list[Bill]:
    """Management fees and parking by the quarter, water for the flats of the two newest but one."""
    return [bill for place in estate.places for bill in _of_place(place, today, estate.random)]


def _of_place(place: Place, today: date, random: Random) -> Iterator[Bill]:
    for quarter in range(QUARTERS - 1, -1, -1):
        period, due = _quarter(today, quarter)
        if place.kind == "车位":
            yield Bill(place, "车位费", period, PARKING_FEN * 3, due, quarter)
            continue
        months_fen = place.area * RATES_FEN[place.kind] * 3
        words = f"{place.area // 100}.{place.area % 100:02d}㎡×3个月"
        yield Bill(place, "物业管理费", period, (months_fen + 50) // 100, due, quarter, words)
        if place.kind == "住宅" and place.occupancy == "已入住" and quarter in (1, 2):
            yield Bill(place, "水费", period, random.randrange(2_600, 16_800, 5), due + timedelta(days=40), quarter)


def _quarter(today: date, back: int) -> tuple[str, date]:
    """The quarter and its due day. The newest is the one about to fall due; the others fell due earlier."""
    soon = today + timedelta(days=DUE_IN)
    index = soon.year * 4 + (soon.month - 1) // 3 - back
    return f"{index // 4}Q{index % 4 + 1}", soon - timedelta(days=91 * back)


def receipts(estate: Estate, owed: list[Bill], today: date) -> list[Receipt]:
    """What came in up to yesterday, oldest first."""
    made: list[Receipt] = []
    for bill in owed:
        paid = _paid_fen(bill, estate.random)
        if paid:
            day = _paid_on(bill, today, estate.random)
            made.append(Receipt(bill, paid, day, estate.random.choice(WAYS), ""))
    made.sort(key=lambda r: (r.paid_on, r.bill.place.code, r.bill.fee, r.bill.period))
    for number, receipt in enumerate(made, 1):
        receipt.ref = f"YN{receipt.paid_on:%Y%m%d}{number:05d}"
    if made:
        made[-1].paid_on = today - timedelta(days=1)
    return made


def _paid_fen(bill: Bill, random: Random) -> int:
    owes = _OWES[bill.place.owner.habit]
    if bill.place.remark == "开发商未售":
        return 0
    if bill.quarter >= owes:
        return bill.amount_fen
    if bill.place.owner.habit == "part" and bill.quarter == 1:
        return bill.amount_fen // 2 // 100 * 100
    early = bill.quarter == 0 and bill.place.owner.habit == "prompt" and random.random() < 0.15
    return bill.amount_fen if early else 0


def _paid_on(bill: Bill, today: date, random: Random) -> date:
    day = bill.due - timedelta(days=random.randrange(0, 20))
    return min(day, today - timedelta(days=random.randrange(1, 12)))
