"""The owner's page: the same flows and decisions as the chat, shown instead of sent.

The page holds no channel. What it shows to someone not yet proved is what any reminder says: the flat and the sum.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.flows.house import House
from bot.flows.talk import balance, binding, claims, dispute, language, promise, question, requests, units, who
from bot.flows.talk.answers import Answer, label, locale_of, worded
from bot.flows.talk.promise import Wish
from bot.flows.talk.turn import hear, route
from bot.flows.talk.who import Talk
from bot.rules.promising import latest_date
from bot.talk.basket import BasketLine, kind_words, period_words
from bot.talk.money import day, money
from bot.talk.standard import unit_words, units_words
from store import promises as given
from store import talk as shelf

LONGEST = 1_000
"""Characters of a text typed on the page."""


@dataclass(frozen=True, slots=True)
class Line:
    """One open charge in words."""

    unit: str
    what: str
    amount: str
    due: str
    late_fee: str
    disputed: bool


@dataclass(frozen=True, slots=True)
class View:
    """What the page shows, in words of one locale; money as people read it."""

    locale: str
    community: str
    units: str
    total: str
    owes: bool
    proved: bool
    as_of: str
    lines: tuple[Line, ...] = ()
    days: tuple[tuple[str, str], ...] = ()
    """Days that may be promised: (ISO date, words)."""
    promises: tuple[str, ...] = ()
    accounts: tuple[tuple[str, str], ...] = ()
    """Flats to choose from, where there are several: (number, words)."""
    pay_ways: str = ""
    phone: str = ""
    hours: str = ""
    person: str = ""
    can_prove: bool = False
    """Whether a code can be sent to a telephone on record."""
    notice: str = ""
    """What was just answered."""
    choices: tuple[tuple[str, str], ...] = ()
    """Buttons of the open question: (words, data)."""


async def act(house: House, person_id: int, contact_id: int, action: str, fields: Mapping[str, str]) -> View | None:
    """Does what was tapped and shows the page with the answer: promise, press, dispute, paid, person, language,
    send_code, prove. Anything else only shows it. None when the person or the contact is there no more."""
    now = house.clock.now()
    async with house.store.write() as conn:
        await shelf.lock(conn, f"person:{person_id}")
        talk = await who.at_contact(house, conn, person_id, contact_id, now)
        if talk is None:
            return None
        answers = await _act(talk, action, fields)
        if talk.memory.question in {answer.name for answer in answers}:
            talk.memory.said_by = "page"
        await who.keep(talk.conn, [talk])
        talk = await who.at_contact(house, conn, person_id, contact_id, now)
        return await _view(talk, answers) if talk is not None else None


async def _act(talk: Talk, action: str, fields: Mapping[str, str]) -> list[Answer]:
    text = fields.get("text", "")[:LONGEST]
    if action == "language" and fields.get("locale") in language.NAMES:
        return [await language.change(talk, fields["locale"])]
    if action == "person":
        return [await requests.take(talk, "person", text, talk.accounts)]
    if action == "send_code":
        return await _send_code(talk)
    if action == "prove":
        return await binding.prove_page(talk, "".join(c for c in text if c.isdigit())[:6])
    if not talk.proved or not talk.accounts:
        return []
    return await _proved(talk, action, text, fields)


async def _send_code(talk: Talk) -> list[Answer]:
    telephones = [c for c in talk.contacts if c.channel == "sms" and c.dead_at is None]
    if not telephones or "sms" not in talk.house.channels:
        return []
    await binding.send_code(talk, telephones)
    return [Answer("bind_code_sent", {"minutes": int(binding.SMS_CODE_LIVES.total_seconds() // 60)})]


async def _proved(talk: Talk, action: str, text: str, fields: Mapping[str, str]) -> list[Answer]:
    """What only the owner may do."""
    chosen = [account for account in talk.accounts if str(account.id) == fields.get("account", "")]
    accounts = chosen or units.named(talk.accounts, text) or list(talk.accounts)
    if action == "promise":
        wish = _wish(fields)
        return [await promise.offer(talk, wish, accounts)] if wish is not None else []
    if action == "press":
        return await _press(talk, fields.get("data", ""))
    if action == "paid":
        return [await claims.claimed(talk, text, accounts)]
    if action == "dispute" and text.strip():
        return [await dispute.raise_one(talk, text, accounts)]
    return []


def _wish(fields: Mapping[str, str]) -> Wish | None:
    """The day and the amount (yuan) of a form; None if they cannot be read."""
    try:
        on = date.fromisoformat(fields.get("date", ""))
    except ValueError:
        return None
    heard = promise_amount(fields.get("amount", ""))
    return Wish(on, heard)


def promise_amount(text: str) -> int | None:
    """An amount typed in yuan, in fen; None for nothing or for no amount."""
    whole, _, cents = text.strip().lstrip("¥￥").replace(",", "").partition(".")
    if not whole.isdecimal() or len(whole) > 7 or (cents and not (cents.isdecimal() and len(cents) <= 2)):
        return None
    return (int(whole) * 100 + int(cents.ljust(2, "0") or 0)) or None


async def _press(talk: Talk, data: str) -> list[Answer]:
    """A button of the open question; one of an older question asks again."""
    press = question.pressed(data)
    if press is None or not talk.memory.is_open(talk.now):
        talk.memory.close()
        return [Answer("question_expired")] if press else []
    if press[0] != talk.memory.question_no:
        return [question.again(talk)]
    found = await question.answer(talk, question.tapped(press[1]), None, hear, route)
    return found if found is not None else [question.again(talk)]


async def _view(talk: Talk, answers: list[Answer]) -> View:
    locale = locale_of(talk)
    says = talk.town.says(locale)
    owed = await balance.basket(talk)
    open_days = await _days(talk, locale) if talk.proved and owed.total else ()
    notice, choices = await _said(talk, answers)
    named = [unit_words(account.code, locale) for account in talk.accounts]
    return View(
        locale=locale, community=says.name, units=units_words(named, locale), total=money(owed.total, locale),
        owes=owed.total > 0, proved=talk.proved, as_of=day(await balance.as_of(talk), locale),
        lines=await _lines(talk, locale) if talk.proved else (), days=open_days,
        promises=await _promises(talk, locale) if talk.proved else (),
        accounts=tuple((str(a.id), w) for a, w in zip(talk.accounts, named, strict=True)) if len(named) > 1 else (),
        pay_ways=says.pay_ways, phone=says.service_phone, hours=says.office_hours, person=says.contact_person,
        can_prove=not talk.proved and any(c.channel == "sms" for c in talk.contacts), notice=notice, choices=choices,
    )  # fmt: skip


async def _said(talk: Talk, answers: list[Answer]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The answers as text, and the buttons of the last one."""
    said = [(await worded(talk, answer))[1].text for answer in answers]
    buttons = answers[-1].buttons if answers else ()
    choices = tuple((label(talk, name) if name.startswith("label_") else name, data) for name, data in buttons)
    return "\n\n".join(said), choices


async def _lines(talk: Talk, locale: str) -> tuple[Line, ...]:
    codes = {account.id: unit_words(account.code, locale) for account in talk.accounts}
    rows = await balance.charges(talk, talk.accounts)
    fees = {(line.account, line.kind, line.period): line.late_fee_fen for line in (await balance.basket(talk)).lines}
    code_of = {account.id: account.code for account in talk.accounts}
    return tuple(
        _line(BasketLine(code_of[row.account_id], row.kind, row.period, row.due_on, row.open_fen,
                         fees.get((code_of[row.account_id], row.kind, row.period), 0)),
              codes[row.account_id], bool(row.disputed), locale)
        for row in rows
    )  # fmt: skip


def _line(line: BasketLine, unit: str, disputed: bool, locale: str) -> Line:
    gap = " " if locale == "en" else ""
    what = f"{period_words(line.period, locale)}{gap}{kind_words(line.kind, locale)}"
    late = money(line.late_fee_fen, locale) if line.late_fee_fen else ""
    return Line(unit, what, money(line.open_fen, locale), day(line.due_on, locale), late, disputed)


async def _days(talk: Talk, locale: str) -> tuple[tuple[str, str], ...]:
    """Every day the policy allows."""
    band = await promise.band_of(talk, talk.accounts)
    latest = latest_date(band, talk.town.policy, talk.today)
    days = [talk.today + timedelta(days=n) for n in range((latest - talk.today).days + 1)]
    return tuple((on.isoformat(), day(on, locale, style="weekday")) for on in days)


async def _promises(talk: Talk, locale: str) -> tuple[str, ...]:
    rows: Any = await given.open_of(talk.conn, [account.id for account in talk.accounts])
    join = ": " if locale == "en" else "："
    return tuple(f"{day(p.due_on, locale, style='weekday')}{join}{money(p.amount_fen, locale)}" for p in rows)
