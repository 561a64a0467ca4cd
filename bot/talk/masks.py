"""Blots out what looks like a date or a sum and is none: buildings, rooms, telephone numbers, periods already owed.

Every mask keeps the length of the text, so that places found after it are places in the sentence.
"""

from __future__ import annotations

import re

BLOT = "·"
_OWED = "物业|管理|水电|水费|电费|气费|燃气|暖气|取暖|停车|车位|费|账|欠|单|款|发票|钱"
_MASKS = re.compile(
    rf"""
    (?=[\da-z今去前明全一二三四第这上下几以])(?:
    (?<!\d)\d+[楼层]\d+号(?![之以]?前|交|付|转|给|缴)
   |(?<![\d-])(?!(?:19|20)\d\d-\d\d?-\d\d?(?!\d)|\d\d?-\d\d?-(?:19|20)\d\d(?!\d))\d+(?:-\d+){{2,}}\s?(?:室|号房?|房)?
   |(?<!\d)\d+\s?(?:号楼|号院|号房(?![租贷款东子产])|号铺|号门|号线|号车位|号车库|号别墅|栋|幢|座|单元|楼|室|房|层|号店|号商铺|号(?=\d+(?:室|号|单元|-)))(?:[a-z]?\d{{1,4}}(?![\d号月日.]))?
   |(?<![a-z\d])(?!q[1-4](?![\d栋座号]))[a-z]\d{{1,4}}(?:栋|座|室|房|号)?(?=[^\d年月日号]|$)
   |(?<!\d)\d{{3,4}}室
   |(?<![\d.])1\d{{10}}(?!\d)|(?<!\d)0\d{{2,3}}-?\d{{7,8}}(?!\d)|\d{{3}}-\d{{3}}-\d{{4}}|95\d{{3}}|\b\d{{5,}}号
   |(?:(?:19|20)?\d\d年)?\d{{1,2}}月?(?:份)?\s?(?:-|~|到|至|和|,)\s?(?:(?:19|20)?\d\d年)?\d{{1,2}}月(?:份)?(?=的|(?:{_OWED}))
   |(?:(?:(?:19|20)?\d\d年|今年|去年|前年)的?)?(?:\d{{1,2}}月(?:份)?)(?=(?:的|那?个?月?的?)(?:{_OWED})|(?:{_OWED}))
   |(?:(?:19|20)?\d\d年|今年|去年|前年|明年|全年|一年|1年|(?:第?[1-4一二三四]|这个?|上个?|下个?)季度?|上半年|下半年|(?:这个?|上个?|下个?|几个?)月)(?=的?(?:这|那|个|欠)?(?:{_OWED}))
   |(?:去年|前年|上年)的?(?:\d{{1,2}}月(?:份)?(?:\d{{1,2}}[日号])?)?|上半年(?=的|没|欠)|以前(?=的|欠))
    """,
    re.X,
)


def mask(text: str) -> str:
    """A normalised sentence with buildings, rooms, telephone numbers and periods already owed blotted out."""
    return _MASKS.sub(lambda m: BLOT * len(m[0]), text)
