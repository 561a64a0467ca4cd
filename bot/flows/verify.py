"""The verification (I14): every seal's chain, and every journaled row against the journal's words on it.

A stretch of rows whose fingerprint is the one signed at the last verification is known; whatever changed is computed
again. So a year verifies in seconds, and still nothing that was changed, removed or inserted stays unseen: a changed
byte changes the fingerprint. What was erased lawfully verifies: its erasure is itself in the journal.

A row must be what every entry says that still has its salt, not the newest alone: an entry appended after a change does
not cover it. What a house may correct (a payment by an import or its undoing) is no problem but listed, every time:
whether the office made a correction the journal cannot know, so a person looks. What was erased or removed with an
entry that says so is believed, and what no digest covers (``SEALED`` names what is covered) is not looked at.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from store import verify as shelf
from store.engine import Store, hold_still
from store.journal import INSTANT, SEALED, chain, digest
from store.verify import STRETCH, Mark

GONE = "removed"
"""The kind of an entry that says a row was taken away lawfully, e.g. by taking an import back."""
CORRECTED = {"payment": ("payment", "reversal"), "hold": ("hold",)}
"""What may be otherwise than it was first written, and the kinds of entries that write it: a payment is corrected by an
import, and the number of a payment or hold that was taken back may be given anew."""
SHOWN = 20
"""Corrections that are told in words; all are in the JSON."""


@dataclass(slots=True)
class Verdict:
    """What was looked at, and every problem as a sentence that names the row. ``heads``: each chain's newest seal."""

    entries: int = 0
    seals: int = 0
    rows: int = 0
    known: int = 0
    """Rows whose stretch was unchanged since a signed checkpoint."""
    erased: int = 0
    corrected: list[str] = field(default_factory=list)
    """Rows that older entries recorded otherwise, as a house may: with the entries, by whom and what changed."""
    problems: list[str] = field(default_factory=list)
    heads: dict[str, str] = field(default_factory=dict)
    bundles: list[str] = field(default_factory=list)
    """The evidence bundles made, each with the digest that its verifier shows."""

    @property
    def clean(self) -> bool:
        return not self.problems

    def json(self) -> dict[str, Any]:
        return {
            "clean": self.clean, "entries": self.entries, "seals": self.seals, "rows": self.rows, "known": self.known,
            "erased": self.erased, "corrected": self.corrected, "heads": self.heads, "bundles": self.bundles,
            "problems": self.problems,
        }  # fmt: skip

    def words(self) -> str:
        lines = [f"{self.entries} journal entries, {self.seals} seals, {self.rows} rows ({self.known} known unchanged)"]
        lines += [f"newest seal of {name}: {head}" for name, head in self.heads.items()]
        lines += [f"evidence bundle of {bundle}" for bundle in self.bundles]
        lines += self._corrections()
        lines += self.problems or ["nothing changed, removed or inserted that the journal does not tell of"]
        return "\n".join(lines)

    def _corrections(self) -> list[str]:
        if not self.corrected:
            return []
        more = len(self.corrected) - SHOWN
        head = f"rows corrected after they were first written: {len(self.corrected)}"
        return [head, *self.corrected[:SHOWN], *([f"and {more} more: --json lists all"] if more > 0 else [])]


async def verify(store: Store, *, since_checkpoint: bool = True, now: datetime | None = None) -> Verdict:
    """Looks at everything there is. ``since_checkpoint=False`` trusts no checkpoint and computes every row again.

    With ``now`` what is found in order is signed as a checkpoint for the next time. No checkpoint moves over a problem:
    it is told every time until somebody has looked into it.
    """
    async with store.read() as conn:
        await hold_still(conn)
        told, forged = await shelf.marks(conn, store.vault)
        work = _Verification(conn, told, trusting=since_checkpoint)
        work.verdict.problems += [f"checkpoint {name} was not signed by this house" for name in forged]
        await work.everything()
    if now is not None and work.found:
        async with store.write() as conn:
            await shelf.write_marks(conn, store.vault, [mark for mark in work.found if mark.name not in forged], now)
    return work.verdict


class _Verification:
    """One run over one instant of the database."""

    def __init__(self, conn: AsyncConnection, marks: dict[str, Mark], *, trusting: bool) -> None:
        self.conn = conn
        self.marks = marks
        self.trusting = trusting
        self.verdict = Verdict()
        self.spoken: dict[str, set[int]] = {}
        """Table → the stretches the journal speaks of."""
        self.found: list[Mark] = []
        """What to sign: new fingerprints of stretches that are in order."""

    async def everything(self) -> None:
        changed = await self._changed("journal_entry")
        resealed = await self._changed("journal_seal")
        self.verdict.entries = await shelf.counted(self.conn)
        before = len(self.verdict.problems)
        newest = await self._chains(set(changed), set(resealed))
        if len(self.verdict.problems) == before:
            self.found += [*changed.values(), *resealed.values(), *newest]
        self.spoken = await shelf.spoken_of(self.conn)
        for name in SEALED:
            await self._table(name)
        for made in await shelf.bundles(self.conn):
            self.verdict.bundles.append(f"{made.subject}, {made.at:%Y-%m-%d %H:%M:%S} UTC: {made.note}")

    def _is_known(self, mark: Mark) -> bool:
        return self.trusting and self.marks.get(mark.name) == mark

    async def _stretches(self, name: str) -> list[int]:
        """The stretches there are or were: a checkpoint and the journal remember rows that are gone."""
        last = await shelf.last_stretch(self.conn, name)
        seen = {int(mark.rpartition(":")[2]) for mark in self.marks if mark.rpartition(":")[0] == name}
        return sorted({*range(last + 1), *seen, *self.spoken.get(name, ())})

    async def _changed(self, name: str) -> dict[int, Mark]:
        """The stretches of a table that are not as the last checkpoint saw them."""
        found = {}
        for number in await self._stretches(name):
            mark = await shelf.fingerprint(self.conn, name, number)
            if not self._is_known(mark):
                found[number] = mark
        return found

    # The chains

    async def _chains(self, changed: set[int], resealed: set[int]) -> list[Mark]:
        """Looks at every chain; answers the newest seal of each."""
        chains: dict[int | None, list[Any]] = {}
        for seal in await shelf.seals(self.conn):
            chains.setdefault(seal.community_id, []).append(seal)
        for community_id, seals in chains.items():
            await self._chain(community_id, seals, changed, resealed)
        for name, mark in self.marks.items():
            if name.startswith("seals:"):
                self._nothing_cut_off(name, mark, chains)
        for row in await shelf.orphans(self.conn):
            self._say(f"journal entry {row.id} names seal row {row.seal_id}, which was removed")
        return [Mark(f"seals:{number or 0}", seals[-1].number, seals[-1].hash) for number, seals in chains.items()]

    async def _chain(
        self, community_id: int | None, seals: Sequence[Any], changed: set[int], resealed: set[int]
    ) -> None:
        name, previous, again = _chain_name(community_id), b"", []
        for place, seal in enumerate(seals, start=1):
            if seal.number != place:
                self._say(f"seal {place} of {name} was removed or doubled")
                break
            if seal.previous != previous:
                self._say(f"seal {seal.number} of {name} does not follow the seal before it: it was changed")
            if seal.id // STRETCH in resealed or _touches(seal, changed):
                again.append(seal)
            previous = seal.hash
            self.verdict.seals += 1
        for some in _batches(again):
            entries = await shelf.entries_of(self.conn, [seal.id for seal in some])
            for seal in some:
                await self._seal(name, seal, entries[seal.id])
        self.verdict.heads[name] = seals[-1].hash.hex()

    async def _seal(self, name: str, seal: Any, entries: Sequence[Any]) -> None:
        where = f"seal {seal.number} of {name}"
        if len(entries) < seal.holds:
            lost = seal.holds - len(entries)
            gaps = await shelf.gaps(self.conn, seal.first_id, seal.last_id)
            which = ", ".join(map(str, gaps)) if 0 < len(gaps) <= 20 else f"{lost} of {seal.first_id}-{seal.last_id}"
            self._say(f"journal entry {which} is missing from {where}")
        elif len(entries) > seal.holds:
            more = [e.id for e in entries if not seal.first_id <= e.id <= seal.last_id]
            which = ", ".join(map(str, more)) or f"one of {seal.first_id}-{seal.last_id}"
            self._say(f"journal entry {which} was inserted into {where}")
        elif chain(seal.previous, entries) != seal.hash:
            self._say(f"a journal entry between {seal.first_id} and {seal.last_id}, or {where} itself, was changed")

    def _nothing_cut_off(self, name: str, mark: Mark, chains: dict[int | None, list[Any]]) -> None:
        number = int(name.partition(":")[2])
        seals = chains.get(number or None, [])
        if len(seals) < mark.rows:
            self._say(f"seal {len(seals) + 1} to {mark.rows} of {_chain_name(number or None)} were cut off")
        elif seals[mark.rows - 1].hash != mark.fingerprint:
            self._say(f"seal {mark.rows} of {_chain_name(number or None)} is not the one signed at the checkpoint")

    # The rows

    async def _table(self, name: str) -> None:
        for number in await self._stretches(name):
            mark = await shelf.fingerprint(self.conn, name, number)
            self.verdict.rows += mark.rows
            if self._is_known(mark):
                self.verdict.known += mark.rows
                continue
            before = len(self.verdict.problems) + len(self.verdict.corrected)
            await self._stretch(name, number)
            # A stretch with corrections is not signed either: they are told every time.
            if len(self.verdict.problems) + len(self.verdict.corrected) == before:
                self.found.append(mark)

    async def _stretch(self, name: str, number: int) -> None:
        entries = await shelf.entries_on(self.conn, name, number)
        there = set()
        for row in await shelf.rows_of(self.conn, name, number):
            there.add(row.id)
            mine = entries.get(row.id, [])
            self._row(name, row, mine[-1] if mine else None)
            if len(mine) > 1:
                self._earlier(name, row, mine)
        for row_id, mine in entries.items():
            if row_id not in there and mine[-1].kind != GONE:
                self._say(f"{name} {row_id} was removed; journal entry {mine[-1].id} speaks of it")

    def _earlier(self, name: str, row: Any, entries: Sequence[Any]) -> None:
        """What older entries recorded of a row that is what its newest entry says."""
        since = len(entries)
        while since and _says(entries[since - 1], name, row):
            since -= 1
        others = [entry for entry in _speaking(entries) if not _says(entry, name, row)]
        if since == len(entries) or not others or _just_waited(name, others, entries):
            return
        told = ", ".join(str(entry.id) for entry in others)
        if _may_correct(name, entries[since], others):
            self.verdict.corrected.append(_correction(f"{name} {row.id}", told, entries[since]))
        else:
            now = entries[since].id
            self._say(f"{name} {row.id}: journal entry {told} recorded it otherwise than entry {now}: it was changed")

    def _row(self, name: str, row: Any, entry: Any) -> None:
        if entry is None:
            self._say(f"{name} {row.id} was inserted: no journal entry speaks of it")
        elif entry.salt is None:
            self._say(f"{name} {row.id}: its salt is gone, but no erasure is on record (journal entry {entry.id})")
        elif digest(entry.salt, name, row._mapping) != entry.digest:
            self._say(f"{name} {row.id} differs from what journal entry {entry.id} recorded: it was changed")
        elif entry.kind == "erased":
            self.verdict.erased += 1
        elif name in INSTANT and row._mapping[INSTANT[name]] != entry.at:
            self._say(f"{name} {row.id}: its {INSTANT[name]} is not when journal entry {entry.id} was made: changed")

    def _say(self, problem: str) -> None:
        self.verdict.problems.append(problem)


def _says(entry: Any, name: str, row: Any) -> bool:
    """Whether an entry with its salt says of a row what the row is."""
    if entry.salt is None or digest(entry.salt, name, row._mapping) != entry.digest:
        return False
    return name not in INSTANT or entry.kind == "erased" or bool(row._mapping[INSTANT[name]] == entry.at)


def _speaking(entries: Sequence[Any]) -> list[Any]:
    """The entries that still have a say: one without its salt has none only when an erasure followed it."""
    erased = max((place for place, entry in enumerate(entries) if entry.kind == "erased"), default=-1)
    return [entry for place, entry in enumerate(entries) if entry.salt is not None or place > erased]


def _just_waited(name: str, others: Sequence[Any], entries: Sequence[Any]) -> bool:
    """Whether only the first word on an attachment is another: that it is waited for."""
    return name == "attachment" and others == entries[:1]


def _may_correct(name: str, now: Any, others: Sequence[Any]) -> bool:
    """Whether the entry that first says what a row is may say otherwise than those before it."""
    return now.kind in CORRECTED.get(name, ()) and (name == "payment" or any(e.kind == GONE for e in others))


def _correction(row: str, told: str, now: Any) -> str:
    """A corrected row with its entries, when it was corrected, by whom, and what changed as the entry says."""
    words = f"{row} (entry {told}, then {now.id}), {now.at:%Y-%m-%d %H:%M:%S} UTC by {now.who or '-'}"
    return f"{words}: {now.note}" if now.note else words


def _chain_name(community_id: int | None) -> str:
    return "the house" if community_id is None else f"community {community_id}"


def _touches(seal: Any, changed: set[int]) -> bool:
    return any(n in changed for n in range(seal.first_id // STRETCH, seal.last_id // STRETCH + 1))


def _batches(seals: Sequence[Any]) -> Iterator[list[Any]]:
    """Seals whose entries are read in one go."""
    batch: list[Any] = []
    for seal in seals:
        batch.append(seal)
        if sum(one.holds for one in batch) >= STRETCH or len(batch) >= 500:
            yield batch
            batch = []
    if batch:
        yield batch
