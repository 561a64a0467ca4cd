"""Charts as SVG, drawn on the server: two colours every eye tells apart, and never colour alone."""

from collections.abc import Sequence

from markupsafe import Markup, escape

TEAL, RUST = "#0f5c5c", "#c2571a"
WIDE, NARROW, HIGH, LEFT, FOOT = 720, 440, 240, 44, 34
"""Widths of a chart across the page, and of one in a card: its letters stay readable on a phone."""


def _scale(most: float) -> float:
    """A round top for the axis."""
    if most <= 4:
        return 4
    step = 1
    while most > step * 10:
        step *= 10
    return next(step * n for n in (1, 2, 4, 5, 8, 10) if step * n >= most)


def _frame(label: str, body: Sequence[str], high: int = HIGH, wide: int = WIDE) -> Markup:
    inner = "".join(body)
    return Markup(
        f'<svg class="chart" viewBox="0 0 {wide} {high}" role="img" aria-label="{escape(label)}">'
        f"<title>{escape(label)}</title>{inner}</svg>"
    )


def _grid(top: float, wide: int) -> list[str]:
    lines = []
    for part in range(5):
        y = 12 + (HIGH - FOOT - 12) * (1 - part / 4)
        value = top * part / 4
        lines.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{wide - 8}" y2="{y:.1f}" stroke="#e3e7ea"/>')
        lines.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    return lines


def lines(
    label: str, names: Sequence[str], series: Sequence[tuple[str, Sequence[int]]], *, wide: int = WIDE
) -> Markup:  # fmt: skip
    """Two lines over the same days: the first dashed, the second whole; each named at its end."""
    top = _scale(max((v for _name, values in series for v in values), default=0))
    body, space = (
        _grid(top, wide),
        (wide - LEFT - (70 if any(name for name, _v in series) else 24)) / max(len(names) - 1, 1),
    )
    for n, name in enumerate(names):
        if n % 5 == 0 or n == len(names) - 1:
            body.append(f'<text x="{LEFT + n * space:.1f}" y="{HIGH - 12}" text-anchor="middle">{escape(name)}</text>')
    for place, (name, values) in enumerate(series):
        colour, dash = ((RUST, ' stroke-dasharray="5 4"'), (TEAL, ""))[place % 2]
        dots = [(LEFT + n * space, 12 + (HIGH - FOOT - 12) * (1 - v / top)) for n, v in enumerate(values)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)
        body.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"{dash}/>')
        x, y = dots[-1] if dots else (LEFT, HIGH)
        shift = -6 if place else 14
        body.append(
            f'<text x="{x + 6:.1f}" y="{y + shift:.1f}" fill="{colour}" font-weight="600">{escape(name)}</text>'
        )
    return _frame(label, body, wide=wide)


def bars(label: str, rows: Sequence[tuple[str, float, str]], *, rest: bool = False) -> Markup:
    """Lying bars: a name, a value, what is written beside it. ``rest``: values are percents, the rest is shown pale."""
    top = 100.0 if rest else max((value for _name, value, _told in rows), default=0) or 1
    body, room, left = [], NARROW - 250, 92
    for n, (name, value, told) in enumerate(rows):
        y = 8 + n * 30
        body.append(f'<text x="{left - 8}" y="{y + 15}" text-anchor="end" class="name">{escape(name[:12])}</text>')
        if rest:
            body.append(f'<rect x="{left}" y="{y}" width="{room}" height="20" rx="3" fill="#e6ebed"/>')
        width = max(room * value / top, 2 if value else 0)
        body.append(f'<rect x="{left}" y="{y}" width="{width:.1f}" height="20" rx="3" fill="{TEAL}"/>')
        body.append(f'<text x="{left + (room if rest else width) + 8:.1f}" y="{y + 15}">{escape(told)}</text>')
    return _frame(label, body, 16 + 30 * max(len(rows), 1), NARROW)


def ladder(label: str, steps: Sequence[tuple[int, str, str]]) -> Markup:
    """The steps on a line of days: (day, band, name); formal bands as squares, the others as dots."""
    first, last = min((s[0] for s in steps), default=0), max((s[0] for s in steps), default=1)
    space, body = (
        (WIDE - 60) / max(last - first, 1),
        [f'<line x1="20" y1="60" x2="{WIDE - 20}" y2="60" stroke="#c3cbd1" stroke-width="2"/>'],
    )
    zero = 30 + (0 - first) * space
    body.append(f'<line x1="{zero:.1f}" y1="28" x2="{zero:.1f}" y2="92" stroke="{RUST}" stroke-dasharray="4 3"/>')
    seen: dict[int, int] = {}
    for day, band, name in steps:
        x, turn = 30 + (day - first) * space, seen.get(day, 0)
        seen[day] = turn + 1
        if turn:
            continue
        shape = (
            f'<rect x="{x - 7:.1f}" y="53" width="14" height="14" rx="2" fill="{RUST}"/>' if band in ("formal", "law")
            else f'<circle cx="{x:.1f}" cy="60" r="7" fill="{TEAL}"/>'
        )  # fmt: skip
        body.append(f"<g><title>{escape(name)}</title>{shape}</g>")
        high = 46 if len(seen) % 2 else 88
        body.append(
            f'<text x="{x:.1f}" y="{high}" text-anchor="middle" class="halo">{f"{day:+d}" if day else "0"}</text>'
        )
    return _frame(label, body, 110)
