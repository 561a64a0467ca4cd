"""The sheet of cut-out slips: one per account, with a QR code and the short code to type. Put into the bill's envelope.

A slip names the community and the unit, no person and no amount.
"""

import io
from collections.abc import Sequence
from pathlib import Path

import segno
from fpdf import FPDF

from bot.flows.bindcodes import Slip
from bot.flows.house import Town

FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)
"""Where operating systems keep a font with Chinese characters; only the characters used are embedded."""
SIMPLIFIED_FACE = 2
"""The Simplified Chinese face of a Noto CJK collection."""
COLUMNS, ROWS = 2, 5
WIDTH, HEIGHT = 95.0, 54.0
"""Of a slip, in millimetres, on A4."""

WORDS = {
    "zh-Hans": ("扫一扫，或把这串字发给我们", "绑定后可查账单、定缴费日、找人", "{day}前有效，用一次"),
    "zh-Hant": ("掃一掃，或把這串字發給我們", "綁定後可查賬單、定繳費日、找人", "{day}前有效，用一次"),
    "en": ("Scan, or send us this code", "See your bill, name a day to pay, reach a person", "good once, until {day}"),
}


class NoFont(Exception):
    """No font with Chinese characters is installed; the message says which package brings one."""


def find_font(candidates: Sequence[str] = FONTS) -> Path:
    """The first font there is. Raises NoFont."""
    for name in candidates:
        if Path(name).is_file():
            return Path(name)
    raise NoFont("no Chinese font found for the slips; install one, e.g. the package fonts-noto-cjk, and try again")


def sheet(slips: Sequence[Slip], community: str, locale: str, font: Path | None = None) -> bytes:
    """The slips as a PDF on A4, ten to a page with lines to cut along. Raises NoFont."""
    path = font or find_font()
    pdf = FPDF(format="A4", unit="mm")
    pdf.set_auto_page_break(False)
    face = SIMPLIFIED_FACE if path.name.startswith("Noto") and path.suffix == ".ttc" else 0
    pdf.add_font("cjk", fname=str(path), collection_font_number=face)
    for place, slip in enumerate(slips):
        row, column = divmod(place % (COLUMNS * ROWS), COLUMNS)
        if not row and not column:
            pdf.add_page()
        _slip(pdf, slip, community, locale, 10 + column * WIDTH, 13 + row * HEIGHT)
    if not slips:
        pdf.add_page()
    return bytes(pdf.output())


def write_slips(out: Path, slips: Sequence[Slip], town: Town) -> None:
    """Writes the sheet in the community's language, readable by its owner alone: it opens accounts. Raises NoFont."""
    content = sheet(slips, town.name, town.locale)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.touch(mode=0o600)
    out.write_bytes(content)


def _slip(pdf: FPDF, slip: Slip, community: str, locale: str, x: float, y: float) -> None:
    how, what, until = WORDS.get(locale, WORDS["zh-Hans"])
    pdf.set_draw_color(170)
    pdf.set_dash_pattern(dash=1, gap=1)
    pdf.rect(x, y, WIDTH, HEIGHT)
    pdf.image(_square(slip.qr), x + 4, y + 9, 36, 36)
    lines = (
        (11, community), (13, slip.unit), (8, how), (16, slip.shown), (7, what),
        (7, until.format(day=slip.expires_at.date().isoformat())),
    )  # fmt: skip
    top = y + 6.0
    for size, words in lines:
        pdf.set_font("cjk", size=size)
        pdf.set_xy(x + 43, top)
        pdf.multi_cell(WIDTH - 46, size * 0.45, words, align="L")
        top = pdf.get_y() + 2.2


def _square(content: str) -> io.BytesIO:
    picture = io.BytesIO()
    segno.make(content, error="m", micro=False).save(picture, kind="png", scale=6, border=2)
    picture.seek(0)
    return picture
