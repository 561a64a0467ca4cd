"""Owners who break wordings: long names, many units, tiny and huge amounts, markup in a name; for check and preview.

All invented. The first one is the plain case that fields and lengths are measured with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.talk.basket import Basket, BasketLine
from bot.talk.standard import CommunityProfile, slots_for

_TODAY = date(2026, 11, 25)
_HANS = {
    "name": "锦绣花园",
    "pay_ways": "· 微信：本公众号“缴费”\n· 银行转账：见账单背面\n· 服务中心前台：现金、刷卡",
    "pay_nearest": "公众号点“缴费”",
    "office_hours": "每天9:00至18:00",
    "contact_person": "陈主任",
    "reply_hint": "想定个日子或有疑问，直接回复就行。",
    "stop_hint": "回T退订",
    "dates3": "1. 11月27日（周五）\n2. 11月30日（周一）\n3. 12月4日（周五）",
    "menu": "1 查余额\n2 定日子\n3 我已缴\n4 有疑问\n5 找人",
    "explanation": "物业费 2026年7至9月：每平方米3元，54平方米，共3个月。",
    "language": "简体中文",
}
_HANT = {
    "name": "錦繡花園",
    "pay_ways": "· 微信：本公眾號「繳費」\n· 銀行轉賬：見賬單背面\n· 服務中心櫃枱：現金、刷卡",
    "pay_nearest": "公眾號按「繳費」",
    "office_hours": "每天9:00至18:00",
    "contact_person": "陳主任",
    "reply_hint": "想定個日子或有疑問，直接回覆就行。",
    "stop_hint": "回T停收",
    "dates3": "1. 11月27日（星期五）\n2. 11月30日（星期一）\n3. 12月4日（星期五）",
    "menu": "1 查結餘\n2 定日子\n3 我已繳\n4 有疑問\n5 找人",
    "explanation": "物業管理費 2026年7至9月：每平方米3元，54平方米，共3個月。",
    "language": "繁體中文",
}
_EN = {
    "name": "Jinxiu Garden",
    "pay_ways": "- WeChat: 'Pay' in this account\n- bank transfer: see the back of the bill\n- desk: cash or card",
    "pay_nearest": "WeChat, menu Pay",
    "office_hours": "daily 9:00 to 18:00",
    "contact_person": "Ms Chen",
    "reply_hint": "To name a day or ask anything, just reply.",
    "stop_hint": "Reply T to stop",
    "dates3": "1. Friday 27 November\n2. Monday 30 November\n3. Friday 4 December",
    "menu": "1 Balance\n2 Name a day\n3 I have paid\n4 A question\n5 A person",
    "explanation": "Management fee Jul-Sep 2026: 54 square metres at 3 a month, three months.",
    "language": "English",
}
_WORDS = {"zh-Hans": _HANS, "zh-Hant": _HANT, "en": _EN}
_SECOND = BasketLine("3-2-1202", "parking", "2026-10", date(2026, 10, 31), 15_000, 0)


@dataclass(frozen=True)
class AwkwardOwner:
    """One owner to try a wording on: what is awkward, the name, the lines owed, a late fee, and what is left unset."""

    what: str
    name: str
    lines: tuple[BasketLine, ...]
    link: str = ""
    paid: int = 48_600
    rest: int = 0


def _line(fen: int, account: str = "3-2-1201", late: int = 0) -> BasketLine:
    return BasketLine(account, "management", "2026Q3", date(2026, 9, 30), fen, late)


AWKWARD: tuple[AwkwardOwner, ...] = (
    AwkwardOwner("a plain owner", "王敏", (_line(48_600),)),
    AwkwardOwner("a long name", "买买提江·阿卜杜热西提·吐尔逊古丽", (_line(48_600),), rest=100),
    AwkwardOwner(
        "several units", "李强", (_line(48_600, late=1_250), _SECOND), link="http://127.0.0.1/o/x", rest=15_000
    ),
    AwkwardOwner("one fen", "赵一", (_line(1),), paid=1, rest=1),
    AwkwardOwner(
        "twelve million yuan", "某置业有限公司", (_line(1_200_000_000, "商业裙楼B座-2层-218号"),), paid=1_200_000_000
    ),
    AwkwardOwner("markup in a name", "<b>{{ total }}</b>&lt;%s", (_line(48_600),), link="http://127.0.0.1/o/y"),
    AwkwardOwner("emoji in a name", "小林🌸👨‍👩‍👧", (_line(48_600, late=99),), rest=48_599),
)


def awkward_slots(owner: AwkwardOwner, locale: str) -> dict[str, object]:
    """Every slot there is, filled for this owner in this locale, so that any wording can be tried."""
    words = _WORDS[locale]
    profile = CommunityProfile(
        name=words["name"],
        service_phone="000-12345678",
        office_hours=words["office_hours"],
        contact_person=words["contact_person"],
        pay_ways=words["pay_ways"],
        pay_nearest=words["pay_nearest"],
    )
    slots = slots_for(
        Basket(owner.lines, _TODAY),
        locale=locale,
        owner=owner.name,
        community=profile,
        deadline=date(2026, 12, 10),
        link=owner.link,
        reply_hint=words["reply_hint"],
        stop_hint=words["stop_hint"],
    )
    total = slots["total"]
    return slots | {
        "promise_date": date(2026, 12, 4),
        "promise_amount": total,
        "latest": date(2026, 12, 26),
        "least": total,
        "paid": owner.paid,
        "rest": owner.rest,
        "paid_late": owner.paid,
        "paid_on": date(2026, 11, 24),
        "case_no": "A1024",
        "code": "735214",
        "minutes": 10,
        "dates3": words["dates3"],
        "menu": words["menu"],
        "explanation": words["explanation"],
        "language": words["language"],
    }
