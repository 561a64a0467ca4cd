"""How well and how fast sentences are understood: over public date cases (a file handed in) and over our own.

``python tests/benchmarks/talk.py [--dates FILE] [--sentences FILE] [--json] [-v]``; the public cases default to the
environment's ``DATES_DEV`` or ``../shared/data/dates_dev.jsonl`` beside the checkout, and are skipped when absent.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
SENTENCES = ROOT / "tests" / "bot" / "talk"
SHANGHAI = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Labelled:
    """One sentence of our own with what it should be understood as."""

    text: str
    at: datetime
    intent: str
    dates: tuple[date, ...] | None


def own_sentences(path: Path = SENTENCES) -> list[Labelled]:
    """The labelled sentences of a file shaped like ``sentences.yaml``, or of all such files of a folder."""
    files = sorted(path.glob("sentences*.yaml")) if path.is_dir() else [path]
    contents = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    groups = [group for content in contents for group in (content if isinstance(content, list) else [content])]
    return [row for group in groups for row in _labelled(group)]


def _labelled(groups: dict[str, Any]) -> Iterator[Labelled]:
    at = datetime.fromisoformat(groups["at"])
    for intent, rows in groups.items():
        if intent == "at":
            continue
        for text in rows:
            label = rows[text] if isinstance(rows, dict) else None
            dates = None if intent == "instalments" and not label else _dates(label)
            yield Labelled(str(text), at, intent, dates)


def _dates(label: Any) -> tuple[date, ...]:
    if label in (None, "ask"):
        return ()
    return tuple(label) if isinstance(label, list) else (label,)


def figures(rows: list[Labelled], *, verbose: bool) -> dict[str, float]:
    """Shares, 0 to 1: promise dates right and wrong, non-promises given a date, other intents right."""
    from bot.talk.understand import understand

    count: Counter[str] = Counter()
    for row in rows:
        found = understand(row.text, row.at)
        dated = row.intent in ("promise", "instalments")
        kind = "promise" if row.intent == "promise" else "other"
        count[kind] += 1
        count[f"{kind}_intent"] += found.intent == row.intent
        count["undated"] += not dated
        count["undated_given"] += not dated and bool(found.dates)
        right = row.dates is None or found.dates == row.dates
        if row.intent == "promise":
            count["right"] += right and found.intent == "promise"
            count["wrong"] += bool(found.dates) and not right
        if verbose and (found.intent != row.intent or not right):
            print(f"{row.text}  want {row.intent} {row.dates}  got {found.intent} {found.dates}")
    return {
        "promises": count["promise"],
        "others": count["other"],
        "promise_dates_right": count["right"] / max(1, count["promise"]),
        "promise_dates_wrong": count["wrong"] / max(1, count["promise"]),
        "other_intents_right": count["other_intent"] / max(1, count["other"]),
        "non_promises_dated": count["undated_given"] / max(1, count["undated"]),
    }


def public_dates(path: Path, *, verbose: bool) -> dict[str, float]:
    """Shares right and wrong of the public date cases, for Chinese writings and for English."""
    from bot.talk.dates import read_date

    count: Counter[str] = Counter()
    for line in path.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        language = "en" if case["lang"] == "en" else "zh"
        found = read_date(case["text"], datetime.fromisoformat(case["ref"]).replace(tzinfo=SHANGHAI))
        said = found.isoformat() if found else None
        right = said in {case["expected"], *case.get("accept", [])}
        count[language] += 1
        count[language + "_right"] += right
        count[language + "_wrong"] += not right and said is not None
        if verbose and not right:
            print(f"{case['id']}  {case['text']}  want {case['expected']}  got {said}")
    return {f"{n}_{k}": count[f"{n}_{k}"] / max(1, count[n]) for n in ("zh", "en") for k in ("right", "wrong")}


def speed(rows: list[Labelled], rounds: int = 5) -> dict[str, float]:
    """Percentiles of one sentence in microseconds, and the start-up in milliseconds (first sentence included)."""
    began = time.perf_counter()
    from bot.talk.understand import understand

    understand(rows[0].text, rows[0].at)
    start = (time.perf_counter() - began) * 1000
    for row in rows:
        understand(row.text, row.at)
    taken: list[float] = []
    for _ in range(rounds):
        for row in rows:
            before = time.perf_counter()
            understand(row.text, row.at)
            taken.append((time.perf_counter() - before) * 1e6)
    taken.sort()
    p50, p95, p99 = (round(taken[int(len(taken) * p)], 1) for p in (0.5, 0.95, 0.99))
    return {"p50_us": p50, "p95_us": p95, "p99_us": p99, "start_ms": round(start, 1)}


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description="How well and how fast sentences are understood.")
    default = os.environ.get("DATES_DEV") or ROOT.parent / "shared" / "data" / "dates_dev.jsonl"
    parser.add_argument("--dates", type=Path, default=Path(default))
    parser.add_argument("--sentences", type=Path, default=SENTENCES)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    rows = own_sentences(options.sentences)
    result = {"speed": speed(rows), "own": figures(rows, verbose=options.verbose)}
    if options.dates.exists():
        result["public"] = public_dates(options.dates, verbose=options.verbose)
    print(json.dumps(result) if options.json else yaml.safe_dump(result, sort_keys=False))


if __name__ == "__main__":
    main()
