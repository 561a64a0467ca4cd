"""The planning most people would write first: a session, record by record, relations asked for one at a time."""

from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from store.engine import Store
from store.tables.estate import Account, Contact, Person
from store.tables.ledger import Charge
from store.tables.outbox import Message, MessageItem

PAGE = 1_000


async def orm_loop(store: Store, now: datetime, today: date) -> int:
    """Writes a message and its item for every account with an overdue charge; commits each page of 1,000."""
    made, after = 0, 0
    while True:
        async with AsyncSession(store.engine) as session:
            query = select(Account).where(Account.id > after).order_by(Account.id).limit(PAGE)  # type: ignore[operator, arg-type]
            accounts = (await session.scalars(query)).all()
            if not accounts:
                return made
            after = accounts[-1].id or 0
            for account in accounts:
                made += await _one(session, account, now, today)
            await session.commit()


async def _one(session: AsyncSession, account: Account, now: datetime, today: date) -> int:
    charges = (await session.scalars(select(Charge).where(Charge.account_id == account.id))).all()
    overdue = [charge for charge in charges if charge.open_fen > 0 and charge.due_on < today]
    person = await session.get(Person, account.person_id)
    contact = (await session.scalars(select(Contact).where(Contact.person_id == account.person_id))).first()
    if not overdue or person is None or contact is None:
        return 0
    oldest = min(overdue, key=lambda charge: charge.due_on)
    step = "formal" if today - oldest.due_on >= timedelta(days=30) else "warm"
    message = Message(
        community_id=account.community_id, person_id=person.id, contact_id=contact.id, channel=contact.channel,
        step=step, not_before=now, lane=contact.id or 0, created_at=now, state_at=now,
    )  # fmt: skip
    session.add(message)
    await session.flush()
    key = f"{account.id}:{step}:charge:{oldest.id}:{person.id}"
    session.add(MessageItem(message_id=message.id or 0, account_id=account.id, person_id=person.id, step=step,
                            occasion=f"charge:{oldest.id}", key=key, at=now))  # fmt: skip
    return 1
