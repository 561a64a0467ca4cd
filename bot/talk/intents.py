"""Which intent a sentence has, from the phrases heard in it and the word it gives."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.talk.clauses import asks_about_us
from bot.talk.lazily import lazily
from bot.talk.pledges import Pledge, conditional

INTENTS = (
    "promise",
    "instalments",
    "balance",
    "bill",
    "pay_how",
    "paid_claim",
    "dispute",
    "hardship",
    "refusal",
    "person",
    "visit",
    "invoice",
    "repair",
    "sold",
    "deceased",
    "scam",
    "stop",
    "start",
    "language",
    "greeting",
    "thanks",
    "abuse",
    "help",
    "not_me",
    "none",
)

SCHEDULE = lazily(
    r"听说|据说|[天日周]见$|再见|拜拜|几点|几号|几时|哪天|什么时候|多久|活动|演习|开会|天气|下雨|开学"
    r"|(?:电梯|检修|停水|停电).*(?:吗|么)$"
    r"|\b(?:when (?:is|are|will|would|do|does|did|can|should)|what time|which day)\b"
    r"|\b(?:weather|rain|see you|meeting|event|match|game)\b"
)
_ONLY_CALLS = lazily(r"^(?!.*(?:短信|信息|消息|退订|取消)).*(?:打电话|来电|电话)")
_SLIPPED = lazily(r"[打写输发]错|typo|typed wrong")
_THE_REST = lazily(r"剩下|余下|其余|剩余|剩的|尾款|\b(?:rest|remainder|remaining|balance)\b")
_IN_PARTS = lazily(
    r"先|分|期|半|首付|每|再|\d{3}|成|\b(?:half|first(?! of)|now|today|part|parts|split|then|each|instal\w*|third)\b|%"
)
_ASKS = lazily(
    r"[吗么]$|[吗么呢?]|有没有|怎么|哪|谁|什么|几(?!天)|^(?:(?:so|hi|hello|hey|and|but)\W+)?(?:where|who|what|how|does|do|is|are|can|any|anyone|will)\b|[?]"
)
_OUR_TRADE = lazily(
    r"\d\d(?!\d?[号楼月日点栋])|链接|执照|屎|[交缴付费钱账帐单票欠款漏坏堵骗假真卡码问查收贵谁]|(?<!装)修|加起来|物业|人工|客服|经理|领导|主任|电话|投诉|贷|工资|困难|退|停发|订|语|文|你们|你是"
    r"|卖[了掉给房]|户|业主|发错|打错|上门|过来|派|收据|减|免|分期|滞纳|利息|您|机器|帮|功能|操作|用|说话|回复"
    r"|\b(?:pay\w*|paid|bill\w*|fees?|owe\w*|charge\w*|money|invoice|receipt|account|due|amount|balance|debt|scam|fraud|real|legit"
    r"|human|person|someone|somebody|manager|staff|agent|talk|speak|call|come|visit|fix|repair\w*|leak\w*|broken|work\w*|english|chinese"
    r"|language|stop|you|your|this|help|menu|alipay|wechat|cash|card|bank|transfer|link|qr|statement|cost|rmb|yuan|sold|own\w*)\b"
)
_PLEADING = lazily(r"能不能|可不可以|可以|能否|可否|[?]|吗|\b(?:can|could|may|possible)\b")
_BEFORE_ANY_WORD = ("deceased", "stop", "start", "language", "sold", "not_me", "scam", "abuse", "visit", "person")
_AFTER_A_DAY = ("invoice", "paid_claim", "refusal", "dispute", "repair", "instalments", "hardship")
_QUESTIONS = ("pay_how", "bill", "balance")
NEVER_OVERRULED = ("stop", "deceased", "language")
_GRAVE = ("stop", "deceased", "sold", "not_me", "abuse", "start", "promise", "instalments")
_SPOKEN_OUT = ("deceased", "not_me")
"""Never taken from likeness or a hint: condolences to the living, and owners cut off from their own flat."""
_LEAD_ALONE, _LEAD_ALONE_GRAVE, _LEAD_OVERRULES = 0.7, 2.0, 10.0
_LEAD_FOR_NOTHING = 14.0
_A_DAY_SPEAKS, _A_DAY_ALONE = 1.0, 8.0
_COURTESIES = ("promise", "help", "thanks", "greeting")


def choose(
    plain: str, masked: str, heard: Collection[str], word: Pledge | None, *, asked_for_date: bool
) -> tuple[str, float]:
    """The intent and how sure we are, 0 to 1, from what was heard and the word given."""
    if "?" in plain and not plain.strip("? "):
        return "help", 0.6
    first = _first(heard, _BEFORE_ANY_WORD)
    if first == "not_me" and word and word.days and _SLIPPED.search(plain):
        first = None
    if first is not None and not (first == "stop" and word and word.days and word.spoken and _ONLY_CALLS.search(plain)):
        return first, 0.9
    if word and word.days and (word.spoken or asked_for_date or not _first(heard, _AFTER_A_DAY[:-1])):
        return _word_with_days(plain, heard, word, asked_for_date=asked_for_date)
    intent = _first(heard, _AFTER_A_DAY)
    if intent == "refusal" and conditional(masked):
        return "dispute", 0.8
    pleads = intent == "hardship" and _PLEADING.search(masked) is not None
    if intent in ("hardship", "paid_claim") and word and word.spoken and "instalments" not in heard and not pleads:
        return "promise", 0.6
    if intent:
        return intent, 0.85
    intent = _first(heard, _QUESTIONS)
    if intent:
        return intent, 0.85
    if word:
        return "instalments" if word.parts else "promise", word.sure
    if "promise" in heard and (asks_about_us(masked) or conditional(masked)):
        heard = [h for h in heard if h != "promise"]
    intent = _first(heard, _COURTESIES)
    return (intent, 0.75) if intent else ("none", 0.3)


def off_topic(plain: str) -> bool:
    """Whether a sentence asks after something that is none of our trade: a pool, a cat, a parcel."""
    return _ASKS.search(plain) is not None and _OUR_TRADE.search(plain) is None


def speaks_of_our_trade(plain: str) -> bool:
    """Whether a sentence asks anything or names anything we deal in."""
    return _ASKS.search(plain) is not None or _OUR_TRADE.search(plain) is not None


def sounds_like_a_word(like: Mapping[str, float], *, alone: bool) -> str | None:
    """Whether a sentence that names a day is most like a promise or instalments, and which; a day speaks for it.

    A day that stands ``alone`` in its clause speaks louder, and a hardship told beside it is its reason.
    """
    given = max(("promise", "instalments"), key=like.__getitem__)
    ours = ("promise", "instalments", "hardship") if alone else ("promise", "instalments")
    others = max(odds for name, odds in like.items() if name not in ours)
    return given if like[given] + (_A_DAY_ALONE if alone else _A_DAY_SPEAKS) >= others else None


def weighed(
    intent: str, confidence: float, like: Mapping[str, float], heard: Collection[str], *, dated: bool, timed: bool
) -> tuple[str, float]:
    """The intent once the likeness has spoken: heard alone when no phrase was, else only when it is far ahead."""
    likest = max(like, key=like.__getitem__)
    rival = max(like[name] for name in like if name != likest) if intent == "none" else like[intent]
    lead = like[likest] - rival
    if likest == intent or intent in NEVER_OVERRULED or (likest in _SPOKEN_OUT and likest not in heard):
        return intent, confidence
    if intent == "none":
        enough = _LEAD_ALONE_GRAVE if timed or likest in _GRAVE else _LEAD_ALONE
        return (likest, 0.5) if lead >= enough else (intent, confidence)
    if intent == "instalments" and likest == "promise":
        return intent, confidence
    if likest in _GRAVE and likest not in heard and likest not in ("promise", "instalments"):
        return intent, confidence
    if dated and likest in ("promise", "instalments"):
        return intent, confidence
    enough = _LEAD_FOR_NOTHING if likest == "none" else _LEAD_OVERRULES
    return (likest, 0.6) if lead >= enough else (intent, confidence)


def _first(heard: Collection[str], order: tuple[str, ...]) -> str | None:
    return next((intent for intent in order if intent in heard), None)


def _word_with_days(plain: str, heard: Collection[str], word: Pledge, *, asked_for_date: bool) -> tuple[str, float]:
    """Instalments or a promise; what is left of a debt, paid on one day and no part before it, is a promise."""
    rest = _THE_REST.search(plain) if len(set(word.days)) == 1 else None
    all_at_once = rest and (not _IN_PARTS.search(plain) or word.rest_open)
    if ("instalments" in heard and not all_at_once) or word.parts:
        return "instalments", 0.9
    return "promise", 0.95 if word.spoken or asked_for_date else 0.6
