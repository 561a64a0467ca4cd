"""The sample's estate: three buildings, 216 flats, 24 shops, 60 parking spaces and the people who own them."""

from dataclasses import dataclass, field
from random import Random

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许韩冯邓曹"
    "彭曾萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆汪范"
)
_GIVEN = [
    "晓明",
    "丽华",
    "建国",
    "秀英",
    "志强",
    "淑芬",
    "伟",
    "芳",
    "敏",
    "静",
    "磊",
    "洋",
    "勇",
    "艳",
    "杰",
    "娟",
    "涛",
    "超",
    "霞",
    "平",
    "刚",
    "桂兰",
    "文博",
    "子涵",
    "雨桐",
    "思远",
    "嘉欣",
    "宇轩",
    "梓萱",
    "浩然",
    "欣怡",
    "俊杰",
    "雅琴",
    "国栋",
    "玉梅",
    "海燕",
    "建军",
    "春梅",
    "志远",
    "晓燕",
    "文静",
    "立新",
    "佳宁",
    "天宇",
    "明辉",
    "小红",
    "永强",
    "慧敏",
    "家豪",
    "倩",
]
_HANT = ["陳志明", "黃美玲", "張家輝", "李詠儀", "林國樑", "吳婉婷", "鄭偉雄", "何慧嫻", "劉德仁", "蔡佩珊"]
_ENGLISH = [
    "Emma Clarke",
    "Daniel Novak",
    "Priya Raman",
    "Thomas Becker",
    "Sofia Rossi",
    "James O'Neill",
    "Hana Sato",
    "Lucas Martin",
    "Olga Petrova",
    "Michael Brandt",
]
_COMPANIES = [
    "锦禾便利店有限公司",
    "云杉餐饮管理有限公司",
    "悦行教育咨询有限公司",
    "青禾口腔门诊部",
    "万象五金商行",
    "橙子烘焙工坊",
]
DEVELOPER = "锦绣置业有限公司"
FLOORS, DOORS = 18, 4
AREAS = (7_850, 8_920, 9_675, 11_830)
"""In hundredths of a square metre."""


@dataclass(slots=True)
class Owner:
    """An invented owner. ``openid`` and ``telegram`` are bindings made before."""

    name: str
    phones: list[str] = field(default_factory=list)
    locale: str = ""
    openid: str = ""
    telegram: str = ""
    co_owner: str = ""
    habit: str = "prompt"
    """prompt, slow (owes the last quarter), late (the last two), bad (all four), part (half of the last)."""


@dataclass(slots=True)
class Place:
    """A unit of the sample."""

    code: str
    building: str
    stair: str
    room: str
    kind: str
    """住宅, 商铺, 车位."""
    area: int
    """Hundredths of a square metre."""
    owner: Owner
    occupancy: str = "已入住"
    remark: str = ""
    bank_collection: bool = False


class Estate:
    """Draws the estate from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self._number = 0
        self._names: set[str] = set()
        self.places: list[Place] = []
        self._flats()
        self._shops()
        self._parking()
        self._mark()

    def _flats(self) -> None:
        """Three buildings of eighteen floors with four flats; now and then one owner has two."""
        foreign = [*((n, "en") for n in _ENGLISH), *((n, "zh-Hant") for n in _HANT)]
        spots = set(self.random.sample(range(216), len(foreign)))
        for number in range(216):
            building, rest = divmod(number, FLOORS * DOORS)
            floor, door = divmod(rest, DOORS)
            room = f"{floor + 1}{door + 1:02d}"
            if number in spots:
                owner = self._owner(*foreign.pop(0))
            elif number and self.random.random() < 0.06 and self.places[-1].owner.locale == "":
                owner = self.places[-1].owner
            else:
                owner = self._owner()
            stair = str(door // 2 + 1)
            code = f"{building + 1}-{stair}-{room}"
            self.places.append(Place(code, str(building + 1), stair, room, "住宅", AREAS[door], owner))

    def _shops(self) -> None:
        for number in range(24):
            name = _COMPANIES[number // 4] if number % 4 == 0 else ""
            owner = self._owner(name) if name else self._owner()
            area = self.random.randrange(3_500, 16_000)
            self.places.append(Place(f"S-{number + 1:02d}", "商业街", "", f"S-{number + 1:02d}", "商铺", area, owner))

    def _parking(self) -> None:
        """Parking spaces belong to people who live here."""
        living = self.random.sample([p.owner for p in self.places if p.kind == "住宅"], 60)
        for number, owner in enumerate(living, 1):
            self.places.append(Place(f"B1-{number:03d}", "地下车库", "", f"B1-{number:03d}", "车位", 1_250, owner))

    def _mark(self) -> None:
        """Vacant flats, units not sold, holds in remarks, bank collections."""
        flats = [p for p in self.places if p.kind == "住宅"]
        chosen = self.random.sample(flats, 30)
        developer = self._owner(DEVELOPER)
        for place in chosen[:4]:
            place.owner, place.occupancy, place.remark = developer, "空置", "开发商未售"
        for place in chosen[4:16]:
            place.occupancy = "空置"
        for place, words in zip(
            chosen[16:21], ("起诉中", "已去世，继承办理中", "分期，每月500元", "分期", "漏水争议处理中"), strict=True
        ):
            place.remark, place.owner.habit = words, "late"
        for place in chosen[21:]:
            place.bank_collection = True

    # People

    def _owner(self, name: str = "", locale: str = "") -> Owner:
        owner = Owner(name or self._name(), locale=locale, habit=self._habit())
        if self.random.random() < 0.08 and not name:
            owner.co_owner = self._name()
        self._reach(owner)
        return owner

    def _name(self) -> str:
        while True:
            name = self.random.choice(_SURNAMES) + self.random.choice(_GIVEN)
            if name not in self._names:
                self._names.add(name)
                return name

    def _habit(self) -> str:
        return self.random.choices(("prompt", "slow", "part", "late", "bad"), (58, 20, 6, 10, 6))[0]

    def _reach(self, owner: Owner) -> None:
        """About four in ten by SMS alone, three by WeChat, two by Telegram, a few by both, a few not at all."""
        self._number += 1
        draw = self.random.random()
        if draw >= 0.06:
            abroad = owner.locale == "zh-Hant" or (owner.locale == "en" and self._number % 2)
            owner.phones = [f"+852 5550 {self._number:04d}" if abroad else f"1990000{self._number:04d}"]
        if draw >= 0.06 and self.random.random() < 0.05:
            owner.phones.append(f"1990001{self._number:04d}")
        if 0.46 <= draw < 0.80:
            owner.openid = "oYN" + "".join(self.random.choices("abcdefghijkmnpqrstuvwxyz23456789", k=25))
        if draw >= 0.76:
            owner.telegram = str(700_000_000 + self._number)
