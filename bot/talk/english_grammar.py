"""What a time looks like in English: words, feasts by name, one pattern with a group for each kind."""
# ruff: noqa: E501

from __future__ import annotations

import re

MONTHS = (
    "jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?", "aug(?:ust)?",
    "sept?(?:ember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?",
)  # fmt: skip
DAYS = (
    "mon(?:day)?s?", "tue(?:s(?:day)?)?", "wed(?:s|nesday)?", "thu(?:r(?:s(?:day)?)?)?", "fri(?:day)?", "sat(?:urday)?", "sun(?:day)?",
)  # fmt: skip
ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth",
    "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth",
)  # fmt: skip
COUNTS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
MONTH = rf"(?:{'|'.join(MONTHS)})(?![a-z])\.?"
_WD = rf"(?:{'|'.join(DAYS)})\b\.?"
_ORD = r"(?:(?:first|second|third|(?:four|fif|six|seven|eigh|nin|ten|eleven|twelf|(?:thir|four|fif|six|seven|eigh|nine)teen|twentie|thirtie)th)|twenty[- ](?:first|second|third|(?:four|fif|six|seven|eigh|nin)th|one|two|three|four|five|six|seven|eight|nine)|thirty[- ]first)"
_NUM = rf"(?:(?:3[01]|[12]\d|0?[1-9])(?:\s?(?:st|nd|rd|th))?(?![\d:%h]|/(?![a-z])|\.\d|\s?[ap]m|\s?(?:yuan|rmb|dollars?|times?)\b)|{_ORD})"
_N = rf"(?:\d+(?:\.5)?|an?|{'|'.join(COUNTS)}|couple(?: of)?|a couple(?: of)?|half an?|fourteen|fifteen|twenty|thirty)"
_UNIT = r"(?P<{0}>business days?|working days?|work days?|weekdays?|days?|d|weeks?|wks?|w|fortnights?|months?|mos?|quarters?(?!\sof)|years?|yrs?|hours?|hrs?|minutes?|mins?|seconds?)"
_YEAR = r"(?:[,/-]?\s?(?:of |in )?(?P<{0}>(?:19|20)\d\d)(?!\d))"

FEASTS = {
    "chinese new year's eve": "eve", "lunar new year's eve": "eve", "chinese new year": "spring", "lunar new year": "spring",
    "chinese lunar new year": "spring", "spring festival": "spring", "cny": "spring", "new year'?s? eve": "new_year_eve",
    "new year'?s?(?: day)?": "new_year", "yuandan": "new_year", "lantern festival": "lantern", "qing ?ming(?: festival)?": "qingming",
    "tomb[- ]sweeping day": "qingming", "international workers'? day": "labour", "may day": "labour",
    "labor day": "us_labor", "labour day": "labour", "dragon boat(?: festival)?": "dragon_boat", "mid[- ]autumn(?: festival)?": "mid_autumn",
    "moon festival": "mid_autumn", "national day": "national", "golden week": "national", "october holiday": "national", "may holiday": "labour", "winter solstice": "winter_solstice",
    "dong ?zhi": "winter_solstice", "boxing day": "boxing", "christmas eve": "christmas_eve", "xmas eve": "christmas_eve", "christmas(?: day)?": "christmas",
    "xmas(?: day)?": "christmas", "valentine'?s?(?: day)?": "valentine", "halloween": "halloween", "easter mon(?:day)?": "easter_monday",
    "easter(?: sunday)?": "easter", "good friday": "good_friday", "thanks ?giving(?: day)?": "thanksgiving", "black friday": "black_friday", "cyber monday": "cyber_monday",
    "father'?s'? day": "fathers", "mother'?s'? day": "mothers", "martin luther king(?:'?s)?(?: jr\\.?)? day": "mlk", "mlk day": "mlk",
    "memorial day": "memorial", "president'?s'? day": "presidents", "columbus day": "columbus", "independence day": "independence",
    "veterans?'? day": "veterans", "(?:st\\.?|saint) (?:patrick|padd?y)'?s?(?: day)?": "st_patrick", "(?:the )?ides of march": "ides", "earth day": "earth",
    "april fool'?s?(?: day)?": "fools", "children'?s day": "children", "women'?s day": "women", "singles'? day": "singles",
    "double ninth": "double_ninth",
}  # fmt: skip
_FEAST = "|".join(FEASTS)

_GRAMMAR_LINES = rf"""
    (?P<compact>(?<!\d)20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d))
   |(?P<iso>(?<!\d)(?P<iy>(?:19|20)\d\d)\s?[-/.]\s?(?:(?P<im>1[0-2]|0?[1-9])|(?P<iw>{MONTH}))(?:\s?[-/.]\s?(?P<id>3[01]|[12]\d|0?[1-9]))?(?(id)(?!\d)|(?!\d|[-/.]\d)))
   |(?P<ym>(?<!\d)(?P<yy>(?:19|20)\d\d)\s?,?\s?(?P<yw>{MONTH}))
   |(?P<my4>(?<![\d./-])(?P<m4>1[0-2]|0?[1-9])\s?[/-]\s?(?P<y4>20\d\d)(?![\d/.-]))
   |(?P<slash>(?:(?<![\d./$¥-])|(?<=\d-)(?=\d\d?/))(?P<sa>\d\d?)(?P<ss>[-/.])(?P<sb>\d\d?)(?:(?:(?P=ss)|,\s?(?=(?:19|20)\d\d))(?P<sy>(?:19|20)\d\d|\d\d))?(?![\d/:%]|\.\d|(?<=\.\d\d)\s?(?:-|to)\s?\d|\s?(?:h|hours?|hrs?|of an|an hour|yuan|rmb|am|pm|days?|weeks?|months?|times)\b|\s?(?:of\s|in\s)?(?:{MONTH}|next month|this month)))
   |(?P<range>\b(?P<ra>{_NUM})(?P<rr>\s?(?:-|to|through|thru|till?|until|and)\s?(?:the\s)?)(?P<rb>{_NUM})\s?(?:of\s)?(?P<rm>{MONTH}|(?:of |in )?(?:this|next) month)(?:{_YEAR.format("ry")})?)
   |(?P<mrange>\b(?P<qm>{MONTH})\s?(?:between\s)?(?:the\s)?(?P<qa>{_NUM})\s?(?:-|to|through|thru|till?|until|and)\s?(?:the\s)?(?P<qb>{_NUM})(?!\s?[ap]\.?m|\d)(?:{_YEAR.format("qy")})?)
   |(?P<dm>(?<![$¥.])(?<!\d:)(?<![$¥]\s)\b(?:the\s)?(?P<da>{_NUM})(?:\sday)?(?:\.?\s|[-/])?(?:of\s)?(?:the\s)?(?P<db>{MONTH})(?:{_YEAR.format("dy")})?)
   |(?P<md>\b(?P<ma>{MONTH})\s?,?(?:the\s|[/-])?\s?(?P<mb>{_NUM}|twenty one|twenty two)(?!\s?[ap]\.?m\b|:\d)(?:{_YEAR.format("my")})?)
   |(?P<nth>\b(?<!-)(?P<na>last|{_NUM}(?=\s(?:\S+\s){{1,4}}))\s(?P<nb>{_WD}|week-?\s?end|wkend|week|day)(?:\s\S+){{0,3}}?\s(?:of|in)\s(?:the\s)?(?P<nm>{MONTH}|this month|next month|the month|month)(?:{_YEAR.format("ny")})?)
   |(?P<nmonth>\b(?:the\s)?(?P<za>{_NUM})\s(?:day\s)?(?:(?:of\s|in\s)?(?:the\s)?(?P<zb>this month|(?:the )?current month|(?:the )?next month|(?:the )?following month)|(?:of|in)\s(?:the\s)?(?P<zc>month))\b)
   |(?P<monthn>\b(?P<vm>this|next|following)\smonth\s?,?\s(?:on\s)?(?:the\s)?(?P<vn>{_NUM}))
   |(?P<part>\b(?P<pa>(?:month|year|quarter|week)'?s?[- ]end|end|beginning|start|middle|mid(?![- ]autumn)|early|late|close|last day|eom|eoy|boy|bom|eod|eow|cob|close of (?:business|play)|end of (?:business|play))\b[- ]?(?:(?:of|in|by|at)\s)?(?:around\s)?(?:the\s|my\s|this\s)?(?P<pb>(?:this|next|current|coming|following|upcoming)?\s?(?:month|week|year|quarter|day)\b|tomorrow|today|{_WD}|{MONTH})?(?:{_YEAR.format("py")})?)
   |(?P<rest>\b(?:rest|remainder|remaining)\s(?:of\s)?(?:the\s|this\s|my\s|current\s)*(?P<ru>week|month|year)|\b(?:before|by the time)\s(?:the|this)\s(?P<rv>week|month|year)\s(?:ends|finishes|is over|is out)\b)
   |(?P<weekof>\b(?:(?:the\s)?week\s(?:starting|beginning|commencing|of)\s(?:on\s)?(?:the\s(?!\d))?|w/c\s))
   |(?P<fromday>\b(?P<fa>the(?=\s(?:day|week))|{_N})\s?{_UNIT.format("fu")}\s?,?\s(?P<fr>from|after|before|later than|(?:starting|beginning)(?: from| on)?)\s(?=(?:this |the |next |coming )?(?:{_WD}|tomorrow|tmrw?\b|tmw\b|yesterday|today\b|tonight|{_FEAST}|{MONTH}|\d)))
   |(?P<after>\b(?:the\s)?(?:day after (?:tomorrow|tmrw|tmr|tmw|tomorow))|the day after\b(?!\stom)|overmorrow)
   |(?P<feast>\b(?:(?P<fmod>this|next|following|the following|the next)\s)?(?P<fn>{_FEAST})\b(?P<fwe>\sweek-?\s?end)?(?:\s(?:holidays?|break|vacation))?(?:{_YEAR.format("fy")}|\s(?:of\s)?(?P<fo>next year|this year))?)
   |(?P<weekday>\b(?:(?P<wm>this coming|this|next|coming|last|past|following|upcoming|every|the following)\s)?(?P<wd>{_WD})(?:\s?,?\s(?:(?:morning|afternoon|evening|night)\s)?(?:of\s|the\s)?(?:of\s)?(?P<wt>next week|this week|following week|the following week|week after next|after next|after(?=\s?(?:[,.!?]|$)|\sthat\b)|two weeks from now|week\b(?!-?\s?end))|\s(?P<wn>(?:the\s)?{_NUM})(?!st\b|nd\b|rd\b|th\b|\s(?:of\s)?(?:the\s)?{MONTH}|\s?[ap]m|\s?(?:-|h|:|to\b|o'?clock|days?|weeks?)))?)
   |(?P<weekon>\b(?P<gn>an?|one|two|2|three|3|1)\sweeks?\s(?:on\s|from\s)?(?:next\s)?(?P<gw>{_WD}|today\b|tomorrow\b))
   |(?P<thistime>\b(?:this time|same (?:time|day)|today|this day)\snext\s(?P<tw>week|month)\b|\banother\s(?P<tx>week|fortnight|month)\b)
   |(?P<severalwd>\b(?P<pn>{_N})\s(?P<pw>(?:{"|".join(DAYS)})s?)\s(?:from now|from today|later|away)\b)
   |(?P<afternext>\b(?:the\s)?(?P<hw>week-?\s?end|week|month|year)\safter\s(?:the\s)?next(?:\sone)?\b)
   |(?P<nextwd>\bnext\sweek(?:'s)?\s(?:on\s)?(?P<xw>{_WD}))
   |(?P<alone>\A(?:(?:about|around|maybe|just|another|need)\s)*(?P<ba>{_N})\s?{_UNIT.format("bu")}(?:\s(?:please|pls|ok|okay|max|more))*[.!?\s]*\Z)
   |(?P<count>(?:\b(?P<cp>in|within|give (?:it|me)|for the next|the next|next|over the next|another|coming|the coming|upcoming|the upcoming|inside)\s(?:about\s|around\s|like\s|the\s|next\s|another\s)?|\+\s?)(?P<ca>{_N})\s?(?P<cup>(?:upcoming|coming|more|next)\s)?{_UNIT.format("cu")}\b(?:\s(?P<ca2>\d+)\s?(?P<cu2>days?|hours?))?(?:'?s?\stime)?(?:\sfrom\s(?:now|today|right now))?)
   |(?P<later>\b(?P<la>{_N})\s?{_UNIT.format("lu")}\s(?P<ls>from now|from right now|from today|later|hence|in the future|time|after now|out|after|max|tops|at most|at the latest|maximum)\b)
   |(?P<upcoming>\b(?P<ua>{_N})\s(?:upcoming|coming|more)\s{_UNIT.format("uu")}\b)
   |(?P<period>\b(?P<oa>this|for the next|next|current|coming|upcoming|following|the|last|past|later in the|later this|for the|over the|on|at|over|my|all|within the)\s(?P<ob>week-?\s?end|work(?:ing)?[- ]?week|week|month|year|yr|quarter|qtr|season|summer|winter|spring|autumn|fall|fiscal year)\b(?!\s(?:of|after|starting|beginning|commencing)\b))
   |(?P<weekend>\bweekend\b)
   |(?P<quarter>\b(?:(?P<ka>1st|2nd|3rd|4th|first|second|third|fourth|last)\s(?:quarter|qtr)|q(?P<kq>[1-4]))(?:\sof\s(?:the|this)\syear\b|{_YEAR.format("ky")})?)
   |(?P<month>\b(?:(?P<om>in|during|by|for|this|next|through|until|before|from|end of|to)\s(?:the month of\s)?)?(?P<on>{MONTH})(?![a-z'])(?!\s?,?\s?(?:the\s)?(?:\d\d?(?!\d)|{_ORD}\b))(?:\s?[/-]?\s?(?P<oy>(?:19|20)\d\d)|\s(?P<or>next year|this year|after next))?)
   |(?P<rel>\b(?P<rd>today|tonight|tonite|this (?:morning|afternoon|evening|arvo|noon|night)|tomorrow|tomorow|tommorow|tommorrow|tmrw?|tmw|tmr|2moro|2morrow|yesterday|now|right now|right away|immediately|eod|cob|straight away|the next day|next (?:day|morning|evening|night)|(?:the )?next (?:few )?(?:hours?|minutes?)|in less than an? (?:hour|minute)|after an hour|in (?:1/2|1/4|3/4|a? ?few|several|an?(?= sec)|a pair of|(?:a|three)[- ]quarters? of)\s?(?:an?\s)?(?:h|hours?|hrs?|minutes?|mins?|secs?|seconds?))\b)
   |(?P<year>\b(?:in|through|by|until|during|=)\s?(?P<yn>20\d\d)\b(?![-/.]\d|\s?(?:yuan|rmb)))
   |(?P<number>(?:(?<=,\s)(?=\d\d?[snrt])|\A(?:the\s)?(?=\d\d?[snrt][tdh][.!?\s]*\Z)|\b(?:on|by|before|until|till|for|the|around|about|is|at|from|and|of)\s(?:the\s|around\s)?)(?P<nn>(?:3[01]|[12]\d|[1-9])(?:st|nd|rd|th)|{_ORD})\b(?!\s(?:floor|time|reminder|message|notice|sms|unit|{_WD}|week|of\s|quarter|qtr|half|month|year|day|payment|part|instal|bill|charge|period|person|one|{MONTH})))
   |(?P<onnum>\b(?:(?:on|for|by)\sthe\s(?P<zn>3[01]|[12]\d|[1-9])(?![\d:]|st|nd|rd|th|\s(?:of\s|{MONTH}))|on\s(?P<zo>3[01]|[12]\d|[1-9])(?=\s?(?:,|at\b|$|\.\s|\.$))|\Athe\s(?P<zp>3[01]|[12]\d|[1-9])\Z))
   |(?P<vague>\b(?:soon|asap|as soon as possible|some ?day|one day|sometime|some time|later|pay ?day|payday|a few days|few days|several days|a few weeks|eventually|shortly|when i can|as soon as i can|another day|a couple of (?:days|weeks|months)|when i get paid|next pay(?:check|cheque)?|in a bit|in a while)\b)
"""
GRAMMAR = re.compile(
    r"(?<![a-z$])(?=[a-z\d+])(?:" + "".join(line.strip() for line in _GRAMMAR_LINES.splitlines()) + ")", re.ASCII
)
BEFORE = re.compile(r"(?:before|ahead of|prior to)\s(?:the\s|next\s|this\s)?$")
AFTER = re.compile(r"(?:after|following|since|past|from)\s(?:the\s)?$")
BY = re.compile(
    r"(?:by|within|before|until|till|any ?time|later|no later than|end of|in|during|through)\s(?:the\s)?(?:end of\s)?$"
)
