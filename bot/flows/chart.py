"""A small clean picture of what was collected, day by day: readable for the colour-blind and on a phone."""

import io
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

BAR, TODAY, INK = "#0072B2", "#E69F00", "#333333"
"""Blue and orange of Okabe and Ito's palette, told apart by every kind of colour vision."""
FONTS = ("Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei")


@lru_cache(maxsize=1)
def chinese_font() -> str:
    """The first font of this machine that writes Chinese; empty if there is none."""
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in FONTS if name in known), "")


def collected_chart(days: Sequence[tuple[date, int]], title: str, plain_title: str) -> bytes:
    """A PNG of bars: (local date, fen collected). ``plain_title`` stands in where no font writes Chinese."""
    from matplotlib.figure import Figure

    font = chinese_font()
    words: dict[str, Any] = {"fontfamily": font} if font else {}
    figure = Figure(figsize=(6.4, 3.0), dpi=100, layout="constrained")
    axes = figure.add_subplot()
    labels = [f"{day.month}/{day.day}" for day, _fen in days]
    colours = [BAR] * (len(days) - 1) + [TODAY]
    bars = axes.bar(range(len(days)), [fen / 100 for _day, fen in days], color=colours, width=0.7)
    axes.bar_label(bars, [f"{fen // 100:,}" if fen else "" for _day, fen in days], fontsize=8, color=INK, padding=2)
    axes.set_xticks(range(len(days)), labels, fontsize=8, color=INK)
    axes.set_yticks([])
    axes.margins(y=0.18)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_title(title if font else plain_title, fontsize=11, color=INK, loc="left", **words)
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()
