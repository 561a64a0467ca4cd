"""What colleagues say to the bot in plain words: a verb, a unit or a case, and the rest."""

import re
from dataclasses import dataclass

from bot.talk.normal import normalise

_UNIT = re.compile(r"^[a-z0-9]{1,6}(?:[-/][a-z0-9]{1,6}){1,4}$|^[a-z]?\d{2,5}$", re.IGNORECASE)
_SUM = re.compile(r"^[¥￥]?(\d{1,7}(?:,\d{3})*)(?:\.(\d{1,2}))?(?:元|块|塊|yuan)?$", re.IGNORECASE)
_VERBS: tuple[tuple[str, str], ...] = (
    ("today", r"今[日天](?:清单|清單|任务|任務)?|(?:morning )?list|today"),
    ("mine", r"我的(?:工单|工單|任务|任務)?|my cases|mine"),
    ("unclaimed", r"待[认認][领領]|没人[认領领管]的?|unclaimed"),
    ("help", r"帮助|幫助|help|怎么用|怎麼用|\?|？"),
    ("cash", r"收?现金|收?現金|收到现金|收到現金|cash|paid in cash|paid cash"),
    ("find", r"查(?:询|詢|一下)?|找|find|look up"),
    ("owes", r"欠[费費多少]?[少钱錢]?|(?:what does|how much does)|owes?"),
    ("stand_in", r"代[联聯][系繫络絡]人?|stand[- ]?in"),
    ("signed", r"已?[签簽]收|signed"),
    ("note", r"[备備]注|[记記](?:一下|录|錄)?|note"),
    ("claim", r"[认認][领領]|claim|take"),
    ("contacted", r"已[联聯][系繫络絡]|contacted"),
    ("snooze", r"延[后後期]|推[迟遲]|snooze(?: until)?|later"),
    ("resolve", r"解[决決]|[办辦][结結]|resolve|close"),
    ("hand_over", r"移交|[转轉]交|交[给給]|hand over"),
)
_COMMAND = tuple(
    (verb, re.compile(rf"^/?(?:{words})(?![a-z])[\s:：,，]*(.*)$", re.IGNORECASE | re.S)) for verb, words in _VERBS
)
_NO_ARGUMENT = ("today", "mine", "unclaimed", "help")


@dataclass(frozen=True, slots=True)
class Command:
    """A verb with a case's number, a unit's code, a sum in fen, and further words."""

    verb: str
    case: int | None = None
    unit: str = ""
    fen: int | None = None
    rest: str = ""


def read_command(text: str) -> Command | None:
    """The command a text is, or None: chatter of the group is not ours to answer."""
    plain = " ".join(text.replace("＃", "#").split())
    for verb, pattern in _COMMAND:
        match = pattern.match(plain)
        if match is None:
            continue
        rest = match[1].strip()
        if verb in _NO_ARGUMENT:
            return Command(verb) if not rest else None
        return _with_argument(verb, rest)
    return None


def _with_argument(verb: str, rest: str) -> Command | None:
    first, _, after = rest.partition(" ")
    if verb in ("find", "owes", "cash", "stand_in", "signed"):
        code = first.removesuffix("室").removesuffix("的")
        if not _UNIT.match(code):
            return None
        if verb != "cash":
            return Command(verb, unit=code, rest=after.strip() if verb in ("stand_in", "signed") else "")
        fen = read_fen(after.split(" ")[0]) if after else None
        return Command(verb, unit=code, fen=fen)
    number = first.removeprefix("#")
    if number.isdigit() and len(number) < 12:
        return Command(verb, case=int(number), rest=after.strip())
    return None


def read_fen(text: str) -> int | None:
    """A sum in yuan as fen: 486, ¥1,200.50, 300元; None for anything else."""
    match = _SUM.match(text.strip())
    if match is None:
        return None
    fen = int(match[1].replace(",", "")) * 100 + int((match[2] or "").ljust(2, "0") or 0)
    return fen if fen > 0 else None


OUTCOMES: dict[str, tuple[str, ...]] = {
    "paid": ("已缴", "已繳", "缴了", "paid"), "forgot": ("忘了", "忘记", "forgot"),
    "service": ("服务", "服務", "不满", "service"), "hardship": ("困难", "困難", "hardship"),
    "defect": ("质量", "質量", "房屋", "defect"), "absent": ("不住", "absent"),
    "too_high": ("费用高", "太贵", "太貴", "too high"),
    "refuses": ("拒缴", "拒繳", "不缴", "refuses"), "wrong_number": ("号码不对", "號碼不對", "空号", "wrong number"),
    "moved": ("搬走", "已售", "卖了", "賣了", "moved", "sold"), "dispute_upheld": ("异议成立", "異議成立", "upheld"),
    "dispute_answered": ("异议已答", "異議已答", "已答复", "已答覆", "answered"),
    "legal": ("法务", "法務", "起诉", "legal"), "waiver": ("减免", "減免", "waiver"),
    "plan": ("分期", "plan", "instalments"), "new_promise": ("新承诺", "承诺", "承諾", "promise"),
    "done": ("已办", "已辦", "done"),
}  # fmt: skip
"""The outcomes of a case and the words colleagues use for them."""


def read_outcome(text: str) -> str | None:
    """The outcome a text names, or None."""
    raw, plain = text.strip().lower(), normalise(text)
    if raw in OUTCOMES:
        return raw
    hits = [(len(w), outcome) for outcome, words in OUTCOMES.items() for w in words if w in raw or w in plain]
    return max(hits)[1] if hits else None
