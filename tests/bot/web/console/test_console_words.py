"""What the console says of the journal and of the checker's findings: one language, no codes."""

import re
from typing import Any

import pytest

from bot.flows.wordings import rules
from bot.flows.words import read_files
from bot.settings import Settings
from bot.talk.awkward import AWKWARD
from bot.talk.scriptcheck import check_script
from bot.talk.scripts import parse_script
from bot.web.console.checker_words import fault_words
from bot.web.console.journal_words import JournalWords
from bot.web.console.speech import READERS, STEPS

PATH = "reminders/warm_4/zh-Hans.md"
HAN = re.compile(r"[\u4e00-\u9fff]")


def words(lang: str) -> JournalWords:
    return JournalWords(lang, {6: "张样本"}, lambda table, key: STEPS[key].to(lang) if table == "step" else key)


@pytest.mark.parametrize(
    ("subject", "zh", "en"),
    [
        ("staff:6", "张样本", "张样本"), ("hold:13", "暂缓 #13", "rest #13"), ("case:17", "工单 #17", "case #17"),
        ("month:2026-11", "月份 2026-11", "month 2026-11"),
        (f"draft:{PATH}", "草稿 温和·第4天 · 简体中文", "draft warm, day 4 · 简体中文"),
    ],
)  # fmt: skip
def test_what_a_change_was_about_is_said_in_words(subject: str, zh: str, en: str) -> None:
    assert (words("zh").subject(subject), words("en").subject(subject)) == (zh, en)


@pytest.mark.parametrize(
    ("note", "zh"),
    [
        ("link code made", "取了绑定码"), ("details shown", "看了详情"), ("added as accountant", "角色：会计"),
        ("left, over to 6", "离开，交给张样本"), ("version 3", "第 3 版"), ("until 2026-12-01", "到 2026-12-01"),
        ("业主出国三个月", "业主出国三个月"),
    ],
)  # fmt: skip
def test_a_note_beside_a_change_is_said_in_words_and_a_persons_own_words_stay(note: str, zh: str) -> None:
    assert words("zh").note("staff", note) == zh


def test_who_changed_something_is_a_name() -> None:
    assert [words("zh").who(who) for who in ("staff:6", "", "yinuo", "cli", "person:9", "demo")] == [
        "张样本", "系统", "系统", "命令行", "业主", "demo",
    ]  # fmt: skip


BODIES = (
    "您好 {{ onwer }}",
    "您好 {{ owner，a }}",
    "您好 {{ owner|other }}",
    "{% for x in y %}您好{% endfor %}",
    "您好 {{ owner",
)


@pytest.mark.parametrize("body", BODIES)
def test_the_checkers_sentences_are_in_the_readers_language(body: str) -> None:
    source = read_files(Settings().scripts)[PATH]
    script = parse_script(PATH, source)
    found = check_script(parse_script(PATH, source.replace(script.body, body)), rules())
    laws = {rule.id: rule for rule in rules()}
    assert found
    for problem in found:
        zh, en = (fault_words(problem.message, laws.get(problem.rule), lang) for lang in ("zh", "en"))
        assert HAN.search(zh), zh
        assert "Unknown" not in zh
        assert "unexpected" not in zh
        if problem.rule not in laws:
            assert not HAN.search(en), en


def test_every_invented_reader_has_a_name_in_chinese() -> None:
    assert {owner.what for owner in AWKWARD} == set(READERS)


async def test_a_wording_is_found_by_the_words_the_page_shows_for_it(enter: Any) -> None:
    client = await enter("admin")
    page = (await client.get("/console/words", params={"q": "reminder eve"})).text
    assert "promise_eve" not in page
    page = (await client.get("/console/words", params={"q": "promise eve"})).text
    assert "promise_eve" in page
    assert "warm_4" not in page


async def test_the_settings_page_shows_no_codes(enter: Any, token: Any) -> None:
    client = await enter("admin")
    await token(client)
    page = (await client.get("/console/settings", headers={"Cookie": "yinuo_lang=zh"})).text
    assert "staff:" not in page
    assert "signed_in" not in page
