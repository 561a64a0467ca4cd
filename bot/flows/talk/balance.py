"""What is owed and why: the slots of every answer about money, and the answers to questions about it."""

from collections.abc import Sequence
from typing import Any

from bot.flows.latefees import late_fees
from bot.flows.talk.who import Talk
from bot.rules.latefee import LateFee
from bot.talk.basket import Basket, BasketLine
from bot.talk.scripts import Script
from bot.talk.standard import slots_for, unit_words, units_words
from store import ledger
from store import plan as book_age
from store.standing import Standing

_MONEY = frozenset(
    {"charges", "charges_short", "total", "principal", "late_fee", "oldest_due", "days", "unit", "units", "owner"}
)
"""Slots that speak of the flat and its debt: filled only for a person who is proved (I9)."""


async def basket(talk: Talk, about: Sequence[Any] | None = None) -> Basket:
    """Every open charge of the accounts as the book stands, another manager's left out; with late fee (fen)."""
    accounts = talk.accounts if about is None else about
    codes = {account.id: account.code for account in accounts}
    rows = await charges(talk, accounts)
    fees = await fees_of(talk, rows)
    lines = [
        BasketLine(codes[row.account_id], row.kind, row.period, row.due_on, row.open_fen,
                   fees[row.id].fee_fen if row.id in fees else 0)
        for row in rows
    ]  # fmt: skip
    return Basket(tuple(lines), talk.today)


async def charges(talk: Talk, accounts: Sequence[Any]) -> list[Any]:
    """The open charges of accounts, oldest first, each with whether it is disputed; not another manager's."""
    ids = [account.id for account in accounts]
    known = _known(talk)
    if known is not None and set(ids) <= {account.id for account in known.accounts.get(talk.person.id, ())}:
        rows = [row for number in sorted(ids) for row in known.charges.get(number, ())]
    else:
        rows = list(await ledger.open_charges(talk.conn, ids)) if ids else []
    return [row for row in rows if not row.previous_manager]


def _known(talk: Talk) -> Standing | None:
    """The book as read for this turn, while nothing in it was changed and the turn is still this community's."""
    if not talk.still or talk.person is None or talk.known is None or talk.town.id not in talk.known.towns:
        return None
    return talk.known


async def fees_of(talk: Talk, charges: Sequence[Any]) -> dict[int, LateFee]:
    """Late fees of these charges as of today, by charge; a disputed one has none."""
    known = _known(talk)
    if known is not None and not known.towns[talk.town.id].charging:
        return {}
    return await late_fees(talk.conn, talk.town, [row.id for row in charges if not row.disputed], talk.today)


async def slots(talk: Talk, script: Script, about: Sequence[Any] | None = None) -> dict[str, object]:
    """The slots a reply needs, as far as they follow from who speaks; a stranger's hold nothing of any flat."""
    accounts = talk.accounts if about is None else about
    needs = set(script.needs)
    asked = bool(needs & _MONEY) and talk.proved
    owed = await basket(talk, accounts) if asked else Basket((), talk.today)
    owner = accounts[0].owner if accounts and talk.proved else ""
    found = slots_for(owed, locale=script.locale, owner=owner, community=talk.town.says(script.locale))
    found["link"] = talk.house.link(talk.person_id, talk.contact.id, talk.now) if talk.proved else ""
    if "as_of" in needs:
        found["as_of"] = await as_of(talk)
    if not talk.proved:
        return {name: value for name, value in found.items() if name not in _MONEY}
    names = [unit_words(account.code, script.locale) for account in accounts]
    found["unit"], found["units"] = names[0] if names else "", units_words(names, script.locale)
    return found


async def as_of(talk: Talk) -> Any:
    """The local date up to which payments are in the book: no answer claims to know more."""
    known = _known(talk)
    if known is not None:
        newest = known.towns[talk.town.id].as_of
    else:
        newest = (await book_age.watermarks(talk.conn, [talk.town.id])).get(talk.town.id)
    return min(newest, talk.today) if newest is not None else talk.today
