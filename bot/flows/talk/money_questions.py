"""Questions about money: how much, for what, why so much, how to pay."""

import re
from collections.abc import Sequence
from typing import Any

from bot.flows.talk import balance
from bot.flows.talk.answers import Answer, label, locale_of
from bot.flows.talk.dispute import KIND_WORDS, charges_named, in_period
from bot.flows.talk.plain import made_plain
from bot.flows.talk.who import Talk
from bot.rules.latefee import LateFee
from bot.talk.basket import BasketLine, line_words
from bot.talk.money import day, money
from store.ledger import settled_charges

_DETAIL = re.compile(r"明细|详细|每一?笔|逐笔|细目|清单|分别|details?|breakdown|itemi[sz]ed|each (?:item|charge)")
_LATE = re.compile(r"违约金|滞纳金|逾期费|late fee|penalt|late charge")
_WHAT = re.compile(
    r"是什么|什么费|啥费|是啥|干什么的|做什么用|什么意思|为什么(?:要|有)|什么钱|怎么来的"
    r"|what(?:'s| is| are)|what for|why "
)


_COMPLAINT = re.compile(
    r"不对|错|不合理|不该|不应|乱收|多收|重复|不认|没有?车|没用|凭什么|投诉|不服|不交|不缴|太高|太贵|坑|不干|不管|没人|没做|什么都没|差劲|太差|服务不"
    r"|wrong|mistake|unfair|should ?n|not right|never|refus|too (?:high|much)|no car|twice|complain|disput"
)


async def answer(talk: Talk, text: str, accounts: Sequence[Any]) -> Answer:
    """The balance; on request every charge, what a charge is for, or how the late fee comes about."""
    talk.still = True
    plain = made_plain(text)
    charges = await balance.charges(talk, accounts)
    if not charges:
        return Answer("nothing_owed", about=accounts)
    if _LATE.search(plain):
        return await _late_fee(talk, charges, accounts)
    if _asks_what(plain):
        return _explained(talk, charges_named(charges, text) or charges, accounts)
    named = charges_named(charges, text)
    if named and len(named) < len(charges):
        return _billed(talk, named, accounts)
    return Answer("balance_detail" if _DETAIL.search(plain) else "balance", about=accounts)


def is_explanation(text: str) -> bool:
    """Whether a text asks what a named charge, or the late fee, is."""
    plain = made_plain(text)
    late = _WHAT.search(plain) and _LATE.search(plain)
    return bool(late or _asks_what(plain) or _DETAIL.fullmatch(plain.strip()))


def _asks_what(plain: str) -> bool:
    """Whether a text asks what a kind of charge is, or is nothing but its name: so we teach people to ask."""
    bare = plain.strip().strip("?.!")
    if any(words.fullmatch(bare) for words in KIND_WORDS.values()):
        return True
    return bool(_WHAT.search(plain)) and any(words.search(plain) for words in KIND_WORDS.values())


def is_question(text: str) -> bool:
    """Whether a text asks for an explanation and complains of nothing."""
    return is_explanation(text) and not _COMPLAINT.search(made_plain(text))


async def bill(talk: Talk, text: str, accounts: Sequence[Any]) -> Answer:
    """The bill: the charges of the period named, or all that is open; of a period that is paid, what was paid."""
    talk.still = True
    charges = await balance.charges(talk, accounts)
    if charges and _DETAIL.fullmatch(made_plain(text).strip()):
        return Answer("balance_detail", about=accounts)
    if charges and is_explanation(text):
        return await answer(talk, text, accounts)
    of_period = in_period(charges, text)
    if of_period is not None and not of_period:
        return await _settled(talk, text, accounts, Answer("bill_none" if charges else "nothing_owed", about=accounts))
    if not charges:
        return Answer("nothing_owed", about=accounts)
    return _billed(talk, charges_named(charges, text) or of_period or charges, accounts)


async def _settled(talk: Talk, text: str, accounts: Sequence[Any], otherwise: Answer) -> Answer:
    """The charges of a period of which nothing is open; ``otherwise`` where the book holds none."""
    codes = {account.id: account.code for account in accounts}
    paid = in_period(await settled_charges(talk.conn, list(codes)), text)
    if not paid:
        return otherwise
    lines = [_worded(talk, codes[c.account_id], c, c.amount_fen) for c in paid]
    slots = {"charges": "\n".join(lines), "total": sum(c.amount_fen for c in paid)}
    return Answer("bill_paid", slots, about=accounts)


def _billed(talk: Talk, charges: Sequence[Any], accounts: Sequence[Any]) -> Answer:
    """Some of the charges, and what they come to."""
    codes = {account.id: account.code for account in accounts}
    total = sum(charge.open_fen for charge in charges)
    slots = {"charges": "\n".join(_line(talk, codes[c.account_id], c) for c in charges), "total": total}
    return Answer("bill", slots, about=accounts)


def _line(talk: Talk, code: str, charge: Any) -> str:
    return _worded(talk, code, charge, charge.open_fen)


def _worded(talk: Talk, code: str, charge: Any, fen: int) -> str:
    return line_words(BasketLine(code, charge.kind, charge.period, charge.due_on, fen), locale_of(talk))


def _explained(talk: Talk, charges: Sequence[Any], accounts: Sequence[Any]) -> Answer:
    """What the named charges are for, each with its period and amount."""
    codes = {account.id: account.code for account in accounts}
    lines = [_line(talk, codes[charge.account_id], charge) for charge in charges]
    lines += [label(talk, f"explain_{kind}") for kind in dict.fromkeys(charge.kind for charge in charges)]
    return Answer("charge_explained", {"explanation": "\n".join(lines)}, about=accounts)


async def _late_fee(talk: Talk, charges: Sequence[Any], accounts: Sequence[Any]) -> Answer:
    """How the late fee comes about, line by line; where there is none, the charges without one."""
    fees = await balance.fees_of(talk, charges)
    if not any(fee.fee_fen for fee in fees.values()):
        return Answer("late_fee_none", about=accounts)
    lines = [line for fee in fees.values() for line in _fee_lines(fee, locale_of(talk))]
    total = sum(fee.fee_fen for fee in fees.values())
    return Answer("late_fee_explained", {"explanation": "\n".join(lines), "late_fee": total}, about=accounts)


def _fee_lines(fee: LateFee, locale: str) -> list[str]:
    """Each stretch as principal × days × rate = fee."""
    said = []
    for line in fee.lines:
        days = f"{day(line.first, locale, style='short')}–{day(line.last, locale, style='short')}"
        owed, due = money(line.principal_fen, locale), money(line.fee_fen, locale)
        said.append(f"{days}: {owed} × {line.days} × {line.daily_ppm / 1000:g}‰ = {due}")
    return said
