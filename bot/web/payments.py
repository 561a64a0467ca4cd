"""POST /api/v1/payments: the finance system tells of money as it comes; the ladder stops at that moment (I1)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Header, HTTPException, Request
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows import ledger
from bot.flows.clients import client_of
from bot.flows.house import House
from store import ledger as book

router = APIRouter(prefix="/api/v1", tags=["payments"])


class PaymentIn(BaseModel):
    """One payment. ``amount_fen`` in fen; negative or with ``reverses``: all of the payment named is taken back."""

    external_ref: str = Field(min_length=1, max_length=200)
    unit: str = Field(default="", max_length=100)
    amount_fen: int = Field(ge=-(10**15), le=10**15)
    way: str = Field(default="transfer", max_length=40)
    paid_on: date | None = None
    community: str | None = Field(default=None, max_length=200)
    reverses: str | None = Field(default=None, max_length=200)
    payer: str = Field(default="", max_length=200)


class PaymentsIn(BaseModel):
    payments: list[PaymentIn] = Field(min_length=1, max_length=1000)


class PaymentOut(BaseModel):
    external_ref: str
    state: str
    """received, unidentified, reversed or known."""


async def client(request: Request, authorization: Annotated[str, Header()] = "") -> Any:
    """The client that calls. 401 without a valid token."""
    house: House = request.app.state.house
    found = await client_of(house.store, authorization.removeprefix("Bearer ").strip())
    if found is None:
        raise HTTPException(401, "the token is missing or not valid; an admin makes one with `yinuo client add`")
    return found


@router.post("/payments")
async def add_payments(
    request: Request, told: PaymentsIn, caller: Annotated[Any, Depends(client)]
) -> dict[str, list[PaymentOut]]:
    """Enters payments, idempotent by ``external_ref``; all of them or, on an error, none."""
    house: House = request.app.state.house
    now = house.clock.now()
    async with house.store.write() as conn:
        done = [await _enter(conn, one, caller, now) for one in told.payments]
    return {"payments": done}


async def _enter(conn: AsyncConnection, one: PaymentIn, caller: Any, now: datetime) -> PaymentOut:
    name = str(caller.name)
    try:
        if one.reverses or one.amount_fen < 0:
            return await _take_back(conn, one, name, now)
        return await _pay(conn, one, caller, now)
    except ledger.LedgerError as error:
        raise HTTPException(422, f"{one.external_ref}: {error}") from error


async def _take_back(conn: AsyncConnection, one: PaymentIn, name: str, now: datetime) -> PaymentOut:
    """Takes back the whole of a payment; a part is refused, because all of it would be owed again."""
    source, ref, fen = f"api:{name}", one.reverses or one.external_ref, abs(one.amount_fen)
    known = await book.payment_by_ref(conn, source, ref)
    if known is not None and fen not in (0, known.amount_fen):
        raise ledger.LedgerError(
            f"payment {ref!r} is {known.amount_fen} fen, not {fen}, and a part is not taken back by itself; reverse "
            "the whole and send what remains as a payment with a reference of its own"
        )
    await ledger.reverse(conn, source, ref, now, name)
    return PaymentOut(external_ref=one.external_ref, state="reversed")


def _local_date(communities: Sequence[Any], found: Any, now: datetime) -> date:
    """The local date of the unit's community; of the first one for money nobody can place."""
    row = next((c for c in communities if found is not None and c.id == found.community_id), communities[0])
    return now.astimezone(ZoneInfo(row.timezone)).date()


async def _pay(conn: AsyncConnection, one: PaymentIn, caller: Any, now: datetime) -> PaymentOut:
    name, only = str(caller.name), caller.community_id
    accounts = await book.find_accounts(conn, one.unit, one.community) if one.unit else []
    accounts = [row for row in accounts if only in (None, row.community_id)]
    communities = [row for row in await book.communities(conn) if only in (None, row.id)]
    if not communities:
        raise ledger.LedgerError("there is no community yet; import its workbook first")
    found = accounts[0] if accounts else None
    paid = await ledger.pay(
        conn, account_id=found.id if found else None,
        community_id=found.community_id if found else communities[0].id, amount_fen=one.amount_fen, way=one.way,
        paid_on=one.paid_on or _local_date(communities, found, now),
        source=f"api:{name}", external_ref=one.external_ref, now=now, who=name,
        state="received" if found else "unidentified", payer=one.payer,
    )  # fmt: skip
    state = "known" if not paid.new else "received" if found else "unidentified"
    return PaymentOut(external_ref=one.external_ref, state=state)
