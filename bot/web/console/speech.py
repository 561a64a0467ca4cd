"""The console's two languages: a sentence is said in both, the page takes the reader's."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from bot.talk.scripts import Script


class Say(NamedTuple):
    """One sentence in Chinese and English."""

    zh: str
    en: str

    def to(self, lang: str) -> str:
        return self.en if lang == "en" else self.zh


KINDS: dict[str, Say] = {
    "management": Say("物业费", "management fee"),
    "repair_fund": Say("维修资金", "repair fund"),
    "water": Say("水费", "water"),
    "electricity": Say("电费", "electricity"),
    "gas": Say("燃气费", "gas"),
    "parking": Say("停车费", "parking"),
    "other": Say("其他", "other"),
}
COLUMNS: dict[str, Say] = {
    "unit": Say("房号（整个编号）", "unit (the whole code)"),
    "building": Say("楼栋", "building"),
    "stair": Say("单元", "stair"),
    "room": Say("房间", "room"),
    "owner": Say("业主姓名", "owner's name"),
    "phone": Say("手机", "phone"),
    "owner_ref": Say("业主编号", "owner's number"),
    "co_owner": Say("共有人", "co-owner"),
    "segment": Say("房屋类型", "type of the unit"),
    "occupancy": Say("入住状态", "occupancy"),
    "area": Say("面积", "area"),
    "kind": Say("费用名称", "name of the fee"),
    "period": Say("账期", "period"),
    "year": Say("年度", "year"),
    "amount": Say("应收金额", "amount charged"),
    "arrears": Say("欠费金额", "amount still owed"),
    "due": Say("缴费截止日", "due date"),
    "paid": Say("实收金额", "amount paid"),
    "paid_on": Say("缴费日期", "date paid"),
    "way": Say("缴费方式", "way of paying"),
    "ref": Say("流水号", "reference"),
    "payer": Say("付款人", "payer"),
    "remark": Say("备注", "remark"),
}
"""What a column of a workbook may be, as a person is asked."""
WAYS: dict[str, Say] = {
    "cash": Say("现金", "cash"),
    "pos": Say("刷卡", "card"),
    "wechat_pay": Say("微信支付", "WeChat Pay"),
    "alipay": Say("支付宝", "Alipay"),
    "transfer": Say("转账", "transfer"),
    "bank_collection": Say("银行托收", "bank collection"),
    "other": Say("其他", "other"),
}
STATES: dict[str, Say] = {
    "queued": Say("待发", "queued"),
    "sending": Say("发送中", "sending"),
    "uncertain": Say("待核实", "uncertain"),
    "accepted": Say("已交平台", "accepted"),
    "delivered": Say("已送达", "delivered"),
    "read": Say("已读", "read"),
    "failed": Say("未送达", "failed"),
    "skipped": Say("不必发", "skipped"),
    "superseded": Say("已被替代", "superseded"),
    "cancelled": Say("已取消", "cancelled"),
    "abandoned": Say("已放弃", "abandoned"),
    "open": Say("待处理", "open"),
    "claimed": Say("处理中", "claimed"),
    "snoozed": Say("稍后", "snoozed"),
    "resolved": Say("已办结", "resolved"),
    "received": Say("已入账", "received"),
    "in_flight": Say("托收在途", "on its way"),
    "unidentified": Say("待认领", "unidentified"),
    "reversed": Say("已冲正", "reversed"),
    "kept": Say("已兑现", "kept"),
    "partly_kept": Say("部分兑现", "partly kept"),
    "broken": Say("未兑现", "broken"),
}
PROMISES: dict[str, Say] = {
    **STATES,
    "open": Say("等那一天", "waited for"),
    "cancelled": Say("已取消", "cancelled"),
    "superseded": Say("已改期", "moved"),
}
READERS: dict[str, Say] = {
    "a plain owner": Say("普通业主", "a plain owner"),
    "a long name": Say("很长的名字", "a long name"),
    "several units": Say("有几套房", "several units"),
    "one fen": Say("只欠一分钱", "one fen"),
    "twelve million yuan": Say("欠一千二百万元", "twelve million yuan"),
    "markup in a name": Say("名字里有标记符号", "markup in a name"),
    "emoji in a name": Say("名字里有表情", "emoji in a name"),
}
"""Invented readers a wording is tried on (bot.talk.awkward)."""
WHYS: dict[str, Say] = {
    "shipped": Say("出厂", "shipped"),
    "rolled back": Say("退回", "rolled back"),
}
"""Why a version was published, where no person wrote it."""
SEGMENTS: dict[str, Say] = {
    "resident": Say("住户", "resident"),
    "vacant": Say("空置", "vacant"),
    "shop": Say("商铺", "shop"),
    "villa": Say("别墅", "villa"),
    "parking": Say("车位", "parking space"),
}
CHANNELS: dict[str, Say] = {
    "wechat": Say("微信", "WeChat"),
    "sms": Say("短信", "SMS"),
    "telegram": Say("Telegram", "Telegram"),
    "wecom": Say("企业微信", "WeCom"),
}
BANDS: dict[str, Say] = {
    "before": Say("到期前", "before due"),
    "warm": Say("温和", "warm"),
    "talk": Say("沟通", "talk"),
    "formal": Say("正式", "formal"),
    "law": Say("法律", "legal"),
}
FACTS: dict[str, Say] = {
    "letter_drafted": Say("催告函已拟", "letter drafted"),
    "letter_sent": Say("催告函已发", "letter sent"),
    "lawyer_letter_drafted": Say("律师函已拟", "lawyer's letter drafted"),
    "lawyer_letter_sent": Say("律师函已发", "lawyer's letter sent"),
    "suit_prepared": Say("起诉材料已备", "suit prepared"),
    "suit_filed": Say("已起诉", "suit filed"),
}
STEPS: dict[str, Say] = {
    "before_7": Say("到期前7天", "7 days before"),
    "due_day": Say("到期日", "due day"),
    "warm_4": Say("温和·第4天", "warm, day 4"),
    "warm_11": Say("温和·第11天", "warm, day 11"),
    "talk_17": Say("沟通·第17天", "talk, day 17"),
    "call_20": Say("电话·第20天", "call, day 20"),
    "talk_25": Say("沟通·第25天", "talk, day 25"),
    "formal_31": Say("正式·第31天", "formal, day 31"),
    "paper_31": Say("书面通知", "paper notice"),
    "formal_47": Say("期限已过·第47天", "period over, day 47"),
    "review_52": Say("法务评估", "legal review"),
    "letter_preparing": Say("催告函在拟", "letter in preparation"),
    "letter_sent": Say("催告函已发", "letter sent"),
    "lawyer_before": Say("律师函在拟", "lawyer's letter drafted"),
    "lawyer_after": Say("律师函已发", "lawyer's letter sent"),
    "suit_before": Say("起诉前", "before the suit"),
    "suit_after": Say("已起诉", "suit filed"),
    "statement": Say("月度对账", "monthly statement"),
    "broken_promise": Say("承诺未兑现", "broken promise"),
    "promise_eve": Say("承诺前夜", "promise eve"),
    "promise_day": Say("承诺当日", "promise day"),
    "thanks": Say("收款致谢", "thanks"),
    "card_news": Say("工单有变化", "news of a case"),
    "alert_list": Say("等待处理的工单", "cases that wait"),
}
CAUSES: dict[str, Say] = {
    "broken_promise": Say("承诺未兑现", "broken promise"),
    "second_broken_promise": Say("再次未兑现", "second broken promise"),
    "missing_contact": Say("缺联系方式", "missing contact"),
    "stale_ledger": Say("账目太旧", "stale ledger"),
    "uncertain": Say("发送待核实", "uncertain send"),
    "dispute": Say("业主有异议", "dispute"),
    "paid_claim": Say("业主说已缴", "says it is paid"),
    "paid_claim_unseen": Say("说已缴，账上未见", "says paid, the ledger does not show it"),
    "hardship": Say("有困难", "hardship"),
    "plan_request": Say("想分期", "asks for instalments"),
    "invoice": Say("要发票", "wants an invoice"),
    "picture": Say("发来图片，请查看", "sent a picture"),
    "code_guessing": Say("有人试登记码", "somebody guesses codes"),
    "person": Say("想与人联系", "wants a person"),
    "visit": Say("约上门", "wants a visit"),
    "repair": Say("报修", "repair"),
    "refusal": Say("表示不缴", "refuses"),
    "abuse": Say("言语激动", "abusive words"),
    "not_me": Say("说找错人了", "says it is not them"),
    "sold": Say("说房屋已转让", "says the flat is sold"),
    "deceased": Say("业主已故", "the owner has died"),
    "opted_out": Say("退订提醒，仍有欠费", "opted out, still owes"),
    "not_handled": Say("来信未能处理", "a message could not be handled"),
    "too_many_messages": Say("来信很多", "very many messages"),
    "provider_refusal": Say("渠道拒收", "the provider refuses"),
    "group_trouble": Say("工作群发不出", "the staff group cannot be reached"),
    "legal_paper": Say("出具正式文书", "prepare the legal paper"),
    "door_notice": Say("门口通知", "notice on the door"),
    "owner_changed": Say("业主变更", "owner changed"),
    "step:call_20": Say("打个电话", "a call"),
    "step:paper_31": Say("送书面通知", "deliver the paper notice"),
    "step:review_52": Say("法务评估", "legal review"),
}
OUTCOMES: dict[str, Say] = {
    "paid": Say("已缴", "paid"),
    "wrong_number": Say("号码不对", "wrong number"),
    "moved": Say("已搬走或换了业主", "moved or sold"),
    "dispute_upheld": Say("异议成立", "dispute upheld"),
    "dispute_answered": Say("异议已答复", "dispute answered"),
    "legal": Say("建议走法律途径", "propose the legal road"),
    "forgot": Say("忘了", "forgot"),
    "service": Say("对服务不满", "unhappy with service"),
    "hardship": Say("有困难", "hardship"),
    "defect": Say("房屋或设施有问题", "a defect"),
    "absent": Say("人不在", "absent"),
    "too_high": Say("觉得收费高", "finds it too high"),
    "refuses": Say("拒绝", "refuses"),
    "done": Say("其他，已办完", "otherwise done"),
    "call": Say("电话", "call"),
    "visit": Say("上门", "visit"),
    "paper": Say("书面送达", "paper delivered"),
    "no_answer": Say("没人接", "no answer"),
    "message": Say("消息", "message"),
    "opened": Say("开立", "opened"),
    "joined": Say("并入新情况", "joined"),
    "carded": Say("发到群里", "carded"),
    "claimed": Say("领取", "claimed"),
    "lapsed": Say("领取超时", "lapsed"),
    "snoozed": Say("稍后", "snoozed"),
    "noted": Say("备注", "noted"),
    "contacted": Say("联系了业主", "contacted"),
    "looked": Say("查看", "looked"),
    "alerted": Say("提醒", "alerted"),
    "resolved": Say("办结", "resolved"),
    "handed_over": Say("转交", "handed over"),
    "woken": Say("到时间了", "woken"),
    "new_promise": Say("新承诺", "new promise"),
    "plan": Say("分期", "instalments"),
    "waiver": Say("申请减免", "waiver asked for"),
    "assistant": Say("责任人", "the responsible person"),
    "next": Say("下一位", "the next on the rota"),
    "supervisor": Say("主管", "the supervisor"),
    "claimer": Say("认领人", "whoever has it"),
    "group": Say("工作群", "the staff group"),
}
JOURNAL: dict[str, Say] = {
    "release": Say("放行首批名单", "released the first list"),
    "pause": Say("暂停", "paused"),
    "resume": Say("恢复", "resumed"),
    "hold": Say("暂停一户", "rested an account"),
    "hold_ended": Say("恢复一户", "ended an account's rest"),
    "legal_fact": Say("登记法律事实", "recorded a legal fact"),
    "fact_withdrawn": Say("撤回法律事实", "withdrew a legal fact"),
    "look": Say("查看完整信息", "looked at full data"),
    "publish": Say("发布话术", "published a wording"),
    "draft": Say("改话术草稿", "changed a draft"),
    "draft_dropped": Say("丢弃草稿", "dropped a draft"),
    "words_changed": Say("改话术", "changed wordings"),
    "law_set_aside": Say("搁置一条法规检查", "set a legal rule aside"),
    "ladder": Say("改节奏", "changed the ladder"),
    "import": Say("导入", "imported"),
    "import_undone": Say("撤回导入", "took an import back"),
    "settle": Say("核实一条消息", "settled a message"),
    "staff": Say("改人员", "changed staff"),
    "staff_added": Say("添加人员", "added staff"),
    "staff_role": Say("改角色", "changed a role"),
    "staff_password": Say("改密码", "changed a password"),
    "client_added": Say("发外部系统令牌", "made a token"),
    "client_revoked": Say("停用外部系统", "revoked a token"),
    "signed_in": Say("登录", "signed in"),
    "approval": Say("申请或批准", "asked or approved"),
    "approved": Say("批准", "approved"),
    "reversal": Say("冲正", "reversed a payment"),
    "sign_in_code": Say("登录验证码设置", "sign-in code set"),
    "stand_in": Say("代联系人", "stand-in"),
    "retain": Say("到期内容已清除", "old contents erased"),
    "erase": Say("按业主要求清除", "erased an owner's data"),
    "export": Say("导出业主资料", "exported an owner's data"),
}


def said_as(scripts: Mapping[Any, Script]) -> dict[str, Say]:
    """What replies and notices to staff are called, by the purpose their wordings tell (Chinese · English)."""
    found: dict[str, Say] = {}
    for script in scripts.values():
        if script.group != "reminders" and script.name not in found:
            zh, _, en = script.purpose.partition("·")
            found[script.name] = Say(_CUT.split(zh.strip())[0], _CUT.split((en or zh).strip())[0])
    return found


_CUT = re.compile(r"[；;（(:：]")


def word_of(table: dict[str, Say], key: str, lang: str) -> str:
    """A word of a table; what it does not know is said as it stands."""
    return table[key].to(lang) if key in table else key
