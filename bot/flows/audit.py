"""The audit: what we say we sent, held against what the provider's side says it took."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import real_now
from bot.flows.house import House
from store import audit as shelf

LIKE = 12
"""Free text without an id of ours is known by its words; a menu's words are followed by its choices."""


@dataclass(slots=True)
class Audit:
    """Counts by state, and everything that cannot be explained, each as a sentence."""

    messages: dict[str, int]
    attempts: dict[str, int]
    provider: int | None
    uncertain: list[int]
    unexplained: list[str] = field(default_factory=list)
    duplicates: int = 0
    crossed: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    """Messages a provider accepted, by kind: reminder, reply, nudge, staff, code."""
    sums: list[tuple[int, str]] = field(default_factory=list)
    """From our accepted calls to the provider's list: each figure with its reason; together they make ``provider``."""

    def json(self) -> dict[str, Any]:
        return {
            "messages": self.messages, "attempts": self.attempts, "provider_accepted": self.provider,
            "uncertain": self.uncertain, "duplicates": self.duplicates, "crossed": self.crossed,
            "unexplained": len(self.unexplained), "problems": self.unexplained,
        }  # fmt: skip

    def words(self) -> str:
        """Plain lines that add up: our messages, what the providers accepted of them, and the way to their lists."""
        taken = sum(self.messages.get(state, 0) for state in shelf.ACCEPTED)
        lines = [
            f"messages: {sum(self.messages.values())}{_parts(self.messages, _STATES)}",
            f"of them accepted or delivered: {taken}{_parts(self.kinds, _KINDS)}",
        ]
        if self.provider is None:
            lines.append(f"calls to the providers: {sum(self.attempts.values())}{_parts(self.attempts, _OUTCOMES)}")
            lines.append("the providers' own lists were not compared")
        else:
            lines += [f"  {_signed(count)} {why}" for count, why in self.sums]
            lines.append(f"  = {sum(count for count, _why in self.sums)}; the providers' lists: {self.provider}")
        lines += [f"uncertain: message {n} — `yinuo settle {n} sent|not-sent`" for n in self.uncertain]
        lines += self.unexplained
        return "\n".join([*lines, f"{self.duplicates} sent twice, {len(self.unexplained)} unexplained"])


_STATES = {
    "accepted": "accepted, no receipt yet", "delivered": "delivered", "read": "read", "queued": "waiting",
    "sending": "being sent", "uncertain": "uncertain", "failed": "failed", "skipped": "left out",
    "superseded": "replaced by a newer one", "cancelled": "cancelled", "abandoned": "given up",
}  # fmt: skip
_KINDS = {
    "reminder": "reminders", "nudge": "nudges", "reply": "replies to owners", "staff": "to staff", "code": "codes",
}  # fmt: skip
_OUTCOMES = {
    "accepted": "accepted, no receipt yet", "sent": "sent on", "delivered": "delivered", "read": "read",
    "failed": "accepted, but failed later", "unknown": "without an answer", "in_flight": "under way",
    "refused": "refused", "not_accepted": "not accepted",
}  # fmt: skip


def _parts(counts: Mapping[str, int], names: Mapping[str, str]) -> str:
    """(532 accepted, 397 delivered): every count by its name, those without a name last."""
    order = [*names, *sorted(counts.keys() - names.keys())]
    told = ", ".join(f"{counts[name]} {names.get(name, name)}" for name in order if counts.get(name))
    return f" ({told})" if told else ""


def _signed(count: int) -> str:
    return f"+ {count}" if count >= 0 else f"- {-count}"


async def audit(house: House, sandbox_folder: Path | None) -> Audit:
    """Planned against message against attempt against provider. Without a ledger of the provider's: our own tables."""
    ledger = sandbox_folder / "ledger.jsonl" if sandbox_folder else None
    async with house.store.read() as conn:
        states, outcomes = await shelf.states(conn), await shelf.outcomes(conn)
        told = Audit(_sum(states, "state"), _sum(outcomes, "outcome"), None, await shelf.uncertain(conn))
        told.crossed = sum(row.n for row in outcomes if row.crossed)
        told.kinds = _sum([row for row in states if row.state in shelf.ACCEPTED], "kind")
        told.unexplained, told.duplicates = await faults(conn)
        calls = await shelf.calls(conn) if ledger is not None and ledger.exists() else []
    if ledger is not None and ledger.exists():
        outward(told, read_lines(ledger), calls)
    return told


def _sum(rows: Iterable[Any], name: str) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for row in rows:
        counted[getattr(row, name)] += row.n
    return dict(counted)


async def faults(conn: AsyncConnection, since: datetime | None = None) -> tuple[list[str], int]:
    """What must never be, each as a sentence, and how many were accepted twice.

    ``since``: among the messages made from that instant on; a lapsed lease is told whenever its message was made.
    """
    first = await shelf.first_since(conn, since) if since is not None else 0
    without, twice = await shelf.without_a_call(conn, first), await shelf.accepted_twice(conn, first)
    lapsed = await shelf.lapsed(conn, real_now())
    return [
        *(f"message {n} is {state}, but no attempt was accepted" for n, state in without),
        *(f"message {n} has a lapsed lease; `yinuo work` takes it up" for n in lapsed),
        *(f"message {n} was accepted {times} times by its provider" for n, times in twice),
    ], len(twice)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The sandbox's ledger; a line half-written, at a kill or just now, is left out."""
    found = []
    for line in path.read_bytes().splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def our_id(line: dict[str, Any]) -> str:
    """Our id as the provider carries it; Twilio's is signed: id.signature."""
    return str(line.get("our_id") or "").rsplit(".", 1)[0]


def outward(told: Audit, lines: list[dict[str, Any]], attempts: Iterable[Any]) -> None:
    """Every accepted send must be an attempt of ours, and every message accepted once."""
    told.provider, strange = len(lines), 0
    by_id = {a.our_id: a for a in attempts}
    by_provider: dict[tuple[str, str, str], Any] = {(a.channel, str(a.provider_id), a.text): a for a in by_id.values()}
    loose: dict[tuple[str, str], list[Any]] = {}
    for a in by_id.values():
        loose.setdefault((a.channel, a.text[:LIKE]), []).append(a)
    taken: Counter[int] = Counter()
    for line in lines:
        found = by_id.get(our_id(line)) or by_provider.get(
            (line["channel"], str(line.get("provider_id")), line["text"])
        )
        if found is None:
            same = loose.get((line["channel"], line["text"][:LIKE]), [])
            free = (a for a in same if a.form == "edit" or not taken[a.id])
            found = next((a for a in free if line["text"].startswith(a.text)), None)
        if found is None:
            strange += 1
            told.unexplained.append(
                f"the provider took line {line['n']} ({line['channel']}), which is no attempt of ours"
            )
        else:
            taken[found.id] += 1
            told.duplicates += taken[found.id] > 1 and found.form != "edit"
    told.sums = _sums(taken, by_id.values(), strange)


def _sums(taken: Counter[int], attempts: Collection[Any], strange: int) -> list[tuple[int, str]]:
    """How our accepted calls become the provider's lines: what its list leaves out, and what it has beside them."""
    ours = [a for a in attempts if a.outcome in shelf.TOOK]
    missing = [a for a in ours if not taken[a.id]]
    edits = sum(a.form == "edit" for a in missing)
    beside = Counter(a.outcome for a in attempts if a.outcome not in shelf.TOOK and taken[a.id])
    found = [
        (-edits, "changes of a message already sent, which no list repeats"),
        (edits - len(missing), "accepted by the provider's answer, but not in its list"),
        *((count, f"{_OUTCOMES.get(outcome, outcome)}, and in its list") for outcome, count in beside.items()),
        (sum(times - 1 for times in taken.values() if times > 1), "in its list once more"),
        (strange, "in its list, but no call of ours"),
    ]
    return [(len(ours), "calls the providers accepted"), *((count, why) for count, why in found if count)]
