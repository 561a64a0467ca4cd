"""What needs people: taken down as a case with all it needs, and answered at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.flows.cases import open_case
from bot.flows.talk import holds
from bot.flows.talk.answers import Answer
from bot.flows.talk.units import ask_which
from bot.flows.talk.who import Talk
from store import talk as shelf


@dataclass(frozen=True, slots=True)
class Request:
    """One kind of request. ``days``: working days for which reminders rest while people look into it."""

    cause: str
    reply: str
    urgent: bool = False
    days: int = 0
    code: str = "ON_HOLD"
    private: bool = False
    """The words are kept with the inbound and never repeated to a group (PIPL 28)."""
    one_unit: bool = False
    """It can only be about one flat: asked for where it is not clear."""


REQUESTS: dict[str, Request] = {
    "person": Request("person", "person_noted"),
    "visit": Request("visit", "visit_noted"),
    "invoice": Request("invoice", "invoice_noted"),
    "repair": Request("repair", "repair_noted"),
    "refusal": Request("refusal", "refusal_noted"),
    "abuse": Request("abuse", "abuse_calm", private=True),
    "hardship": Request("hardship", "hardship_noted", days=10, private=True),
    "sold": Request("sold", "sold_noted", days=10, one_unit=True),
    "deceased": Request("deceased", "deceased_noted", urgent=True, days=250, code="DECEASED", private=True),
}
"""By intent. A death rests the account for a year of working days, or until people say otherwise."""


async def take(talk: Talk, intent: str, text: str, accounts: Sequence[Any]) -> Answer:
    """Takes a request down for the accounts it is about."""
    request = REQUESTS[intent]
    if request.one_unit and len(accounts) > 1:
        return ask_which(talk, text)
    number = await _case(talk, request, text, accounts)
    if request.days:
        until = holds.working_days(talk, request.days)
        await holds.lay_all(talk, accounts, request.code, request.cause, until)
    return Answer(request.reply, {"case_no": str(number)}, about=accounts)


async def _case(talk: Talk, request: Request, text: str, accounts: Sequence[Any]) -> int:
    """One case, on the first account it is about; without any, on the person."""
    account = accounts[0] if accounts else None
    detail: dict[str, Any] = {
        "inbound_id": talk.inbound_id, "channel": talk.channel, "person_id": talk.person_id,
        "accounts": [a.id for a in accounts], "private": request.private,
    }  # fmt: skip
    if not request.private:
        detail["text"] = text[:500]
    talk.spoken_of = account.id if account is not None else None
    number, _new = await open_case(
        talk.conn, community_id=talk.town.id, cause=request.cause, now=talk.now, occasion=talk.occasion,
        account_id=account.id if account is not None else None, urgent=request.urgent, detail=detail,
        subject="" if account is not None else f"person:{talk.person_id}",
        assistant_id=account.assistant_id if account is not None else None,
    )  # fmt: skip
    return number


async def let_tenants_see(talk: Talk, may: bool) -> Answer:
    """The owner allows, or no longer allows, the tenant to see the account."""
    mine = [account for account in talk.accounts if account.role in ("responsible", "co_owner")]
    await shelf.let_tenants_see(talk.conn, [account.id for account in mine], may)
    for account in mine:
        await talk.note("tenant_may_see", f"account:{account.id}", {"may_see": may})
    return Answer("tenant_allowed" if may else "tenant_barred", about=mine)
