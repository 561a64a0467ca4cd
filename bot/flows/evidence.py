"""The evidence bundle for a lawyer: a PDF to read, the same facts as JSON with hashes, and a verifier of its own."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows import evidence_check
from bot.flows.evidence_facts import Gathering
from bot.flows.evidence_files import write_files
from bot.flows.evidence_pdf import write_pdf
from bot.flows.find import account_named
from bot.flows.house import House
from bot.flows.staff_voice import Voice
from bot.flows.words import book
from store import evidence as shelf
from store.engine import hold_still
from store.journal import Entry, canonical, note, seal, unsealed
from store.ledger import communities
from store.tables import metadata
from store.verify import entries_of


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was written. ``vouched``: rows the journal vouches for; ``not_sealed``: rows it does not.

    ``digest``: the SHA-256 of SHA256SUMS, by which the whole bundle is known again.
    """

    folder: Path
    files: tuple[str, ...]
    charges: int
    demands: int
    vouched: int
    not_sealed: tuple[str, ...]
    digest: str

    def json(self) -> dict[str, Any]:
        return {
            "folder": str(self.folder), "files": list(self.files), "charges": self.charges, "demands": self.demands,
            "vouched": self.vouched, "not_sealed": list(self.not_sealed), "digest": self.digest,
        }  # fmt: skip


async def evidence(
    house: House, account: str, out: Path, now: datetime, *, community: str | None = None, who: str = ""
) -> Bundle:  # fmt: skip
    """Writes the bundle of one account into a folder. Raises NotFound for an unknown account, NoFont without a font.

    Everything is sealed first, so that the newest word is in the chain. Who made the bundle is journaled and
    sealed with its digest, which `yinuo verify` lists: whoever holds the bundle can ask for it.
    """
    async with house.store.write() as conn:
        while await unsealed(conn):
            await seal(conn, now)
    async with house.store.read() as conn:
        await hold_still(conn)
        found = await account_named(conn, account, community)
        row = next(row for row in await communities(conn) if row.id == found.community_id)
        voice = Voice(await book(house, conn, row.id), "zh-Hans")
        gathering = Gathering(conn, house.town(row), house.store.vault, now, partial(voice.term, "causes"))
        facts = await gathering.of(found.id)
        out.mkdir(parents=True, exist_ok=True)
        files = await write_files(conn, house.store.vault, facts, out)
        journal = await _journal(conn, sorted(set(gathering.rows)))
    bundle = _write(out, facts, journal, files)
    async with house.store.write() as conn:
        made = {"files": bundle.files, "vouched": bundle.vouched, "digest": bundle.digest}
        await note(conn, Entry("evidence", f"account:{found.id}", made, now, found.community_id, who, bundle.digest))
        await seal(conn, now)
    return bundle


def _write(out: Path, facts: dict[str, Any], journal: dict[str, Any], files: Sequence[str]) -> Bundle:
    text = json.dumps({"facts": facts, "journal": journal}, ensure_ascii=False, indent=1)
    (out / "evidence.json").write_text(text, encoding="utf-8")
    (out / "verify.py").write_text(Path(evidence_check.__file__).read_text(encoding="utf-8"), encoding="utf-8")
    write_pdf(out, facts, journal)
    names = ["evidence.json", "evidence.pdf", "verify.py", *files]
    for chain in journal["chains"]:
        for sealed in chain["seals"]:
            if sealed["stamp"]:
                name = f"seal-{chain['key']}-{sealed['number']}.tsr"
                (out / name).write_bytes(bytes.fromhex(sealed["stamp"]))
                names.append(name)
    sums = [f"{hashlib.sha256((out / name).read_bytes()).hexdigest()}  {name}" for name in names]
    (out / "SHA256SUMS").write_text("\n".join(sums) + "\n", encoding="utf-8")
    digest = hashlib.sha256((out / "SHA256SUMS").read_bytes()).hexdigest()
    return Bundle(out, (*names, "SHA256SUMS"), len(facts["charges"]), len(facts["demands"]), len(journal["rows"]),
                  tuple(journal["not_sealed"]), digest)  # fmt: skip


async def _journal(conn: AsyncConnection, subjects: Sequence[str]) -> dict[str, Any]:
    """The rows as sealed, with salts, and the seals from the first that concerns us to the newest."""
    entries = await shelf.sealed_entries(conn, subjects)
    rows = []
    for name in dict.fromkeys(subject.partition(":")[0] for subject in subjects):
        rows += await _sealed_rows(conn, name, [s for s in subjects if s.startswith(f"{name}:")], entries)
    vouched = {row["row"] for row in rows}
    mine = [entry for subject, entry in entries.items() if subject in vouched]
    chains = []
    for community_id in sorted({entry.community_id for entry in mine}, key=lambda i: (i is not None, i or 0)):
        chains.append(await _chain(conn, community_id, [e for e in mine if e.community_id == community_id]))
    return {"rows": rows, "chains": chains, "not_sealed": [s for s in subjects if s not in vouched]}


async def _sealed_rows(
    conn: AsyncConnection, name: str, subjects: Sequence[str], entries: dict[str, Any]
) -> list[dict[str, Any]]:  # fmt: skip
    table = metadata.tables[name]
    ids = [int(subject.partition(":")[2]) for subject in subjects]
    found = []
    for row in (await conn.execute(table.select().where(table.c.id.in_(ids)).order_by(table.c.id))).all():
        entry = entries.get(f"{name}:{row.id}")
        if entry is not None:
            content = canonical(name, dict(row._mapping)).decode()
            found.append({"row": f"{name}:{row.id}", "content": content, "salt": entry.salt.hex(), "entry": entry.id})
    return found


async def _chain(conn: AsyncConnection, community_id: int | None, mine: Sequence[Any]) -> dict[str, Any]:
    """Seals that hold an entry of ours with all their entries (hashes only), the others as links."""
    wanted = {entry.seal_id for entry in mine}
    seals = await shelf.chain_from(conn, community_id, min(wanted))
    entries = await entries_of(conn, sorted(wanted))
    return {
        "key": community_id or 0, "name": "the house" if community_id is None else f"community {community_id}",
        "seals": [
            {"number": s.number, "previous": s.previous.hex(), "hash": s.hash.hex(), "count": s.holds,
             "at": s.at.isoformat(), "stamp": s.stamp.hex() if s.stamp else None,
             "entries": [_entry(e) for e in entries[s.id]] if s.id in wanted else None}
            for s in seals
        ],
    }  # fmt: skip


def _entry(e: Any) -> list[Any]:
    """An entry as the chain's hash takes it."""
    return [e.id, e.community_id, e.at.timestamp(), e.kind, e.subject, e.who, e.digest.hex(), e.note]
