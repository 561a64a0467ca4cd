"""Brings a sentence as owners type it into one writing: what every other rule of the talk reads.

Full-width to plain, Traditional to Simplified, Cantonese and pinyin to common words, usual slips of the keyboard
mended, numerals to digits (三天 → 3天, 廿二 → 22, 一千二 → 1200) and each weekday to one sign (周五, 星期五, 礼拜5 are
U+E005), so that 下周五十号 cannot be read as a fiftieth.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from bot.talk.lazily import lazily
from bot.talk.spellings import PINYIN, PINYIN_SURE, WORDS

LIMIT = 500
WEEKDAYS = "\ue001\ue002\ue003\ue004\ue005\ue006\ue007"
SENTENCE_ENDS = "。!?;\n"

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "○": 0}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}


@lru_cache(maxsize=1)
def _characters() -> dict[int, str | None]:
    from bot.talk.characters_table import SIMPLIFIED, TRADITIONAL

    table: dict[int, str | None] = {ord(old): new for old, new in zip(TRADITIONAL, SIMPLIFIED, strict=True)}
    table |= dict.fromkeys((*range(0, 32), 127, 160, 12288, 173), " ")
    table |= dict.fromkeys((*range(8203, 8208), *range(8234, 8239), *range(8288, 8303), 65279, 65039))
    table |= {ord(c): "" for c in WEEKDAYS}
    plain = {
        "、": ",",
        "—": "-",
        "–": "-",
        "−": "-",
        "﹣": "-",
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "「": '"',
        "」": '"',
    }
    table |= {ord(old): new for old, new in plain.items()}
    table |= {ord("畀"): "给", ord("俾"): "给", ord("\n"): "\n", ord("週"): "周", ord("著"): "着"}
    return table


@lru_cache(maxsize=1)
def _word_pattern() -> re.Pattern[str]:
    words = sorted((w for w in WORDS if w != WORDS[w]), key=len, reverse=True)
    by_first: dict[str, list[str]] = {}
    for word in words:
        by_first.setdefault(word[0], []).append(re.escape(word[1:]))
    heads = (f"{re.escape(head)}(?:{'|'.join(tails)})" for head, tails in by_first.items())
    return re.compile("|".join(heads))


@lru_cache(maxsize=1)
def _traditional() -> frozenset[str]:
    return frozenset(chr(code) for code in _characters() if code > 0x4E00)


_HAN = re.compile(r"[\u4e00-\u9fff]")
_NUM = "零〇○一二两三四五六七八九十百千万"
_YEAR_END = re.compile(
    r"(?<![今明后去前每半全几这\d零〇一二三四五六七八九十百])大?年(?=(?:二十|廿)[三四五六七八九](?![年月日号]))"
)
_LUNAR_TENS = re.compile(r"(?<![历\d])(?=[一二三四五六七八九十\d]{1,2}月廿)")
_TENS = re.compile(r"廿|卅")
_WEEKDAY = re.compile(
    r"(?:(?<=第\d)|(?<=第[一二三四五])|(?<![\d每]))周 ?"
    r"(一(?![定直起般共块笔并])|[二三四五六日]|天(?!气)|[1-7](?![\d个天年月]))"
)
_TWO_WEEKDAYS = re.compile(r"(周|星期|礼拜)([一二三四五六])[,/]?([二三四五六日])(?![\d号日月点个天次十])")
_PINYIN_AMONG = lazily(
    r"(?<![a-z])(?:hao(?=[^a-z]|$)|mingtian|houtian|jintian|(?:xia|zhe)?zhou(?:[yi]|er|san|si|wu|liu|ri|mo)?|xiage|yuedi|yuechu"
    r"|jiao|jiaofei|fukuan|zhuanzhang|wuye|wuyefei|yiding|gongzi|qian(?=[交付转给,。]|$))(?![a-z])"
)
_EN_WEEKDAY = lazily(
    r"(?P<week>[下这上]个?)周?(?P<day>mon|tue|wed|thu|fri|sat|sun)(?:day|s|sday|nesday|r|rs|rsday|urday)?(?![a-z])"
)
_EN_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MUCH_SPENT = lazily(r"(?<=[了咗花用使蚀赚去])好多钱")
_EN_NUMBERS = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
]
_SPOKEN_YEAR = lazily(
    rf"\btwo thousand(?: and)? ({'|'.join(reversed(_EN_NUMBERS))})\b(?![- ](?:{'|'.join(_EN_NUMBERS[1:10])})\b)"
)
_SLIPS = {
    "mth": "month", "mths": "months", "mnth": "month", "nxt": "next", "wk": "week", "wks": "weeks", "wknd": "weekend",
    "b4": "before", "2day": "today", "2nite": "tonight", "2morrow": "tomorrow", "pymt": "payment", "thks": "thanks",
    "bfr": "before", "til": "until", "aft": "after", "gimme": "give me", "gonna": "going to", "gotta": "have to",
}  # fmt: skip
_SLIP = lazily(rf"(?<![a-z\d])(?:{'|'.join(_SLIPS)})(?![a-z\d])")
_BAI = lazily(r"(?<![礼拜])拜(?=[一二三四五六日1-6](?!拜))")
_SPACED = re.compile(r"(?<=[\u4e00-\u9fff\d]) +(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff]) +(?=\d)")
_NUMERAL = re.compile(
    rf"(?:(?<=第)|(?<=初)|(?<=[\d一二三四五六七八九十冬腊正]月))(?P<after>[{_NUM}]+)(?![{_NUM}月号日])"
    rf"|(?P<sum>[{_NUM}]*[百千万][{_NUM}]*)"
    rf"|(?<![年双\d{_NUM}])(?P<ten>[二三四五六七八九]十[一二三四五六七八九]?|十[二三四五六七八九])(?![{_NUM}])"
    rf"|(?<!\d)(?P<unit>[{_NUM}]+)(?= ?(?:号|日|月|天|周|个|年(?!货)|季度|块|元|小时|分|点|刻钟|秒|期|次(?!性)|成|毛|角"
    r"|工作日|交易日|室|楼|栋|幢|单元|星期|(?<![三五六八十]一)(?<!腊八)之))"
)  # fmt: skip
_KEEP = re.compile(r"^(?:万|千|百|万一|千万|百万|一百|十百)$")
_DOTTED = re.compile(r"(?<=\d)[·•・](?=\d)")
_GIVEN_DAYS = re.compile(r"((?:给多|再给|多给|宽限|缓|过|迟|晚|拖|再等|多等)我?\d+)日")
_PAYDAY = lazily(
    r"每(?=月[底初中][^,。!?;交付转给缴还]{0,4}(?:发|到账|领|开支))|(?:每个?月的?|月月)(?=\d{1,2}[号日][^,。!?;交付转给缴还]{0,5}(?:发|结款|结算|回款|到账|领|开支|进账|入账|打卡|有钱))"
)
_GOOD_FOR_DAY = re.compile(r"(\d)好(?=前|交|付|转|给|左右|$)")
_LETTERS = re.compile(r"[a-z]+")


def normalise(text: str) -> str:
    """One writing for a sentence in any language; at most ``LIMIT`` characters are read, and nothing raises."""
    return rewrite(text[:LIMIT])[:LIMIT]


def rewrite(text: str) -> str:
    """``normalise`` without the limit, for texts of our own; lines stay lines."""
    plain = _DOTTED.sub(".", unicodedata.normalize("NFKC", text).translate(_characters()).lower().strip())
    if not _HAN.search(plain):
        plain = _spoken_years(plain) if "thousand" in plain else plain
        plain = _from_pinyin(_SLIP.sub(lambda m: _SLIPS[m[0]], plain))
        if not _HAN.search(plain):
            return plain
    latin = _LETTERS.search(plain) is not None
    plain = _PINYIN_AMONG.sub(lambda m: PINYIN.get(m[0], m[0]), plain) if latin else plain
    plain = _MUCH_SPENT.sub("很多", _SPACED.sub(" ", plain))
    plain = _TWO_WEEKDAYS.sub(r"\1\2或\1\3", plain)
    mended = _word_pattern().sub(lambda m: WORDS[m[0]], plain)
    plain = mended if mended == plain else _word_pattern().sub(lambda m: WORDS[m[0]], mended)
    plain = _EN_WEEKDAY.sub(lambda m: m["week"] + WEEKDAYS[_EN_DAYS.index(m["day"])], plain) if latin else plain
    plain = _BAI.sub("周", plain) if "拜" in plain else plain
    plain = _WEEKDAY.sub(_weekday, plain)
    plain = _YEAR_END.sub("腊月", _LUNAR_TENS.sub("农历", plain))
    plain = _TENS.sub(lambda m: "二十" if m[0] == "廿" else "三十", plain)
    plain = _NUMERAL.sub(_digits, plain)
    plain = _PAYDAY.sub("", plain) if "每" in plain or "月月" in plain else plain
    plain = _GIVEN_DAYS.sub(r"\1天", plain)
    return _GOOD_FOR_DAY.sub(r"\1号", plain)


def _spoken_years(text: str) -> str:
    """Years told in English words as digits: two thousand and eighteen → 2018."""
    return _SPOKEN_YEAR.sub(lambda m: str(2000 + _EN_NUMBERS.index(m[1])), text)


def _weekday(match: re.Match[str]) -> str:
    sign = match[1]
    index = "一二三四五六日".find("日" if sign == "天" else sign)
    return WEEKDAYS[index if index >= 0 else int(sign) - 1]


def _digits(match: re.Match[str]) -> str:
    run = match[0]
    if _KEEP.match(run) and run not in ("一百",) and not match["unit"]:
        return run
    if match["after"] and run == "一" and match.string[match.start() - 1] == "月":
        return run
    return str(number(run))


def number(run: str) -> int:
    """The value of a run of Chinese numerals: 二十五 → 25, 一千二 → 1200, 二零二六 → 2026."""
    if not any(c in _UNITS for c in run):
        return int("".join(str(_DIGITS[c]) for c in run))
    total = section = digit = 0
    last_unit = 1
    for c in run:
        if c in _DIGITS:
            digit = _DIGITS[c]
            last_unit = 10 if digit == 0 else last_unit
        elif c == "万":
            total, section, digit, last_unit = (total + section + digit) * 10000, 0, 0, 10000
        else:
            last_unit = _UNITS[c]
            section, digit = section + (digit or 1) * last_unit, 0
    if digit and last_unit >= 100:
        digit *= last_unit // 10
    return total + section + digit


def _from_pinyin(text: str) -> str:
    if not PINYIN_SURE.search(text):
        return text
    words = _LETTERS.findall(text)
    if sum(w in PINYIN for w in words) * 4 < len(words) * 3:
        return text
    spoken = _LETTERS.sub(lambda m: PINYIN.get(m[0], m[0]), text)
    return re.sub(r"(?<=[\u4e00-\u9fff]) +(?=[\u4e00-\u9fff\d])|(?<=\d) +(?=[\u4e00-\u9fff])", "", spoken)


def writing(text: str, plain: str) -> str:
    """The language a text is written in: ``zh-Hans``, ``zh-Hant`` (any character only Traditional has) or ``en``."""
    if not _HAN.search(text):
        return "zh-Hans" if _HAN.search(plain) else "en"
    return "zh-Hans" if _traditional().isdisjoint(text[:LIMIT]) else "zh-Hant"
