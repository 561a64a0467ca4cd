"""The ladder, told as stories: who hears what, when, and when nobody hears anything."""

from datetime import date, datetime
from functools import partial

import pytest
from stories_kit import ZONE, Town

from bot.flows.brakes import add_fact, pause_until, release, resume
from bot.flows.desk import pay_at_desk
from bot.flows.uncertain import settle_by_person
from store.ledger import communities

FEE = ("物业费", "2026Q3", "486.00", "2026-11-22")
"""Three days overdue when the stories begin."""
on = partial(pytest.mark.parametrize, "channel")
STOP_WORD = {"wechat": "退订", "sms": "TD", "telegram": "STOP"}


def test_a_payment_after_the_first_word_ends_the_story(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.forward(days=3)
    wang.hears("3-2-1201", "486", step="warm_4")
    town.pays(wang)
    town.forward(days=1)
    wang.hears("486", step="thanks")
    town.forward(days=20)


@pytest.mark.parametrize(("channel", "database"), [("wechat", "sqlite"), ("sms", "postgresql"), ("telegram", "sqlite")])
def test_who_pays_between_plan_and_send_hears_no_demand(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.plans_only("2026-11-26 09:30")
    assert town.states() == ["queued"]
    town.pays(wang, quietly=True)
    town.turn()
    assert town.states() == ["skipped"]
    town.forward(days=20)


@on(["sms"])
def test_cash_at_the_desk_stops_what_was_already_queued(town: Town) -> None:
    town.has("3-2-1201", owes=[FEE])
    town.plans_only("2026-11-26 09:30")
    told = town.run(pay_at_desk(town.house, "3-2-1201", 48_600, way="cash", who="front desk"))
    assert told["stopped"] == 1
    town.paid.append(("3-2-1201", 48_600))
    town.forward(days=20)


@on(["sms", "wechat"])
def test_receipts_early_doubled_and_out_of_order_change_nothing(town: Town, channel: str) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    for point in ("receipt_early", "receipt_double", "receipt_shuffle"):
        town.fault(point, channel=channel)
    town.forward(days=1, hours=3)
    wang.hears("486", step="warm_4")
    assert town.states() == ["delivered"]


@on(["sms"])
def test_a_forged_receipt_is_turned_away(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.fault("receipt_bad_signature", channel="sms")
    town.forgiven.add(401)
    town.forward(days=1, hours=3)
    wang.hears("486")
    assert town.states() == ["accepted"]


def test_stop_means_stop_and_start_means_start(town: Town, channel: str) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.forward(days=1, hours=3)
    wang.hears(step="warm_4")
    wang.says(STOP_WORD[channel])
    if channel != "sms":  # there the carrier answers by itself, and takes nothing more from us
        wang.hears("提醒", "恢复")
    town.forward(days=20)
    wang.hears_nothing_more()
    assert "opted_out" in town.causes()
    wang.says("START" if channel == "sms" else "恢复").hears()
    town.forward(days=2)
    wang.hears("3-2-1201")
    town.pays(wang)
    town.forward(days=4)
    wang.hears(step="thanks")


@on(["sms"])
def test_the_carriers_own_stop_is_obeyed_too(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.forward(days=1, hours=3)
    wang.hears(step="warm_4").says("STOP")
    wang.hears_nothing_more()
    town.forward(days=30)


def test_two_units_of_one_person_are_one_message(town: Town) -> None:
    wang = town.has("3-2-1201", "B1-017", owes=[FEE])
    town.owes(wang, "停车费", "2026Q3", "300.00", "2026-11-22", unit="B1-017")
    town.forward(days=1, hours=3)
    wang.hears("786").hears_nothing_more()
    town.pays(wang, unit="B1-017")
    town.forward(days=3)
    wang.hears("300", step="thanks")
    town.forward(days=5)
    wang.hears("486", step="warm_11", without=["786", "B1-017"])
    town.pays(wang)
    town.forward(days=2)
    wang.hears(step="thanks")


@on(["telegram"])
def test_one_of_two_units_paid_while_the_message_waits_is_left_out_of_it(town: Town) -> None:
    wang = town.has("3-2-1201", "B1-017", owes=[FEE])
    town.owes(wang, "停车费", "2026Q3", "300.00", "2026-11-22", unit="B1-017")
    town.plans_only("2026-11-26 09:30")
    town.pays(wang, unit="B1-017", quietly=True)
    town.turn()
    town.forward(hours=3)
    wang.hears("486", without=["786", "300"])
    assert "superseded" in town.states()


@on(["wechat", "telegram"])
def test_blocked_on_one_phone_the_next_one_takes_the_same_message(town: Town, channel: str) -> None:
    wang = town.has("3-2-1201", owes=[FEE], on=[channel, "sms"])
    town.control("block", channel=channel, address=wang.addresses[channel])
    town.forward(days=1, hours=3)
    wang.hears("486", step="warm_4", on="sms").hears_nothing_more()
    town.forward(days=8)
    wang.hears("486", step="warm_11", on="sms")


@on(["sms"])
def test_a_dead_number_becomes_a_case_and_nobody_is_written_to(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.control("dead", channel="sms", address=wang.addresses["sms"], code=21614)
    town.forward(days=20)
    assert "missing_contact" in town.causes()
    assert "accepted" not in town.states()


@on(["sms"])
def test_undelivered_hours_later_is_a_case_as_well(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.control("dead", channel="sms", address=wang.addresses["sms"], code=30005)
    town.forward(days=2)
    assert "missing_contact" in town.causes()
    assert town.states() == ["failed"]


@on(["wechat", "sms"])
def test_the_new_year_is_silent(open_town) -> None:  # type: ignore[no-untyped-def]
    with open_town(start=datetime(2027, 1, 25, 8, 0, tzinfo=ZONE)) as town:
        wang = town.has("3-2-1201", owes=[("物业费", "2026Q4", "486.00", "2027-01-25")])
        town.to("2027-01-29 20:00")
        wang.hears(step="due_day").hears(step="warm_4")
        town.to("2027-02-13 09:00")
        wang.hears_nothing_more()
        town.to("2027-02-16 20:00")
        wang.hears(step="talk_17")


def test_who_comes_in_after_two_hundred_days_is_met_warmly(town: Town, channel: str) -> None:
    wang = town.has("3-2-1201", owes=[("物业费", "2026Q1", "486.00", "2026-05-09")])
    town.forward(days=1)
    wang.hears("486", step="warm_11", without=["起诉", "诉讼"])
    town.forward(days=6)
    wang.hears_nothing_more()
    town.forward(days=2)
    wang.hears(step="talk_25", without=["起诉", "诉讼"])
    town.forward(days=5)
    wang.hears_nothing_more()
    town.forward(days=4)
    if channel != "sms":
        wang.hears("486", step="formal_31")
    town.forward(days=10)


@on(["sms", "telegram"])
def test_after_five_days_of_outage_everybody_hears_one_message(town: Town) -> None:
    dues = ("2026-11-22", "2026-11-15", "2026-11-08", "2026-12-02")
    people = [town.has(f"3-2-{1201 + n}", owes=[("物业费", "2026Q3", "486.00", due)]) for n, due in enumerate(dues)]
    town.outage(days=5, hours=2)
    town.forward(hours=6)
    for owner in people:
        owner.hears("486").hears_nothing_more()


@on(["wechat"])
def test_an_outage_over_two_steps_skips_the_older_one(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.outage(days=9, hours=2)
    town.forward(hours=6)
    wang.hears(step="warm_11").hears_nothing_more()


@on(["telegram"])
def test_a_rest_day_starts_later(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[("物业费", "2026Q3", "486.00", "2026-11-24")])
    town.to("2026-11-28 09:59")
    wang.hears_nothing_more()
    town.to("2026-11-28 10:01")
    wang.hears(step="warm_4")


@on(["sms"])
def test_a_bounced_collection_opens_a_new_round(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE], bank_collection=True)
    town.forward(days=1, hours=3)
    wang.hears(step="warm_4")
    ref = town.pays(wang, way="bank_collection")
    town.forward(days=1)
    wang.hears(step="thanks")
    town.bounces(ref)
    town.paid.clear()
    town.forward(days=7)
    wang.hears("486", step="warm_11")
    town.forward(days=8)
    wang.hears("486", step="talk_17")


@on(["wechat"])
def test_the_first_list_waits_for_its_release(open_town) -> None:  # type: ignore[no-untyped-def]
    with open_town(released=False) as town:
        wang = town.has("3-2-1201", owes=[FEE])
        town.forward(days=2)
        wang.hears_nothing_more()
        assert town.states() == ["queued"]
        row = town.run(_first(town))
        town.does(lambda conn: release(conn, row, "supervisor", town.house.clock.now()))
        town.forward(hours=3)
        wang.hears("486").hears_nothing_more()


async def _first(town: Town):  # type: ignore[no-untyped-def]
    async with town.house.store.read() as conn:
        return (await communities(conn))[0]


@on(["telegram"])
def test_a_pause_holds_everything_and_ends_without_a_burst(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.forward(minutes=1)
    now = town.house.clock.now()
    until = date(2026, 12, 4)
    town.does(lambda conn: pause_until(conn, "community:1", until, "water pipe burst", "head", now, 1))
    town.to("2026-12-05 09:00")
    wang.hears_nothing_more()
    town.forward(days=2)
    wang.hears(step="warm_11").hears_nothing_more()


@on(["sms"])
def test_a_brake_let_go_early_lets_the_words_go(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.forward(minutes=1)
    now = town.house.clock.now()
    town.does(lambda conn: pause_until(conn, "all", date(2026, 12, 30), "an audit", "head", now, None))
    town.forward(days=3)
    wang.hears_nothing_more()
    town.does(lambda conn: resume(conn, "all", "head", town.house.clock.now(), None))
    town.forward(days=1)
    wang.hears(step="warm_4")


def test_formal_words_go_to_proved_contacts_only(town: Town, channel: str) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.to("2026-12-21 20:00")
    for step in ("warm_4", "warm_11", "talk_17", "talk_25"):
        wang.hears("486", step=step, without=["起诉", "诉讼"])
    town.to("2026-12-31 20:00")
    if channel == "sms":
        wang.hears_nothing_more()
        assert "step:paper_31" in town.causes()
        town.to("2027-01-20 20:00")
        wang.hears(step="statement")
        return
    wang.hears("486", step="formal_31")
    assert "step:paper_31" in town.causes()
    if channel == "telegram":
        town.brings_paper("3-2-1201")
    town.to("2027-01-08 20:00")
    wang.hears_nothing_more()
    town.to("2027-01-19 20:00")
    wang.hears("486", step="formal_47")


@on(["wechat"])
def test_at_rest_a_statement_comes_once_a_month(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.to("2027-01-16 20:00")
    for _ in range(6):
        wang.hears("486")
    wang.hears_nothing_more()
    town.to("2027-03-31 20:00")
    wang.hears(step="statement").hears(step="statement")
    wang.hears_nothing_more()


@on(["wechat"])
def test_a_legal_step_needs_its_fact(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.to("2027-01-16 20:00")
    for _ in range(6):
        wang.hears("486", without=["律师"])
    account = town.account_of("3-2-1201")
    now = town.house.clock.now()
    town.does(
        lambda conn: add_fact(conn, account, "lawyer_letter_sent", "LS-2027-004", date(2027, 1, 16), "legal", now)
    )
    town.to("2027-02-03 20:00")
    wang.hears("486", step="lawyer_after")


@on(["sms", "wechat", "telegram"])
def test_an_answer_lost_is_never_said_twice(town: Town, channel: str) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.fault("accept_then_lose", channel=channel, times=1)
    town.forward(days=1, hours=8)
    wang.hears("486", step="warm_4").hears_nothing_more()
    if channel == "telegram":
        assert town.states() == ["uncertain"]
        assert "uncertain" in town.causes()
        town.run(settle_by_person(town.house.store, 1, True, "assistant", town.house.clock.now()))
        assert town.states() == ["accepted"]
    else:
        assert town.states()[0] in ("accepted", "delivered")
    town.forward(days=7)
    wang.hears("486", step="warm_11")


def test_refused_before_it_was_taken_is_sent_again(town: Town, channel: str) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.fault("storm", channel=channel, times=2, retry_after=1)
    town.forward(days=3)
    wang.hears("486", step="warm_4").hears_nothing_more()


@on(["wechat"])
def test_an_old_book_silences_until_a_new_one_comes(open_town) -> None:  # type: ignore[no-untyped-def]
    with open_town(live=False) as town:
        wang = town.has("3-2-1201", owes=[("物业费", "2026Q3", "486.00", "2026-11-28")])
        town.to("2026-11-28 20:00")
        wang.hears(step="before_7").hears(step="due_day")
        town.to("2026-12-10 20:00")
        wang.hears_nothing_more()
        town.lands(as_of=date(2026, 12, 10))
        town.to("2026-12-11 12:00")
        wang.hears(step="warm_11")


@pytest.mark.parametrize(("locale", "word"), [("en", "486"), ("zh-Hant", "您好")])
def test_owners_hear_their_own_language(town: Town, locale: str, word: str, channel: str) -> None:
    wang = town.has("3-2-1201", owes=[FEE], locale=locale, name="Ada Example" if locale == "en" else "陳大文")
    town.forward(days=1, hours=3)
    wang.hears(*([word] if channel != "wechat" else ["486"]), without=["还没"])


@on(["wechat"])
def test_a_part_payment_is_not_the_end(town: Town) -> None:
    wang = town.has("3-2-1201", owes=[FEE])
    town.forward(days=1, hours=3)
    wang.hears("486")
    town.pays(wang, "200.00")
    town.forward(days=7)
    wang.hears("286", step="warm_11", without=["486"])
    town.pays(wang)
    town.forward(days=2)
    wang.hears(step="thanks")
    town.forward(days=20)
