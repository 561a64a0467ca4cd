"""Something is wrong: a dispute rests on the charges it names, else on the whole account, until staff have answered."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from bot.flows.cases import open_case
from bot.flows.talk import balance
from bot.flows.talk.answers import Answer
from bot.flows.talk.plain import made_plain
from bot.flows.talk.units import ask_which
from bot.flows.talk.who import Talk
from store import core, ledger
from store import talk as shelf

KIND_WORDS: dict[str, re.Pattern[str]] = {
    "management": re.compile(r"物业(?:管理)?费|管理费|management fee|service charge"),
    "repair_fund": re.compile(r"维修(?:资|基)金|大修基金|repair fund|sinking fund"),
    "water": re.compile(r"(?<!停)水费|水表|\bwater (?:bill|charge|fee|meter)"),
    "electricity": re.compile(r"电费|电表|electricity|electric bill"),
    "gas": re.compile(r"燃气费|煤气费|天然气|气费|气表|\bgas (?:bill|charge|fee|meter)"),
    "parking": re.compile(r"停车费|车位费|车位的|车位管理费|泊车费|parking"),
}
"""How owners name a kind of charge, in normalised text."""
_MONTH = re.compile(r"(?<!\d)(1[0-2]|[1-9])月(?!\d*[号日])")
_QUARTER = re.compile(r"第?([1-4])季度?|q([1-4])\b")
_YEAR = re.compile(r"(20\d\d)(?:年|(?!\d))")


def charges_named(charges: Sequence[Any], text: str) -> list[Any]:
    """The open charges a text names by kind, narrowed by the period where it names one; none if it names no kind."""
    return _narrowed(of_kinds(charges, text), made_plain(text))


def of_kinds(charges: Sequence[Any], text: str) -> list[Any]:
    """The charges whose kind a text names, of whatever period."""
    plain = made_plain(text)
    kinds = {kind for kind, words in KIND_WORDS.items() if words.search(plain)}
    return [charge for charge in charges if charge.kind in kinds]


def in_period(charges: Sequence[Any], text: str) -> list[Any] | None:
    """The open charges of the period a text names; None where it names none."""
    plain = made_plain(text)
    named = _MONTH.search(plain) or _QUARTER.search(plain) or _YEAR.search(plain)
    return _narrowed(list(charges), plain) if named else None


def _narrowed(charges: list[Any], plain: str) -> list[Any]:
    months = {int(m) for m in _MONTH.findall(plain)}
    for first, second in _QUARTER.findall(plain):
        quarter = int(first or second)
        months |= set(range(quarter * 3 - 2, quarter * 3 + 1))
    years = {int(y) for y in _YEAR.findall(plain)}
    fit = [c for c in charges if _fits(c.period_from, c.period_to, months, years)]
    return fit if months or years else charges


def _fits(first: date, last: date, months: set[int], years: set[int]) -> bool:
    """Whether a charge's period touches the months and years a text names."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    covered = {((first.month - 1 + n) % 12 + 1, first.year + (first.month - 1 + n) // 12) for n in range(count)}
    return any((not months or month in months) and (not years or year in years) for month, year in covered)


async def raise_one(talk: Talk, text: str, accounts: Sequence[Any]) -> Answer:
    """Takes a dispute down and opens a case; asks which flat where that cannot be told."""
    charges = await balance.charges(talk, accounts)
    named = charges_named(charges, text)
    if not named and len(accounts) > 1:
        return ask_which(talk, text)
    wrong: dict[int, list[int | None]] = {}
    for charge in named:
        wrong.setdefault(charge.account_id, []).append(charge.id)
    case_no = 0
    for account in accounts:
        if account.id in wrong or not named:
            case_no = await _open(talk, account, wrong.get(account.id, [None]), text)
    return Answer("dispute_noted", {"case_no": str(case_no)}, about=accounts)


async def _open(talk: Talk, account: Any, charge_ids: Sequence[int | None], text: str) -> int:
    known = {row.charge_id for row in await shelf.open_disputes(talk.conn, account.id)}
    for charge_id in charge_ids:
        if charge_id in known or None in known:
            continue
        values = {"account_id": account.id, "charge_id": charge_id, "reason": text[:500], "state": "open",
                  "opened_at": talk.now, "inbound_id": talk.inbound_id}  # fmt: skip
        number = await shelf.put(talk.conn, core.dispute, values)
        await talk.note("dispute", f"dispute:{number}", values)
    talk.spoken_of = account.id
    await ledger.look_now(talk.conn, [account.id], talk.now)
    case_id, _new = await open_case(
        talk.conn, community_id=talk.town.id, cause="dispute", now=talk.now, account_id=account.id,
        occasion=talk.occasion, assistant_id=account.assistant_id,
        detail={"text": text[:500], "charges": [c for c in charge_ids if c], "inbound_id": talk.inbound_id},
    )  # fmt: skip
    return case_id
