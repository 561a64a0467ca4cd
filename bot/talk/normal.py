"""Brings a sentence as owners type it into one writing: what every other rule of the talk reads.

Full-width to plain, Traditional to Simplified, Cantonese and pinyin to common words, usual slips of the keyboard mended,
numerals to digits (三天 → 3天, 廿二 → 22, 一千二 → 1200) and weekdays to one sign each (周五, 星期五, 礼拜5 → U+E005), so that
下周五十号 cannot be read as a fiftieth.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LIMIT = 500
WEEKDAYS = "\ue001\ue002\ue003\ue004\ue005\ue006\ue007"
SENTENCE_ENDS = "。!?;\n"

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "○": 0}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}

_WORDS: dict[str, str] = {
    # Cantonese
    "听日": "明天", "听朝": "明天", "听晚": "明天", "寻日": "昨天", "琴日": "昨天", "噚日": "昨天", "而家": "现在", "依家": "现在",
    "宜家": "现在", "呢个": "这个", "今个": "这个", "嗰个": "那个", "呢两日": "这两天", "呢几日": "这几天", "畀": "给", "俾": "给",
    "找数": "付款", "埋数": "付款", "出粮": "发工资", "出咗粮": "发了工资", "出左粮": "发了工资", "几时": "什么时候", "几多": "多少",
    "点解": "为什么", "点样": "怎么", "乜嘢": "什么", "咩": "什么", "唔该": "谢谢", "多谢": "谢谢", "唔使": "不用", "唔系": "不是",
    "唔": "不", "冇": "没有", "系咪": "是不是", "咗": "了", "嘅": "的", "喺": "在", "嚟": "来", "嘢": "东西", "佢": "他", "哋": "们",
    "返工": "上班", "月头": "月初", "月尾": "月底", "月末": "月底", "年尾": "年底", "年末": "年底", "周尾": "周末", "后尾": "后来",
    "礼拜": "周", "星期": "周", "俾番": "给", "冚唪唥": "全部", "啲": "些", "边度": "哪里", "边个": "谁", "搵": "找",
    "今儿个": "今天", "今儿": "今天", "明儿个": "明天", "明儿": "明天", "后儿": "后天", "昨儿": "昨天", "赶明": "改天",
    "睇": "看", "返屋企": "回家", "屋企": "家里", "嬲": "生气", "搞掂": "搞定", "过数": "转账", "入数": "转账", "银纸": "钱",
    "蚊": "元", "缗": "元", "几钱": "多少钱", 
    # days
    "今日": "今天", "明日": "明天", "后日": "后天", "昨日": "昨天", "当日": "当天", "隔日": "隔天", "次日": "明天", "翌日": "明天",
    "今朝": "今天", "今晚": "今天晚上", "明晚": "明天晚上", "明早": "明天早上", "后晚": "后天晚上", "昨晚": "昨天晚上", "今早": "今天早上",
    "周天": "周日", "这礼拜": "这周", "钟头": "小时", "个把": "1个", "俩": "两个", "仨": "三个", "两三": "几", "三两": "几", "三四": "几",
    "三五": "几", "四五": "几", "五六": "几", "七八": "几", "一两": "几", "1两": "几", "2、3": "几", "1、2": "几", "些许": "几",
    # slips
    "明填": "明天", "明夭": "明天", "后夭": "后天", "名天": "明天", "铭天": "明天", "厚天": "后天", "今夭": "今天", "下洲": "下周",
    "下舟": "下周", "下州": "下周", "这洲": "这周", "夏周": "下周", "下週": "下周", "星其": "周", "星朝": "周", "礼败": "周", "月低": "月底",
    "月抵": "月底", "年低": "年底", "已交": "已经交", "己经": "已经", "以经": "已经", "已径": "已经", "己交": "已经交",
    "巳经": "已经", "椒费": "缴费", "焦费": "缴费", "叫费": "交费", "教费": "交费", "脚费": "缴费", "激费": "缴费", "徼": "缴", "檄费": "缴费",
    "物管": "物业", "勿业": "物业", "无业费": "物业费", "物叶": "物业", "物液": "物业", "物业废": "物业费", "发漂": "发票", "帐": "账",
    "转帐": "转账", "一定脚": "一定交", "号钱": "号前", "工姿": "工资", "公资": "工资",
    "支副宝": "支付宝", "支负宝": "支付宝", "威信": "微信", "薇信": "微信", "么钱": "没钱", "多扫钱": "多少钱", "甚么": "什么", "啥时候": "什么时候",
    "啥": "什么", "咋": "怎么", "木有": "没有", "米有": "没有", "肿么": "怎么", "神马": "什么", "俺": "我", "咱": "我",
    "小长假": "假期", "长假": "假期", "薪水": "工资", "薪资": "工资", "开工资": "发工资", "发薪": "发工资",
    "关饷": "发工资", "中下旬": "下旬", "中上旬": "中旬", "尽早": "尽快", "尽速": "尽快", "赶紧": "尽快", "抓紧": "尽快", "请尽快": "尽快",
    "剩下月": "剩下,月", "余下月": "余下,月", "留下月": "留下,月", "月未": "月底", "年未": "年底", "周未": "周末", "国庆节": "国庆", "当月": "这个月", "本月": "这个月", "这月": "这个月", "下月": "下个月",
    "次月": "下个月", "上月": "上个月", "本周": "这周", "下个周": "下周", "这个周": "这周", "上个周": "上周", "当周": "这周", "次周": "下周",
    "元旦节": "元旦", "清明节": "清明", "周末儿": "周末", "两个": "2个", 
    "个礼拜": "个周", 
    "个周": "周",
}  # fmt: skip

_PINYIN: dict[str, str] = {
    "mingtian": "明天", "ming": "明", "tian": "天", "houtian": "后天", "jintian": "今天", "jinwan": "今晚", "zuotian": "昨天", "xianzai": "现在",
    "xiazhou": "下周", "xia": "下", "zhou": "周", "zhe": "这", "zhege": "这个", "ge": "个", "xingqi": "周", "libai": "周", "yi": "一",
    "er": "二", "san": "三", "si": "四", "wu": "五", "liu": "六", "ri": "日", "qi": "七", "ba": "八", "jiu": "九", "shi": "十",
    "yuedi": "月底", "yue": "月", "di": "底", "yuechu": "月初", "yuezhong": "月中", "niandi": "年底", "nian": "年", "hao": "号", "qian": "前",
    "hou": "后", "nei": "内", "jiao": "交", "jiaofei": "交费", "fu": "付", "fukuan": "付款", "zhuan": "转", "zhuanzhang": "转账", "gei": "给",
    "le": "了", "guo": "过", "yijing": "已经", "yjing": "已经", "yiding": "一定", "wuye": "物业", "wuyefei": "物业费", "fei": "费", "qianle": "钱了",
    "wo": "我", "ni": "你", "nimen": "你们", "shenme": "什么", "sm": "什么", "duoshao": "多少", "zenme": "怎么", "xiexie": "谢谢", "nihao": "你好",
    "hao de": "好的", "haode": "好的", "bu": "不", "meiqian": "没钱", "mei": "没", "you": "有", "tuiding": "退订", "rengong": "人工",
    "zhao": "找", "ren": "人", "fapiao": "发票", "kai": "开", "qu": "去", "lai": "来", "zai": "再", "jiu jiao": "就交", "jiuu": "就",
    "gongzi": "工资", "fa": "发", "zhoumo": "周末", "shi me": "什么", "qiankuan": "欠款", "qianfei": "欠费", "zhangdan": "账单",
    "xiage": "下个", "xiageyue": "下个月", "zhegeyue": "这个月", "benyue": "本月", "zhouyi": "周一", "zhouer": "周二", "zhousan": "周三",
    "zhousi": "周四", "zhouwu": "周五", "zhouliu": "周六", "zhouri": "周日", "xiazhouyi": "下周一", "xiazhouer": "下周二",
    "xiazhousan": "下周三", "xiazhousi": "下周四", "xiazhouwu": "下周五", "guonian": "过年", "chunjie": "春节", "yuandan": "元旦", "ma": "吗",
    "keyi": "可以", "neng": "能", "de": "的", "yao": "要", "hui": "会", "lou": "楼", "dian": "点", "wanshang": "晚上", "zaoshang": "早上",
    "xiawu": "下午", "qiankuai": "钱", "kuai": "块", "zhifubao": "支付宝", "weixin": "微信", "zhangwu": "账", "baoxiu": "报修",
}  # fmt: skip
_PINYIN_SURE = re.compile(
    r"\b(?:mingtian|houtian|jintian|xia ?ge|xia ?zhou|zhou ?(?:yi|er|san|si|wu|liu|ri|mo)|yue ?di|yi ?jing|jiao|fu ?kuan"
    r"|zhuan|wu ?ye|xing ?qi|li ?bai|tui ?ding|ren ?gong|fa ?piao|mei ?qian|nihao|xiexie|haode|duoshao|zhang ?dan|bao ?xiu)\b"
)


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
    words = sorted((w for w in _WORDS if w != _WORDS[w]), key=len, reverse=True)
    by_first: dict[str, list[str]] = {}
    for word in words:
        by_first.setdefault(word[0], []).append(re.escape(word[1:]))
    heads = (f"{re.escape(head)}(?:{'|'.join(tails)})" for head, tails in by_first.items())
    return re.compile("|".join(heads))


_HAN = re.compile(r"[\u4e00-\u9fff]")
_NUM = "零〇○一二两三四五六七八九十百千万"
_LUNAR_TENS = re.compile(r"(?<![历\d])(?=[一二三四五六七八九十\d]{1,2}月廿)")
_TENS = re.compile(r"廿|卅")
_WEEKDAY = re.compile(r"(?<![\d每])周 ?([一二三四五六日]|天(?!气)|[1-7](?![\d个天年月]))")
_SPACED = re.compile(r"(?<=[\u4e00-\u9fff\d]) +(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff]) +(?=\d)")
_NUMERAL = re.compile(
    rf"(?:(?<=第)|(?<=初)|(?<=[\d一二三四五六七八九十冬腊正]月))(?P<after>[{_NUM}]+)(?![{_NUM}月号])"
    rf"|(?P<sum>[{_NUM}]*[百千万][{_NUM}]*)"
    rf"|(?<![年双\d{_NUM}])(?P<ten>[二三四五六七八九]十[一二三四五六七八九]?|十[二三四五六七八九])(?![{_NUM}])"
    rf"|(?P<unit>[{_NUM}]+)(?= ?(?:号|日|月|天|周|个|年(?!货)|季度|块|元|小时|分|点|期|次(?!性)|成|毛|角|工作日|交易日|室|楼|栋|幢|单元|星期|之))"
)  # fmt: skip
_KEEP = re.compile(r"^(?:万|千|百|万一|千万|百万|一百|十百)$")
_GOOD_FOR_DAY = re.compile(r"(\d)好(?=前|交|付|转|给|左右|$)")
_LETTERS = re.compile(r"[a-z]+")


def normalise(text: str) -> str:
    """One writing for a sentence in any of the three languages; at most ``LIMIT`` characters are read, nothing raises."""
    return rewrite(text[:LIMIT])[:LIMIT]


def rewrite(text: str) -> str:
    """``normalise`` without the limit, for texts of our own; lines stay lines."""
    plain = unicodedata.normalize("NFKC", text).translate(_characters()).lower().strip()
    if not _HAN.search(plain):
        plain = _from_pinyin(plain)
        if not _HAN.search(plain):
            return plain
    plain = _SPACED.sub(" ", plain)
    plain = _word_pattern().sub(lambda m: _WORDS[m[0]], plain)
    plain = _word_pattern().sub(lambda m: _WORDS[m[0]], plain)
    plain = _WEEKDAY.sub(_weekday, plain)
    plain = _LUNAR_TENS.sub("农历", plain)
    plain = _TENS.sub(lambda m: "二十" if m[0] == "廿" else "三十", plain)
    plain = _NUMERAL.sub(_digits, plain)
    return _GOOD_FOR_DAY.sub(r"\1号", plain)


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
    if not _PINYIN_SURE.search(text):
        return text
    words = _LETTERS.findall(text)
    if sum(w in _PINYIN for w in words) * 4 < len(words) * 3:
        return text
    spoken = _LETTERS.sub(lambda m: _PINYIN.get(m[0], m[0]), text)
    return re.sub(r"(?<=[\u4e00-\u9fff]) +(?=[\u4e00-\u9fff\d])|(?<=\d) +(?=[\u4e00-\u9fff])", "", spoken)


def writing(text: str, plain: str) -> str:
    """The language a text is written in: ``zh-Hans``, ``zh-Hant`` (any character only Traditional has) or ``en``."""
    if not _HAN.search(text):
        return "zh-Hans" if _HAN.search(plain) else "en"
    table = _characters()
    return "zh-Hant" if any(c > "\u4e00" and ord(c) in table for c in text[:LIMIT]) else "zh-Hans"
