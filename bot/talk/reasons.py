"""Why something is not said, in words a person can read: every code of the ladder, in Chinese and English."""

from collections.abc import Mapping

from bot.rules.decision import Code, Reason

WORDS: dict[Code, tuple[str, str]] = {
    Code.PAID: ("已缴清", "everything due is paid"),
    Code.NOT_DUE: ("还没到该提醒的日子", "nothing is due yet"),
    Code.STALE_LEDGER: ("账目太旧，先导入最新收款", "the ledger is too old to be sure; import the newest payments"),
    Code.BANK_DEBIT_PENDING: ("银行托收在途，等回盘", "a bank collection is on its way; its return file is awaited"),
    Code.PROMISE_OPEN: ("业主已承诺缴费，等到那一天", "the owner gave a word; it is waited for"),
    Code.PAID_CLAIM: ("业主说已缴，等入账核对", "the owner says it is paid; the ledger is being checked"),
    Code.UNIDENTIFIED_PAYMENT: ("有一笔不明来款可能是这户的", "a transfer nobody could place may be this owner's"),
    Code.DISPUTED: ("业主有异议，先答复", "the owner disputes it; an answer comes first"),
    Code.PLAN_ON_TRACK: ("分期协议履行中", "an instalment plan is being kept"),
    Code.OPTED_OUT: ("业主已退订", "the owner opted out"),
    Code.QUIET_HOURS: ("不在可联系的时段", "outside the hours in which we may write"),
    Code.MIN_GAP: ("距上次联系太近", "too soon after the last contact"),
    Code.CAP: ("已达每天或每周的次数上限", "the limit per day or week is reached"),
    Code.THROTTLED: ("前台来不及应答，排到稍后", "the desk could not answer more at once; it comes later"),
    Code.NO_CONTACT: ("没有可用的联系方式", "there is no address that works"),
    Code.NOT_PROVED: (
        "正式通知只发给已核实本人的联系方式",
        "formal words go only to a proved contact",
    ),
    Code.OFFLINE: ("这位业主由人工电话联系", "this owner is called by a person, not written to"),
    Code.NO_QUOTA: ("渠道的发送额度用完了", "the channel's quota is used up"),
    Code.NEEDS_APPROVAL: ("模板还在等平台审核", "the provider has not approved the template yet"),
    Code.NEEDS_FACT: ("需要先登记相应的事实", "a fact must be on record first"),
    Code.BELOW_TOLERANCE: ("金额太小，不打扰", "too small an amount to trouble anybody"),
    Code.ON_HOLD: ("已暂缓", "on hold"),
    Code.SUIT_FILED: ("已起诉，自动提醒停止", "a suit is filed; the automatic ladder has stopped"),
    Code.DECEASED: ("业主已故，由人处理", "the owner has died; people handle it"),
    Code.PAUSED: ("被人工暂停", "paused by a person"),
    Code.NOT_RELEASED: ("首批名单还没放行", "the first list has not been released yet"),
    Code.SCRIPT_MISSING: ("没有可用的话术", "there is no wording for it"),
    Code.ALREADY_SAID: ("这一步已经说过", "this has been said already"),
    Code.WITH_PEOPLE: ("由人处理中", "people are handling it"),
    Code.UNKNOWN: ("情况不明，不发", "the state is unknown, so nothing is sent"),
}


def reason_words(code: str, locale: str = "zh-Hans") -> str:
    """A code in words."""
    zh, en = WORDS.get(Code(code), (code, code)) if code in Code.__members__ else (code, code)
    return en if locale == "en" else zh


_REMEDIES: dict[str, tuple[str, str]] = {
    "demand_delivered": (
        "正式通知还没有送达凭证：请当面交纸质通知并请业主签收，再登记签收（命令 yinuo contacted 房号 paper，"
        "私聊「签收 房号」，或控制台该户页面「登记人工联系」）；有的渠道（如 Telegram）不回送达，只能这样走下一步",
        "there is no proof that the formal notice arrived: hand over the paper notice against signature and record it "
        "(yinuo contacted UNIT paper, or “signed UNIT” in the private chat, or “Record a contact” on the account's "
        "page); some channels (Telegram) tell nobody of delivery, so this is the way on",
    ),
}
_FACT = (
    "有了文书就登记：yinuo fact add 房号 {fact} --ref 编号，或控制台该户页面「法律事实」",
    "once the document exists, record it: yinuo fact add UNIT {fact} --ref DOCUMENT, or “Legal facts” on its page",
)


_BY_CODE: dict[Code, tuple[str, str]] = {
    Code.NEEDS_APPROVAL: (
        "平台批下来后登记编号：yinuo scripts approved 路径 编号（docs/connect-wechat.md）；"
        "沙盒里一次全批：yinuo scripts approved --all",
        "once the provider has approved it: yinuo scripts approved PATH ID (docs/connect-wechat.md); "
        "in the sandbox all at once: yinuo scripts approved --all",
    ),
    Code.NOT_RELEASED: ("看过首批名单后放行：yinuo release", "look the first list over and let it go: yinuo release"),
    Code.NO_CONTACT: (
        "在工作簿补上电话再导入，或发绑定码：yinuo bind-codes",
        "add the phone to the workbook and import it again, or hand out a code: yinuo bind-codes",
    ),
    Code.STALE_LEDGER: ("导入最新的工作簿：yinuo import", "bring in the newest workbook: yinuo import"),
    Code.PAUSED: ("到期自动恢复；提前恢复：yinuo resume", "it ends by itself; to end it now: yinuo resume"),
}


def remedy(code: str, detail: Mapping[str, str], locale: str = "zh-Hans") -> str:
    """What a person does so that this reason goes away; empty where waiting is the answer."""
    if code == Code.NEEDS_FACT and detail.get("fact"):
        zh, en = _REMEDIES.get(detail["fact"], _FACT)
        return (en if locale == "en" else zh).format(fact=detail["fact"])
    zh, en = _BY_CODE.get(Code(code), ("", "")) if code in Code.__members__ else ("", "")
    return en if locale == "en" else zh


def reason_line(reason: Reason, zone_name: str = "") -> str:
    """One blocker as one line: code, words in both languages, until when."""
    zh, en = WORDS[reason.code]
    until = f" — until {reason.until.isoformat(timespec='minutes')}" if reason.until else ""
    detail = " ".join(f"{key}={value}" for key, value in reason.detail.items())
    line = f"{reason.code}: {zh} / {en}{until}{f' ({detail})' if detail else ''}{zone_name}"
    todo = [remedy(reason.code, reason.detail, locale) for locale in ("zh-Hans", "en")]
    return "\n     → ".join([line, *(words for words in todo if words)])
