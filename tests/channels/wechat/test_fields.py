"""WeChat's template fields and their limits."""

import pytest

from channels.wechat.fields import fit, problem


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("thing1", "三" * 20),
        ("thing12", "3号楼2单元501"),
        ("amount2", "￥1234.50"),
        ("amount2", "1234.5元"),
        ("amount2", "0.01"),
        ("date3", "2026年9月30日"),
        ("time3", "2026-09-30 10:00"),
        ("time3", "9:00~17:00"),
        ("phone_number4", "021-5555 0000"),
        ("character_string5", "B3-501"),
        ("name6", "欧阳"),
        ("name6", "Alexander Hamilton"),
        ("phrase7", "待缴费"),
        ("number8", "3"),
        ("keyword1", "anything that the old custom keys held, however long it may be"),
    ],
)
def test_a_good_value_is_no_problem(key: str, value: str) -> None:
    assert problem(key, value) is None
    assert fit(key, value) == value


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("thing1", "三" * 21),
        ("thing1", "a\nb"),
        ("thing1", ""),
        ("thing1", "  "),
        ("amount2", "1,234.50"),
        ("amount2", "12345678901"),
        ("amount2", "CNY 5"),
        ("date3", "30 September"),
        ("date3", "2026年9月30日10:00"),
        ("date3", "10:00"),
        ("amount2", "1.234"),
        ("symbol1", "abc"),
        ("thing1", "a\u2028b"),
        ("phone_number4", "1" * 18),
        ("character_string5", "三"),
        ("character_string5", "x" * 33),
        ("name6", "欧" * 11),
        ("name6", "A" * 21),
        ("phrase7", "待缴物业费" + "了"),
        ("phrase7", "due"),
        ("number8", "3个"),
        ("letter9", "a1"),
        ("symbol1", "!!!!!!"),
    ],
)
def test_a_bad_value_is_named_without_being_quoted(key: str, value: str) -> None:
    words = problem(key, value)
    assert words
    assert not value.strip() or value not in words


def test_free_words_are_cut_and_figures_are_not() -> None:
    assert fit("thing1", "长" * 30) == "长" * 19 + "…"
    assert fit("thing1", "a\n\n b") == "a b"
    assert fit("name1", "欧" * 12) == "欧" * 9 + "…"
    assert fit("amount2", "12345678901") == "12345678901"
