"""What is to be said, written: one message per person, items under their natural keys (I2), at the desk's pace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from typing import Any

from bot.flows.climate import Weather
from bot.flows.facts import Known
from bot.flows.house import House
from bot.flows.pace import Lead, Pace
from bot.flows.plain import Plain
from bot.rules.decision import Pick, Send
from store import plan as shelf
from store.outbox import ENDED


@dataclass(slots=True)
class Planned:
    """One thing to be said about one account to one person."""

    known: Known
    step: str
    band: str
    occasion: str
    pick: Pick
    at: datetime
    locale: str = ""


def key_of(account_id: int | None, step: str, occasion: str, person_id: int | None) -> str:
    """The natural key of I2."""
    return f"{account_id or '-'}:{step}:{occasion}:{person_id or '-'}"


async def write(
    house: House, conn: Any, climate: Weather, said: Sequence[Planned], at: datetime, *,
    plain: Sequence[Plain] = (), pace: Pace | None = None,
) -> int:  # fmt: skip
    """Writes messages, one per person, in the words of the most advanced step; answers how many.

    ``plain``: accounts whose people have nothing else to be told. ``pace``: of the run this belongs to.
    """
    keys = [key_of(p.known.facts.account_id, p.step, p.occasion, p.pick.person_id) for p in said]
    known = await shelf.known_keys(conn, keys) if keys else {}
    fresh = [(p, k) for p, k in zip(said, keys, strict=True) if k not in known or known[k].state in ENDED]
    groups: dict[tuple[int, bool], list[tuple[Planned, str]]] = {}
    for planned, key in fresh:
        groups.setdefault((planned.pick.person_id, planned.step == "thanks"), []).append((planned, key))
    sends = [one for one in plain if isinstance(one.verdict.main, Send)]
    if not groups and not sends:
        return 0
    joined = await _thanks_waiting(conn, groups) if groups else {}
    leads = {who: max((p for p, _key in group), key=_advance) for who, group in groups.items() if who not in joined}
    letters = _in_order(sends, leads)
    times = await (pace or Pace(climate)).times(conn, [_lead(one) for one in letters])
    numbers = await shelf.take_ids(conn, len(letters))
    ids: dict[tuple[int, bool], int] = {}
    messages, new, again = [], [], []
    for letter, number, leaves in zip(letters, numbers, times, strict=True):
        if isinstance(letter, Plain):
            message, item = _rows_of(letter, number, leaves, climate)
            new.append(item)
        else:
            letter.at, ids[letter.pick.person_id, letter.step == "thanks"] = leaves, number
            message = _message(number, letter)
        messages.append(message)
    for who, group in groups.items():
        message_id = joined[who] if who in joined else ids[who]
        for planned, key in group:
            if key in known:
                again.append({"b_id": known[key].id, "b_message": message_id, "b_at": planned.at})
            else:
                new.append(_item(planned, key, message_id))
    await shelf.write_messages(conn, messages, at)
    await shelf.take_over(conn, again)
    await shelf.write_items(conn, new)
    return len(letters)


async def _thanks_waiting(conn: Any, groups: Mapping[tuple[int, bool], Any]) -> dict[tuple[int, bool], int]:
    """A thanks that has not left yet takes the next payment in: nobody is thanked twice within days."""
    waiting = await shelf.thanks_waiting(conn, [person_id for person_id, thanks in groups if thanks])
    return {(person_id, True): message_id for person_id, message_id in waiting.items()}


_BANDS = {"before": 0, "warm": 1, "talk": 2, "formal": 3, "law": 4}


def _advance(planned: Planned) -> tuple[int, int]:
    """What makes one step more advanced than another: its band, then the age of the debt."""
    oldest = min((c.due_on for c in planned.known.facts.charges), default=date.max)
    return _BANDS.get(planned.band, 0), -oldest.toordinal()


def _message(number: int, lead: Planned) -> tuple[Any, ...]:
    """A row of ``store.plan.MESSAGE``."""
    kind, pick = "nudge" if lead.step == "thanks" else "reminder", lead.pick
    return (
        number, lead.known.community_id, kind, pick.person_id, pick.contact_id, pick.channel, lead.step, lead.band,
        lead.locale, lead.at, pick.contact_id * 4,
    )  # fmt: skip


def _in_order(sends: Sequence[Plain], leads: Mapping[tuple[int, bool], Planned]) -> list[Plain | Planned]:
    """All that is to be written, by person: the desk's pace is the same whichever way they were decided."""
    if not sends:
        return list(leads.values())
    if not leads:
        return list(sends)
    found: list[tuple[int, Plain | Planned]] = [(one.person_id, one) for one in sends]
    found += [(lead.pick.person_id, lead) for lead in leads.values()]
    return [one for _person, one in sorted(found, key=itemgetter(0))]


def _lead(one: Plain | Planned) -> Lead:
    if isinstance(one, Planned):
        return one.known.community_id, one.band, one.at
    main = one.verdict.main
    assert isinstance(main, Send)
    return one.community_id, main.band, main.at


def _rows_of(one: Plain, number: int, at: datetime, climate: Weather) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Rows of ``store.plan.MESSAGE`` and ``ITEM``."""
    send = one.verdict.main
    assert isinstance(send, Send)
    account_id, community_id, person_id = one.account_id, one.community_id, one.person_id
    step, band, pick = send.step, send.band, send.picks[0]
    occasion, contact = f"charge:{one.charge}:0", one.contact_of(pick)
    locale = pick.locale or climate.towns[community_id].locale
    return (
        (number, community_id, "reminder", person_id, contact, pick.channel, step, band, locale, at, contact * 4),
        (number, account_id, person_id, step, occasion, key_of(account_id, step, occasion, person_id), band, at),
    )


def _item(planned: Planned, key: str, message_id: int) -> tuple[Any, ...]:
    """A row of ``store.plan.ITEM``."""
    return (
        message_id, planned.known.facts.account_id, planned.pick.person_id, planned.step, planned.occasion, key,
        planned.band, planned.at,
    )  # fmt: skip
