"""The paper: A4 pages with an embedded Chinese font, headings, tables and boxed texts."""

import logging
import re
from collections.abc import Sequence
from pathlib import Path

from fpdf import FPDF
from fpdf.fonts import FontFace
from PIL import Image, ImageOps

FONT = "cjk"
INK, SOFT, AMBER, RED, LINE, SHADE = (20, 20, 20), (100, 100, 100), (176, 105, 0), (170, 20, 20), (190, 190, 190), 245
PLACES = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-{}.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-{}.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-{}.ttc",
    "/usr/share/fonts/truetype/noto/NotoSansCJK-{}.ttc",
    "/Library/Fonts/NotoSansCJK-{}.ttc",
)
PIXELS = (1_200, 1_600)
"""Of a picture on the page, at most; the file beside it is as it came."""
SIMPLIFIED = 2
"""Which face of the collection has the mainland's forms."""
BESIDE_CHINESE = re.compile(r"(?<=[\u2e80-\uffef]) | (?=[\u2e80-\uffef])")


class NoFont(Exception):
    """No Chinese font to embed; the message says what to install."""


def font_file(weight: str, places: Sequence[str] = PLACES) -> Path:
    """The font to embed. Raises NoFont."""
    for place in places:
        path = Path(place.format(weight))
        if path.exists():
            return path
    raise NoFont("no Chinese font to embed in the PDF: install the package fonts-noto-cjk (NotoSansCJK-Regular.ttc)")


def _one_piece(words: str) -> str:
    """Without a place to break at beside Chinese: a line would end there, however much room is left."""
    return BESIDE_CHINESE.sub("\u00a0", words)


class Paper(FPDF):
    """A page with our margins, header and footer."""

    def __init__(self, title: str) -> None:
        super().__init__(format="A4")
        logging.getLogger("fontTools").setLevel(logging.ERROR)
        logging.getLogger("fpdf").setLevel(logging.ERROR)
        self.running = title
        self.set_margins(18, 20, 18)
        self.set_auto_page_break(True, margin=20)
        for style, weight in (("", "Regular"), ("B", "Bold")):
            self.add_font(FONT, style, str(font_file(weight)), collection_font_number=SIMPLIFIED)
        self.set_title(title)
        self.set_lang("zh-CN")
        self.add_page()

    def header(self) -> None:
        if self.page_no() > 1:
            self._small(8, SOFT)
            self.set_y(10)
            self.cell(0, 5, self.running, align="L")
            self.set_y(20)

    def footer(self) -> None:
        self.set_y(-14)
        self._small(8, SOFT)
        self.cell(0, 5, f"第 {self.page_no()} 页，共 {{nb}} 页", align="C")

    def _small(self, size: float, ink: tuple[int, int, int], bold: bool = False) -> None:
        self.set_font(FONT, "B" if bold else "", size)
        self.set_text_color(*ink)

    def room(self, height: float) -> None:
        """A new page when less than this is left, so that a heading keeps with what follows."""
        if self.get_y() + height > self.h - 20:
            self.add_page()

    def title_line(self, words: str) -> None:
        self._small(19, INK, bold=True)
        self.multi_cell(0, 11, words, align="C", new_x="LMARGIN", new_y="NEXT")
        self.ln(2)

    def chapter(self, words: str) -> None:
        """A heading of the first order."""
        self.room(40)
        self.ln(4)
        self.start_section(words)
        self._small(14, INK, bold=True)
        self.multi_cell(0, 8, words, align="L", new_x="LMARGIN", new_y="NEXT")
        self.set_draw_color(*INK)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(2.5)

    def heading(self, words: str, keep: float = 30) -> None:
        """A heading of the second order."""
        self.room(keep)
        self.ln(2)
        self._small(11, INK, bold=True)
        self.multi_cell(0, 6.5, words, align="L", new_x="LMARGIN", new_y="NEXT")
        self.ln(0.5)

    def label(self, words: str) -> None:
        """A heading of the third order."""
        self.room(30)
        self._small(9.5, INK, bold=True)
        self.multi_cell(0, 6, words, align="L", new_x="LMARGIN", new_y="NEXT")

    def says(self, words: str, ink: tuple[int, int, int] = INK, size: float = 9.5) -> None:
        """A paragraph."""
        self._small(size, ink)
        self.multi_cell(0, 5.4, _one_piece(words), align="L", new_x="LMARGIN", new_y="NEXT")
        self.ln(0.8)

    def pairs(self, rows: Sequence[tuple[str, str]], first: int = 24) -> None:
        """Names on the left, what they are on the right."""
        self.grid(None, rows, (first, 100 - first))

    def grid(
        self, heads: Sequence[str] | None, rows: Sequence[Sequence[str]], widths: Sequence[int], *,
        right: Sequence[int] = (), marked: Sequence[int] = (),
    ) -> None:  # fmt: skip
        """A table. ``right``: columns of figures. ``marked``: rows in amber."""
        self._small(9, INK)
        self.set_draw_color(*LINE)
        aligns = tuple("R" if place in right else "L" for place in range(len(widths)))
        head_face = FontFace(emphasis="BOLD", fill_color=SHADE)
        with self.table(
            col_widths=tuple(widths), text_align=aligns, line_height=5.2, padding=1.1, headings_style=head_face,
            first_row_as_headings=heads is not None, align="L",
        ) as table:  # fmt: skip
            if heads is not None:
                table.row(heads)
            for number, cells in enumerate(rows):
                line = table.row(style=FontFace(color=AMBER) if number in marked else None)
                for place, cell in enumerate(cells):
                    bold = heads is None and place == 0
                    line.cell(cell, style=FontFace(fill_color=SHADE) if bold else None)
        self.ln(2)

    def picture(self, path: Path) -> bool:
        """A picture as it was sent, small enough for the page; False for one that cannot be shown."""
        try:
            with Image.open(path) as whole:
                whole.draft("RGB", PIXELS)
                shown = ImageOps.exif_transpose(whole).convert("RGB")
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return False
        shown.thumbnail(PIXELS)
        scale = min(90 / shown.width, 110 / shown.height, 0.3)
        self.room(shown.height * scale + 4)
        self.image(shown, w=shown.width * scale, h=shown.height * scale)
        self.ln(2.5)
        return True

    def box(self, words: str) -> None:
        """A text word for word, in a frame."""
        self._small(9.5, INK)
        self.set_draw_color(*LINE)
        self.multi_cell(0, 5.6, words, border=1, padding=2, align="L", new_x="LMARGIN", new_y="NEXT")
        self.ln(2.5)
