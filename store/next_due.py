"""When anything is due next, over every table that keeps an instant."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.core import account, attachment, case_, conversation, message, promise


async def next_due(conn: AsyncConnection, after: datetime) -> Sequence[datetime | None]:
    """The next look, message, promise, case and fetch after an instant, each None when there is none."""
    queries = [
        select(func.min(account.c.next_look_at)).where(account.c.next_look_at > after),
        select(func.min(message.c.not_before)).where(message.c.state == "queued", message.c.not_before > after),
        select(func.min(promise.c.judge_at)).where(promise.c.state == "open", promise.c.judge_at > after),
        select(func.min(case_.c.next_at)).where(case_.c.state != "resolved", case_.c.next_at > after),
        select(func.min(case_.c.due_at)).where(case_.c.state != "resolved", case_.c.due_at > after),
        select(func.min(attachment.c.next_at)).where(attachment.c.state == "waiting", attachment.c.next_at > after),
        select(func.min(conversation.c.expires_at)).where(conversation.c.expires_at > after),
    ]
    return [(await conn.execute(query)).scalar_one() for query in queries]
