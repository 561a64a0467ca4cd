"""The shortest answers: a bare yes or no, and which language is asked for."""
# ruff: noqa: E501

from __future__ import annotations

import re

from bot.talk.normal import WEEKDAYS

_YES = re.compile(
    r"^[\W_]*(?:好[的呀吧啊滴哒嘞哦了]*|是的?|对的?|嗯+[嗯好呐]*|恩+|行[吧的啊]*|可以[的啊]*|没问题|确认|确定|同意|1|ok(?:ay)?|okk+|yes|yeah|yep|yup|y|sure|correct|confirm(?:ed)?|right|fine|agreed?|(?:系|啱|得|可以|好|ok)[呀啊㗎噶喇啦的晒]*|没有?错|冇错|中|成|要得|好,?可以|是,?的|没错|就这样|就这么定|对啊|是啊|好,?谢谢|确认无误|hao|hao de|haode|shi|dui|👌|👍|✅)[\W_]*$"
)


_NO = re.compile(
    r"^[\W_]*(?:不[是对行要可以好同意用了吧啊]*|2|no|nope|nah|n|wrong|incorrect|cancel|别|算了|取消|否|没有|错了?|不是[的呀啊]*|不[系啱得][呀啊㗎噶喇啦的]*|not really|no thanks|❌)[\W_]*$"
)


_SIGNS = {"👌": True, "👍": True, "✅": True, "🆗": True, "❌": False, "👎": False}


_ASKED_LANGUAGE = re.compile(
    r"(?P<en>英文|英语|english|英)|(?P<hant>繁体|繁中|粤语|广东话|白话|traditional|cantonese|繁)|(?P<hans>中文|简体|普通话|国语|汉语|中国话|chinese|mandarin|simplified)"
)


_CANNOT = re.compile(
    r"(?:看|听|读|写)?不(?:懂|明白|会|识|要)[^,。]{0,6}|(?:don't|do not|can't|cannot|no|not)\s(?:\w+\s){0,4}(?:chinese|english|mandarin|cantonese)|(?:中文|英文|英语|汉字|简体字?|繁体字?)[^,。]{0,3}(?:看|听|读)不懂"
)


def yes_or_no(text: str, plain: str) -> bool | None:
    """A message that is nothing but a confirmation or its denial; one that names a weekday is neither (好，周六)."""
    if len(plain) > 12 or any(weekday in plain for weekday in WEEKDAYS):
        return None
    for sign, meaning in _SIGNS.items():
        if text.strip().strip("\ufe0f").strip(sign) == "" and sign in text:
            return meaning
    if _YES.match(plain):
        return True
    return False if _NO.match(plain) else None


def language(plain: str) -> str | None:
    """The locale a sentence asks for: ``zh-Hans``, ``zh-Hant`` or ``en``; what is not understood is not what is wanted."""
    wanted = _CANNOT.sub("", plain)
    match = _ASKED_LANGUAGE.search(wanted)
    if match:
        return "en" if match["en"] else "zh-Hant" if match["hant"] else "zh-Hans"
    refused = _ASKED_LANGUAGE.search(plain)
    if refused is None:
        return None
    return "zh-Hans" if refused["en"] else "zh-Hant" if "简" in refused[0] else "zh-Hans" if refused["hant"] else "en"
