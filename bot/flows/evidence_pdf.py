"""The evidence as a person reads it: what is owed and why, who was told what and when, and how to check all of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.flows import evidence_words as w
from bot.flows.evidence_page import AMBER, INK, RED, SOFT, Paper
from bot.flows.evidence_words import day, moment, yuan

Fact = Mapping[str, Any]


def write_pdf(folder: Path, facts: Fact, journal: Fact) -> None:
    """Writes evidence.pdf into the folder that holds the files. Raises NoFont when no Chinese font can be embedded."""
    account = facts["account"]
    paper = Paper(f"{facts['community']} {account['unit']} 物业费催收证据")
    _cover(paper, facts)
    _account(paper, facts)
    _charges(paper, facts)
    _money(paper, facts)
    _demands(paper, facts)
    _heard(paper, facts, folder)
    _promises(paper, facts)
    _acts(paper, facts, folder)
    _proof(paper, journal)
    paper.output(str(folder / "evidence.pdf"))


def _cover(paper: Paper, facts: Fact) -> None:
    account, charges = facts["account"], facts["charges"]
    due = [c for c in charges if c["due_on"] < facts["as_of"] and c["open_fen"]]
    paper.title_line("物业服务费催收证据材料")
    paper.pairs(
        [
            ("小区", facts["community"]),
            ("房屋", account["unit"]),
            ("业主", account["owner"]),
            ("截至日期", day(facts["as_of"])),
            ("逾期未付本金", f"{yuan(sum(c['open_fen'] for c in due))} 元，共 {len(due)} 笔"),
            ("合同违约金", _contract_fee(charges)),
            ("提醒与催告", f"{_sent(facts)} 次发送；业主来信 {len(facts['heard'])} 条"),
            ("制作时间", f"{moment(facts['made_at'])}（{facts['timezone']}）"),
        ]
    )  # fmt: skip
    paper.says(
        "本材料由物业收费提醒系统“一诺”按数据库记录自动生成，供律师和法院核对，不是法律意见。金额单位为人民币元；"
        "日期为小区当地日期。每条事实后的编号（如 attempt:12）是系统中的原始记录号，与随附的 evidence.json 一一对应；"
        "第八部分说明哪些内容有流水佐证，怎样核对其自形成以来没有被改动。"
    )
    soon = [c for c in charges if c["open_fen"] and c["limitation"]["amber"]]
    for charge in soon:
        clock = charge["limitation"]
        paper.says(
            f"注意：{charge['period_words']}{charge['kind_words']}的诉讼时效按确定的依据将于 "
            f"{day(clock['certain']['ends_on'])} 届满，只剩 {clock['days_left']} 天。", AMBER,
        )  # fmt: skip


def _sent(facts: Fact) -> int:
    return sum(demand["kind"] != "reply" for demand in facts["demands"])


def _contract_fee(charges: Sequence[Fact]) -> str:
    """What our contract's clause comes to over all charges that bear it, or why none does."""
    fees = [charge["late_fee"]["fee_fen"] for charge in charges if charge["late_fee"] is not None]
    if fees:
        return f"{yuan(sum(fees))} 元"
    ours = not charges or any(not charge["previous_manager"] for charge in charges)
    return "未启用（系统中未录入合同违约金条款）" if ours else "未计收（均为前一物业公司遗留的款项）"


def _account(paper: Paper, facts: Fact) -> None:
    account = facts["account"]
    paper.chapter("一、账户与责任业主")
    area = f"{account['area_m2']} 平方米" if account["area_m2"] else "未登记"
    closed = f"，至 {day(account['closed_on'])}" if account["closed_on"] else ""
    rows = [
        ("房屋", f"{facts['community']} {account['unit']}，{w.say(w.SEGMENTS, account['segment'])}"),
        ("建筑面积", area),
        ("责任业主", account["owner"] + (f"（业主编号 {account['owner_number']}）" if account["owner_number"] else "")),
        ("责任期间", f"{day(account['opened_on'])} 起{closed}"),
    ]  # fmt: skip
    for other in account["others"]:
        until = f"，至 {moment(other['until'])}" if other["until"] else ""
        rows.append((w.say(w.ROLES, other["role"]), f"{other['name']}，{moment(other['since'])} 起{until}"))
    paper.pairs(rows)


# Charges


def _charges(paper: Paper, facts: Fact) -> None:
    charges = facts["charges"]
    paper.chapter("二、应收款项与欠费")
    amber = [n for n, c in enumerate(charges) if c["limitation"]["amber"] and c["open_fen"]]
    paper.grid(
        ("编号", "费用", "期间", "应付日", "金额", "已付", "未付", "时效届满（确定）"),
        [
            (
                str(c["id"]), c["kind_words"], c["period_words"], day(c["due_on"]), yuan(c["amount_fen"]),
                yuan(c["amount_fen"] - c["open_fen"]), yuan(c["open_fen"]), day(c["limitation"]["certain"]["ends_on"]),
            )
            for c in charges
        ],
        (8, 12, 17, 16, 12, 11, 11, 17), right=(4, 5, 6), marked=amber,
    )  # fmt: skip
    for charge in charges:
        _charge(paper, charge, facts)


def _charge(paper: Paper, charge: Fact, facts: Fact) -> None:
    paper.heading(
        f"款项 {charge['id']}：{charge['period_words']} {charge['kind_words']} {yuan(charge['amount_fen'])} 元", 60
    )
    late = f"截至本材料逾期 {charge['days_overdue']} 天" if charge["open_fen"] else "已付清"
    before = "；前一物业公司遗留" if charge["previous_manager"] else ""
    rule = "账单载明" if charge["due_rule"] == "file" else "按小区收费规则确定"
    rows = [
        ("费用期间", f"{day(charge['period_from'])} 至 {day(charge['period_to'])}"),
        ("金额怎样得出", w.working(charge)),
        ("应付日", f"{day(charge['due_on'])}（{rule}），{late}"),
        ("来源", f"{charge['source']} / {charge['ref']}{before}"),
        ("未付本金", f"{yuan(charge['open_fen'])} 元"),
    ]  # fmt: skip
    paper.pairs(rows, 18)
    if charge["paid"]:
        paper.label("已付与抵充")
        paper.grid(
            ("付款日", "方式", "抵充", "金额", "付款记录"),
            [(day(p["paid_on"]), w.say(w.WAYS, p["way"]), "本金" if p["part"] == "principal" else "违约金",
              yuan(p["amount_fen"]), p["payment"]) for p in charge["paid"]],
            (22, 20, 16, 20, 22), right=(3,),
        )  # fmt: skip
    if charge["open_fen"] or charge["late_fee"]:
        _late_fee(paper, charge)
    if charge["open_fen"]:
        _limitation(paper, charge)


def _late_fee(paper: Paper, charge: Fact) -> None:
    fee, lpr = charge["late_fee"], charge["lpr"]
    paper.label("违约金：按合同约定")
    if charge["previous_manager"]:
        paper.says("前一物业公司遗留的款项不适用本合同的违约金条款，未计收合同违约金。")
    elif fee is None:
        paper.says("系统中未录入合同违约金条款，未计收合同违约金。")
    else:
        for clause in fee["clauses"]:
            paper.says(
                f"条款：{clause['clause']}。自 {day(clause['from'])} 起每日万分之 {clause['daily_ppm'] / 100:g}；"
                f"宽限 {clause['grace_days']} 天；以本金的 {clause['cap_percent']}% 为上限。"
            )
        _fee_lines(paper, fee["lines"], True)
        off = [f"超出上限不计 {yuan(fee['capped_fen'])} 元"] * bool(fee["capped_fen"])
        off += [f"已减免或已付 {yuan(fee['waived_fen'])} 元"] * bool(fee["waived_fen"])
        paper.says(f"合同违约金合计 {yuan(fee['fee_fen'])} 元" + (f"（{'；'.join(off)}）" if off else "") + "。")
    paper.label(f"对照：按 LPR 年利率 {lpr['yearly_bp'] / 100:g}% 计算的逾期损失")
    _fee_lines(paper, lpr["lines"], False)
    paper.says(f"按 LPR 计算合计 {yuan(lpr['fee_fen'])} 元（自应付日次日起，单利，每年按 365 天）。")


def _fee_lines(paper: Paper, lines: Sequence[Fact], contract: bool) -> None:
    if not lines:
        return
    heads = ("起", "止", "天数", "本金", "日利率", "金额") if contract else ("起", "止", "天数", "本金", "金额")
    rows = []
    for x in lines:
        rate = [f"万分之{x['daily_ppm'] / 100:g}"] if contract else []
        rows.append(
            (day(x["first"]), day(x["last"]), str(x["days"]), yuan(x["principal_fen"]), *rate, yuan(x["fee_fen"]))
        )
    widths = (22, 22, 10, 16, 14, 16) if contract else (26, 26, 12, 18, 18)
    paper.grid(heads, rows, widths, right=(2, 3, 4, 5) if contract else (2, 3, 4))


def _limitation(paper: Paper, charge: Fact) -> None:
    clock = charge["limitation"]
    paper.label("诉讼时效（《民法典》第188条：三年；第195条：中断后重新计算）")
    for name, words in (("certain", "只算确定的依据"), ("arguable", "连同有争议余地的依据")):
        one = clock[name]
        state = "，已届满" if one["expired"] else ""
        ink = RED if one["expired"] else AMBER if name == "certain" and clock["amber"] else None
        begun = f"{words}：自 {day(one['starts_on'])} 起算，中断 {len(one['interruptions'])} 次"
        paper.says(f"{begun}，{day(one['ends_on'])} 届满{state}。", ink or INK)
    if clock["waived"]:
        paper.says("时效届满后业主又承诺履行：不得再以时效届满抗辩（第192条）。")
    rows = clock["arguable"]["interruptions"]
    if rows:
        paper.grid(
            ("日期", "事由", "依据", "把握", "记录"),
            [(day(g["on"]), w.say(w.GROUNDS, g["kind"]), w.REASONS.get(g["kind"], ""),
              "确定" if g["certain"] else "有争议余地", g["ref"]) for g in rows],
            (18, 12, 40, 13, 17),
        )  # fmt: skip


def _money(paper: Paper, facts: Fact) -> None:
    paper.chapter("三、收款记录")
    if not facts["payments"]:
        paper.says("该账户没有收款记录。")
    else:
        paper.grid(
            ("付款日", "方式", "金额", "状态", "付款人", "凭证号", "记录"),
            [(day(p["paid_on"]), w.say(w.WAYS, p["way"]), yuan(p["amount_fen"]),
              w.say(w.PAYMENTS, p["state"]), p["payer"] or "—", p["ref"], p["row"])
             for p in facts["payments"]],
            (18, 13, 13, 11, 12, 19, 14), right=(2,),
        )  # fmt: skip
    for waiver in facts["waivers"]:
        what = "违约金" if waiver["part"] == "late_fee" else "本金"
        paper.says(f"{moment(waiver['when'])} 减免{what} {yuan(waiver['amount_fen'])} 元，{waiver['who']} 批准，原因："
                   f"{waiver['why']}（{waiver['row']}）")  # fmt: skip


# What was said


def _demands(paper: Paper, facts: Fact) -> None:
    paper.chapter("四、提醒与催告（逐条全文）")
    said = [demand for demand in facts["demands"] if demand["kind"] != "reply"]
    if not said:
        paper.says("没有发送过提醒或催告。")
    for number, demand in enumerate(said, 1):
        _message(paper, f"{number}. {moment(demand['when'])}　{w.say(w.BANDS, demand['band'])}", demand)


def _message(paper: Paper, title: str, demand: Fact) -> None:
    paper.heading(f"{title}　{w.say(w.CHANNELS, demand['channel'])}", 70)
    recipient, script = demand["recipient"], demand["script"]
    version = (
        f"第 {script['number']} 版，{script['path']}，摘要 {script['digest'][:16]}…" if script else "逐条拟写，无模板"
    )
    rows = [
        ("收件人", f"{recipient['name'] or '—'}，{recipient['address'] or '—'}"),
        ("怎知是业主", w.known(recipient)),
        ("话术版本", version),
        ("结果", w.say(w.OUTCOMES, demand["outcome"])
         + (f"；平台编号 {demand['provider_id']}" if demand["provider_id"] else "")
         + (f"；{demand['reason']}" if demand["reason"] else "")),
    ]  # fmt: skip
    for receipt in demand["receipts"]:
        state = w.say(w.OUTCOMES, receipt["state"])
        why = f"，{receipt['reason']}" if receipt["reason"] else ""
        rows.append(
            ("平台回执", f"{moment(receipt['when'])} {state}{why}（{receipt['row']}，{receipt['provider_id']}）")
        )
    if demand["charges"]:
        rows.append(("所涉款项", "、".join(f"款项 {number}" for number in demand["charges"])))
    rows.append(("记录", f"{demand['row']}，发送编号 {demand['our_id']}"))
    paper.pairs(rows, 16)
    paper.box(demand["text"])


def _heard(paper: Paper, facts: Fact, folder: Path) -> None:
    paper.chapter("五、业主来信与回复（逐条全文）")
    if not facts["heard"]:
        paper.says("没有收到业主的来信。")
    replies = [demand for demand in facts["demands"] if demand["kind"] == "reply"]
    story = [(h["when"], 0, h) for h in facts["heard"]] + [(d["when"], 1, d) for d in replies]
    for _when, ours, fact in sorted(story, key=lambda one: (one[0], one[1])):
        if ours:
            _message(paper, f"我方答复　{moment(fact['when'])}", fact)
            continue
        trust = "已验证的联系方式" if fact["trust"] == "proved" else "未经验证的联系方式"
        channel = w.say(w.CHANNELS, fact["provider"])
        paper.heading(f"{fact['person'] or '来信人'}　{moment(fact['when'])}　{channel}")
        paper.box(fact["text"] or f"（{fact['kind']}，无文字）")
        for one in fact["files"]:
            _file(paper, one, w.say(w.SENT, one["state"]), folder)
        paper.says(f"{trust}；{fact['row']}", SOFT, 8.5)


def _file(paper: Paper, fact: Fact, words: str, folder: Path) -> None:
    """What was sent along or kept as proof: its name and hash, and the picture where it is one."""
    if fact["file"] is None:
        paper.says(f"{words}（{fact['row']}）")
        return
    paper.says(f"{words}：{fact['file']}，{fact['bytes']} 字节（{fact['row']}）")
    paper.says(f"SHA-256 {fact['sha256']}", SOFT, 8.5)
    if not fact["file"].endswith((".pdf", ".bin")) and not paper.picture(folder / fact["file"]):
        paper.says("图片无法在此显示，请打开该文件。", AMBER)


def _promises(paper: Paper, facts: Fact) -> None:
    paper.chapter("六、承诺、分期与异议")
    if not (facts["promises"] or facts["plans"] or facts["disputes"]):
        paper.says("没有承诺、分期协议或异议。")
    if facts["promises"]:
        paper.grid(
            ("作出时间", "承诺", "方式与依据", "结果", "记录"),
            [_promise(p) for p in facts["promises"]],
            (19, 22, 24, 21, 14),
        )
    for plan in facts["plans"]:
        parts = "；".join(f"{day(on)} {yuan(fen)} 元" for on, fen in plan["instalments"])
        agreed = f"业主 {moment(plan['confirmed'])} 确认" if plan["confirmed"] else "业主未确认"
        paper.says(f"分期协议 {plan['id']}（{w.say(w.PLANS, plan['state'])}，{agreed}）：{parts}")
    for dispute in facts["disputes"]:
        about = f"款项 {dispute['charge_id']}" if dispute["charge_id"] else "整个账户"
        closed = f"，{moment(dispute['closed'])} 结束" if dispute["closed"] else ""
        paper.says(f"异议：{moment(dispute['when'])} 就{about}提出，事由 {dispute['reason']}；"
                   f"{w.say(w.DISPUTES, dispute['state'])}{closed}（{dispute['row']}）")  # fmt: skip


def _promise(p: Fact) -> tuple[str, ...]:
    basis = "工作人员记录" if p["by_staff"] else w.say(w.CHANNELS, p["channel"])
    heard = f"\n业主原话 {p['heard']}" if p["heard"] else ""
    result = w.say(w.PROMISES, p["state"])
    if p["ended"]:
        ended = w.say(w.PROMISES, p["ended"]["outcome"])
        result = f"{ended}，已付 {yuan(p['ended']['paid_fen'])} 元\n{moment(p['ended']['when'])}"
    return moment(p["when"]), f"{day(p['due_on'])} 前付 {yuan(p['amount_fen'])} 元", basis + heard, result, p["row"]


def _acts(paper: Paper, facts: Fact, folder: Path) -> None:
    paper.chapter("七、电话、上门、书面与法律程序")
    if not (facts["human_contacts"] or facts["legal_facts"] or facts["case_events"]):
        paper.says("没有电话、上门、书面催收或法律程序的记录。")
    for act in facts["human_contacts"]:
        paper.heading(f"{w.say(w.WAYS, act['way'])}　{moment(act['when'])}")
        proof = f"有附件 {act['file']}" if act["file"] else "无附件"
        rows = [
            ("经办人", act["staff"] or "—"), ("内容", act["content"] or "—"), ("业主答复", act["answer"] or "—"),
            ("下一步", act["next_step"] or "—"), ("证明", proof), ("记录", act["row"]),
        ]  # fmt: skip
        paper.pairs(rows, 16)
        if act["file"]:
            _file(paper, act, "证明附件", folder)
    if facts["legal_facts"]:
        paper.grid(
            ("日期", "事实", "文书编号", "录入人", "记录"),
            [(day(f["on"]), w.say(w.FACTS, f["kind"]) + ("（已撤回）" if f["withdrawn"] else ""),
              f["ref"], f["who"], f["row"]) for f in facts["legal_facts"]],
            (20, 22, 24, 16, 18),
        )  # fmt: skip
    _case_events(paper, facts["case_events"])


def _case_events(paper: Paper, events: Sequence[Fact]) -> None:
    """What staff did; how often the system reminded them of it concerns no court and stands in the JSON."""
    shown = [e for e in events if e["kind"] not in w.INTERNAL]
    if not shown:
        return
    paper.heading("工单处理记录")
    paper.grid(
        ("时间", "事项", "动作", "经办人", "说明", "记录"),
        [(moment(e["when"]), e["cause_words"], w.say(w.EVENTS, e["kind"]), e["staff"] or "系统",
          _noted(e), e["row"]) for e in shown],
        (21, 18, 12, 13, 20, 16),
    )  # fmt: skip
    if len(shown) < len(events):
        paper.says(f"另有 {len(events) - len(shown)} 条系统对工作人员的内部提醒，见 evidence.json。", SOFT)


def _noted(event: Fact) -> str:
    """What is told of an event beside its kind; a case opened for its cause alone says nothing more."""
    if event["kind"] == "resolved":
        return w.ended(event["note"])
    return "" if event["note"] == event["cause"] else str(event["note"])


# How to check


def _proof(paper: Paper, journal: Fact) -> None:
    paper.chapter("八、记录未被改动的证明与核对方法")
    paper.says(
        "系统在每件事发生的同时写下一条流水（journal），其中是该记录加盐后的 SHA-256 摘要；"
        "流水按批封存，每一批的封印由上一批封印与本批全部流水计算得出，环环相扣。改动、删除或插入任何一条，此后的封印都对不上。"
    )
    rows = []
    for chain in journal["chains"]:
        last = chain["seals"][-1]
        name = "全系统" if chain["key"] == 0 else f"小区 {chain['key']}"
        rows.append((name, str(last["number"]), moment(last["at"]) + " UTC", last["hash"]))
    paper.label("本材料制作时的最新封印")
    paper.grid(("流水链", "批号", "封存时间", "封印（SHA-256）"), rows, (12, 9, 24, 55))
    paper.label("怎样核对（不需要我方的系统，也不需要数据库）")
    paper.says("一、在任何装有 Python 3.8 或更高版本的电脑上，进入本材料所在文件夹，运行 python3 verify.py。")
    paper.says("二、程序逐一核对：文件与 SHA256SUMS 一致；每条带记录号的事实，其文字、金额、时间和编号与封存的"
               "记录一致，没有遗漏；每条记录与流水摘要一致；每个封印可由流水重新算出；封印前后相连直到最新一批。"
               "全部一致时显示 OK，否则逐条指出不一致之处。")  # fmt: skip
    paper.says("三、把上表封印与物业公司用 yinuo verify 显示的、或此前已取得时间戳的封印对照。")
    paper.says("四、程序还显示整份材料的摘要（digest）。制作时该摘要已写入流水并封存，物业公司运行 yinuo verify "
               "即列出；两者相同，才说明全部文件（包括本 PDF 和没有逐条流水佐证的账目）与制作时一致。")  # fmt: skip
    paper.label("可信时间戳（RFC 3161）附在何处")
    stamps = [f"seal-{c['key']}-{s['number']}.tsr" for c in journal["chains"] for s in c["seals"] if s["stamp"]]
    paper.says(
        ("已附：" + "、".join(stamps) + "。" if stamps else "本材料尚未附时间戳。")
        + "将上表封印（32 字节）交可信时间戳服务机构：openssl ts -query -digest 封印 -sha256 -cert -out seal.tsq；"
        "收到的答复（.tsr）用 yinuo stamp 存入对应批次，再次制作本材料时即以 seal-链-批号.tsr 附于文件夹内。"
    )
    _vouched(paper, journal)


def _vouched(paper: Paper, journal: Fact) -> None:
    paper.label("哪些内容有流水佐证，哪些没有")
    paper.says(
        f"有：{len(journal['rows'])} 条带记录号的记录（发送及全文、平台回执、来信及附件、收款、减免、承诺及其结果、"
        "异议、电话上门及证明、法律程序、工单、话术版本），其内容、金额和时间均与已封存的流水一致。"
    )
    paper.says(
        "没有逐条佐证：应收款项及其金额、应付日，付款抵充，违约金与 LPR 损失，诉讼时效，分期协议，业主、收件人及"
        "联系方式的资料和验证，付款人，发送结果及各项状态。这些取自物业公司导入系统的账目和制作时的系统记录，"
        "或据其计算得出，请另行举证。",
        AMBER,
    )
    if journal["not_sealed"]:
        paper.says("下列记录也没有流水佐证，请另行举证：" + "、".join(journal["not_sealed"]), AMBER)
