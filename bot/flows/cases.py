"""Cases: what people must handle. One open case per subject and cause; new facts join it."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from store import cases as shelf


async def open_case(
    conn: AsyncConnection, *, community_id: int, cause: str, now: datetime, account_id: int | None = None,
    subject: str = "", occasion: str = "", assistant_id: int | None = None, urgent: bool = False,
    detail: Mapping[str, Any] | None = None,
) -> tuple[int, bool]:  # fmt: skip
    """Opens a case, or lets the new fact join the open one of the same subject and cause.

    ``subject`` defaults to the account. Answers the case and whether it is new; in the caller's transaction.
    """
    subject = subject or f"account:{account_id}"
    facts = dict(detail or {})
    known = await shelf.open_one(conn, subject, cause)
    if known is not None:
        joined = json.loads(known.detail)
        joined.setdefault("joined", []).append({"at": now.isoformat(), "occasion": occasion, **facts})
        await shelf.join(conn, known.id, json.dumps(joined, ensure_ascii=False), now)
        await shelf.write_event(conn, known.id, known.version, "joined", now, community_id=community_id)
        return known.id, False
    values = {
        "community_id": community_id, "account_id": account_id, "subject": subject, "cause": cause,
        "occasion": occasion, "state": "open", "version": 0, "urgent": urgent, "opened_at": now, "next_at": now,
        "assistant_id": assistant_id, "detail": json.dumps(facts, ensure_ascii=False),
    }  # fmt: skip
    case_id = await shelf.insert_case(conn, values)
    await shelf.write_event(conn, case_id, 0, "opened", now, community_id=community_id)
    return case_id, True
