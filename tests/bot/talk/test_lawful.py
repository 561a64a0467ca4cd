"""The rules of law and truth see through disguises and leave decent words alone."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bot.talk.disguise import unmask
from bot.talk.lawful import BadRules, judge, load_rules
from bot.talk.scripts import Script

ROOT = Path(__file__).parents[3]
RULES = load_rules((ROOT / "scripts" / "law.yaml").read_text(encoding="utf-8"))


def script(say: str, name: str = "warm_4", locale: str = "zh-Hans", requires: tuple[str, ...] = ()) -> Script:
    body = f"{{{{ units }}}}{{{{ total|money }}}}{{{{ charges }}}}\n{say}{{{{ reply_hint }}}}"
    return Script("reminders", name, locale, None, "", (), requires, None, {}, None, body, body)


def broken(say: str, **how: object) -> set[str]:
    return {problem.rule for problem in judge(script(say, **how), RULES)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "say",
    """停水|断您家的水|我们会把您家的电停了|水、电、气都会停|掐水断电|停*水|停_水|停 　水|停\u200b水|停\n水|停氺
    |⽔电停供|斷水斷電|停shui断dian|ｔｉｎｇ　ｓｈｕｉ|tíng diàn|ting2 shui3|t.i.n.g s.h.u.i|tingshuidian|电梯将不能使用
    |门禁权限将被取消|将取消您的车辆通行权限|服务将受到影响|我们可能无法继续为您提供服务|电梯刷不了卡|锁水表|暂停相关服务
    |your lift card will stop working|suspension of services|No payment, no water|we'll shut off the power
    |c.u.t o.f.f w.a.t.e.r|your electricity supply may be interrupted""".replace("\n    |", "|").split("|"),
)
def test_cutting_services_is_seen_in_every_disguise(say: str) -> None:
    assert "cut_services" in broken(say)


@pytest.mark.parametrize(
    ("say", "rule"),
    [
        ("后 果 自 负", "threat"),
        ("我们不会善罢甘休", "threat"),
        ("天天打电话给您", "threat"),
        ("厚脸皮", "insult"),
        ("将移送司法机关", "authority"),
        ("您的信用会有污点", "credit_blacklist"),
        ("去您单位找您", "employer"),
        ("全楼就您一户没缴", "third_party"),
        ("别的业主都缴了", "third_party"),
        ("在群里点名", "publish_debt"),
        ("我们的律师会联系您", "untrue_letter"),
        ("案件已进入诉讼程序", "untrue_suit"),
        ("走司法途径", "early_law"),
        ("把验证码告诉我们", "private_payment"),
        ("<script>x</script>", "markup"),
    ],
)
def test_a_bad_sentence_breaks_the_rule_that_fits(say: str, rule: str) -> None:
    assert rule in broken(say)


@pytest.mark.parametrize(
    "say",
    [
        "水费和电费都在这张账单里",
        "停车费和水电费",
        "有关水电费的问题请来电",
        "一切水电费用以账单为准",
        "期限电话",
        "我们的服务有不到位的地方，请您指出",
        "电梯维修已经完成",
        "维修的同事会与您约时间",
        "不客气",
        "想先问一声：是忙忘了、手头紧，还是有事我们没办好？回1、2、3都行；也可以定个日子，到期前只提醒您一次。",
        "Water and electricity are billed together",
        "Please call the service phone",
        "If the lift was out of order, tell us",
        "We hope the new lift serves you well",
    ],
)
def test_decent_words_break_no_rule(say: str) -> None:
    assert broken(say) == set()


def test_the_right_to_sue_is_stated_in_a_formal_notice_and_no_earlier() -> None:
    say = "逾期未付，我公司有权依法起诉。{{ deadline|day }}"
    assert broken(say, name="formal_31") == set()
    assert broken(say, name="warm_4") == {"early_law"}


@pytest.mark.parametrize(
    ("say", "fact", "rule"),
    [
        ("律师函已拟好", "lawyer_letter_drafted", "untrue_letter"),
        ("催告函已寄出", "letter_sent", "untrue_letter_sent"),
        ("起诉材料已备好", "suit_prepared", "unprepared_suit"),
        ("我公司已依法提起诉讼", "suit_filed", "untrue_suit"),
    ],
)
def test_a_letter_or_suit_is_claimed_only_with_its_fact(say: str, fact: str, rule: str) -> None:
    assert rule in broken(say, name="letter_x")
    assert broken(say, name="letter_x", requires=(fact,)) == set()


def test_a_drafted_letter_is_not_a_sent_one() -> None:
    assert "untrue_letter_sent" in broken("律师函已发出", name="letter_x", requires=("lawyer_letter_drafted",))


def test_the_line_of_the_fault_is_named() -> None:
    problem = next(p for p in judge(script("好的\n好的\n届时停水"), RULES) if p.rule == "cut_services")
    assert problem.line == 4
    assert "停水" in problem.message
    assert "944" in problem.message


def test_each_rule_breaks_on_the_example_it_gives() -> None:
    needs_a_fact = {"untrue_letter_sent", "untrue_lawyer", "unprepared_suit"}
    for rule in RULES:
        if rule.patterns and rule.id not in needs_a_fact:
            said = [_bare(rule.example, channel) for channel in (None, "sms")]
            assert rule.id in {problem.rule for one in said for problem in judge(one, RULES)}, rule.id


def _bare(say: str, channel: str | None) -> Script:
    return Script("reminders", "warm_4", "zh-Hans", channel, "", (), (), None, {}, None, say, say)


def test_unmasking_keeps_each_characters_line() -> None:
    plain = unmask([("停·\n\n水 Ting", 3)])
    assert plain.text == "停水 ting"
    assert plain.lines[:2] == (3, 5)


@pytest.mark.parametrize(
    "text",
    [
        "rules: 1",
        "rules: [{id: x}]",
        "rules: [{id: x, ground: g, example: e, zh: z, en: e, patterns: ['(']}]",
        "rules: [{id: x, ground: g, example: e, zh: z, en: e, pattern: []}]",
        "rules: [",
    ],
)
def test_a_bad_rules_file_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadRules, match=r"law\.yaml"):
        load_rules(text)


@pytest.mark.parametrize("piece", ["1", "停您家", "cut the ", "a ", "<a", "post the your name list ", "已经向您依法"])
def test_a_hostile_text_is_judged_without_a_wait(piece: str) -> None:
    started = time.monotonic()
    judge(script(piece * (7_900 // len(piece))), RULES)
    assert time.monotonic() - started < 2
