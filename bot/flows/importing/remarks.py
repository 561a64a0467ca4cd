"""Words in remarks and type columns: holds, kinds of property, ways of paying, states, languages."""

import re
from dataclasses import dataclass
from functools import lru_cache

from bot.flows.importing.fold import folded

_HOLDS: tuple[tuple[str, str], ...] = (
    ("DECEASED", r"去世|过世|身故|死亡|已故|病故|亡故|deceased|passed away|died"),
    ("SUIT_FILED", r"起诉|诉讼|立案|法院|支付令|仲裁|执行中|sued|lawsuit|litigation|court"),
    ("PLAN_ON_TRACK", r"分期|instal?lment"),
    ("ON_HOLD", r"未售|未出售|待售|开发商|unsold|developer"),
    ("ON_HOLD", r"暂停催|暂缓催|勿催|不催|免催|停催|不要催|别催|do not (?:remind|contact|dun)|on hold"),
    ("ON_HOLD", r"争议|异议|纠纷|维权|dispute"),
    ("ON_HOLD", r"查封|法拍|拍卖|破产|失联|服刑|foreclos|bankrupt"),
)
_OVER = re.compile(
    r"(?:未|不|没有?|无|非)(?:\S{0,2})?(?:起诉|诉讼|立案|分期|去世|过世|争议|异议|纠纷)"
    r"|(?:not |never |no )(?:deceased|sued|dispute)"
    r"|撤诉|已结案|结案|(?:分期|争议|异议|纠纷|诉讼)\S{0,2}(?:已)?(?:完成|结清|结束|解决|撤回|终止)|settled|withdrawn|resolved"
)
_PREVIOUS = re.compile(r"前物业|原物业|前期物业|上家物业|前任物业|previous manage|former manage")
_SEGMENTS: tuple[tuple[str, str], ...] = (
    ("parking", r"车位|车库|停车|parking|garage|carpark"),
    ("shop", r"商铺|商业|店铺|底商|门面|门市|写字楼|办公|商用|商服|shop|retail|commercial|office|store"),
    ("villa", r"别墅|联排|叠拼|独栋|villa|townhouse"),
    ("vacant", r"空置|空房|未装修|未入住|毛坯|无人住|vacant|empty|unoccupied"),
    ("resident", r"住宅|公寓|居住|自住|入住|多层|高层|洋房|出租|住|resid|apartment|flat|occupied|let"),
)
_WAYS: tuple[tuple[str, str], ...] = (
    ("bank_collection", r"托收|代扣|扣款|directdebit|autopay|collection"),
    ("wechat_pay", r"微信|wechat|weixin|财付通"),
    ("alipay", r"支付宝|alipay"),
    ("cash", r"现金|现收|cash"),
    ("pos", r"pos|刷卡|银行卡|信用卡|card"),
    ("transfer", r"转账|转帐|汇款|银行|网银|电汇|对公|转数快|fps|transfer|bank|wire|remit"),
    ("other", r"其他|其它|抵扣|预存|余额|支票|other|cheque|check"),
)
_BOUNCED = re.compile(r"退票|冲正|退回|扣款失败|失败|退款|撤销|作废|冲销|bounced|revers|failed|returned|refund|void")
_FAILED = re.compile(r"退票|退回|失败|bounced|failed|returned")
_FLYING = re.compile(r"托收中|代扣中|处理中|在途|已送盘|待回盘|送盘|in flight|in progress|pending|processing")
_PAID = re.compile(
    r"^(?:已缴|已交|已付|缴清|已缴清|付清|结清|成功|到账|已到账|paid|settled|success|received|completed?)"
)
_OPEN = re.compile(r"未缴|未交|未付|欠费|部分|unpaid|open|overdue|outstanding|partial")


@dataclass(frozen=True, slots=True)
class Remark:
    """What a remark means. ``over`` names a hold's word that the remark itself says is over or not so."""

    holds: tuple[str, ...] = ()
    vacant: bool = False
    previous_manager: bool = False
    over: bool = False


@lru_cache(maxsize=16_384)
def remark(said: str) -> Remark:
    """Reads a remark. A hold is taken only where the remark does not say that it is over."""
    if not said:
        return Remark()
    flat = folded(said)
    over = _OVER.search(flat) is not None
    left = _OVER.sub("", flat)
    holds = tuple(dict.fromkeys(code for code, words in _HOLDS if re.search(words, left)))
    return Remark(
        () if over and not holds else holds,
        re.search(r"空置|空房|vacant", flat) is not None,
        _PREVIOUS.search(flat) is not None,
        over,
    )


@lru_cache(maxsize=1_024)
def segment(said: str) -> str | None:
    """resident, vacant, shop, villa or parking; None for a word that is none of them."""
    flat = folded(said)
    return next((name for name, words in _SEGMENTS if re.search(words, flat)), None)


@lru_cache(maxsize=1_024)
def way(said: str) -> str | None:
    """How money came in; None for a word we do not know."""
    flat = folded(said).replace(" ", "")
    return next((name for name, words in _WAYS if re.search(words, flat)), None)


@lru_cache(maxsize=1_024)
def state(said: str) -> str | None:
    """bounced, in_flight, open or received; None for a word we do not know."""
    flat = folded(said)
    for name, words in (("bounced", _BOUNCED), ("in_flight", _FLYING), ("open", _OPEN), ("received", _PAID)):
        if words.search(flat):
            return name
    return None


def failed(said: str) -> bool:
    """Whether the money never arrived for good; else what is taken back was paid."""
    return _FAILED.search(folded(said)) is not None


_LOCALES = {
    "zh-Hans": "zhhans zhcn zhsg zh cn 简体 简体中文 中文 普通话 中文简体 simplified simplifiedchinese chinese "
    "mandarin 汉语 国语",
    "zh-Hant": "zhhant zhtw zhhk zhmo tw hk 繁体 繁体中文 中文繁体 粤语 广东话 traditional traditionalchinese "
    "cantonese",
    "en": "en engb enus english 英文 英语 eng",
}


def locale(said: str) -> str | None:
    """zh-Hans, zh-Hant or en; None for a language we do not speak."""
    flat = re.sub(r"[\s_()\-]+", "", folded(said))
    return next((name for name, words in _LOCALES.items() if flat in words.split()), None)
