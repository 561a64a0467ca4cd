"""What a time looks like in normalised Chinese: feasts by name, one pattern with a group for each kind."""
# ruff: noqa: E501

from __future__ import annotations

import re
from datetime import date

from bot.talk.normal import WEEKDAYS

FEASTS = {
    "元旦": "new_year", "跨年": "new_year", "阳历年": "new_year", "春节": "spring", "新春": "spring", "农历新年": "spring",
    "大年初1": "spring", "大年初一": "spring", "除夕": "eve", "大年三十": "eve", "年三十": "eve", "大年30": "eve", "年30": "eve",
    "小年": "small_year", "腊八": "laba", "元宵": "lantern", "正月15": "lantern", "龙抬头": "dragon_head", "清明": "qingming",
    "五一": "labour", "51劳动节": "labour", "劳动节": "labour", "端午": "dragon_boat", "端阳": "dragon_boat", "七夕": "qixi",
    "中元": "ghost", "中秋": "mid_autumn", "八月节": "mid_autumn", "国庆": "national", "十一": "national", "重阳": "double_ninth",
    "冬至": "winter_solstice", "新年": "new_year", "圣诞": "christmas", "平安夜": "christmas_eve", "女生节": "girls", "消费者权益日": "consumers", "情人节": "valentine", "三八": "women", "妇女节": "women",
    "植树节": "tree", "愚人节": "fools", "青年节": "youth", "儿童节": "children", "六一": "children", "建党节": "party", "建军节": "army",
    "教师节": "teachers", "万圣": "halloween", "双十一": "singles", "双11": "singles", "光棍节": "singles", "双十二": "double_twelve",
    "双12": "double_twelve", "母亲节": "mothers", "父亲节": "fathers", "感恩节": "thanksgiving", "复活节": "easter",
}  # fmt: skip
_FEAST_NAMES = "|".join(sorted(FEASTS, key=len, reverse=True))
_W = f"[{WEEKDAYS}]"
_YEAR = r"(?:(?P<{0}n>(?:19|20)\d\d|\d\d)年|(?P<{0}r>今年|明年|来年|下1?年|次年|后年|去年))的?\s?"
_REL = r"(?:(?<![剩余留])再?下+1?个?|这1?个?|上+1?个?)"
_PART = r"月?(?:底|初|上旬|中旬|下旬|中|最后1?一?天|末|内|里)"

_STARTS = "".join(sorted({name[0] for name in FEASTS})) + (
    f"{WEEKDAYS}今明来后去前昨大隔第农阴旧正冬腊再下这上月现立马待等一周的未接宽半几数过给季年假放节初刚那当改最近尽回有晚迟以到发此将往向之本"
)
GRAMMAR = re.compile(
    rf"""
    (?=[\d\s{_STARTS}])(?:
    (?P<compact>(?<!\d)20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d|号楼))
   |(?P<lunar>(?:(?P<ly>今年|明年|来年|(?:19|20)\d\d年)的?)?(?:(?:农历|阴历|旧历)的?(?:(?P<lz>今年|明年|来年|(?:19|20)\d\d年)的?)?(?:(?P<lm>1[0-2]|[1-9])|(?P<lx>[正冬腊十]))|(?P<ln>[正冬腊])|(?P<lq>1[0-2]|[2-9])(?=月初(?:10|[1-9])(?![\d号日])))月(?:初?(?P<ld>30|[12]\d|[1-9])(?!\d)[日号]?|(?P<le>底))?)
   |(?P<iso>(?<!\d)(?P<iy>(?:19|20)\d\d)\s?(?:[-/.]\s?(?P<im>1[0-2]|0?[1-9])(?!\d)(?:\s?[-/.月]\s?(?P<id>3[01]|[12]\d|0?[1-9])(?!\d)[日号]?)?|年\s?(?P<jm>1[0-2]|0?[1-9])\s?[-/.月]\s?(?P<jd>3[01]|[12]\d|0?[1-9])(?!\d)[日号]?))
   |(?P<ordinal>(?:{_YEAR.format("oy")})(?:第(?P<om>\d\d?)个月|第(?P<ow>\d\d?)个?周|第(?P<od>\d{{1,3}})天|(?P<of>[前后首])(?P<oc>\d\d?)?个?(?P<ou>月|季度)))
   |(?P<month>(?:{_YEAR.format("my")})?(?:(?<![\d闰])(?P<m>1[0-2]|0?[1-9])月份?|(?P<mr>{_REL})月)的?(?:
        (?P<md>\d\d?)[日号]|(?P<mv>初\d\d?)(?![\d号日])|(?P<mb>\d\d?)(?![\d块元%个天万]|分|折|栋|楼)|第?(?P<mn>\d|一)个?(?P<mw>{_W}|周|工作日)|最后1?一?个?(?P<ml>{_W})|(?P<mp>{_PART}))?)
   |(?P<monthpart>(?<![个\d])月(?P<pp>底|初|上旬|中旬|下旬|中(?!旬)))
   |(?P<rel>(?P<rd>大*后天|今天|明天|大*前天|昨天|第2天|隔天|今明(?:2?天|(?!2))|此时|此刻|当前|明后2?天|现在|立刻|马上|这就|待会儿?|等会儿?|等下|1会儿?|一会儿?))
   |(?P<week>(?P<wr>{_REL})?周?的?\s?(?P<wd>{_W})|(?P<er>{_REL})?周末|(?P<ar>{_REL})周(?P<ap>初|中|末|内|里|底)?(?:的?第1个(?P<aw>工作日))?)
   |(?P<count>(?P<cp>再?过个?|再给我?|再等我?|等我|未来的?|将来的?|接下来的?|今后|后面|[之往向]后|宽限|下|(?<![\d年号日节庆秋午旦明月期周然最今以之过{WEEKDAYS}])后)?(?P<cn>\d+|半|几|数)(?P<cg>个)?(?P<ch>半)?
        (?P<cu>工作日|交易日|小时|分钟|天|日(?=[之以]?[后内])|周|月|季度|年)(?P<ct>半)?(?P<cs>[之以过]?(?:后|内)|里|左右|时间)?)
   |(?P<feast>(?P<fp>过完|过了|等)?(?:{_YEAR.format("fy")}|下1?一?个?)?(?P<fn>{_FEAST_NAMES})(?![节日]?(?:快乐|愉快|好(?!了|几)|安康|吉祥))节?(?:假期|放假|当天|那天|期间|晚上|这天)?(?:的?(?P<fd>前|后)(?P<fc>\d+|一|两)天)?)
   |(?P<newyear>(?P<nyp>过完|过了|等过完?)年(?![底初纪龄])后?|(?P<nyb>(?<![\d今明去后半每几])年前|过年(?:之|以)?前)|(?P<nya>(?<![\d今明去后半几])年后(?!第\d个[月周])|过年(?:之|以)?后)|(?P<nyv>过年))
   |(?P<holiday>(?:假期|放假|放完假|节)(?P<hw>前|后|结束|回来))
   |(?P<quarter>(?:{_YEAR.format("qy")})?(?:第?(?P<qn>[1-4])|(?P<qr>{_REL}|本))?季度?(?P<qp>底|末|初|内|里)?(?=[底末初内里]|$|[^节]))
   |(?P<year>(?:{_YEAR.format("yy")})(?:(?P<yp>年?底|年?末|年?初|年中|内|里|最后1?一?天)|(?P<yh>[上下前后]半年))?|这1?一?年|(?P<yz>今明2年)|(?<!年)(?P<yx>[上下]半年)|年(?P<yb>底|末))
   |(?P<slash>(?<![\d.\-/a-z])(?P<sm>1[0-2]|0?[1-9])[./-](?P<sd>3[01]|[12]\d|0?[1-9])(?P<sx>[日号])?(?![\d./-]|元|块|%|折|万|个|月|[a-z]))
   |(?P<number>(?<![\d./#第:月])(?P<nn>\d\d?)(?:[日号])(?![线码院]))
   |(?P<first>(?:大年)?初(?P<fl>[1-9]|10)(?!\d))
   |(?P<before>(?<![底初末号日节庆秋午旦明])前(?:几|2|些|段|一?阵)(?:天|日|子|个?时间|个?月|周)?|上次|上回|刚才|刚刚|去年|前年|大前年|那天|当时|当初)
   |(?P<vague>改天|改日|这2天|这几天|最近|近期|近日|过2天|过几天|过段时间|过阵子|尽快|回头|有空|有时间|晚点|晚些|迟点|以后|到时候?|过些天|过些日子|隔几天|发工资|几号))
    """,
    re.X,
)  # fmt: skip
TAIL = re.compile(
    r"(?:的?(?:早上|上午|中午|下午|晚上|傍晚|凌晨|夜里|白天|晚|早)?)(?:·+\s?)*"
    r"(?P<mod>(?:之?后|过后|的)?的?第1个(?:工作日|上班日)|放完假(?:后|回来)?|假期结束后?|收假后?|过完?了?(?![去来几两\d年])|结束|之前|以前|为止|截止|前后|左右|之后|以后|过后|上班|之内|以内|当天|那天|前(?![天台年])|后(?!天)|止|内|里|起|开始)?(?:第1天)?"
)
BEFORE = {"之前", "以前", "前", "为止", "截止", "止"}
AFTER = {
    "之后",
    "以后",
    "过后",
    "后",
    "上班",
    "过",
    "过了",
    "过完",
    "过完了",
    "放完假",
    "放完假后",
    "放完假回来",
    "假期结束",
    "假期结束后",
    "收假",
    "收假后",
    "结束",
    "起",
    "开始",
}
WITHIN = {"之内", "以内", "内", "里"}
CLOCK = re.compile(r"\d{1,2}\s?(?:[:点时]\s?\d{0,2}\s?(?:分|半|刻|整|正)?(?:\d{1,2}秒)?|(?<=\d)点钟?)|\d+几?点")


def year_of(match: re.Match[str], group: str, today: date) -> int | None:
    """The year named in the groups ``<group>n`` (2026年, 26年) or ``<group>r`` (今年, 明年) of a match, if any."""
    if match[group + "n"]:
        number = int(match[group + "n"])
        return number + (0 if number > 99 else 2000 if number < 70 else 1900)
    word = match[group + "r"]
    return (
        today.year + {"今年": 0, "明年": 1, "来年": 1, "下年": 1, "下1年": 1, "次年": 1, "后年": 2, "去年": -1}[word]
        if word
        else None
    )
