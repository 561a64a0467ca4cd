"""`make scorecard`: every line in its full form, resumable, with a progress line; writes RESULTS.md.

``--quick`` runs the quick form; ``--lines 1,4`` only some; ``--fresh`` forgets what an earlier run finished; ``--jobs``
lines go side by side, because most of them wait. Finished lines are kept in var/scorecard.json, failed ones run again.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
HOME = HERE.parents[1]
sys.path.insert(0, str(HOME))

from bot.clock import real_now  # noqa: E402

VAR = HOME / "var"
KEPT = VAR / "scorecard.json"
LOGS = VAR / "scorecard"
LINES = range(1, 24)


def files() -> dict[int, Path]:
    """The test file of each line."""
    found = {}
    for path in sorted(HERE.glob("test_line_*.py")):
        name = re.match(r"test_line_(\d+)_", path.name)
        assert name is not None
        found[int(name[1])] = path
    return found


def run_line(line: int, path: Path, full: bool, seed: int) -> list[dict[str, Any]]:
    """Runs one line; answers its rows: database, figure, outcome."""
    report = VAR / f"scorecard-{line:02d}.xml"
    environment = os.environ | {
        "SCORECARD": "full" if full else "quick", "SCORECARD_BOTH": "1", "SCORECARD_SEED": str(seed),
        "SCORECARD_LOGS": str(LOGS), "PYTHONPATH": str(HOME),
    }  # fmt: skip
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "junit_family=xunit1",
               f"--junitxml={report}", f"--basetemp={LOGS / f'{line:02d}'}", str(path)]  # fmt: skip
    with (VAR / f"scorecard-{line:02d}.txt").open("w") as out:
        subprocess.run(command, cwd=HOME, env=environment, stdout=out, stderr=subprocess.STDOUT, check=False)
    return [row for case in ElementTree.parse(report).iter("testcase") for row in rows_of(line, case)]


def rows_of(line: int, case: ElementTree.Element) -> list[dict[str, Any]]:
    passed = not [child for child in case if child.tag in ("failure", "error")]
    skipped = any(child.tag == "skipped" for child in case)
    figures = [json.loads(p.attrib["value"]) for p in case.iter("property") if p.attrib["name"] == "scorecard"]
    outcome = "skipped" if skipped else "pass" if passed else "FAIL"
    if not figures:
        return [{"line": line, "database": "", "figure": f"{case.attrib['name']}: no figure", "outcome": outcome}]
    return [{"line": line, "database": f["database"], "figure": f["figure"], "outcome": outcome} for f in figures]


def write_results(all_kept: dict[str, Any], seed: int) -> None:
    """RESULTS.md: this seed's table, then those of other seeds kept here."""
    seeds = {int(mark.split(":")[1]) for mark in all_kept} | {seed}
    told = [
        "# The scorecard",
        "",
        "Written by `tests/scorecard/run.py`. The full form sends 10,000 messages, plays 1,000 rounds; the quick form",
        "hundreds and tens. Every line is judged by the sandbox's ledger: what its providers accepted.",
        "",
    ]
    for each in sorted(seeds, key=lambda one: (one != seed, -one)):
        told += table(all_kept, each)
    (HERE / "RESULTS.md").write_text("\n".join(told), encoding="utf-8")
    print(f"\n{told_of(all_kept, seed)}; tests/scorecard/RESULTS.md is written")


def told_of(all_kept: dict[str, Any], seed: int) -> str:
    good = sum(finished(best(all_kept, line, seed)[1]) for line in LINES)
    return f"{good} of {len(LINES)} lines pass"


def table(all_kept: dict[str, Any], seed: int) -> list[str]:
    """Line, database, figure, pass or fail, date, commit; of each line the full form where it is finished."""
    told = [
        f"## Seed {seed}: {told_of(all_kept, seed)}",
        "",
        "| line | form | database | figure | result | date | commit | seconds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for line in LINES:
        form, entry = best(all_kept, line, seed)
        if entry is None:
            told.append(f"| {line} | | | not run | **FAIL** | | | |")
            continue
        for row in entry["rows"]:
            result = row["outcome"] if row["outcome"] == "pass" else f"**{row['outcome']}**"
            when = f"{entry['date']} | {entry.get('commit', '')} | {entry['seconds']}"
            told.append(f"| {line} | {form} | {row['database']} | {row['figure']} | {result} | {when} |")
    return [*told, ""]


def best(all_kept: dict[str, Any], line: int, seed: int) -> tuple[str, dict[str, Any] | None]:
    """The form to tell of a line: a finished full one, else a finished quick one, else whatever was run."""
    found = [(form, all_kept.get(f"{form}:{seed}", {}).get(str(line))) for form in ("full", "quick")]
    ran = [(form, entry) for form, entry in found if entry is not None]
    return next((one for one in ran if finished(one[1])), ran[0] if ran else ("", None))


def finished(entry: dict[str, Any] | None) -> bool:
    return entry is not None and bool(entry["rows"]) and all(row["outcome"] == "pass" for row in entry["rows"])


def progress(done: int, of: int, words: str) -> None:
    bar = "█" * (20 * done // of) + "·" * (20 - 20 * done // of)
    print(f"{bar} {done}/{of} {words}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--lines", default="")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SCORECARD_SEED", "20261125")))
    parser.add_argument("--jobs", type=int, default=2)
    told = parser.parse_args()
    LOGS.mkdir(parents=True, exist_ok=True)
    mark = f"{'quick' if told.quick else 'full'}:{told.seed}"
    all_kept = json.loads(KEPT.read_text()) if KEPT.exists() and not told.fresh else {}
    kept = all_kept.setdefault(mark, {})
    wanted = [int(word) for word in told.lines.split(",") if word] or list(LINES)
    found = files()
    left = [line for line in wanted if line in found and not finished(kept.get(str(line)))]
    done = len(wanted) - len(left)
    progress(done, len(wanted), f"{len(left)} lines to run, {done} kept from before")
    for number, (line, entry) in enumerate(played(left, found, not told.quick, told.seed, told.jobs), done + 1):
        kept[str(line)] = entry
        KEPT.write_text(json.dumps(all_kept, ensure_ascii=False, indent=1))
        for row in entry["rows"]:
            progress(number, len(wanted), f"line {line} {row['database']} {row['outcome']}: {row['figure']}")
    write_results(all_kept, told.seed)
    return int(any(row["outcome"] != "pass" for entry in kept.values() for row in entry["rows"]))


def played(
    lines: list[int], found: dict[int, Path], full: bool, seed: int, jobs: int
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each line as it ends; the scan of the logs reads what all others wrote, and comes last."""
    for part in ([line for line in lines if line != max(LINES)], [line for line in lines if line == max(LINES)]):
        with ThreadPoolExecutor(jobs) as pool:
            running = {pool.submit(timed, line, found[line], full, seed): line for line in part}
            for ended in as_completed(running):
                yield running[ended], ended.result()


def timed(line: int, path: Path, full: bool, seed: int) -> dict[str, Any]:
    begun = time.monotonic()
    rows = run_line(line, path, full, seed)
    seconds = round(time.monotonic() - begun)
    return {"rows": rows, "date": real_now().date().isoformat(), "commit": commit(), "seconds": seconds}


def commit() -> str:
    """The commit that is run, "" outside a checkout."""
    if shutil.which("git") is None:
        return ""
    ran = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=HOME, capture_output=True, text=True, check=False)
    return ran.stdout.strip()


if __name__ == "__main__":
    raise SystemExit(main())
