"""What colleagues may read along: a surname, a band."""

import pytest

from bot.talk.masked import amount_band, masked_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [("王小明", "王**"), ("李四", "李**"), ("欧阳娜", "欧阳**"), ("歐陽娜", "歐陽**"), ("Ann Lee", "A***"),
     ("  ", "**"), ("示例贸易有限公司", "示**")],
)  # fmt: skip
def test_a_name_keeps_only_its_beginning(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("fen", "band"),
    [(0, "¥0"), (48_600, "¥0–500"), (50_000, "¥500–1,000"), (99_999, "¥500–1,000"), (100_000, "¥1,000–2,000"),
     (9_000_000, "¥50,000+")],
)  # fmt: skip
def test_an_amount_is_shown_as_its_band(fen: int, band: str) -> None:
    assert amount_band(fen) == band
