#!/usr/bin/env python3
"""Checks an evidence bundle without a database and without us: python3 verify.py [FOLDER]. Standard library only.

1. Every file is the one listed in SHA256SUMS. 2. Every fact, and every file it names, is what its journaled row says,
and none is left out. 3. Every row's salted hash is the one in its journal entry. 4. Every entry stands in a seal whose
hash can be computed again. 5. Every seal follows the one before it, to the newest. Exit code 0: nothing of this was
changed; 1: each difference is named. What the journal does not vouch for is said; the digest vouches for the whole.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

ENTRY = "the entry's own instant"
TOLD: dict[str, dict[str, str]] = {
    "attempt": {"our_id": "our_id", "channel": "channel", "form": "form", "text": "text", "request": "request",
                "when": "started_at"},
    "provider_event": {"state": "state", "provider_id": "provider_id", "event_key": "event_key", "reason": "reason",
                       "when": ENTRY},
    "inbound": {"provider": "provider", "kind": "kind", "text": "text", "when": "received_at"},
    "attachment": {"state": "state", "media_type": "media_type", "size": "size", "digest": "digest"},
    "case_event": {"kind": "kind", "note": "note", "when": "at"},
    "payment": {"amount_fen": "amount_fen", "way": "way", "paid_on": "paid_on", "ref": "external_ref"},
    "promise": {"amount_fen": "amount_fen", "due_on": "due_on", "when": "made_at"},
    "promise_outcome": {"outcome": "outcome", "paid_fen": "paid_fen", "when": "at"},
    "waiver": {"part": "part", "amount_fen": "amount_fen", "why": "why", "who": "who", "when": "at"},
    "legal_fact": {"kind": "kind", "ref": "ref", "on": "on", "who": "who"},
    "human_contact": {"way": "way", "content": "content", "answer": "answer", "next_step": "next_step",
                      "proof_digest": "proof_digest", "when": "at"},
    "script_version": {"path": "path", "digest": "digest"},
    "dispute": {"reason": "reason", "charge_id": "charge_id", "when": "opened_at"},
}  # fmt: skip
"""Of each table: which field of a fact must be told, and which sealed column it must equal."""
KEPT = {"attachment": "digest", "human_contact": "proof_digest"}
"""Of tables that come with a file: the field with its SHA-256."""
BESIDE = (
    "charges with their amounts and due dates, what payments closed, late fee and interest, limitation, plans, people, "
    "addresses and how they were proved, payers, outcomes and states: the office's ledger as it stood and what was "
    "computed from it"
)
"""What a bundle tells that is in no journaled row."""


def check(folder: Path) -> list[str]:
    """Everything that is not as it was sealed, one sentence each."""
    bundle = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    journal, told = bundle["journal"], list(rows_in(bundle["facts"]))
    problems = check_files(folder, [fact["file"] for fact, _ in told if fact.get("file")])
    entries, more = check_seals(journal["chains"])
    problems += more
    contents: dict[str, dict[str, Any]] = {}
    for row in journal["rows"]:
        contents[row["row"]] = dict(json.loads(row["content"]))
        problems += check_row(row, entries)
        contents[row["row"]][ENTRY] = entries.get(row["entry"], [0, 0, None])[2]
    problems += check_none_left_out(told, contents, journal["not_sealed"], entries)
    for fact, above in told:
        if fact["row"] in contents:
            problems += check_fact(fact, contents[fact["row"]])
            problems += check_place(fact, above, contents[fact["row"]], bundle["facts"]["account"]["id"])
        problems += check_kept(fact, folder)
    return problems


def rows_in(facts: Any, above: Any = None) -> Iterator[tuple[dict[str, Any], Any]]:
    """Every fact that names its row, with the fact it stands in."""
    if isinstance(facts, dict) and "row" in facts:
        yield facts, above
        above = facts
    for value in facts.values() if isinstance(facts, dict) else facts if isinstance(facts, list) else ():
        yield from rows_in(value, above)


def check_files(folder: Path, named: list[str]) -> list[str]:
    """The files against the list of their hashes; what the bundle is made of must be listed."""
    problems = []
    missing = {"evidence.json", "evidence.pdf", "verify.py", *named}
    for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        wanted, _, name = line.partition("  ")
        found = hashlib.sha256((folder / name).read_bytes()).hexdigest() if (folder / name).exists() else "missing"
        if found != wanted:
            problems.append(f"file {name} is not the one that was made")
        missing.discard(name)
    return problems + [f"file {name} is not listed in SHA256SUMS" for name in sorted(missing)]


def check_seals(chains: list[dict[str, Any]]) -> tuple[dict[int, list[Any]], list[str]]:
    """The sealed entries by their number, and what is wrong with the chains."""
    entries: dict[int, list[Any]] = {}
    problems = []
    for chain in chains:
        before = None
        for seal in chain["seals"]:
            name = f"seal {seal['number']} of {chain['name']}"
            if before is not None and (seal["previous"] != before["hash"] or seal["number"] != before["number"] + 1):
                problems.append(f"{name} does not follow the seal before it")
            if seal["entries"] is not None:
                if len(seal["entries"]) != seal["count"] or sealed(seal) != seal["hash"]:
                    problems.append(f"{name}: its entries are not the ones that were sealed")
                entries.update({entry[0]: entry for entry in seal["entries"]})
            before = seal
    return entries, problems


def sealed(seal: dict[str, Any]) -> str:
    """The hash of a seal, from the seal before it and its entries."""
    running = hashlib.sha256(bytes.fromhex(seal["previous"]))
    for entry in seal["entries"]:
        running.update(json.dumps(entry, ensure_ascii=False).encode())
    return running.hexdigest()


def check_row(row: dict[str, Any], entries: dict[int, list[Any]]) -> list[str]:
    """One journaled row against its entry: [id, community, at, kind, subject, who, digest, note]."""
    entry = entries.get(row["entry"])
    if entry is None or entry[4] != row["row"]:
        return [f"{row['row']}: no sealed entry speaks of it"]
    found = hashlib.sha256(bytes.fromhex(row["salt"]) + row["content"].encode()).hexdigest()
    return [] if found == entry[6] else [f"{row['row']} is not what was sealed"]


def check_none_left_out(
    told: list[tuple[dict[str, Any], Any]], contents: dict[str, Any], not_sealed: list[str],
    entries: dict[int, list[Any]],
) -> list[str]:  # fmt: skip
    """Every fact has its row or is said to have none, and every row its fact."""
    facts, spoken = {fact["row"] for fact, _ in told}, {entry[4] for entry in entries.values()}
    problems = [f"{row}: its journaled row is missing" for row in sorted(facts - set(contents) - set(not_sealed))]
    problems += [f"{row} is said not to be in the journal, but a sealed entry speaks of it"
                 for row in not_sealed if row in spoken and row not in contents]  # fmt: skip
    return problems + [f"{row} is in the journal, but no fact tells it" for row in sorted(set(contents) - facts)]


def check_fact(fact: dict[str, Any], content: dict[str, Any]) -> list[str]:
    """Every field that the journal vouches for is there and says what was recorded."""
    fields = TOLD.get(fact["row"].partition(":")[0])
    if fields is None:
        return [f"{fact['row']}: nothing is known of such rows"]
    wrong = [field for field, column in fields.items() if not same(field, fact.get(field), content.get(column))]
    return [f"{fact['row']}: {field} is not what the journal recorded" for field in wrong]


def same(field: str, told: Any, recorded: Any) -> bool:
    """Instants are told to the second with their offset, and recorded as Unix seconds."""
    if field == "when":
        return recorded is not None and moment(told) == int(recorded)
    return bool(told == recorded)


def moment(told: Any) -> int | None:
    """Whole Unix seconds of an ISO instant; None for what is none."""
    try:
        return int(datetime.fromisoformat(told).timestamp())
    except (TypeError, ValueError):
        return None


def check_place(fact: dict[str, Any], above: Any, content: dict[str, Any], account_id: int) -> list[str]:
    """The fact stands where its row belongs: with this account, this message, this letter, this promise."""
    number = int(above["row"].partition(":")[2]) if above else None
    wrong = content.get("account_id", account_id) != account_id
    wrong = wrong or content.get("inbound_id", number) != number or content.get("promise_id", number) != number
    if fact["row"].startswith("provider_event:"):
        wrong = wrong or content["our_id"] not in ("", above["our_id"] if above else "")
    if fact["row"].startswith("attempt:"):
        script = fact.get("script") or {"row": "script_version:None"}
        wrong = wrong or script.get("row") != f"script_version:{content['script_version_id']}"
    return [f"{fact['row']} does not belong where it stands"] if wrong else []


def check_kept(fact: dict[str, Any], folder: Path) -> list[str]:
    """The picture, file or proof of a fact is there and has the hash the journal recorded."""
    wanted, path = fact.get(KEPT.get(fact["row"].partition(":")[0], "")), folder / (fact.get("file") or "")
    if not wanted:
        return []
    if not path.is_file():
        return [f"{fact['row']}: the file that was kept is missing"]
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    return [] if found == wanted else [f"{fact['row']}: {fact['file']} is not what was kept"]


def main() -> int:
    """Says what was found."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    problems = check(folder)
    journal = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))["journal"]
    print(f"{len(journal['rows'])} journaled rows, {sum(len(c['seals']) for c in journal['chains'])} seals")
    for chain in journal["chains"]:
        print(f"newest seal of {chain['name']}: {chain['seals'][-1]['number']} {chain['seals'][-1]['hash']}")
    for row in journal["not_sealed"]:
        print(f"note: {row} is on record, but the journal does not vouch for it")
    print(f"note: in no journaled row: {BESIDE}")
    print(f"digest of the whole bundle: {hashlib.sha256((folder / 'SHA256SUMS').read_bytes()).hexdigest()}")
    print("  The office's `yinuo verify` lists the digest it journaled when it made this bundle, and its newest seals:")
    print("  only when they are these are all files, also what is in no journaled row, as they were made.")
    for problem in problems:
        print(f"WRONG: {problem}")
    print("PROBLEMS FOUND" if problems else "OK: the journaled rows are told as they were sealed, none is left out")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
