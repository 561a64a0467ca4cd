"""Each outcome does what it means; what only a role may grant is granted once, never by whoever asked."""

import json
from datetime import date
from typing import Any

import pytest

from bot.flows.outcomes import OutcomeError, end_case
from store import core

GROUP = "-100200300"


async def end(estate: Any, outcome: str, cause: str = "broken_promise", account: int | None = None) -> tuple[int, int]:
    account = account or await estate.flat(fen=60_000)
    case = await estate.open(account, cause)
    await estate.tick()
    async with estate.house.store.write() as conn:
        row = await estate.case(case)
        moved = await end_case(estate.house, conn, row, 0, estate.staff["赵一"], outcome, estate.clock.now())
    assert moved.ok
    return account, case


async def holds(estate: Any) -> list[tuple[str, date]]:
    return [(row.code, row.until) for row in await estate.rows(core.hold) if row.ended_at is None]


async def causes(estate: Any) -> list[str]:
    return [row.cause for row in await estate.rows(core.case_, core.case_.c.state != "resolved")]


async def test_paid_as_a_colleague_says_holds_for_as_long_as_money_takes(estate: Any) -> None:
    await end(estate, "paid")
    assert await holds(estate) == [("PAID_CLAIM", date(2026, 11, 30))]


async def test_hardship_and_a_moved_owner_rest(estate: Any) -> None:
    await end(estate, "hardship")
    await end(estate, "moved")
    assert await holds(estate) == [("ON_HOLD", date(2026, 12, 9)), ("ON_HOLD", date(2026, 12, 9))]
    assert await causes(estate) == ["owner_changed"]


@pytest.mark.parametrize("outcome", ["forgot", "absent", "refuses", "done"])
async def test_outcomes_after_which_the_ladder_goes_on(estate: Any, outcome: str) -> None:
    account, case = await end(estate, outcome)
    assert await holds(estate) == []
    assert (await estate.case(case)).outcome == outcome
    assert (await estate.rows(core.account, core.account.c.id == account))[0].next_look_at == estate.clock.now()


async def test_dissatisfaction_is_a_dispute_until_answered(estate: Any) -> None:
    account, _case = await end(estate, "service")
    (open_one,) = await estate.rows(core.dispute)
    assert (open_one.account_id, open_one.state) == (account, "open")
    assert await causes(estate) == ["dispute"]
    dispute = (await estate.rows(core.case_, core.case_.c.cause == "dispute"))[0]
    async with estate.house.store.write() as conn:
        now = estate.clock.now()
        await end_case(estate.house, conn, dispute, dispute.version, estate.staff["赵一"], "dispute_answered", now)
    assert (await estate.rows(core.dispute))[0].state == "answered"
    assert await holds(estate) == []


async def test_a_dispute_upheld_rests_until_the_bill_is_right(estate: Any) -> None:
    account = await estate.flat()
    await estate.row(core.dispute, account_id=account, reason="x", state="open", opened_at=estate.clock.now())
    await end(estate, "dispute_upheld", "dispute", account)
    assert (await estate.rows(core.dispute))[0].state == "upheld"
    assert await holds(estate) == [("ON_HOLD", date(2026, 12, 25))]


async def test_a_wrong_number_is_not_used_again_and_a_contact_is_looked_for(estate: Any) -> None:
    await end(estate, "wrong_number")
    (contact,) = await estate.rows(core.contact)
    assert contact.dead_reason == "wrong number, says a colleague"
    assert await causes(estate) == ["missing_contact"]


async def test_an_outcome_that_needs_words_is_not_taken_bare(estate: Any) -> None:
    case = await estate.open(await estate.flat())
    async with estate.house.store.write() as conn:
        with pytest.raises(OutcomeError):
            await end_case(
                estate.house, conn, await estate.case(case), 0, estate.staff["赵一"], "waiver", estate.clock.now()
            )


async def ask_waiver(estate: Any, who: str = "赵一") -> tuple[int, int, int]:
    account = await estate.flat(fen=60_000)
    case = await estate.open(account)
    await estate.tick()
    await estate.press(who, f"c:{case}:0:outcome:waiver")
    await estate.hear(who, "50 漏水耽误")
    (asked,) = await estate.rows(core.approval)
    return account, case, asked.id


async def test_a_waiver_is_asked_of_the_head_and_granted(estate: Any) -> None:
    account, case, asked = await ask_waiver(estate)
    card = estate.private("李总")[-1]
    assert "请您批准：减免" in card.text
    assert "王** 50元" in card.text
    assert [b.data for b in card.buttons[0]] == [f"a:{asked}:yes", f"a:{asked}:no"]
    await estate.press("李总", f"a:{asked}:yes")
    (given,) = await estate.rows(core.waiver)
    assert (given.account_id, given.amount_fen, given.part, given.who) == (
        account, 5_000, "principal", f"staff:{estate.staff['李总'].id}",
    )  # fmt: skip
    assert (await estate.rows(core.charge))[0].open_fen == 55_000
    assert "已批准（李总）" in estate.private("赵一")[-1].text
    assert await holds(estate) == []
    assert (await estate.case(case)).outcome == "waiver"
    text, _loud = await estate.press("李总", f"a:{asked}:no")
    assert text == "这件已经办过了。"


async def test_a_waiver_refused_leaves_the_debt(estate: Any) -> None:
    _account, _case, asked = await ask_waiver(estate)
    await estate.press("李总", f"a:{asked}:no")
    assert await estate.rows(core.waiver) == []
    assert (await estate.rows(core.charge))[0].open_fen == 60_000
    assert "未批准（李总）" in estate.private("赵一")[-1].text
    notes = [row.note for row in await estate.rows(core.journal_entry, core.journal_entry.c.kind == "approval")]
    assert notes == ["waiver asked", "refused"]


async def test_only_the_role_may_approve_and_nobody_their_own(estate: Any) -> None:
    await estate.hire("郑总", "head", "505")
    _account, _case, asked = await ask_waiver(estate, "李总")
    text, _loud = await estate.press("李总", f"a:{asked}:yes")
    assert text == "自己提的申请要请别人批。"
    text, _loud = await estate.press("孙三", f"a:{asked}:yes")
    assert text == "这要由有权的人批。"
    await estate.press("郑总", f"a:{asked}:yes")
    assert len(await estate.rows(core.waiver)) == 1


async def test_a_plan_is_approved_and_goes_to_the_owner_to_confirm(estate: Any) -> None:
    account = await estate.flat(fen=60_000)
    person = (await estate.rows(core.account, core.account.c.id == account))[0].person_id
    vault = estate.house.store.vault
    await estate.row(
        core.contact, person_id=person, channel="telegram", address_sealed=vault.seal("9001"),
        address_index=vault.index("telegram", "9001"), masked="9…", trust="proved", proved_by="code", window_used=0,
        created_at=estate.clock.now(),
    )  # fmt: skip
    case = await estate.open(account, "hardship")
    await estate.tick()
    await estate.press("赵一", f"c:{case}:0:outcome:plan")
    await estate.hear("赵一", "12月5日 300\n1月5日 200")
    assert await estate.rows(core.approval) == []
    await estate.hear("赵一", "12月5日 300\n1月5日 300")
    (asked,) = await estate.rows(core.approval)
    assert (asked.kind, asked.role) == ("plan", "supervisor")
    await estate.press("孙三", f"a:{asked.id}:yes")
    estate.clock.at = estate.clock.at.replace(hour=7)
    await estate.tick()
    (question,) = estate.telegram.to("9001")
    assert "这样分次缴" in question.text
    assert "2026年12月5日（周六） 300元" in question.text
    (plan,) = await estate.rows(core.plan)
    assert plan.state == "approved"
    (memory,) = await estate.rows(core.conversation, core.conversation.c.who == f"person:{person}")
    assert memory.question == "instalments_confirm"
    assert json.loads(memory.detail)["asked"]["parts"] == [["2026-12-05", 30_000], ["2027-01-05", 30_000]]


async def test_legal_is_proposed_to_the_head_and_becomes_a_task(estate: Any) -> None:
    await estate.hire("法务", "legal", "508")
    await end(estate, "legal")
    (asked,) = await estate.rows(core.approval)
    assert asked.kind == "lawyer_letter"
    await estate.press("李总", f"a:{asked.id}:yes")
    await estate.tick()
    (task,) = await estate.rows(core.case_, core.case_.c.cause == "legal_paper")
    assert task.assistant_id == estate.staff["法务"].id
    assert await estate.rows(core.legal_fact) == []
