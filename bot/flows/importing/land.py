"""Writes the difference into the ledger in one transaction: bulk rows, corrections, the run and the journal."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.importing.outcome import NewCharge, NewPayment, Outcome, Terms
from bot.flows.importing.rows import Bound
from bot.flows.importing.standing import Human, source
from bot.flows.ledger import reallocate
from store import bulk, landed, landing
from store.journal import Entry, note_many
from store.ledger import lock_community, look_community, look_now, set_watermark
from store.tables import metadata
from store.vault import mask

_PERSON = ("id", "community_id", "name", "locale", "offline")
_OWNER = ("id", "community_id", "person_id", "name", "external_ref")
_UNIT = ("id", "community_id", "code", "building", "stair", "room", "segment", "area_cm2", "remark")
_ACCOUNT = ("id", "community_id", "unit_id", "owner_id", "person_id", "opened_on", "entered_on", "bank_collection",
            "next_look_at")  # fmt: skip
_PARTY = ("id", "account_id", "person_id", "role", "may_see", "since")
_CONTACT = ("id", "person_id", "channel", "address_sealed", "address_index", "masked", "trust", "proved_at",
            "proved_by", "window_used", "created_at")  # fmt: skip
_CHARGE = ("id", "account_id", "kind", "period", "period_from", "period_to", "amount_fen", "open_fen", "due_on",
           "due_rule", "round", "source", "external_ref", "entered_at", "previous_manager", "months")  # fmt: skip
_PAYMENT = ("id", "community_id", "account_id", "likely_account_id", "amount_fen", "way", "state", "paid_on",
            "named_charge_id", "payer", "source", "external_ref", "entered_at", "reversed_at",
            "settles_on")  # fmt: skip
_HOLD = ("id", "scope", "account_id", "code", "reason", "until", "who", "at", "source")


def _table(name: str) -> Table:
    return metadata.tables[name]


class Landing:
    """Writes one outcome. Every row written or changed is kept in the run, so that it can be taken back."""

    def __init__(self, conn: AsyncConnection, terms: Terms, outcome: Outcome, run_id: int) -> None:
        self.conn = conn
        self.terms = terms
        self.outcome = outcome
        self.run_id = run_id
        self.source = source(terms.community_id)
        self.made: list[tuple[str, int, int]] = []
        """Table, first and last number of a run of rows."""

    async def write(self) -> None:
        """Everything, in the order the references need. Payments and calls of the community wait, or go before."""
        await lock_community(self.conn, self.terms.community_id)
        await self._correct()
        await self._write_people()
        await self._write_units()
        await self._write_contacts()
        await self._write_charges()
        await self._write_payments()
        await self._write_holds()
        await self._keep_made()
        await self._release()
        await self._look()
        await self._take_stock()

    async def _take_stock(self) -> None:
        rows: Counter[str] = Counter()
        for name, first, last in self.made:
            rows[name] += last - first + 1
        await bulk.take_stock(self.conn, [_table(name) for name, count in rows.items() if count >= bulk.MANY])

    async def _numbers(self, name: str, count: int) -> list[int]:
        ids = await bulk.take_ids(self.conn, _table(name), count)
        self.made += [(name, first, last) for first, last in spans(ids)]
        return ids

    # Corrections

    async def _correct(self) -> None:
        for name, changes in self.outcome.updates.items():
            table = _table(name)
            before = await landing.rows_by_id(self.conn, table, sorted(changes))
            await self._keep_before(name, before, changes)
            await landing.update_rows(self.conn, table, changes)
            if name == "payment":
                terms = self.terms
                await note_many(self.conn, corrections(before, changes, terms.now, terms.community_id, terms.who))

    async def _keep_before(self, name: str, rows: Iterable[Any], changes: dict[int, dict[str, Any]]) -> None:
        lines = [
            (
                self.run_id,
                name,
                row.id,
                json.dumps({c: plain(getattr(row, c)) for c in changes[row.id]}, ensure_ascii=False),
            )
            for row in rows
        ]
        await self._keep(lines)

    async def _keep(self, lines: Sequence[tuple[int, str, int, str]]) -> None:
        table = _table("import_change")
        ids = await bulk.take_ids(self.conn, table, len(lines))
        rows = [(i, *line) for i, line in zip(ids, lines, strict=True)]
        await bulk.insert_rows(self.conn, table, ("id", "run_id", "table_name", "row_id", "before"), rows)

    def _entry(self, kind: str, subject: str, content: dict[str, Any]) -> Entry:
        return Entry(kind, subject, content, self.terms.now, self.terms.community_id, self.terms.who)

    # The estate

    async def _write_people(self) -> None:
        humans, cid = self.outcome.humans, self.terms.community_id
        for human, number in zip(humans, await self._numbers("person", len(humans)), strict=True):
            human.id = number
        rows = ((h.id, cid, h.name, h.locale, False) for h in humans)
        await bulk.insert_rows(self.conn, _table("person"), _PERSON, rows)
        owners = list({h.human.id: h.human for h in self.outcome.holdings if not h.human.owner_id}.values())
        for human, number in zip(owners, await self._numbers("owner", len(owners)), strict=True):
            human.owner_id = number
        told = ((h.owner_id, cid, h.id, h.name, h.ref) for h in owners)
        await bulk.insert_rows(self.conn, _table("owner"), _OWNER, told)

    async def _write_units(self) -> None:
        out, cid, terms = self.outcome, self.terms.community_id, self.terms
        for house, number in zip(out.houses, await self._numbers("unit", len(out.houses)), strict=True):
            house.id = number
        units = ((h.id, cid, h.code, h.building, h.stair, h.room, h.segment, h.area_cm2, h.remark) for h in out.houses)
        await bulk.insert_rows(self.conn, _table("unit"), _UNIT, units)
        numbers = await self._numbers("account", len(out.holdings))
        for holding, number in zip(out.holdings, numbers, strict=True):
            holding.id = number
        accounts = (
            (
                h.id,
                cid,
                h.house.id,
                h.human.owner_id,
                h.human.id,
                terms.today,
                terms.today,
                h.bank_collection,
                terms.now,
            )
            for h in out.holdings
        )
        await bulk.insert_rows(self.conn, _table("account"), _ACCOUNT, accounts)

    async def _write_contacts(self) -> None:
        out, now = self.outcome, self.terms.now
        ids = await self._numbers("account_party", len(out.parties))
        parties = [
            (i, holding.id, human.id, role, role != "tenant", now)
            for i, (holding, human, role) in zip(ids, out.parties, strict=True)
        ]
        await bulk.insert_rows(self.conn, _table("account_party"), _PARTY, parties)
        numbers = await self._numbers("contact", len(out.contacts))
        contacts = (self._contact(i, *told) for i, told in zip(numbers, out.contacts, strict=True))
        await bulk.insert_rows(self.conn, _table("contact"), _CONTACT, contacts)

    def _contact(self, number: int, human: Human, bound: Bound, index: bytes) -> tuple[Any, ...]:
        now = self.terms.now
        proof = ("proved", now, "import") if bound.proved else ("ledger", None, "")
        sealed = self.terms.vault.seal(bound.address)
        return (number, human.id, bound.channel, sealed, index, mask(bound.channel, bound.address), *proof, 0, now)

    # Debts and money

    async def _write_charges(self) -> None:
        charges, now = self.outcome.charges, self.terms.now
        for charge, number in zip(charges, await self._numbers("charge", len(charges)), strict=True):
            charge.id = number
        await bulk.insert_rows(self.conn, _table("charge"), _CHARGE, (self._charge(c, now) for c in charges))
        if self.outcome.listed:
            accounts = ((number, holding.id) for number, holding in self.outcome.listed)
            made = await landed.write(self.conn, accounts, self.source, now)
            self.made += [("charge", first, last) for first, last in made]

    def _charge(self, new: NewCharge, now: datetime) -> tuple[Any, ...]:
        row, period = new.row, new.row.period
        return (new.id, new.holding.id, row.kind, period.name, period.first, period.last, row.amount_fen,
                row.amount_fen, new.due_on, new.due_rule, 0, self.source, new.ref, now,
                row.previous_manager, "")  # fmt: skip

    async def _write_payments(self) -> None:
        payments = self.outcome.payments
        for payment, number in zip(payments, await self._numbers("payment", len(payments)), strict=True):
            payment.id = number
        rows = [await self._payment(p) for p in payments]
        await bulk.insert_rows(self.conn, _table("payment"), _PAYMENT, rows)
        content = (dict(zip(_PAYMENT, row, strict=True)) for row in rows)
        await note_many(self.conn, [self._entry("payment", f"payment:{row['id']}", row) for row in content])

    async def _payment(self, new: NewPayment) -> tuple[Any, ...]:
        account = new.holding.id if new.holding is not None else new.account_id
        likely = await self._likely(new) if new.state == "unidentified" else None
        named = new.named.id if isinstance(new.named, NewCharge) else new.named
        reversed_at = self.terms.now if new.state == "reversed" else None
        self.outcome.touched |= {a for a in (account, likely) if a}
        return (new.id, self.terms.community_id, account, likely, new.amount_fen, new.way, new.state, new.paid_on,
                named, new.payer, new.source, new.ref, self.terms.now, reversed_at, new.settles_on)  # fmt: skip

    async def _likely(self, new: NewPayment) -> int | None:
        """A transfer nobody can place probably belongs to the only account that owes exactly this."""
        found = await landing.owing_exactly(self.conn, self.terms.community_id, new.amount_fen)
        return found[0] if len(found) == 1 else None

    async def _write_holds(self) -> None:
        holds, terms = self.outcome.holds, self.terms
        ids = await self._numbers("hold", len(holds))
        rows = [
            (i, "account", h.holding.id, h.code, h.reason, h.until, terms.who, terms.now, "import")
            for i, h in zip(ids, holds, strict=True)
        ]
        await bulk.insert_rows(self.conn, _table("hold"), _HOLD, rows)
        content = (dict(zip(_HOLD, row, strict=True)) for row in rows)
        await note_many(self.conn, [self._entry("hold", f"hold:{row['id']}", row) for row in content])
        self.outcome.touched |= {h.holding.id for h in holds}

    # The run, and what follows

    async def _keep_made(self) -> None:
        """What was made is kept as runs of numbers: a million charges are a few lines."""
        await self._keep([(self.run_id, name, at, json.dumps({"made_to": last})) for name, at, last in self.made])

    async def _release(self) -> None:
        if self.outcome.released:
            self.outcome.touched |= await landing.remove_allocations(
                self.conn, "payment_id", sorted(self.outcome.released)
            )

    async def _look(self) -> None:
        """Money finds its charges, and the ladder looks at every account whose facts changed."""
        paid = {h.id for p in self.outcome.payments if (h := p.holding) is not None}
        touched = sorted(a for a in self.outcome.touched | paid if a)
        await reallocate(self.conn, touched, self.terms.now)
        await self._look_at_people()
        if self.outcome.watermark is not None:
            await self._set_watermark(self.outcome.watermark)

    async def _set_watermark(self, as_of: date) -> None:
        cid, now, name = self.terms.community_id, self.terms.now, "ledger_watermark"
        before = await landing.watermark_of(self.conn, cid, "import")
        await set_watermark(self.conn, cid, "import", as_of, now)
        after = await landing.watermark_of(self.conn, cid, "import")
        if before is not None:
            await self._keep_before(name, [before], {before.id: {"as_of": as_of, "at": now}})
        elif after is not None:
            await self._keep([(self.run_id, name, after.id, json.dumps({"made_to": after.id}))])
        await look_community(self.conn, cid, now)

    async def _look_at_people(self) -> None:
        persons = {human.id for human, _bound, _index in self.outcome.contacts}
        persons |= {human.id for _holding, human, _role in self.outcome.parties}
        persons |= set(self.outcome.updates.get("person", ()))
        contacts = await landing.rows_by_id(
            self.conn, _table("contact"), sorted(self.outcome.updates.get("contact", ()))
        )
        persons |= {row.person_id for row in contacts}
        accounts = await landing.accounts_of_persons(self.conn, sorted(persons))
        units = await landing.accounts_of_units(self.conn, sorted(self.outcome.updates.get("unit", ())))
        for part in bulk.chunks(sorted(accounts | units | set(self.outcome.closed)), landing.IN_LIST):
            await look_now(self.conn, part, self.terms.now)


def spans(ids: Sequence[int]) -> list[tuple[int, int]]:
    """Numbers as runs of neighbours."""
    found: list[tuple[int, int]] = []
    for number in sorted(ids):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def corrections(
    rows: Iterable[Any], changes: dict[int, dict[str, Any]], at: datetime, community_id: int, who: str
) -> list[Entry]:
    """What the journal is told of corrected payments: each whole row as it is now, and what changed in it."""
    entries = []
    for row in rows:
        now = dict(row._mapping) | changes[row.id]
        kind = "reversal" if now["state"] == "reversed" else "payment"
        words = ", ".join(f"{c}: {plain(getattr(row, c))} → {plain(v)}" for c, v in changes[row.id].items())
        entries.append(Entry(kind, f"payment:{row.id}", now, at, community_id, who, words))
    return entries


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, date):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value
