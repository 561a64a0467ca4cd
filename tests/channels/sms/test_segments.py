"""What a text costs in segments."""

import pytest

from channels.sms.segments import Segments, segments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments("GSM-7", 0, 0)),
        ("a" * 160, Segments("GSM-7", 160, 1)),
        ("a" * 161, Segments("GSM-7", 161, 2)),
        ("a" * 306, Segments("GSM-7", 306, 2)),
        ("a" * 307, Segments("GSM-7", 307, 3)),
        ("€" * 80, Segments("GSM-7", 160, 1)),
        ("a" * 152 + "€" + "a" * 152, Segments("GSM-7", 306, 3)),
        ("水" * 70, Segments("UCS-2", 70, 1)),
        ("水" * 71, Segments("UCS-2", 71, 2)),
        ("水" * 135, Segments("UCS-2", 135, 3)),
        ("a" * 70 + "’", Segments("UCS-2", 71, 2)),
        ("🏠" * 35, Segments("UCS-2", 70, 1)),
        ("🏠" * 36, Segments("UCS-2", 72, 2)),
        ("🏠" * 67, Segments("UCS-2", 134, 3)),
    ],
)
def test_a_text_is_counted_as_the_carriers_count_it(text: str, expected: Segments) -> None:
    assert segments(text) == expected
