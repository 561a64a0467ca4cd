"""Stop, start, unfollow, block, "not me": obeyed at once, on the address it came from, whoever speaks (I5, I9)."""

from typing import Any

from bot.flows.cases import open_case
from bot.flows.talk.answers import Answer
from bot.flows.talk.who import Talk
from store import inbox, ledger
from store import talk as shelf


async def stop(talk: Talk) -> list[Answer]:
    """No reminder goes to this address any more; replies still do. Staff hear of it where money is owed."""
    fresh = [c for c in talk.contacts if c.opted_out_at is None]
    if talk.contacts and not fresh:
        return []
    for contact in fresh:
        await inbox.opt(talk.conn, contact.id, talk.now)
        await talk.note("opted_out", f"contact:{contact.id}", {"channel": contact.channel})
    await _silence(talk, fresh, "OPTED_OUT")
    await _tell_staff(talk, fresh, "opted_out")
    return [Answer("stopped")]


def stopped(talk: Talk) -> bool:
    """Whether somebody at this address has said stop."""
    return any(contact.opted_out_at is not None for contact in talk.contacts)


async def start(talk: Talk) -> list[Answer]:
    """Reminders are welcome again on this address."""
    stopped = [c for c in talk.contacts if c.opted_out_at is not None]
    for contact in stopped:
        await inbox.opt(talk.conn, contact.id, None)
        await talk.note("opted_in", f"contact:{contact.id}", {"channel": contact.channel})
    await _look(talk, stopped)
    return [Answer("started")] if stopped else []


async def back(talk: Talk) -> None:
    """Who speaks is alive: an address that was given up is used again, and the provider's window is open."""
    for contact in talk.contacts:
        if contact.dead_at is not None:
            await inbox.revive(talk.conn, contact.id)
            await _look(talk, [contact])
        talk.spoke.add(contact.id)


async def gone(talk: Talk) -> list[Answer]:
    """Unfollowed or blocked: nothing can be sent there until the person comes back; no answer."""
    reason = "unfollowed" if talk.channel == "wechat" else "blocked"
    await shelf.died(talk.conn, [c.id for c in talk.contacts], reason, talk.now)
    await _silence(talk, talk.contacts, "NO_CONTACT")
    return []


async def not_me(talk: Talk) -> list[Answer]:
    """The wrong person: stopped at once, and people correct the record."""
    if not talk.contacts:
        return [Answer("not_me_noted")]
    bound = any(c.trust == "proved" and c.proved_by != "sms" for c in talk.contacts)
    await _tell_staff(talk, talk.contacts, "not_me", owing_only=False)
    await _cut(talk, "not_me")
    return [Answer("not_me_unbound" if bound else "not_me_noted", to_address=True)]


async def unbind(talk: Talk) -> list[Answer]:
    """The link between this address and its person is cut, as asked."""
    if not talk.contacts:
        return []
    await _cut(talk, "unbound")
    return [Answer("unbound", to_address=True)]


async def _cut(talk: Talk, reason: str) -> None:
    await shelf.unbind(talk.conn, [c.id for c in talk.contacts], reason, talk.now)
    for contact in talk.contacts:
        await talk.note("unbound", f"contact:{contact.id}", {"reason": reason})
    await _silence(talk, talk.contacts, "NO_CONTACT")


async def _silence(talk: Talk, contacts: Any, reason: str) -> None:
    await shelf.cancel_queued(talk.conn, [c.id for c in contacts], reason, talk.now)
    await _look(talk, contacts)


async def _look(talk: Talk, contacts: Any) -> None:
    for person_id in sorted({c.person_id for c in contacts}):
        await ledger.look_person(talk.conn, person_id, talk.now)


async def _tell_staff(talk: Talk, contacts: Any, cause: str, *, owing_only: bool = True) -> None:
    """One case per account of the people at this address."""
    for person_id in sorted({c.person_id for c in contacts}):
        accounts = await shelf.accounts_of(talk.conn, person_id)
        owed = await shelf.owed(talk.conn, [a.id for a in accounts])
        for account in accounts:
            if owed[account.id] > 0 or not owing_only:
                await open_case(
                    talk.conn, community_id=account.community_id, cause=cause, now=talk.now, account_id=account.id,
                    assistant_id=account.assistant_id, occasion=f"inbound:{talk.row.id}",
                    detail={"channel": talk.channel, "person_id": person_id, "owed_fen": owed[account.id]},
                )  # fmt: skip
