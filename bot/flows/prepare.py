"""The last look before a call: is it still true and still welcome, and in which words?

Runs in one transaction with the commit of the attempts (I1): what is decided here is what leaves.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from secrets import token_hex
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.climate import Weather, weather
from bot.flows.facts import Known, known_of
from bot.flows.house import House, Town
from bot.flows.latefees import late_fees
from bot.flows.words import Book, locale_chain
from bot.rules.again import look_again
from bot.rules.decision import Code, Reason
from bot.rules.facts import AccountFacts, PromiseFact
from bot.talk.scripts import Script
from bot.talk.wording import Basket, BasketLine, Unrenderable, slots_for, word
from channels.contract import Button, Channel, Outgoing
from store import claims, ledger
from store import facts as ask
from store import outbox as shelf
from store import staff as people
from store.journal import Entry, note_many

_JSON = json.JSONEncoder(ensure_ascii=False)
LASTING = {Code.PAID, Code.NOT_DUE, Code.BELOW_TOLERANCE}
"""Reasons that end a message; with any other it is planned anew when the reason is over."""


@dataclass(slots=True)
class Ready:
    """One call about to be made, its attempt committed."""

    row: Any
    out: Outgoing
    our_id: str
    form: str


@dataclass(slots=True)
class Slice:
    """What became of a slice of claimed messages."""

    ready: list[Ready] = field(default_factory=list)
    ended: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    """(state, reason) → messages."""
    look: dict[int, datetime] = field(default_factory=dict)
    """Accounts to look at again, and when."""
    attempts: list[dict[str, Any]] = field(default_factory=list)
    worded: list[tuple[Any, ...]] = field(default_factory=list)

    def end(self, message_id: int, state: str, reason: str) -> None:
        self.ended.setdefault((state, reason), []).append(message_id)


async def prepare(
    house: House, conn: AsyncConnection, weather: Weather, channel: Channel, rows: Sequence[Any], now: datetime
) -> Slice:
    """Looks again, words and writes the attempts of claimed messages; the caller commits, then calls."""
    held = await claims.held(conn, rows)
    rows = [row for row in rows if row.id in held.mine]
    done = Slice()
    known = await _known(conn, weather, rows, held.items, now)
    for row in rows:
        await _one(house, conn, weather, channel, row, held.items.get(row.id, []), known, held.contacts, now, done)
    await _write(conn, done, rows, now)
    return done


async def still_stands(house: House, row: Any, now: datetime) -> bool:
    """Whether a message in doubt may still be said now: owed, welcome, the hour."""
    if row.kind not in ("reminder", "nudge"):
        return True
    async with house.store.write() as conn:
        around = await weather(house, conn, now, {row.community_id})
        items = list(await shelf.items(conn, [row.id]))
        known = await _known(conn, around, [row], {row.id: items}, now)
    return _still(around, row, items, known, now, Slice())


async def _known(
    conn: AsyncConnection, weather: Weather, rows: Sequence[Any], items: dict[int, list[Any]], now: datetime
) -> dict[int, Known]:
    ids = sorted({i.account_id for row in rows for i in items.get(row.id, []) if i.account_id is not None})
    if not ids:
        return {}
    await ledger.lock_accounts(conn, ids)
    today = min(town.today(now) for town in weather.towns.values())
    found = await ask.of_accounts(conn, ids, today, now)
    but = frozenset(row.id for row in rows)
    laid = known_of(found["accounts"], found, weather.towns, weather.watermarks, but)
    return {k.facts.account_id: k for k in laid}


async def _one(
    house: House, conn: AsyncConnection, weather: Weather, channel: Channel, row: Any, items: list[Any],
    known: dict[int, Known], contacts: dict[int, Any], now: datetime, done: Slice,
) -> None:  # fmt: skip
    if row.expires_at is not None and row.expires_at <= now:
        done.end(row.id, "skipped", "EXPIRED")
        return
    if row.kind in ("reminder", "nudge") and not _still(weather, row, items, known, now, done):
        return
    address = await _address(house, conn, row, contacts)
    if address is None:
        done.end(row.id, "failed", str(Code.NO_CONTACT))
        return
    if row.kind in ("reminder", "nudge"):
        await _reminder(house, conn, weather, channel, row, items, known, contacts, address, now, done)
    else:
        edits = None if row.edits_message_id is None else await people.shown_card(conn, row.case_id, row.group_id)
        _prepared(house, channel, row, edits, address, now, done)


def _still(weather: Weather, row: Any, items: list[Any], known: dict[int, Known], now: datetime, done: Slice) -> bool:
    """Whether every account it speaks of still stands; else why not, and what is looked at again."""
    reasons: dict[int, Reason | None] = {}
    for item in items:
        k = known.get(item.account_id)
        if k is None:
            continue
        reasons[item.account_id] = look_again(
            k.facts, weather.climates[row.community_id], weather.moments[row.community_id], step=item.step,
            band=item.band, occasion=item.occasion, person_id=row.person_id, contact_id=row.contact_id,
        )  # fmt: skip
    blocked = {a: r for a, r in reasons.items() if r is not None}
    if not blocked and reasons:
        return True
    first = next(iter(blocked.values()), Reason(Code.UNKNOWN))
    if len(blocked) < len(reasons):
        done.end(row.id, "superseded", str(first.code))
        done.look.update(dict.fromkeys(reasons, now))
    elif first.code in LASTING:
        done.end(row.id, "skipped", str(first.code))
        done.look.update(dict.fromkeys(reasons, now))
    else:
        done.end(row.id, "cancelled", str(first.code))
        done.look.update({a: (r.until if r and r.until and r.until > now else now) for a, r in reasons.items()})
    return False


async def _address(house: House, conn: AsyncConnection, row: Any, contacts: dict[int, Any]) -> str | None:
    sealed: bytes | None = None
    if row.contact_id is not None:
        contact = contacts.get(row.contact_id)
        if contact is None or contact.unbound_at is not None:
            return None
        if contact.dead_at is not None and row.kind != "reply":
            return None
        sealed = contact.address_sealed
    elif row.staff_id is not None:
        sealed = await shelf.staff_address(conn, row.staff_id, row.channel)
    elif row.group_id is not None:
        sealed = await shelf.group_address(conn, row.group_id)
    elif row.inbound_id is not None:
        sealed = await shelf.sender_address(conn, row.inbound_id)
    return house.store.vault.open(sealed) if sealed else None


async def _reminder(
    house: House, conn: AsyncConnection, weather: Weather, channel: Channel, row: Any, items: list[Any],
    known: dict[int, Known], contacts: dict[int, Any], address: str, now: datetime, done: Slice,
) -> None:  # fmt: skip
    town, book = weather.towns[row.community_id], weather.books[row.community_id]
    name = town.policy.step[row.step].script
    script = book.scripts.find("reminders", name, locale_chain(row.locale, town.locale), row.channel)
    if script is None or set(script.requires) - _facts(items, known):
        done.end(row.id, "failed", str(Code.SCRIPT_MISSING if script is None else Code.NEEDS_FACT))
        return
    basket = await basket_of(conn, town, items, known, now, fees=town.id in weather.charging)
    slots = reminder_slots(house, town, book, row, script, basket, known, items, now)
    slots |= await _thanked(conn, items, known, basket.as_of)
    try:
        worded = word(script, slots)
    except Unrenderable as broken:
        done.end(row.id, "failed", f"UNRENDERABLE:{broken.slot}")
        return
    free = _free_text(channel, contacts.get(row.contact_id), now)
    template = None if free or not channel.traits.templates else book.version(script).template_id
    if channel.traits.templates and not free and not template:
        done.end(row.id, "failed", str(Code.NEEDS_APPROVAL))
        return
    fields = worded.fields if template else {}
    out = Outgoing(
        to=address, text=worded.text, our_id=token_hex(16), template_id=template or None, fields=fields,
        url=str(slots["link"]) or None, attempted_at=int(now.timestamp()),
    )  # fmt: skip
    version = book.version(script).id
    _commit(row, out, "template" if template else "text", version, now, done)
    done.worded.append((row.id, worded.text, basket.to_json(), script.locale, version, row.tries + 1))


def _facts(items: list[Any], known: dict[int, Known]) -> frozenset[str]:
    sets = [known[i.account_id].facts.facts for i in items if i.account_id in known]
    return frozenset.intersection(*sets) if sets else frozenset()


async def basket_of(
    conn: AsyncConnection, town: Town, items: list[Any], known: dict[int, Known], now: datetime, *, fees: bool
) -> Basket:
    """All charges the message speaks of: overdue ones; before the due date the next ones; for thanks what was paid."""
    today = town.today(now)
    lines: list[BasketLine] = []
    for item in items:
        facts = known[item.account_id].facts
        open_ones = [c for c in facts.charges if not c.disputed and not c.previous_manager]
        due = [c for c in open_ones if c.due_on < today] or [
            c for c in open_ones if c.due_on <= min((o.due_on for o in open_ones), default=today)
        ]
        if item.occasion.startswith("payment:"):
            lines += await _paid_lines(conn, facts.code, int(item.occasion.split(":")[1]))
        else:
            told = await late_fees(conn, town, [c.id for c in due], today) if fees else {}
            lines += [
                BasketLine(facts.code, c.kind, c.period, c.due_on, c.open_fen, told[c.id].fee_fen if told else 0)
                for c in due
            ]
    return Basket(tuple(lines), today)


async def _paid_lines(conn: AsyncConnection, code: str, payment_id: int) -> list[BasketLine]:
    return [
        BasketLine(code, row.kind, row.period, row.due_on, row.fen) for row in await ledger.closed_by(conn, payment_id)
    ]


async def _thanked(
    conn: AsyncConnection, items: list[Any], known: dict[int, Known], today: date
) -> dict[str, object]:  # fmt: skip
    """What a thanks must say truly: the local date the money was paid on, and what is overdue still, in fen."""
    numbers = [int(item.occasion.split(":")[1]) for item in items if item.occasion.startswith("payment:")]
    if not numbers:
        return {}
    open_ones = [c for a in {item.account_id for item in items} for c in known[a].facts.charges]
    rest = sum(c.open_fen for c in open_ones if c.due_on < today and not c.disputed and not c.previous_manager)
    return {"paid_on": await ledger.paid_on(conn, max(numbers)) or today, "rest": rest}


def reminder_slots(
    house: House, town: Town, book: Book, row: Any, script: Script, basket: Basket, known: dict[int, Known],
    items: list[Any], now: datetime,
) -> dict[str, object]:  # fmt: skip
    """Every slot a reminder may use, in the words of its locale and channel.

    As of: the local date the book reaches, for no message claims to know more; a deadline counts from today.
    """
    first = known[items[0].account_id]
    period = town.policy.demand.period_days
    slots = slots_for(
        basket, locale=script.locale, owner=_called(row, items, first), community=town.says(script.locale),
        deadline=basket.as_of + timedelta(days=period), link=house.link(row.person_id, row.contact_id, now),
        reply_hint=hint(book, "reply_hint", row.channel, script.locale),
        stop_hint=hint(book, "stop_hint", row.channel, script.locale),
    )  # fmt: skip
    slots |= {"paid": basket.total, "paid_on": basket.as_of, "rest": 0}
    slots["as_of"] = min(first.facts.watermark or basket.as_of, basket.as_of)
    slots |= _promised(items, known)
    if row.slots:
        slots |= json.loads(row.slots)
    return slots


def _called(row: Any, items: list[Any], known: Known) -> str:
    """The name that is addressed: the owner's; a co-owner's own where it is about their own promise."""
    if all(item.occasion.startswith("promise:") for item in items):
        for one in known.facts.listeners:
            if one.person_id == row.person_id and one.role == "co_owner" and one.name:
                return one.name
    return known.owner


def _promised(items: list[Any], known: dict[int, Known]) -> dict[str, object]:
    """The day of the promise a nudge speaks of, and what is still to be paid of it, in fen.

    Several flats promised for one day are one sum.
    """
    numbers = {int(i.occasion.split(":")[1]) for i in items if i.occasion.startswith("promise:")}
    if not numbers:
        return {}
    accounts = {i.account_id: known[i.account_id].facts for i in items}
    promises = [(p, facts) for facts in accounts.values() for p in facts.promises if p.id in numbers]
    if not promises:
        return {}
    on = min(p.due_on for p, _facts in promises)
    return {"promise_date": on, "promise_amount": sum(_to_pay(p, facts) for p, facts in promises if p.due_on == on)}


def _to_pay(promise: PromiseFact, facts: AccountFacts) -> int:
    """What is still to be paid of a promise, in fen: never more than what is owed without dispute."""
    owed = sum(c.open_fen for c in facts.charges if not c.disputed and not c.previous_manager)
    return min(promise.amount_fen, owed)


def hint(book: Book, name: str, channel: str, locale: str) -> str:
    """The way that answers, or the way to stop, in the channel's manner; to stop only where it must be said (SMS)."""
    if name == "stop_hint" and channel != "sms":
        return ""
    script = book.scripts.find("replies", name, locale_chain(locale), channel)
    return _said_alone(script) if script else ""


@lru_cache(maxsize=256)
def _said_alone(script: Script) -> str:
    return word(script, {}).text


def _free_text(channel: Channel, contact: Any, now: datetime) -> bool:
    """Whether the person's last word still opens the provider's free-text window."""
    hours, most = channel.traits.free_text_hours, channel.traits.free_text_count
    if hours is None:
        return True
    if contact is None or contact.window_opened_at is None:
        return False
    within = contact.window_opened_at > now - timedelta(hours=hours) + timedelta(minutes=5)
    return bool(within and (most is None or contact.window_used < most))


def _prepared(
    house: House, channel: Channel, row: Any, edits: str | None, address: str, now: datetime, done: Slice
) -> None:
    """A reply, card or code, worded when it was queued; an edit whose card never got there is sent as the card."""
    extra = json.loads(row.slots or "{}")
    out = Outgoing(
        to=address, text=row.text, our_id=token_hex(16), buttons=buttons_of(row.buttons), thread=row.thread,
        edits=edits or extra.get("edits"), reply_to=extra.get("reply_to"), picture=row.picture, url=extra.get("url"),
        attempted_at=int(now.timestamp()),
    )  # fmt: skip
    _commit(row, out, "edit" if out.edits else "text", row.script_version_id, now, done)


def buttons_of(text: str) -> tuple[tuple[Button, ...], ...]:
    """Rows of buttons from their JSON."""
    return tuple(tuple(Button(b[0], b[1], b[2]) for b in row) for row in json.loads(text or "[]"))


def _commit(row: Any, out: Outgoing, form: str, version_id: int | None, now: datetime, done: Slice) -> None:
    request = _JSON.encode({"template": out.template_id, "fields": dict(out.fields)}) if out.template_id else "{}"
    done.attempts.append(
        {
            "message_id": row.id, "our_id": out.our_id, "fence": row.fence, "contact_id": row.contact_id,
            "channel": row.channel, "form": form, "script_version_id": version_id, "text": out.text,
            "request": request, "started_at": now, "outcome": "in_flight",
            "reason": "", "crossed": False,
        }
    )  # fmt: skip
    done.ready.append(Ready(row, out, out.our_id, form))


async def _write(conn: AsyncConnection, done: Slice, rows: Sequence[Any], now: datetime) -> None:
    for (state, reason), ids in done.ended.items():
        await shelf.set_state(conn, ids, state, reason, now)
    by_time: dict[datetime, list[int]] = {}
    for account_id, at in done.look.items():
        by_time.setdefault(at, []).append(account_id)
    for at, ids in by_time.items():
        await ledger.look_now(conn, ids, at)
    numbers = await shelf.write_attempts(conn, done.attempts)
    await shelf.set_worded(conn, done.worded)
    community = {row.id: row.community_id for row in rows}
    await note_many(
        conn,
        [
            Entry("attempt", f"attempt:{number}", attempt, now, community[attempt["message_id"]])
            for number, attempt in zip(numbers, done.attempts, strict=True)
        ],
    )
