"""A provider that does as a die tells it, and the places at which the process dies: for the random interleavings."""

import random
from typing import Any

from bot.flows import dispatch
from channels.contract import (
    Accepted,
    Heard,
    Outgoing,
    Passing,
    Permanent,
    RawRequest,
    Receipt,
    Traits,
    Unknown,
    Verdict,
)


class Crash(BaseException):
    """The process is gone at this point."""


class Fate:
    """Which point kills, and at which passage; ``None``: nothing does."""

    def __init__(self) -> None:
        self.point: str | None = None
        self.passages = 1
        self.dead = False

    def at(self, point: str) -> None:
        """Dies here if it was so decided; and who is dead does nothing more."""
        if self.point == point:
            self.passages -= 1
            self.dead = self.dead or not self.passages
        if self.dead:
            raise Crash(point)


class Provider:
    """Keeps its own list of what it accepted; ``can_be_asked`` as with Twilio, or not as with Telegram."""

    def __init__(self, name: str, fate: Fate, can_be_asked: bool) -> None:
        self.name, self.fate, self.dice = name, fate, random.Random(0)
        self.traits = Traits(two_way=True, max_length=4000, buttons=False, edits=False, templates=False,
                             free_text_hours=None, can_be_asked=can_be_asked)  # fmt: skip
        self.ledger: list[tuple[str, Outgoing]] = []
        self.looked: set[str] = set()

    async def send(self, out: Outgoing) -> Accepted:
        self.fate.at("before_call")
        roll = self.dice.random()
        if roll < 0.15:
            raise Passing("busy", retry_after=0.0)
        if roll < 0.20:
            raise Permanent("gone", "address")
        if roll < 0.28:
            raise Unknown("no answer, and not taken")
        self.ledger.append((f"{self.name}-{len(self.ledger)}", out))
        self.fate.at("after_accept")
        if roll < 0.40:
            raise Unknown("taken, and no answer")
        return Accepted(self.ledger[-1][0])

    async def settle(
        self, out: Outgoing, provider_id: str | None, now: int | None = None
    ) -> tuple[Verdict, str | None]:
        """Its list lags: what is not there is only believed at the second look."""
        if not self.traits.can_be_asked:
            return "unknown", None
        found = next((number for number, one in self.ledger if one.our_id == out.our_id), None)
        if found:
            return "accepted", found
        first = out.our_id not in self.looked
        self.looked.add(out.our_id)
        return ("unknown" if first else "not_accepted"), None

    def receipts(self) -> list[Receipt]:
        """Some receipts of what it took, in any order, some twice."""
        found = []
        for number, out in self.dice.sample(self.ledger, min(len(self.ledger), 3)):
            state: Any = self.dice.choice(("sent", "delivered", "delivered", "failed"))
            our_id = out.our_id if self.traits.can_be_asked else ""
            found += [Receipt(f"{number}:{state}", state, number, our_id, fault="address")] * self.dice.randint(1, 2)
        return found

    def hear(self, request: RawRequest, now: int) -> Heard:
        return Heard()

    async def close(self) -> None:
        return None


def lay_points(patch: Any, fate: Fate) -> None:
    """The points of a send at which the process may die; a dead one hands nothing back."""
    slice_, prepare, settle, back = dispatch._slice, dispatch.prepare, dispatch.settle, dispatch.claims.hand_back

    def sliced(*told: Any) -> Any:
        fate.at("after_claim")
        return slice_(*told)

    async def prepared(*told: Any) -> Any:
        done = await prepare(*told)
        fate.at("before_commit")
        return done

    async def settled(*told: Any) -> None:
        fate.at("before_settle")
        await settle(*told)
        fate.at("mid_settle")

    async def handed(*told: Any) -> None:
        fate.at("hand_back")
        await back(*told)

    patch.setattr(dispatch, "_slice", sliced)
    patch.setattr(dispatch, "prepare", prepared)
    patch.setattr(dispatch, "settle", settled)
    patch.setattr(dispatch.claims, "hand_back", handed)


POINTS = ("after_claim", "before_commit", "before_call", "after_accept", "before_settle", "mid_settle", "hand_back")
