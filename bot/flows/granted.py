"""What an approval does once granted: the waiver is written, the owner confirms the plan, legal gets its task."""

import json
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows import approvals, cases
from bot.flows.house import House, Town
from bot.flows.latefees import late_fees
from bot.flows.outcomes import PLAN_WAITS, WAIVER_WAITS
from bot.flows.talk import memory as talks
from bot.flows.words import book, locale_chain
from bot.rules.windows import opening_from
from bot.talk.money import day, money
from bot.talk.wording import word
from store import core, ledger, promises
from store import outcomes as shelf
from store.talk import put


async def decide(
    house: House, conn: AsyncConnection, approval_id: int, staff: Any, yes: bool, now: datetime, why: str = ""
) -> approvals.Decided | None:  # fmt: skip
    """Grants or refuses a request and does what it means; whoever asked is told."""
    decided = await approvals.decide(house, conn, approval_id, staff, yes, now, why)
    if decided is None or not decided.ok:
        return decided
    row = decided.approval
    detail = json.loads(row.detail)
    if row.community_id is None:
        return decided
    town = await cases.town_of(house, conn, row.community_id)
    if row.kind == "waiver" or (row.kind == "plan" and not yes):
        await shelf.end_holds(conn, detail["account_id"], (WAIVER_WAITS, PLAN_WAITS), now)
    if row.kind == "plan":
        await promises.set_plan(conn, detail["plan_id"], "approved" if yes else "refused", by=f"staff:{staff.id}")
    if yes and row.kind == "waiver":
        await _waive(conn, town, detail, f"staff:{staff.id}", now)
    elif yes and row.kind == "plan":
        await _offer_plan(house, conn, town, detail, now)
    elif yes and row.kind in ("lawyer_letter", "door_notice"):
        await _task(conn, row, detail, now)
    if detail.get("account_id") is not None:
        await ledger.look_now(conn, [detail["account_id"]], now)
    await approvals.tell_asker(house, conn, town, row, now)
    return decided


async def _waive(conn: AsyncConnection, town: Town, detail: dict[str, Any], who: str, now: datetime) -> None:
    """Late fee where it runs, oldest charge first; principal from the newest open charge backwards; never more than is
    owed."""
    account_id, part, left = detail["account_id"], detail["part"], int(detail["fen"])
    await ledger.lock_accounts(conn, [account_id])
    for charge_id, owed in await _owed(conn, town, account_id, part, now):
        fen = min(left, owed)
        left -= fen
        if fen > 0:
            values = {"account_id": account_id, "charge_id": charge_id, "part": part, "amount_fen": fen,
                      "why": detail["why"], "who": who, "at": now}  # fmt: skip
            await shelf.waive(conn, values, town.id)


async def _owed(
    conn: AsyncConnection, town: Town, account_id: int, part: str, now: datetime
) -> list[tuple[int, int]]:  # fmt: skip
    """Charges with what is owed of their part, in the order in which it is given up."""
    if part == "principal":
        return [(row.id, row.open_fen) for row in reversed(await shelf.charges_open(conn, account_id))]
    ids = [row.id for row in await ledger.charges_of(conn, account_id)]
    fees = await late_fees(conn, town, ids, town.today(now))
    return [(number, fees[number].fee_fen) for number in ids if number in fees]


async def _task(conn: AsyncConnection, row: Any, detail: dict[str, Any], now: datetime) -> None:
    """People do it: legal prepares the paper, the assistant hangs the sealed notice."""
    cause = "legal_paper" if row.kind == "lawyer_letter" else "door_notice"
    for account_id in detail.get("accounts") or [detail["account_id"]]:
        await cases.open_case(
            conn, community_id=row.community_id, cause=cause, now=now, account_id=account_id,
            occasion=f"approval:{row.id}", detail={"approval_id": row.id},
        )  # fmt: skip


async def _offer_plan(house: House, conn: AsyncConnection, town: Town, detail: dict[str, Any], now: datetime) -> None:
    """The owner is asked in writing; their yes makes each instalment a promise (I6). Without a contact people ask."""
    account = await shelf.account_row(conn, detail["account_id"])
    contact = next((c for c in await _fit(house, conn, account.person_id)), None)
    if contact is None:
        await cases.open_case(
            conn, community_id=town.id, cause="missing_contact", now=now, account_id=account.id,
            occasion=f"plan:{detail['plan_id']}", detail={"plan_id": detail["plan_id"]},
        )  # fmt: skip
        return
    memory = await talks.load(conn, f"person:{account.person_id}")
    owed = sum(row.open_fen for row in await shelf.charges_open(conn, account.id))
    asked = {"accounts": [account.id], "owed": owed, "parts": detail["parts"], "plan": detail["plan_id"]}
    number = memory.ask("instalments_confirm", now, **asked)
    question = await _question(house, conn, town, account, contact, detail, owed, number, now)
    memory.said_by = f"message:{await put(conn, core.message, question)}"
    await talks.save(conn, [memory])


async def _fit(house: House, conn: AsyncConnection, person_id: int) -> list[Any]:
    """Proved contacts that can answer, in the house's order of channels."""
    rows = [c for c in await shelf.live_contacts(conn, person_id) if c.trust == "proved" and c.opted_out_at is None]
    order = [name for name, channel in house.channels.items() if channel.traits.two_way]
    return sorted((c for c in rows if c.channel in order), key=lambda c: order.index(c.channel))


async def _question(
    house: House, conn: AsyncConnection, town: Town, account: Any, contact: Any, detail: dict[str, Any], owed: int,
    number: int, now: datetime,
) -> dict[str, Any]:  # fmt: skip
    words = await book(house, conn, town.id)
    chain = locale_chain(town.locale)
    script = words.scripts.find("replies", "instalments_confirm", chain, contact.channel)
    if script is None:
        raise LookupError("no reply instalments_confirm is published; `yinuo scripts import` brings it in")
    parts = [(date.fromisoformat(on), int(fen)) for on, fen in detail["parts"]]
    told = "\n".join(f"{day(on, script.locale, style='weekday')} {money(fen, script.locale)}" for on, fen in parts)
    unit = await shelf.unit_code(conn, account.id)
    said = word(script, {"units": unit, "total": owed, "explanation": told, "unit": unit})
    opening = opening_from(town.policy, town.calendar, town.zone, now, False, contact.channel, "") or now
    keys = [[["1", f"q:{number}:yes", None], ["2", f"q:{number}:no", None]]]
    buttons = json.dumps(keys) if house.channels[contact.channel].traits.buttons else ""
    return {
        "community_id": town.id, "kind": "reply", "person_id": account.person_id, "contact_id": contact.id,
        "channel": contact.channel, "step": "instalments_confirm", "band": "", "reason": "", "priority": 3,
        "script_version_id": words.version(script).id, "locale": script.locale, "state": "queued",
        "not_before": opening, "lane": contact.id * 4, "fence": 0, "tries": 0, "text": said.text, "basket": "",
        "slots": "", "buttons": buttons, "created_at": now, "state_at": now,
    }  # fmt: skip
