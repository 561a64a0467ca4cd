"""Names of fees: which kind a name means, and how two fees of one kind are told apart."""

import re
from functools import lru_cache

from bot.flows.importing.fold import folded
from bot.flows.importing.sentences import Sentence
from bot.talk.basket import KINDS as NAMES

KINDS = ("management", "repair_fund", "water", "electricity", "gas", "parking", "other")

_EXACT: dict[str, str] = {
    "management": "物业费 物业管理费 物业服务费 物管费 管理费 物业 物管 物业服务 物业管理 服务费 小区管理费 "
    "综合服务费 综合管理费 物业公共服务费 包干制物业费 物业服务收费 managementfee propertymanagementfee "
    "propertyfee servicecharge management mgmtfee mgmt pmfee propertymanagement servicefee hoafee "
    "maintenancefee managementcharge propertymgmtfee",
    "repair_fund": "维修基金 维修资金 本体维修金 专项维修资金 本体金 日常专项维修资金 大修基金 公共维修基金 "
    "住宅专项维修资金 repairfund sinkingfund maintenancefund reservefund",
    "water": "水费 自来水费 用水 水 自来水 生活用水费 water waterfee watercharge waterbill",
    "electricity": "电费 用电 电 电力 electricity electricityfee electric electricitycharge power powerbill "
    "electricitybill",
    "gas": "燃气费 煤气费 天然气费 燃气 煤气 天然气 气费 gas gasfee gascharge gasbill",
    "parking": "车位费 停车费 泊车费 车位管理费 停车管理费 车位服务费 车位 停车 泊车 月保费 车库管理费 停车位费 "
    "车位租金 车管费 parking parkingfee carpark carparkfee carparking parkingspacefee parkingcharge "
    "parkingspace",
}
_BY_NAME = {name: kind for kind, names in _EXACT.items() for name in names.split()}
_CONTAINS = (
    ("repair_fund", r"维修基?[资金]|维修基金|本体金|大修基金|sinkingfund|repairfund|reservefund"),
    ("parking", r"车位|停车|泊车|车库|车管|parking|carpark|garage"),
    ("management", r"物业|物管|管理费|management|mgmt|servicecharge|strata"),
    ("gas", r"燃气|煤气|天然气|\bgas"),
    ("water", r"水费|用水|自来水|water"),
    ("electricity", r"电费|用电|电力|electric"),
)
_FEE_LIKE = re.compile(r"(费|费用|款|金|租|税|fees?|charges?|levy|rent|dues|bill|fund|deposit)$")
_LATE = re.compile(r"违约金|滞纳金|逾期费|latefee|latecharge|penalty")
_DROP = re.compile(r"[\s()\[\]【】:：_\-—/.,'’·&]+|(?:元|rmb|cny|hkd|yuan)$")
_AMOUNT_WORDS = re.compile(
    r"(?:本期|当期|应收|应缴|应交|应付|金额|合计金额|收费|账单|amountdue|amount|receivable|payable|due|\(元\)|元)"
)


@lru_cache(maxsize=8_192)
def bare(name: str) -> str:
    """A fee's name without blanks, brackets, currency and words for its amount."""
    flat = _DROP.sub("", folded(name))
    kept = _AMOUNT_WORDS.sub("", flat)
    return kept or flat


@lru_cache(maxsize=8_192)
def fee(name: str) -> tuple[str, str] | None:
    """(kind, label) of a fee's name; None when it is no fee's name.

    The label tells fees of one kind apart: the usual names of a kind share the kind as label, any other is its own.
    """
    flat = bare(name)
    if not flat:
        return None
    if kind := _BY_NAME.get(flat):
        return kind, kind
    for kind, pattern in _CONTAINS:
        if re.search(pattern, flat):
            return kind, flat
    return ("other", flat) if _FEE_LIKE.search(flat) else None


def fee_name(label: str) -> Sentence:
    """A label as people call the fee."""
    names = NAMES.get(label)
    return Sentence.of(names["en"], names["zh-Hans"]) if names else Sentence.of(label, label)


def late_fee(name: str) -> bool:
    """Whether the name is a late fee's: Yinuo derives late fees and does not import them."""
    return _LATE.search(bare(name)) is not None
