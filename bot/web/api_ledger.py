"""POST /api/v1/charges and /contacts: the finance system keeps the ledger fresh between two workbooks."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, HTTPException, Request
from pydantic import BaseModel, Field

from bot.flows import pushed
from bot.flows.clients import client_of
from bot.flows.house import House
from bot.flows.ledger import LedgerError

router = APIRouter(prefix="/api/v1", tags=["ledger"])
Kind = Literal["management", "repair_fund", "water", "electricity", "gas", "parking", "other"]
Plain = r"^[^\x00]*$"
ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"description": "the token is missing or not valid"}, 422: {"description": "what is wrong, in one sentence"},
}  # fmt: skip


class ChargeIn(BaseModel):
    """One charge of a unit. ``due_on`` may be left out: then the community's rule gives it."""

    external_ref: str = Field(min_length=1, max_length=200, pattern=Plain)
    unit: str = Field(min_length=1, max_length=100, pattern=Plain, examples=["3-2-1201"])
    kind: Kind = "management"
    period: str = Field(min_length=1, max_length=40, pattern=Plain, examples=["2026Q3"])
    amount_fen: int = Field(gt=0, le=10**13)
    due_on: date | None = None
    community: str | None = Field(default=None, max_length=200, pattern=Plain)


class ContactIn(BaseModel):
    """One mobile phone of a unit's responsible owner."""

    external_ref: str = Field(min_length=1, max_length=200, pattern=Plain)
    unit: str = Field(min_length=1, max_length=100, pattern=Plain, examples=["3-2-1201"])
    phone: str = Field(min_length=5, max_length=30, pattern=Plain)
    community: str | None = Field(default=None, max_length=200, pattern=Plain)


class ChargesIn(BaseModel):
    charges: list[ChargeIn] = Field(min_length=1, max_length=1000)


class ContactsIn(BaseModel):
    contacts: list[ContactIn] = Field(min_length=1, max_length=1000)


class Entered(BaseModel):
    external_ref: str
    state: Literal["new", "known"]


class Caller(BaseModel):
    """Who calls, and the one community it may push to (none: all)."""

    name: str
    community_id: int | None


async def caller(request: Request, authorization: Annotated[str, Header()] = "") -> Caller:
    """The client of a bearer token. 401 without a valid one."""
    house: House = request.app.state.house
    found = await client_of(house.store, authorization.removeprefix("Bearer ").strip())
    if found is None:
        raise HTTPException(401, "the token is missing or not valid; an admin makes one on the console's People page")
    return Caller(name=found.name, community_id=found.community_id)


@router.post("/charges", responses=ERRORS)
async def add_charges(
    request: Request, told: ChargesIn, by: Annotated[Caller, Depends(caller)]
) -> dict[str, list[Entered]]:
    """Enters charges, idempotent by ``external_ref``; all of them or, on an error, none."""
    return {"charges": await _enter(request, pushed.add_charge, told.charges, by)}


@router.post("/contacts", responses=ERRORS)
async def add_contacts(
    request: Request, told: ContactsIn, by: Annotated[Caller, Depends(caller)]
) -> dict[str, list[Entered]]:
    """Adds phones, idempotent; all of them or, on an error, none."""
    return {"contacts": await _enter(request, pushed.add_contact, told.contacts, by)}


async def _enter(request: Request, add: Any, rows: list[Any], by: Caller) -> list[Entered]:
    house: House = request.app.state.house
    now, done = house.clock.now(), []
    async with house.store.write() as conn:
        for one in rows:
            try:
                state = await add(
                    house, conn, source=f"api:{by.name}", only=by.community_id, told=one.model_dump(), now=now
                )
            except LedgerError as error:
                raise HTTPException(422, f"{one.external_ref}: {error}") from error
            done.append(Entered(external_ref=one.external_ref, state=state))
    return done
