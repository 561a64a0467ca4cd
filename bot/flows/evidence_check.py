#!/usr/bin/env python3
"""Checks an evidence bundle without a database and without us: python3 verify.py [FOLDER]. Standard library only.

1. Every file is the one listed in SHA256SUMS. 2. Every fact, and every file it names, is what its journaled row says.
3. Every row's salted hash is the one in its journal entry. 4. Every entry stands in a seal whose hash can be computed
again. 5. Every seal follows the one before it, to the newest. Exit code 0: nothing was changed; 1: each difference is
named.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any


def check(folder: Path) -> list[str]:
    """Everything that is not as it was sealed, one sentence each."""
    problems = check_files(folder)
    bundle = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    journal = bundle["journal"]
    entries, more = check_seals(journal["chains"])
    problems += more
    contents: dict[str, dict[str, Any]] = {}
    for row in journal["rows"]:
        contents[row["row"]] = dict(json.loads(row["content"]))
        problems += check_row(row, entries)
    problems += check_facts(bundle["facts"], contents)
    problems += check_kept(bundle["facts"], folder)
    return problems


def check_files(folder: Path) -> list[str]:
    """The files against the list of their hashes."""
    problems = []
    for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        wanted, _, name = line.partition("  ")
        found = hashlib.sha256((folder / name).read_bytes()).hexdigest() if (folder / name).exists() else "missing"
        if found != wanted:
            problems.append(f"file {name} is not the one that was made")
    return problems


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


def check_facts(facts: Any, contents: dict[str, dict[str, Any]]) -> list[str]:
    """Every fact that names its row says what the row says."""
    if isinstance(facts, list):
        return [problem for fact in facts for problem in check_facts(fact, contents)]
    if not isinstance(facts, dict):
        return []
    problems = [problem for value in facts.values() for problem in check_facts(value, contents)]
    content = contents.get(facts.get("row", ""), {})
    for key, value in facts.items():
        if key in content and content[key] != value:
            problems.append(f"{facts['row']}: {key} is not what the journal recorded")
    return problems


def check_kept(facts: Any, folder: Path) -> list[str]:
    """Every picture, file and proof that a fact names has the hash the journal recorded."""
    if isinstance(facts, list):
        return [problem for fact in facts for problem in check_kept(fact, folder)]
    if not isinstance(facts, dict):
        return []
    problems = [problem for value in facts.values() for problem in check_kept(value, folder)]
    wanted = facts.get("digest") or facts.get("proof_digest")
    path = folder / (facts.get("file") or "")
    if facts.get("file") and wanted and path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() != wanted:
        problems.append(f"{facts['row']}: {facts['file']} is not what was kept")
    return problems


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
    for problem in problems:
        print(f"WRONG: {problem}")
    print("PROBLEMS FOUND" if problems else "OK: nothing was changed since it was sealed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
