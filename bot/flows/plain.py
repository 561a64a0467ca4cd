"""One decision for all accounts of one shape, where nothing is on record but charges and contacts.

The rules look at numbers of rows only to tell them apart, and at amounts only beside the tolerances: of accounts whose
charges are each above them, those with the same community, segment, language, oldest due date and contacts get the
same decision. It is made once, by the ladder itself, of an account that stands for all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.climate import Weather
from bot.rules.decision import Pick, Send, Verdict
from bot.rules.facts import AccountFacts, Listener, OpenCharge, Reach
from bot.rules.ladder import decide
from store import plain as shelf

STANDING_IN = 7_700_000_000_000_000
"""The numbers of the account that stands for a shape begin here; a decision that tells one of them is not shared."""
_NUMBER = (1 << shelf.NUMBER_BITS) - 1
MOSTLY = 1_250
"""So many accounts of a chunk with more on record: then the short way is not worth its reading."""

Reached = tuple[str, str, int, int]
"""Channel, trust, opted out, dead."""
Shape = tuple[int, str, str, int, int | None, tuple[Reached, ...]]
"""Community, segment, language, offline, oldest due day, contacts in the order of their numbers."""


class Plain(NamedTuple):
    """One account and the decision of its shape. ``contacts`` and ``charge`` are its own numbers."""

    account_id: int
    community_id: int
    person_id: int
    code: str
    charge: int
    contacts: tuple[int, ...]
    verdict: Verdict
    version: int

    @property
    def send(self) -> Send | None:
        """What is to be said, if anything. Its occasion and contact stand for this account's own."""
        return self.verdict.main if isinstance(self.verdict.main, Send) else None

    def contact_of(self, pick: Pick) -> int:
        """The contact a shared decision picked, by its place among the account's own."""
        return self.contacts[pick.contact_id - STANDING_IN]


@dataclass(slots=True)
class Shapes:
    """The decisions of one run, by shape; None: each such account is decided by itself."""

    climate: Weather
    known: dict[Shape, Verdict | None] = field(default_factory=dict)
    ample: dict[int, int] = field(default_factory=dict)
    """Per community the amount from which no tolerance asks."""

    def decided(self, shape: Shape) -> Verdict | None:
        if shape not in self.known:
            self.known[shape] = self._decide(shape)
        return self.known[shape]

    def enough(self, community_id: int) -> int:
        found = self.ample.get(community_id)
        if found is None:
            policy = self.climate.towns[community_id].policy
            found = self.ample[community_id] = max(1, policy.tolerance_fen, policy.tolerance_formal_fen)
        return found

    def _decide(self, shape: Shape) -> Verdict | None:
        community_id = shape[0]
        facts = _standing_in(shape, self.enough(community_id), self.climate.watermarks.get(community_id))
        verdict = decide(facts, self.climate.climates[community_id], self.climate.moments[community_id])
        return verdict if _can_be_shared(verdict) else None


def _standing_in(shape: Shape, fen: int, watermark: date | None) -> AccountFacts:
    _community, segment, locale, offline, oldest, contacts = shape
    facts = AccountFacts(STANDING_IN, "", segment, date.min, STANDING_IN, watermark=watermark)
    if oldest is None:
        return facts
    facts.charges = (OpenCharge(STANDING_IN, "", "", shelf.DAY_ONE + timedelta(days=oldest), fen),)
    reaches = tuple(
        Reach(STANDING_IN + place, channel, trust == "proved", bool(out), bool(dead))
        for place, (channel, trust, out, dead) in enumerate(contacts)
    )
    facts.listeners = (Listener(STANDING_IN, "responsible", reaches, (), locale, bool(offline)),)
    return facts


def _can_be_shared(verdict: Verdict) -> bool:
    """Nothing for people to do, nothing left out, no number of ours in the reasons, one message for its oldest debt."""
    main = verdict.main
    if verdict.hand_overs:
        return False
    if isinstance(main, Send):
        return len(main.picks) == 1 and not main.left_out and main.occasion == f"charge:{STANDING_IN}:0"
    return str(STANDING_IN)[:10] not in str([reason.detail for reason in main.reasons])


async def sort(conn: AsyncConnection, shapes: Shapes, due: shelf.Due) -> tuple[list[Plain], list[int] | None]:
    """The due accounts that are decided by their shape, and the numbers of the others (None: all of them)."""
    marked = await shelf.marked(conn, due)
    if len(marked) > MOSTLY:
        return [], None
    rows = await shelf.accounts(conn, due)
    marked |= _together(rows)
    contacts = _by_person(await shelf.contacts(conn, due))
    plain: list[Plain] = []
    rest: list[int] = []
    for row in rows:
        found = None if row[0] in marked else _plain(row, contacts.get(row[2], _NOBODY), shapes)
        if found is None:
            rest.append(row[0])
        else:
            plain.append(found)
    return plain, rest


def _together(rows: Sequence[Any]) -> set[int]:
    """Accounts of people who have several of them due: they are told in one message."""
    return {row[0] for one, other in pairwise(rows) if one[2] == other[2] for row in (one, other)}


Contacts = tuple[tuple[int, ...], tuple[Reached, ...], bool]
"""Their numbers, what they are, and whether one of several was written from."""
_NOBODY: Contacts = ((), (), False)


def _by_person(rows: Sequence[Any]) -> dict[int, Contacts]:
    found: dict[int, Contacts] = {}
    for number, person_id, channel, trust, out, dead, heard in rows:
        reached = (channel, trust, out, dead)
        before = found.get(person_id)
        if before is None:
            found[person_id] = ((number,), (reached,), bool(heard))
        else:
            found[person_id] = ((*before[0], number), (*before[1], reached), before[2] or bool(heard))
    return found


def _plain(row: Any, contacts: Contacts, shapes: Shapes) -> Plain | None:
    account_id, community_id, person_id, code, segment, locale, offline, version, oldest, least, odd = row
    numbers, reached, heard = contacts
    if heard and len(numbers) > 1:
        return None
    if oldest is None:
        verdict = shapes.decided((community_id, segment, "", 0, None, ()))
        if verdict is None:
            return None
        return Plain(account_id, community_id, person_id, code, 0, (), verdict, version)
    if odd or least < shapes.enough(community_id):
        return None
    day = oldest >> shelf.NUMBER_BITS
    verdict = shapes.decided((community_id, segment, locale, offline, day, reached))
    if verdict is None:
        return None
    return Plain(account_id, community_id, person_id, code, oldest & _NUMBER, numbers, verdict, version)
