"""The words of the evidence PDF: what our codes mean to a lawyer who knows nothing of us."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

CHANNELS = {
    "sms": "手机短信", "wechat": "微信公众号", "telegram": "Telegram", "wecom": "企业微信",
    "page": "业主网页", "staff": "工作人员",
}  # fmt: skip
OUTCOMES = {
    "in_flight": "已提交平台，尚无结果", "unknown": "结果不明", "not_accepted": "平台未接收", "refused": "平台拒绝",
    "accepted": "平台已接收", "sent": "平台已发出", "delivered": "已送达", "read": "已读", "failed": "未送达",
}  # fmt: skip
BANDS = {
    "before": "到期前提醒",
    "warm": "温馨提醒",
    "talk": "沟通协商",
    "formal": "正式催告",
    "law": "法律程序告知",
    "": "回复",
}
WAYS = {
    "cash": "现金", "pos": "刷卡", "wechat_pay": "微信支付", "alipay": "支付宝", "transfer": "银行转账",
    "bank_collection": "银行托收", "other": "其他方式", "call": "电话", "phone": "电话", "visit": "上门",
    "paper": "书面通知", "no_answer": "电话未接通", "message": "工作人员发信息",
    "letter": "信函", "intercom": "对讲", "door": "门前密封通知",
}  # fmt: skip
ROLES = {"responsible": "责任联系人", "co_owner": "共有人", "tenant": "承租人", "stand_in": "业主同意的代联系人"}
SEGMENTS = {"resident": "住宅（自住）", "vacant": "住宅（空置）", "shop": "商铺", "villa": "别墅", "parking": "车位"}
GROUNDS = {
    "demand": "催告", "part_payment": "部分清偿", "promise": "承诺履行", "plan": "分期协议", "suit": "提起诉讼",
}  # fmt: skip
REASONS = {
    "demand": "债权人向债务人提出履行请求（第195条第1项）",
    "part_payment": "债务人部分履行，同意履行义务（第195条第2项）",
    "promise": "债务人同意履行义务（第195条第2项）", "plan": "债务人同意分期履行（第195条第2项、第189条）",
    "suit": "债权人提起诉讼（第195条第3项）；只及于诉状列明的款项",
}  # fmt: skip
FACTS = {
    "letter_drafted": "催款函已拟", "letter_sent": "催款函已发", "lawyer_letter_drafted": "律师函已拟",
    "lawyer_letter_sent": "律师函已发", "suit_prepared": "起诉材料已备", "suit_filed": "已起诉",
}  # fmt: skip
PROMISES = {
    "open": "未到期", "kept": "已兑现", "partly_kept": "部分兑现", "broken": "未兑现", "cancelled": "已取消",
    "superseded": "已改期",
}  # fmt: skip
DISPUTES = {"open": "未答复", "upheld": "成立", "answered": "已答复", "withdrawn": "已撤回"}
PLANS = {
    "proposed": "已提出", "approved": "已批准", "on_track": "履行中", "broken": "未履行", "done": "已履行完毕",
    "cancelled": "已取消", "refused": "未批准",
}  # fmt: skip
PAYMENTS = {"received": "已入账", "in_flight": "托收在途", "unidentified": "待认领", "reversed": "已退回"}
EVENTS = {
    "opened": "立案", "joined": "并入新情况", "carded": "已告知工作人员", "claimed": "领取", "lapsed": "领取到期",
    "snoozed": "暂缓", "noted": "备注", "contacted": "联系业主", "looked": "查看", "alerted": "提醒",
    "resolved": "办结", "handed_over": "移交",
}  # fmt: skip
ENDS = {
    "paid": "已缴清", "new_promise": "另约付款日", "plan": "提出分期", "waiver": "提出减免", "wrong_number": "号码不对",
    "moved": "已搬走或换了业主", "dispute_upheld": "异议成立", "dispute_answered": "异议已答复",
    "legal": "建议走法律途径", "forgot": "业主忘记", "service": "业主对服务不满", "hardship": "业主有困难",
    "defect": "房屋或设施有问题", "absent": "业主不在", "too_high": "业主认为收费高", "refuses": "业主拒绝",
    "done": "已办完", "healed": "已恢复",
}  # fmt: skip
"""How a case ended."""
SENT = {
    "kept": "随信附件", "waiting": "随信附件尚未取得", "refused": "随信附件未能保存", "erased": "随信附件已依法删除",
}  # fmt: skip
INTERNAL = {"alerted", "carded", "looked"}
PROOFS = {
    "sms": "用该号码回复本系统，号码由此得到验证", "code": "输入账单上的一次性验证码绑定",
    "bill": "输入账单上的一次性验证码绑定", "page": "在本人网页上确认",
}  # fmt: skip


def say(words: Mapping[str, str], code: str | None) -> str:
    """A code in words; one that is not known is shown as it is."""
    return words.get(code or "", code or "—")


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals: 123450 → 1,234.50."""
    whole, cents = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole:,}.{cents:02d}"


def ended(note: str) -> str:
    """How a case ended, in words: its outcome, then what staff wrote of it; of a promise its date and sum."""
    outcome, _, more = note.partition(": ")
    if outcome == "new_promise" and more:
        on, _, fen = more.partition(" ")
        more = f"{day(on)}，{yuan(int(fen))} 元"
    return "：".join(part for part in (say(ENDS, outcome), more) if part)


def day(iso: str | None) -> str:
    """An ISO date as it is written in Chinese."""
    if not iso:
        return "—"
    on = date.fromisoformat(iso[:10])
    return f"{on.year}年{on.month}月{on.day}日"


def moment(iso: str | None) -> str:
    """An ISO instant with offset as local date and time."""
    if not iso:
        return "—"
    return datetime.fromisoformat(iso).strftime("%Y-%m-%d %H:%M:%S")


def known(recipient: Mapping[str, Any]) -> str:
    """How the address is known to be the recipient's, and that they are not the owner where they are not."""
    other = "" if recipient["debtor"] else "；收件人不是业主或共有人，是否到达业主有争议余地"
    if recipient["trust"] == "proved":
        when = f"，{moment(recipient['proved_at'])}" if recipient["proved_at"] else ""
        late = "" if recipient["proved_then"] else "；验证发生在本次发送之后"
        return f"{_proof(recipient)}{when}{late}{other}"
    if recipient["trust"] == "ledger":
        return f"业主登记资料中的联系方式，尚未由本人验证{other}"
    return "—"


def _proof(recipient: Mapping[str, Any]) -> str:
    who = "业主" if recipient["debtor"] else "收件人"
    if recipient["proved_by"] in PROOFS:
        return who + PROOFS[recipient["proved_by"]]
    return f"已验证（{recipient['proved_by'] or '方式见系统记录'}）"


def working(charge: Mapping[str, Any]) -> str:
    """How the amount comes about, as far as it is known."""
    worked = charge["worked_out"]
    if worked is None:
        return "账单未载明计算方式"
    told = f"账单注明：{worked['told']}" if worked["told"] else ""
    if "rate_milli" not in worked:
        return told
    rate = f"{worked['rate_milli'] // 1000}.{worked['rate_milli'] % 1000:03d}"
    sum_ = f"{worked['area_m2']} 平方米 × {rate} 元/平方米·月 × {worked['months']} 个月"
    exact = "" if worked["exact"] else "（约）"
    return "；".join(part for part in (f"{sum_} = {yuan(charge['amount_fen'])}元{exact}，单价由金额折算", told) if part)
