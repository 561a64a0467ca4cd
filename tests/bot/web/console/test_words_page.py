"""Words in the console: checked as typed, drafted, published after every check, taken back."""

import io
import zipfile
from typing import Any

import pytest
from sqlalchemy import select

from bot.flows.dispatch import drain
from bot.flows.plan import plan
from bot.flows.words import read_files
from bot.settings import Settings
from bot.web.console.words import Refusal, _unpacked
from store import core, words
from store.journal import SEALED

WARM = "reminders/warm_4/zh-Hans.md"
FORMAL = "reminders/formal_31/zh-Hans.md"
FILES = read_files(Settings().scripts)


def body_of(path: str) -> str:
    return FILES[path].split("---\n", 2)[2]


async def checked(client: Any, csrf: str, body: str, path: str = WARM, **more: str) -> Any:
    data = {"csrf": csrf, "body": body, "reader": "a1", **more}
    return await client.post(f"/console/words/check/{path}", data=data, headers={"accept": "application/json"})


async def saved(client: Any, csrf: str, body: str, path: str = WARM, version: int = 0, **more: str) -> Any:
    data = {"csrf": csrf, "body": body, "version": str(version), **more}
    return await client.post(f"/console/words/save/{path}", data=data)


async def test_every_wording_stands_in_the_tree(enter: Any) -> None:
    client = await enter("supervisor")
    page = await client.get("/console/words")
    assert f"/console/words/edit/{WARM}" in page.text
    assert "/console/words/edit/replies/balance/en.md" in page.text


async def test_as_one_types_the_three_phones_change_and_faults_are_named_with_their_line(
    enter: Any, token: Any
) -> None:
    client = await enter("supervisor")
    csrf = await token(client)
    good = (await checked(client, csrf, body_of(WARM) + "祝您一切都好。")).json()
    assert good["problems"] == []
    shown = {p["channel"]: p for p in good["phones"]}
    assert set(shown) == {"wechat", "sms", "telegram"}
    assert "祝您一切都好" in shown["telegram"]["text"]
    assert "王敏" in shown["telegram"]["text"]
    assert not shown["sms"]["mine"]
    cut = (await checked(client, csrf, body_of(WARM) + "再不缴就停 水。\n")).json()["problems"]
    assert cut[0]["rule"] == "cut_services"
    assert cut[0]["line"] == body_of(WARM).count("\n") + 1
    assert "九百四十四" in cut[0]["ground"]
    unknown = (await checked(client, csrf, body_of(WARM) + "{{ secret }}")).json()["problems"]
    assert "unknown_slot" in {p["rule"] for p in unknown}
    letter = (await checked(client, csrf, body_of(WARM) + "律师函已经发出。")).json()["problems"]
    assert any(p["law"] for p in letter)


async def test_templates_that_reach_for_more_are_refused(enter: Any, token: Any) -> None:
    client = await enter("supervisor")
    csrf = await token(client)
    for evil in (
        "{{ x.__class__ }}", "{{ owner.__class__.__mro__ }}", "{% for a in owner %}{{ a }}{% endfor %}",
        "{{ 'a' * 999999999 }}", "{{ [].append(1) }}", "{% include '/etc/passwd' %}", "{% set a = 1 %}",
        "{{ owner|e }}",
        "{{ range(10**9) }}", "{{",
    ):  # fmt: skip
        answer = await checked(client, csrf, body_of(WARM) + evil)
        assert answer.status_code == 200, evil
        assert answer.json()["problems"], evil


async def test_a_wording_of_a_megabyte_is_refused_with_a_sentence_and_nothing_is_saved(
    place: Any, enter: Any, token: Any
) -> None:
    client = await enter("supervisor")
    answer = await saved(client, await token(client), "啊" * 100_000 + "x" * 700_000)
    assert answer.status_code == 422
    assert "at most 8,000 characters" in answer.text
    async with place.house.store.read() as conn:
        assert (await conn.execute(select(core.script_draft))).all() == []


async def test_a_script_in_a_wording_stays_text_on_every_page(enter: Any, token: Any) -> None:
    client = await enter("supervisor")
    await saved(client, await token(client), body_of(WARM) + "</textarea><script>alert(1)</script>")
    page = await client.get(f"/console/words/edit/{WARM}")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text


async def test_the_second_of_two_who_save_is_shown_the_firsts(place: Any, enter: Any, token: Any) -> None:
    one, two = await enter("supervisor"), await enter("head")
    assert "not in force yet" in (await saved(one, await token(one), body_of(WARM) + "第一位。")).text
    late = await saved(two, await token(two), body_of(WARM) + "第二位。")
    assert late.status_code == 409
    assert "supervisor one saved this draft" in late.text
    assert "第一位" in late.text
    assert "第二位" in late.text
    async with place.house.store.read() as conn:
        kept = (await conn.execute(select(core.script_draft.c.source_text))).scalar_one()
    assert "第二位" not in kept


async def test_published_a_message_goes_out_with_the_new_version_and_rollback_is_one_press(
    place: Any, enter: Any, token: Any
) -> None:
    client = await enter("supervisor")
    csrf = await token(client)
    await saved(client, csrf, body_of(WARM) + "祝您顺心。\n")
    page = await client.post(f"/console/words/publish/{WARM}", data={"csrf": csrf, "version": "1", "why": "更暖"})
    assert "Published as version" in page.text, page.text
    await client.post("/console/first-list/plan", data={"csrf": csrf})
    await client.post("/console/first-list/release", data={"csrf": csrf, "seen": "yes"})
    await plan(place.house)
    await drain(place.house)
    said = [out.text for out in place.house.channels["telegram"].sent]
    assert any("祝您顺心" in text for text in said), said
    page = await client.post(f"/console/words/rollback/{WARM}", data={"csrf": csrf})
    assert "Taken back" in page.text
    async with place.house.store.read() as conn:
        now_in_force = await words.current(conn, None, WARM)
    assert now_in_force.source_text == FILES[WARM]


async def test_an_unlawful_draft_may_be_kept_but_never_published(enter: Any, token: Any) -> None:
    client = await enter("head")
    csrf = await token(client)
    await saved(client, csrf, body_of(WARM) + "不缴就停电。\n")
    data = {"csrf": csrf, "version": "1", "why": "试试"}
    answer = await client.post(f"/console/words/publish/{WARM}", data=data)
    assert answer.status_code == 422
    assert "cut_services" in answer.text
    data |= {"set_aside": "cut_services", "reason": "我说了算"}
    answer = await client.post(f"/console/words/publish/{WARM}", data=data)
    assert answer.status_code == 422
    assert "only the legal role" in answer.text


async def test_the_legal_role_sets_a_rule_aside_with_a_journaled_reason(place: Any, enter: Any, token: Any) -> None:
    client = await enter("legal")
    csrf = await token(client)
    await saved(client, csrf, body_of(WARM) + "因市政检修，明天停水一小时。\n")
    data = {"csrf": csrf, "version": "1", "why": "通知", "set_aside": "cut_services"}
    blind = await client.post(f"/console/words/publish/{WARM}", data=data)
    assert blind.status_code == 422
    page = await client.post(f"/console/words/publish/{WARM}", data={**data, "reason": "市政停水通知，与催缴无关"})
    assert "Published" in page.text, page.text
    async with place.house.store.read() as conn:
        kept = (
            await conn.execute(select(core.journal_entry).where(core.journal_entry.c.kind == "law_set_aside"))
        ).one()
    assert "市政停水" in kept.note
    assert kept.subject.partition(":")[0] not in SEALED, "the digest covers the rules, not a row that has none"
    assert kept.who == "legal one"


async def test_an_untrue_letter_is_refused_unless_the_fact_is_required(enter: Any, token: Any) -> None:
    client = await enter("supervisor")
    csrf = await token(client)
    await saved(client, csrf, body_of(WARM) + "律师函已经发出。\n")
    answer = await client.post(f"/console/words/publish/{WARM}", data={"csrf": csrf, "version": "1", "why": "x"})
    assert answer.status_code == 422


async def test_a_formal_step_needs_a_second_person_and_not_its_author(enter: Any, token: Any) -> None:
    author, second = await enter("supervisor"), await enter("head")
    csrf = await token(author)
    await saved(author, csrf, body_of(FORMAL) + "谢谢您。\n", FORMAL)
    data = {"csrf": csrf, "version": "1", "why": "更客气"}
    alone = await author.post(f"/console/words/publish/{FORMAL}", data=data)
    assert alone.status_code == 422
    assert "second person" in alone.text
    page = await author.post(f"/console/words/hand/{FORMAL}", data=data)
    assert "Handed to a second person" in page.text, page.text
    still = await author.post(f"/console/words/publish/{FORMAL}", data=data)
    assert "second person of their own" in still.text
    assert FORMAL in (await second.get("/console")).text
    data["csrf"] = await token(second)
    page = await second.post(f"/console/words/publish/{FORMAL}", data=data)
    assert "Published as version" in page.text, page.text
    assert "supervisor one + head one" in page.text


async def test_a_draft_changed_after_it_was_handed_over_must_be_handed_over_again(enter: Any, token: Any) -> None:
    author, second = await enter("supervisor"), await enter("head")
    csrf = await token(author)
    await saved(author, csrf, body_of(FORMAL) + "谢谢您。\n", FORMAL)
    await author.post(f"/console/words/hand/{FORMAL}", data={"csrf": csrf, "version": "1", "why": "更客气"})
    await saved(author, csrf, body_of(FORMAL) + "多谢您。\n", FORMAL, 1)
    data = {"csrf": await token(second), "version": "2", "why": "好"}
    answer = await second.post(f"/console/words/publish/{FORMAL}", data=data)
    assert answer.status_code == 422
    assert "hand the draft over" in answer.text


async def test_who_would_fail_is_told_by_name(place: Any, enter: Any, token: Any) -> None:
    client = await enter("supervisor")
    csrf, path = await token(client), "reminders/warm_4/zh-Hans.sms.md"
    page = await client.post(f"/console/words/save/{path}", data={"csrf": csrf, "version": "0", "body": body_of(path)})
    async with place.house.store.write() as conn:
        await conn.execute(
            core.unit.update().where(core.unit.c.code == "1-2-1202").values(code="1-2-1202" + "长" * 190)
        )
    page = await client.post(f"/console/words/try/{path}", data={"csrf": csrf, "version": "1"})
    assert page.status_code == 200, page.text
    assert "could not be told" in page.text
    assert "李强" in page.text


async def test_a_wording_the_provider_must_approve_waits_for_its_template_id(enter: Any, token: Any) -> None:
    client = await enter("supervisor")
    csrf, path = await token(client), "reminders/warm_4/zh-Hans.sms.md"
    await saved(client, csrf, body_of(path).replace("您好", "您好呀"), path)
    data = {"csrf": csrf, "version": "1", "why": "更暖"}
    answer = await client.post(f"/console/words/publish/{path}", data=data)
    assert "template id" in answer.text
    page = await client.post(f"/console/words/publish/{path}", data={**data, "template_id": "HX1"})
    assert "Published" in page.text, page.text


async def test_the_files_go_out_and_come_back_without_loss(place: Any, enter: Any, token: Any) -> None:
    client = await enter("supervisor")
    csrf = await token(client)
    box = zipfile.ZipFile(io.BytesIO((await client.get("/console/words/export")).content))
    assert {n: box.read(n).decode() for n in box.namelist()} == {
        p: t for p, t in FILES.items() if p.endswith(".md") and "/" in p
    }
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as made:
        for name in box.namelist():
            made.writestr(name, box.read(name).decode() + ("再见。\n" if name == WARM else ""))
    files = {"file": ("scripts.zip", changed.getvalue(), "application/zip")}
    page = await client.post("/console/words/import", data={"csrf": csrf}, files=files)
    assert "1 became drafts" in page.text
    bad = await client.post("/console/words/import", data={"csrf": csrf}, files={"file": ("x.zip", b"PK\x03\x04 no")})
    assert bad.status_code == 422


async def test_roles_without_the_words_may_read_and_not_write(enter: Any, token: Any) -> None:
    client = await enter("front_desk")
    csrf = await token(client)
    assert (await client.get(f"/console/words/edit/{WARM}")).status_code == 200
    assert (await saved(client, csrf, "x")).status_code == 403
    for verb in ("publish", "hand", "rollback", "try", "drop", "default", "send"):
        answer = await client.post(f"/console/words/{verb}/{WARM}", data={"csrf": csrf, "version": "0", "why": "x"})
        assert answer.status_code == 403, verb


async def test_a_wording_that_is_not_there_is_said_to_be_so(enter: Any) -> None:
    client = await enter("supervisor")
    for path in ("reminders/nothing/zh-Hans.md", "../../etc/passwd", "x"):
        answer = await client.get(f"/console/words/edit/{path}")
        assert answer.status_code in (404, 422), path


async def test_the_rules_are_shown_with_their_ground(enter: Any) -> None:
    client = await enter("front_desk")
    page = await client.get("/console/words/rules")
    assert "第九百四十四条" in page.text


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_with_any_byte_damaged_is_read_or_refused(packing: int) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", packing) as box:
        box.writestr(f"scripts/{WARM}", FILES[WARM])
    refused = 0
    for place in range(len(whole.getvalue())):
        damaged = bytearray(whole.getvalue())
        damaged[place] ^= 0xFF
        try:
            _unpacked(bytes(damaged))
        except Refusal:
            refused += 1
    assert refused > 100
