"""The facts of an evidence bundle: one plain structure, from which the JSON and the PDF are both made.

Every fact that the journal vouches for carries ``row`` (table:id): the verifier holds the fields it names in ``TOLD``
against the journal. Charges and all that is computed carry none.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.house import Town
from bot.flows.latefees import late_fees
from bot.flows.limitation import AMBER_DAYS, Debtors, debtors, grounds_of, listed, proved_then
from bot.rules.latefee import LateFee, principal_of
from bot.rules.limitation import Clock, Ground, expired, limitation
from bot.rules.lpr import loss_at_lpr
from bot.talk.basket import kind_words, period_words
from store import evidence as shelf
from store.vault import Vault, VaultError

Fact = dict[str, Any]
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "application/pdf": "pdf"}


class Gathering:
    """Reads one account's whole story at one instant."""

    def __init__(
        self, conn: AsyncConnection, town: Town, vault: Vault, now: datetime, cause_words: Callable[[str], str]
    ) -> None:  # fmt: skip
        self.conn = conn
        self.town = town
        self.vault = vault
        self.now = now
        self.cause_words = cause_words
        self.rows: list[str] = []
        """table:id of everything told that the journal vouches for."""

    async def of(self, account_id: int) -> Fact:
        """The facts of one account."""
        row = await shelf.account_of(self.conn, account_id)
        people = await shelf.parties(self.conn, [account_id])
        charges = await shelf.charges(self.conn, [account_id])
        said = await shelf.demands(self.conn, [account_id])
        person_ids = sorted({row.person_id, row.owner_person_id, *(p.person_id for p in people)})
        return {
            "made_at": self._when(self.now), "as_of": self.town.today(self.now).isoformat(),
            "community": self.town.name, "timezone": str(self.town.zone),
            "account": self._account(row, people),
            "charges": await self._charges(row, charges),
            "payments": [self._payment(p) for p in await shelf.payments(self.conn, [account_id])],
            "waivers": [self._fact("waiver", w, amount_fen=w.amount_fen, why=w.why, who=w.who, part=w.part,
                                   when=self._when(w.at)) for w in await shelf.waivers(self.conn, [account_id])],
            "demands": await self._demands(said, charges, await debtors(self.conn, [account_id])),
            "heard": await self._heard(account_id, person_ids),
            "promises": [self._promise(p) for p in await shelf.promises(self.conn, [account_id])],
            "plans": [self._plan(p) for p in await shelf.plans(self.conn, [account_id])],
            "disputes": [self._fact("dispute", d, reason=d.reason, charge_id=d.charge_id, state=d.state,
                                    when=self._when(d.opened_at), closed=self._when(d.closed_at))
                         for d in await shelf.disputes(self.conn, [account_id])],
            "human_contacts": [self._human(h) for h in await shelf.human_contacts(self.conn, [account_id])],
            "legal_facts": [self._fact("legal_fact", f, kind=f.kind, ref=f.ref, on=f.on.isoformat(), who=f.who,
                                       withdrawn=self._when(f.withdrawn_at))
                            for f in await shelf.legal_facts(self.conn, [account_id])],
            "case_events": [self._fact("case_event", e, kind=e.kind, note=e.note, cause=e.cause, staff=e.staff,
                                       cause_words=self.cause_words(e.cause),
                                       when=self._when(e.at))
                            for e in await shelf.case_events(self.conn, [account_id])],
        }  # fmt: skip

    def _when(self, at: datetime | None) -> str | None:
        """An instant as the community's own clock showed it, to the second, with its offset."""
        return at.astimezone(self.town.zone).isoformat(timespec="seconds") if at is not None else None

    def _fact(self, table: str, row: Any, **told: Any) -> Fact:
        subject = f"{table}:{row.id}"
        self.rows.append(subject)
        return {"row": subject, **told}

    def _account(self, row: Any, people: Sequence[Any]) -> Fact:
        return {
            "id": row.id, "unit": row.code, "segment": row.segment, "area_m2": _area(row.area_cm2),
            "owner": row.owner, "owner_number": row.external_ref, "opened_on": row.opened_on.isoformat(),
            "closed_on": row.closed_on.isoformat() if row.closed_on else None,
            "others": [{"name": p.name, "role": p.role, "since": self._when(p.since), "until": self._when(p.until)}
                       for p in people if p.person_id != row.owner_person_id],
        }  # fmt: skip

    # Charges

    async def _charges(self, account: Any, charges: Sequence[Any]) -> list[Fact]:
        ids = [charge.id for charge in charges]
        today = self.town.today(self.now)
        fees = await late_fees(self.conn, self.town, ids, today)
        rates = await shelf.rates(self.conn, self.town.id)
        grounds = await grounds_of(self.conn, self.town, charges)
        paid: dict[int, list[Any]] = {}
        for line in await shelf.allocations(self.conn, ids):
            paid.setdefault(line.charge_id, []).append(line)
        given_up: dict[int, list[Any]] = {}
        for waiver in await shelf.waivers(self.conn, [account.id]):
            given_up.setdefault(waiver.charge_id, []).append(waiver)
        return [
            self._charge(account, charge, paid.get(charge.id, []), given_up.get(charge.id, []), fees.get(charge.id),
                         rates, grounds[charge.id])
            for charge in charges
        ]  # fmt: skip

    def _charge(
        self, account: Any, charge: Any, paid: Sequence[Any], given_up: Sequence[Any], fee: LateFee | None,
        rates: Sequence[Any], grounds: Sequence[Ground],
    ) -> Fact:  # fmt: skip
        today, policy = self.town.today(self.now), self.town.policy.late_fee
        loss = () if charge.kind in policy.never_on else loss_at_lpr(
            charge.due_on, _principal(charge, paid, given_up, self.town), today, policy.lpr_bp
        )  # fmt: skip
        return {
            "id": charge.id, "kind": charge.kind, "kind_words": kind_words(charge.kind, "zh-Hans"),
            "period": charge.period, "period_words": period_words(charge.period, "zh-Hans"),
            "period_from": charge.period_from.isoformat(), "period_to": charge.period_to.isoformat(),
            "amount_fen": charge.amount_fen, "open_fen": charge.open_fen, "due_on": charge.due_on.isoformat(),
            "due_rule": charge.due_rule, "days_overdue": max((today - charge.due_on).days, 0),
            "worked_out": worked_out(account.area_cm2, charge), "source": charge.source, "ref": charge.external_ref,
            "previous_manager": charge.previous_manager,
            "paid": [{"payment": f"payment:{p.payment_id}", "paid_on": p.paid_on.isoformat(), "way": p.way,
                      "part": p.part, "amount_fen": p.amount_fen, "state": p.state} for p in paid],
            "late_fee": None if fee is None or charge.previous_manager else {
                "fee_fen": fee.fee_fen, "capped_fen": fee.capped_fen, "waived_fen": fee.waived_fen,
                "lines": _lines(fee.lines),
                "clauses": [{"from": r.effective_from.isoformat(), "daily_ppm": r.daily_ppm, "clause": r.clause,
                             "grace_days": r.grace_days, "cap_percent": r.cap_percent} for r in rates],
            },
            "lpr": {"yearly_bp": policy.lpr_bp, "fee_fen": sum(x.fee_fen for x in loss), "lines": _lines(loss)},
            "limitation": self._limitation(charge.due_on, grounds),
        }  # fmt: skip

    def _limitation(self, due_on: date, grounds: Sequence[Ground]) -> Fact:
        today = self.town.today(self.now)
        told = limitation(due_on, grounds, today)
        left = (told.certain.ends_on - today).days
        return {
            "certain": _clock(told.certain, today), "arguable": _clock(told.arguable, today), "waived": told.waived,
            "days_left": left, "amber": 0 <= left <= AMBER_DAYS, "expired": left < 0,
        }  # fmt: skip

    def _payment(self, row: Any) -> Fact:
        return self._fact(
            "payment", row, amount_fen=row.amount_fen, way=row.way, paid_on=row.paid_on.isoformat(), state=row.state,
            payer=row.payer, ref=row.external_ref, entered=self._when(row.entered_at),
            reversed=self._when(row.reversed_at),
        )  # fmt: skip

    # What was said

    async def _demands(self, rows: Sequence[Any], charges: Sequence[Any], who: Debtors) -> list[Fact]:
        versions = await shelf.versions(self.conn, sorted({r.script_version_id for r in rows if r.script_version_id}))
        receipts: dict[int, list[Any]] = {}
        for event in await shelf.receipts(self.conn, [row.id for row in rows]):
            receipts.setdefault(event.attempt_id, []).append(event)
        return [self._demand(row, versions.get(row.script_version_id), receipts.get(row.id, []), charges, who)
                for row in rows]  # fmt: skip

    def _demand(
        self, row: Any, version: Any, receipts: Iterable[Any], charges: Sequence[Any], who: Debtors
    ) -> Fact:  # fmt: skip
        named = listed(row.basket)
        return self._fact(
            "attempt", row, our_id=row.our_id, channel=row.channel, text=row.text, form=row.form, step=row.step,
            band=row.band, kind=row.kind, when=self._when(row.started_at), outcome=row.outcome,
            reason=row.reason, provider_id=row.provider_id, recipient=self._recipient(row, who),
            script=self._script(version), request=row.request,
            charges=[c.id for c in charges if named and (c.kind, c.period, c.due_on) in named],
            receipts=[self._fact("provider_event", e, state=e.state, provider_id=e.provider_id, event_key=e.event_key,
                                 reason=e.reason, when=self._when(e.received_at)) for e in receipts],
        )  # fmt: skip

    def _script(self, version: Any) -> Fact | None:
        if version is None:
            return None
        return self._fact("script_version", version, number=version.id, path=version.path, digest=version.digest,
                          template=version.provider_template_id)  # fmt: skip

    def _recipient(self, row: Any, who: Debtors) -> Fact:
        """To whom it went, whether they owe, and how the address is known to be theirs."""
        return {
            "name": row.recipient, "debtor": (row.account_id, row.person_id) in who,
            "address": self._address(row), "trust": row.trust,
            "proved_by": row.proved_by or "", "proved_at": self._when(row.proved_at),
            "proved_then": proved_then(row) if row.trust else False,
        }  # fmt: skip

    def _address(self, row: Any) -> str:
        if row.address_sealed is None:
            return ""
        try:
            return self.vault.open(row.address_sealed)
        except VaultError:
            return str(row.masked)

    # What was heard, agreed and done

    async def _heard(self, account_id: int, person_ids: Sequence[int]) -> list[Fact]:
        rows = await shelf.heard(self.conn, account_id, person_ids)
        files: dict[int, list[Any]] = {}
        for one in await shelf.files_sent(self.conn, account_id, [row.id for row in rows]):
            files.setdefault(one.inbound_id, []).append(one)
        return [
            self._fact("inbound", row, provider=row.provider, kind=row.kind, text=row.text, understood=row.intent,
                       person=row.name, trust=row.trust, when=self._when(row.received_at),
                       files=[self._file(one) for one in files.get(row.id, [])])
            for row in rows
        ]  # fmt: skip

    def _file(self, row: Any) -> Fact:
        kept = row.state == "kept"
        return self._fact(
            "attachment", row, state=row.state, media_type=row.media_type, size=row.size, digest=row.digest.hex(),
            file=f"received-{row.id}.{EXTENSIONS[row.media_type]}" if kept else None,
        )  # fmt: skip

    def _promise(self, row: Any) -> Fact:
        ended = None
        if row.outcome_id is not None:
            self.rows.append(f"promise_outcome:{row.outcome_id}")
            ended = {"row": f"promise_outcome:{row.outcome_id}", "outcome": row.outcome, "paid_fen": row.paid_fen,
                     "when": self._when(row.ended_at)}  # fmt: skip
        return self._fact(
            "promise", row, amount_fen=row.amount_fen, due_on=row.due_on.isoformat(), state=row.state,
            channel=row.channel, by_staff=row.by_staff_id is not None,
            heard=f"inbound:{row.inbound_id}" if row.inbound_id else None, when=self._when(row.made_at), ended=ended,
        )  # fmt: skip

    def _plan(self, row: Any) -> Fact:
        return {"id": row.id, "state": row.state, "instalments": json.loads(row.instalments),
                "approved_by": row.approved_by, "when": self._when(row.made_at),
                "confirmed": self._when(row.confirmed_at)}  # fmt: skip

    def _human(self, row: Any) -> Fact:
        return self._fact(
            "human_contact", row, way=row.way, content=row.content, answer=row.answer, next_step=row.next_step,
            staff=row.staff, proof_digest=row.proof_digest.hex() if row.proof_digest else None,
            file=f"proof-{row.id}" if row.proved else None, when=self._when(row.at),
        )  # fmt: skip


def _area(cm2: int) -> str:
    whole, rest = divmod(cm2, 10_000)
    return f"{whole}.{rest // 100:02d}" if cm2 else ""


def worked_out(area_cm2: int, charge: Any) -> Mapping[str, Any] | None:
    """Area × rate × months of a charge by area, where the area is known; the rate follows from the amount.

    ``rate_milli``: thousandths of a yuan per square metre and month, rounded half up; None where it does not apply.
    """
    if charge.kind != "management" or not area_cm2:
        return {"told": charge.months} if charge.months else None
    first, last = charge.period_from, charge.period_to
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    base = area_cm2 * months
    rate = (charge.amount_fen * 10 * 10_000 + base // 2) // base
    exact = (rate * base + 50_000) // 100_000 == charge.amount_fen
    return {"told": charge.months, "area_m2": _area(area_cm2), "months": months, "rate_milli": rate, "exact": exact}


def _principal(charge: Any, paid: Sequence[Any], given_up: Sequence[Any], town: Town) -> list[tuple[date, int]]:
    """How the principal fell by what was paid, and by what was given up of it."""
    fallen = [(p.paid_on, p.amount_fen) for p in paid if p.part == "principal"]
    fallen += [(town.today(w.at), w.amount_fen) for w in given_up if w.part == "principal"]
    return principal_of(charge.amount_fen, fallen)


def _lines(lines: Sequence[Any]) -> list[Fact]:
    return [{k: v.isoformat() if isinstance(v, date) else v for k, v in asdict(line).items()} for line in lines]


def _clock(clock: Clock, today: date) -> Fact:
    return {
        "starts_on": clock.starts_on.isoformat(), "ends_on": clock.ends_on.isoformat(),
        "expired": expired(clock, today),
        "interruptions": [{"on": g.on.isoformat(), "kind": g.kind, "certain": g.certain, "ref": g.ref}
                          for g in clock.interruptions],
    }  # fmt: skip
