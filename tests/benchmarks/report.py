"""What the benchmarks write: the goals with figure and verdict, the tables, the charts."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot

Rows = list[dict[str, Any]]
GAPS = Path(__file__).parent / "gaps.md"
"""Where a goal is missed: why, by profile. Written by hand, copied below the tables."""


def write(root: Path, found: dict[str, Rows], machine: str, on: date) -> None:
    """BENCHMARKS.md and docs/benchmarks/*.svg; the figures themselves beside them as JSON."""
    folder = root / "docs" / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "figures.json"
    old = json.loads(kept.read_text()) if kept.exists() else {}
    whole: dict[str, Rows] = old | found
    kept.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n")
    charts = [*_chart(folder, "plan", whole), *_chart(folder, "dispatch", whole)]
    lines = [
        "# Benchmarks", "",
        f"Written by `tests/benchmarks/run.py` on {on.isoformat()}: {machine}. Only ratios count: candidate and "
        "baseline ran alternately in one run, the spread is that of the pairs. `÷` reads: time of the left by time of "
        "the right.",
        "", "## Goals", "", "| goal | wanted | measured | met |", "|---|---|---|---|",
        *(_goal(*goal) for goal in goals(whole)), "",
        *(f"![{name}](docs/benchmarks/{name}.svg)" for name in charts), "",
    ]  # fmt: skip
    for name, rows in sorted(whole.items()):
        lines += [f"## {name.capitalize()}", "", *_table(rows), ""]
    lines += [GAPS.read_text(encoding="utf-8").strip(), ""]
    (root / "BENCHMARKS.md").write_text("\n".join(lines), encoding="utf-8")


Goal = tuple[str, str, list[float], float, bool]


def goals(found: dict[str, Rows]) -> list[Goal]:
    """(what, wanted in words, measured figures, bound, whether more is better)."""

    def figures(section: str, name: str, value: str = "ratio") -> list[float]:
        return [row[value] for row in found.get(section, []) if row["name"].startswith(name) and value in row]

    talk = [json.loads(row["told"]) for row in found.get("talk", []) if "told" in row]
    slow = [row for row in found.get("dispatch", []) if "provider 50" in row["name"]]
    fast = [row for row in found.get("dispatch", []) if "provider 0" in row["name"]]
    return [
        ("1 plan ÷ bare INSERT … SELECT", "≤ 5", figures("plan", "plan ÷ bare"), 5, False),
        ("1 ORM loop ÷ plan", "≥ 20", figures("plan", "ORM loop"), 20, True),
        ("1 rows added by a second run", "0", figures("plan", "plan ÷ bare", "second_run_rows"), 0, False),
        ("1 longest lock, seconds", "≤ 1", figures("plan", "plan ÷ bare", "longest_lock_s"), 1, False),
        ("1 cost when 1 % are due ÷ all", "≤ 0.03", figures("plan", "plan of 1 %"), 0.03, False),
        ("2 durable of bare, provider 0 ms", "≥ 0.80", [row["throughput"] for row in fast], 0.8, True),
        ("2 durable of bare, provider 50 ms", "≥ 0.80", [row["throughput"] for row in slow], 0.8, True),
        (
            "3 processor time of Celery + Redis + requests ÷ the call",
            "≥ 8",
            figures("rivals", "Celery + Redis + requests ÷ ours, the"),
            8,
            True,
        ),
        (
            "3 the same ÷ our whole durable way",
            "≥ 8",
            figures("rivals", "Celery + Redis + requests ÷ ours, dur"),
            8,
            True,
        ),
        ("3 Telegram against PTB as it comes", "≥ 10", figures("rivals", "PTB"), 10, True),
        ("3 SMS against the SDK in threads", "≥ 3", figures("rivals", "twilio"), 3, True),
        ("3 WeChat against the SDK in threads", "≥ 5", figures("rivals", "wechatpy"), 5, True),
        ("4 four workers", "≥ 3.6", figures("workers", "4 workers"), 3.6, True),
        ("4 handed over twice", "0", figures("workers", "", "twice"), 0, False),
        ("5 webhook of Starlette echo", "≥ 0.15", figures("inbound", "webhook", "throughput"), 0.15, True),
        ("5 webhook's p99 ÷ the echo's", "≤ 6", figures("inbound", "webhook", "p99_ratio"), 6, False),
        (
            "5 way to the answer, 32 at a time, against an ORM session",
            "≥ 3",
            figures("inbound", "way", "throughput"),
            3,
            True,
        ),
        ("5 the same, one at a time, without HTTP", "≥ 3", figures("inbound", "answer", "throughput"), 3, True),
        ("5 its p99 ÷ the echo's, 32 at a time", "≤ 6", figures("inbound", "way", "p99_ratio"), 6, False),
        ("5 its p99 during a broadcast ÷ at rest", "≤ 2", figures("inbound", "p99 during"), 2, False),
        ("6 understand p50 (µs)", "≤ 100", [t["p50_us"] for t in talk], 100, False),
        ("6 understand p95 (µs)", "≤ 400", [t["p95_us"] for t in talk], 400, False),
        ("6 understand p99 (µs)", "≤ 1,000", [t["p99_us"] for t in talk], 1000, False),
        ("7 import ÷ csv + bulk write", "≤ 1.5", figures("importing", "import ÷ bare"), 1.5, False),
        ("7 ORM ÷ import", "≥ 10", figures("importing", "ORM"), 10, True),
        ("7 XLSX ÷ calamine alone", "≤ 2", figures("importing", "XLSX"), 2, False),
        ("8 yinuo --help (s)", "≤ 0.3", figures("start", "yinuo", "candidate_s"), 0.3, False),
        ("9 memory of a sender (MB)", "≤ 200", figures("workers", "", "megabytes"), 200, False),
    ]


def _goal(what: str, wanted: str, figures: list[float], bound: float, more: bool) -> str:
    if not figures:
        return f"| {what} | {wanted} | not measured | – |"
    worst = min(figures) if more else max(figures)
    met = worst >= bound if more else worst <= bound
    return f"| {what} | {wanted} | {', '.join(f'{figure:g}' for figure in figures)} | {'yes' if met else '**no**'} |"


def _table(rows: Rows) -> list[str]:
    if not rows:
        return ["Not measured."]
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    return lines + [f"| {' | '.join(_cell(row.get(name, '')) for name in names)} |" for row in rows]


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return " – ".join(f"{one:g}" for one in value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _chart(folder: Path, section: str, found: dict[str, Rows]) -> Iterable[str]:
    """Growth: seconds for plan, messages a second for dispatch, over the size."""
    value, words = {"plan": ("candidate_s", "seconds"), "dispatch": ("per_second", "messages a second")}[section]
    rows = [row for row in found.get(section, []) if value in row and "of 1 %" not in row["name"]]
    rows = [row for row in rows if "ORM" not in row["name"] and "50 ms" not in row["name"]]
    if not rows:
        return []
    figure, axes = pyplot.subplots(figsize=(6.4, 3.6))
    for name in dict.fromkeys(row["name"] for row in rows):
        points = sorted((row["size"], row[value]) for row in rows if row["name"] == name)
        axes.plot(*zip(*points, strict=True), marker="o", label=name)
    axes.set(xscale="log", xlabel="accounts", ylabel=words, title=section)
    axes.set_ylim(bottom=0)
    axes.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(folder / f"{section}.svg", metadata={"Date": None})
    pyplot.close(figure)
    return [section]
