"""The evidence bundle: every item a lawyer needs, in the PDF, in the JSON, and provable without a database."""

import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import insert, select, update

from bot.clock import SetClock
from bot.flows.account_sheet import account_row, end_hold, lay_hold, withdraw_fact
from bot.flows.brakes import add_fact
from bot.flows.evidence import evidence
from bot.flows.evidence_check import ENTRY, TOLD, check
from bot.flows.evidence_page import NoFont, font_file
from bot.flows.evidence_words import ENDS, ended
from bot.flows.find import NotFound
from bot.flows.house import House
from bot.flows.latefees import enter_rate
from bot.flows.ledger import pay
from bot.flows.limitation import ending_soon, grounds_of
from bot.flows.outcomes import OUTCOMES
from bot.flows.stamp import keep_stamp
from bot.flows.verify import verify
from bot.flows.words import bring_in, read_files
from bot.rules.limitation import limitation
from bot.settings import Settings
from store import evidence as shelf
from store.attachments import settle
from store.cases import insert_case, write_event, write_human_contact
from store.core import account, journal_entry, journal_seal
from store.engine import Store
from store.journal import INSTANT, SEALED, Entry, canonical, note
from store.ledger import communities
from store.tables import metadata

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
PHONE = "+8613900000007"
DEMAND = "3-2-1201室2026年7至9月物业费486元，请于12月1日前付清，或告知您的异议与安排。"


def picture(form: str) -> bytes:
    """A slip as a phone takes it, 3,000 pixels high."""
    file = io.BytesIO()
    Image.new("RGB", (1_500, 3_000), (180, 200, 180)).save(file, form)
    return file.getvalue()


class Story:
    """Writes an owner's story as the flows would have."""

    def __init__(self, house: House, conn: Any) -> None:
        self.house = house
        self.conn = conn

    async def put(self, table: str, entry: str = "", /, **values: Any) -> int:
        made = await self.conn.execute(insert(metadata.tables[table]).values(**values))
        number = int(made.inserted_primary_key[0])
        if entry:
            at = values.get("at") or values.get("started_at") or values.get("received_at") or NOW
            community = None if table in ("inbound", "provider_event") else 1
            await note(self.conn, Entry(entry, f"{table}:{number}", values, at, community))
        return number

    async def estate(self) -> None:
        await self.put("community", name="锦绣花园", created_at=NOW)
        await self.put("unit", community_id=1, code="3-2-1201", building="3", area_cm2=900_000)
        await self.put("person", community_id=1, name="王小梅")
        await self.put("owner", community_id=1, person_id=1, name="王小梅", external_ref="A-17")
        await self.put("account", community_id=1, unit_id=1, owner_id=1, person_id=1, opened_on=date(2020, 1, 1),
                       entered_on=date(2024, 1, 1))  # fmt: skip
        vault = self.house.store.vault
        await self.put("contact", person_id=1, channel="sms", address_sealed=vault.seal(PHONE), masked="139****0007",
                       address_index=vault.index("sms", PHONE), trust="proved", proved_by="sms",
                       proved_at=NOW - timedelta(days=300), created_at=NOW)  # fmt: skip

    async def charge(self, period: str, first: date, last: date, due: date, fen: int = 48_600) -> int:
        return await self.put("charge", account_id=1, kind="management", period=period, period_from=first,
                              period_to=last, amount_fen=fen, open_fen=fen, due_on=due, source="book",
                              external_ref=period, entered_at=NOW, months="1.80元×3个月")  # fmt: skip

    async def demand(self, at: datetime, text: str, *, delivered: bool = True, band: str = "formal") -> int:
        lines = [{"account": "3-2-1201", "kind": "management", "period": "2026Q3", "due_on": "2026-10-01",
                  "open_fen": 48_600, "late_fee_fen": 0}]  # fmt: skip
        version = await self.put("script_version", "script_version", path="reminders/formal_31/zh-Hans.sms.md",
                                 source_text=text, digest=f"d{at.timestamp()}", author="admin",
                                 created_at=at)  # fmt: skip
        message = await self.put("message", community_id=1, person_id=1, contact_id=1, channel="sms", step="formal_31",
                                 band=band, state="delivered", lane=4, not_before=at, created_at=at, state_at=at,
                                 basket=json.dumps({"as_of": "2026-11-01", "lines": lines}))  # fmt: skip
        await self.put("message_item", message_id=message, account_id=1, step="formal_31", occasion="charge:1:0",
                       key=f"k{message}", band=band, at=at)  # fmt: skip
        attempt = await self.put("attempt", "attempt", message_id=message, our_id=f"o{message}", fence=1, contact_id=1,
                                 channel="sms", form="text", script_version_id=version, text=text, request="{}",
                                 started_at=at, outcome="delivered" if delivered else "accepted", reason="",
                                 provider_id=f"SM{message}", crossed=False)  # fmt: skip
        if delivered:
            await self.put("provider_event", "receipt", provider="sms", event_key=f"r{message}", state="delivered",
                           provider_id=f"SM{message}", our_id=f"o{message}", reason="", fault="",
                           received_at=at + timedelta(seconds=9), attempt_id=attempt)  # fmt: skip
        return attempt

    async def heard(self, text: str) -> int:
        return await self.put("inbound", "inbound", provider="sms", event_key="in1", sender_index=b"i",
                              sender_sealed=b"s", contact_id=1, person_id=1, account_id=1, kind="text",
                              text=text, detail="{}", intent="promise", received_at=NOW - timedelta(days=8),
                              tries=0, reason="")  # fmt: skip

    async def slip(self, heard: int, content: bytes) -> None:
        sealed, digest = self.house.store.vault.seal_bytes(content), hashlib.sha256(content).digest()
        number = await self.put("attachment", inbound_id=heard, person_id=1, account_id=1, state="waiting",
                                media_type="", size=0, digest=b"", reason="", tries=0, at=NOW, next_at=NOW)  # fmt: skip
        values = {"inbound_id": heard, "state": "kept", "media_type": "image/jpeg", "size": len(content),
                  "digest": digest}  # fmt: skip
        await settle(self.conn, number, {**values, "content_sealed": sealed})
        await note(self.conn, Entry("attachment", f"attachment:{number}", values, NOW, 1))

    async def whole(self) -> None:
        await self.estate()
        await self.charge("2023Q4", date(2023, 10, 1), date(2023, 12, 31), date(2024, 1, 10))
        await self.charge("2026Q3", date(2026, 7, 1), date(2026, 9, 30), date(2026, 10, 1))
        town = self.house.town((await communities(self.conn))[0])
        await enter_rate(self.conn, town, daily_ppm=300, effective_from=date(2023, 1, 1), clause="物业服务合同第九条",
                         who="finance", now=NOW)  # fmt: skip
        await pay(self.conn, account_id=1, community_id=1, amount_fen=10_000, way="transfer", paid_on=date(2024, 3, 1),
                  source="bank", external_ref="B-1", now=NOW - timedelta(days=600), payer="王小梅")  # fmt: skip
        await self.demand(NOW - timedelta(days=20), DEMAND)
        await self.demand(NOW - timedelta(days=9), "再次提醒：" + DEMAND, delivered=False)
        heard = await self.heard("下周五之前付486")
        await self.slip(heard, picture("JPEG"))
        promised = await self.put("promise", "promise", account_id=1, person_id=1, amount_fen=48_600, owed_fen=48_600,
                                  due_on=date(2026, 11, 20), state="broken", made_at=NOW - timedelta(days=8),
                                  judge_at=NOW, inbound_id=heard, channel="sms")  # fmt: skip
        await self.put("promise_outcome", "promise_outcome", promise_id=promised, outcome="broken", paid_fen=0, at=NOW,
                       detail="")  # fmt: skip
        await self.put("dispute", "dispute", account_id=1, reason="service", state="answered", opened_at=NOW)
        await write_human_contact(self.conn, {
            "account_id": 1, "way": "visit", "at": NOW - timedelta(days=2), "content": "上门送达催款通知并当面签收",
            "answer": "月底前付", "next_step": "月底核对", "staff_id": None, "person_id": 1,
            "proof": picture("PNG"), "proof_digest": hashlib.sha256(picture("PNG")).digest(),
        }, 1)  # fmt: skip
        row = (await self.conn.execute(select(account))).one()
        await add_fact(self.conn, row, "lawyer_letter_sent", "LS-2026-8", date(2026, 11, 22), "legal", NOW)
        case = await insert_case(self.conn, {"community_id": 1, "account_id": 1, "subject": "account:1",
                                             "cause": "broken_promise", "opened_at": NOW})  # fmt: skip
        await write_event(self.conn, case, 0, "opened", NOW, community_id=1, note_text="broken_promise")
        await write_event(self.conn, case, 1, "alerted", NOW, community_id=1, note_text="supervisor")


@pytest.fixture
def house(store: Store) -> House:
    ladder = (Settings().scripts / "ladder.yaml").read_text(encoding="utf-8")
    return House(store, SetClock(NOW), {}, ladder)


@pytest.fixture
async def told(house: House) -> House:
    await bring_in(house.store, read_files(Settings().scripts), NOW)
    async with house.store.write() as conn:
        await Story(house, conn).whole()
    return house


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "bundle"


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
    """The stand-alone verifier, run as a stranger would."""
    return subprocess.run([sys.executable, "-I", "verify.py"], cwd=folder, capture_output=True, text=True, check=False)


def pictures(folder: Path) -> int:
    """How many pictures the PDF shows."""
    run = subprocess.run(["pdfimages", "-list", folder / "evidence.pdf"], capture_output=True, check=True)
    return len(run.stdout.splitlines()) - 2


async def end_both(house: House) -> None:
    """A hold laid and ended, and the one legal fact withdrawn, as the console does it."""
    async with house.store.write() as conn:
        row = await account_row(conn, 1, 1)
        await lay_hold(conn, row, date(2026, 12, 1), "业主住院", "staff:1", NOW, date(2026, 11, 25))
        await end_hold(conn, row, 1, "staff:1", NOW)
        await withdraw_fact(conn, row, 1, "staff:1", NOW)


async def test_a_hold_ended_and_a_fact_withdrawn_are_no_tampering(told: House, out: Path) -> None:
    await end_both(told)
    assert (await verify(told.store)).problems == []
    await evidence(told, "3-2-1201", out, NOW, who="tester")
    assert check(out) == []
    async with told.store.read() as conn:
        words = (await conn.execute(select(journal_entry.c.note))).scalars().all()
    assert "业主住院" not in "".join(words), "what the chain covers is never erased"


async def test_ends_that_older_versions_noted_under_the_row_are_no_tampering(told: House, out: Path) -> None:
    await end_both(told)
    async with told.store.write() as conn:
        for subject in ("hold:1", "legal_fact:1"):
            kind = {"hold:1": "hold_ended", "legal_fact:1": "fact_withdrawn"}[subject]
            await note(conn, Entry(kind, subject, {"withdrawn": NOW}, NOW, 1))
    assert (await verify(told.store)).problems == []
    await evidence(told, "3-2-1201", out, NOW, who="tester")
    assert check(out) == []


async def test_the_bundle_holds_every_item_a_lawyer_needs(told: House, out: Path, read_pdf: Any) -> None:
    bundle = await evidence(told, "3-2-1201", out, NOW, who="tester")
    assert bundle.charges == 2
    assert bundle.demands == 2
    assert bundle.not_sealed == ()
    text = read_pdf(out)
    for words in (
        "王小梅", "A-17", "3-2-1201", "90.00平方米×1.800元/平方米·月×3个月=486.00元", "2023年10至12月",
        "2024年1月10日",
        "物业服务合同第九条", "每日万分之3", "LPR", "年利率3%", "部分清偿", "第195条第2项", "只算确定的依据",
        "有争议余地",
        "业主用该号码回复本系统", PHONE, "reminders/formal_31/zh-Hans.sms.md", "已送达", "SM1", DEMAND,
        "下周五之前付486",
        "未兑现", "2026年11月20日前付486.00元", "上门送达催款通知并当面签收", "月底前付", "有附件proof-1.png",
        "随信附件：received-1.jpg",
        "LS-2026-8", "律师函已发", "承诺未兑现", "另有1条系统对工作人员的内部提醒",
        "RFC3161", "python3verify.py", "异议",
    ):  # fmt: skip
        assert words in text, words


async def test_the_verifier_finds_the_bundle_whole(told: House, out: Path) -> None:
    await evidence(told, "3-2-1201", out, NOW)
    run = checked(out)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "OK: the journaled rows are told as they were sealed, none is left out" in run.stdout
    assert "in no journaled row: charges with their amounts and due dates" in run.stdout
    verdict = await verify(told.store)
    assert verdict.clean, verdict.problems


async def test_the_office_can_be_asked_for_the_digest_of_every_bundle_it_made(told: House, out: Path) -> None:
    bundle = await evidence(told, "3-2-1201", out, NOW)
    verdict = await verify(told.store)
    assert verdict.bundles == [f"account:1, 2026-11-25 02:00:00 UTC: {bundle.digest}"]
    assert bundle.digest in verdict.words()
    assert f"digest of the whole bundle: {bundle.digest}" in checked(out).stdout
    forge(out, lambda facts, journal: facts["charges"][0].update(amount_fen=486_000))
    run = checked(out)
    assert run.returncode == 0, "no journaled row speaks of a charge, which is said"
    assert bundle.digest not in run.stdout
    async with told.store.write() as conn:
        await conn.execute(update(journal_entry).where(journal_entry.c.kind == "evidence").values(note="another"))
    assert not (await verify(told.store)).clean


async def test_the_paper_says_what_is_not_in_the_journal(told: House, out: Path, read_pdf: Any) -> None:
    await evidence(told, "3-2-1201", out, NOW)
    text = read_pdf(out)
    assert "全部有已封存的流水佐证" not in text
    assert "没有逐条佐证：应收款项及其金额、应付日" in text


CHANGED_FACTS = (
    ("486元，请于12月1日", "986元，请于12月1日", "attempt:1: text is not what the journal recorded"),
    ("下周五之前付486", "我永远不付", "inbound:1: text is not what the journal recorded"),
    ('"amount_fen": 10000,', '"amount_fen": 1,', "payment:1: amount_fen is not what the journal recorded"),
)


async def test_the_verifier_names_whatever_was_changed(told: House, out: Path) -> None:
    await evidence(told, "3-2-1201", out, NOW)
    path = out / "evidence.json"
    whole = path.read_text(encoding="utf-8")
    facts, journal = whole.split('\n "journal": {', 1)
    for old, new, named in CHANGED_FACTS:
        assert old in facts
        path.write_text(facts.replace(old, new) + '\n "journal": {' + journal, encoding="utf-8")
        run = checked(out)
        assert run.returncode == 1
        assert named in run.stdout
        assert "file evidence.json is not the one that was made" in run.stdout
    path.write_text(whole.replace("下周五之前付486", "我永远不付"), encoding="utf-8")
    assert "inbound:1 is not what was sealed" in checked(out).stdout, "the fact changed together with its row"
    data = json.loads(whole)
    data["journal"]["chains"][-1]["seals"][0]["entries"].pop()
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    assert "its entries are not the ones that were sealed" in checked(out).stdout


def forge(folder: Path, change: Callable[[Any, Any], object]) -> None:
    """Changes the bundle's facts and journal, and renews the list of hashes."""
    path = folder / "evidence.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data["facts"], data["journal"])
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    names = [line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()]
    sums = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}" for name in names]
    (folder / "SHA256SUMS").write_text("\n".join(sums) + "\n", encoding="utf-8")


def drop(rows: list[Any], name: str) -> None:
    rows[:] = [row for row in rows if row["row"] != name]


def to_not_sealed(facts: Any, journal: Any) -> None:
    drop(journal["rows"], "payment:1")
    journal["not_sealed"].append("payment:1")


WAS = "2023-12-24T10:00:00+08:00"
FORGERIES: dict[str, tuple[Callable[[Any, Any], object], str]] = {
    "the day of a demand": (lambda f, _: f["demands"][0].update(when=WAS), "attempt:1: when is not what"),
    "no day": (lambda f, _: f["demands"][0].pop("when"), "attempt:1: when is not what"),
    "a word for a day": (lambda f, _: f["demands"][0].update(when="early"), "attempt:1: when is not what"),
    "the day of a receipt": (
        lambda f, _: f["demands"][0]["receipts"][0].update(when=WAS), "provider_event:1: when is not what"),
    "a receipt under another demand": (
        lambda f, _: f["demands"][1]["receipts"].append(f["demands"][0]["receipts"].pop()),
        "provider_event:1 does not belong where it stands"),
    "the day of a promise": (lambda f, _: f["promises"][0].update(when=WAS), "promise:1: when is not what"),
    "the end of a promise": (
        lambda f, _: f["promises"][0]["ended"].update(when=WAS), "promise_outcome:1: when is not what"),
    "the day of a letter": (lambda f, _: f["heard"][0].update(when=WAS), "inbound:1: when is not what"),
    "the day of a dispute": (lambda f, _: f["disputes"][0].update(when=WAS), "dispute:1: when is not what"),
    "the day of a visit": (lambda f, _: f["human_contacts"][0].update(when=WAS), "human_contact:1: when is not what"),
    "a visit to a neighbour": (
        lambda f, _: f["account"].update(id=2), "human_contact:1 does not belong where it stands"),
    "a voucher's number": (lambda f, _: f["payments"][0].update(ref="B-2"), "payment:1: ref is not what"),
    "a payment without its row": (
        lambda f, j: (f["payments"][0].update(amount_fen=1), drop(j["rows"], "payment:1")),
        "payment:1: its journaled row is missing"),
    "a payment said not to be sealed": (to_not_sealed, "payment:1 is said not to be in the journal, but a sealed"),
    "nothing heard": (lambda f, _: f["heard"].clear(), "inbound:1 is in the journal, but no fact tells it"),
    "another wording": (
        lambda f, _: f["demands"][0].update(script=f["demands"][1]["script"]), "attempt:1 does not belong"),
}  # fmt: skip


async def test_a_forgery_with_its_sums_renewed_is_named(told: House, out: Path) -> None:
    await evidence(told, "3-2-1201", out, NOW)
    whole = (out / "evidence.json").read_bytes()
    for name, (change, named) in FORGERIES.items():
        (out / "evidence.json").write_bytes(whole)
        forge(out, change)
        run = checked(out)
        assert run.returncode == 1, name
        assert f"WRONG: {named}" in run.stdout, (name, run.stdout + run.stderr)


async def test_a_file_that_was_taken_away_is_missed(told: House, out: Path) -> None:
    await evidence(told, "3-2-1201", out, NOW)
    for name in ("proof-1.png", "evidence.pdf"):
        (out / name).unlink()
    sums = (out / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    kept = [line for line in sums if not line.endswith(("proof-1.png", "evidence.pdf"))]
    (out / "SHA256SUMS").write_text("\n".join(kept) + "\n", encoding="utf-8")
    forge(out, lambda facts, _: facts["human_contacts"][0].update(file=None))
    run = checked(out)
    assert run.returncode == 1
    assert "human_contact:1: the file that was kept is missing" in run.stdout
    assert "file evidence.pdf is not listed in SHA256SUMS" in run.stdout


def test_what_the_verifier_compares_is_what_the_journal_seals() -> None:
    for table, fields in TOLD.items():
        assert set(fields.values()) - {ENTRY} <= set(SEALED[table]), table
        assert (ENTRY in fields.values()) == (table in INSTANT), table


async def test_what_was_sent_and_kept_as_proof_lies_beside_it_as_it_came(told: House, out: Path) -> None:
    bundle = await evidence(told, "3-2-1201", out, NOW)
    assert {"received-1.jpg", "proof-1.png"} <= set(bundle.files)
    assert (out / "received-1.jpg").read_bytes() == picture("JPEG")
    assert (out / "proof-1.png").read_bytes() == picture("PNG")
    assert pictures(out) == 2


@pytest.mark.parametrize("name", ["received-1.jpg", "proof-1.png"])
async def test_another_picture_in_its_place_is_named_even_with_its_sum_mended(
    told: House, out: Path, name: str
) -> None:  # fmt: skip
    await evidence(told, "3-2-1201", out, NOW)
    before = hashlib.sha256((out / name).read_bytes()).hexdigest()
    (out / name).write_bytes(b"another")
    sums = (out / "SHA256SUMS").read_text(encoding="utf-8")
    (out / "SHA256SUMS").write_text(sums.replace(before, hashlib.sha256(b"another").hexdigest()), encoding="utf-8")
    run = checked(out)
    assert run.returncode == 1
    assert f"{name} is not what was kept" in run.stdout


async def test_a_picture_that_cannot_be_opened_is_in_the_bundle_all_the_same(
    house: House, out: Path, read_pdf: Any
) -> None:
    async with house.store.write() as conn:
        story = Story(house, conn)
        await story.estate()
        await story.slip(await story.heard("付了"), b"\xff\xd8\xff and no more")
    bundle = await evidence(house, "3-2-1201", out, NOW)
    assert "received-1.jpg" in bundle.files
    assert "图片无法在此显示" in read_pdf(out)
    assert checked(out).returncode == 0


def test_a_contact_from_before_proofs_were_sealed_keeps_its_digest() -> None:
    row = {"account_id": 1, "way": "visit", "at": NOW, "staff_id": None, "content": "", "answer": "", "next_step": ""}
    assert canonical("human_contact", row | {"proof_digest": None}) == canonical("human_contact", row)
    assert b"proof" not in canonical("human_contact", row)


async def test_limitation_keeps_certain_and_arguable_apart(told: House, out: Path) -> None:
    await evidence(told, "3-2-1201", out, NOW)
    facts = json.loads((out / "evidence.json").read_text(encoding="utf-8"))["facts"]
    old, fresh = facts["charges"]
    assert old["limitation"]["certain"]["interruptions"][0]["kind"] == "part_payment"
    assert fresh["limitation"]["certain"]["ends_on"] == "2029-11-23", "the signed visit is the newest certain ground"
    grounds = [(g["ref"], g["certain"]) for g in fresh["limitation"]["arguable"]["interruptions"]]
    assert ("attempt:1", True) in grounds, "delivered to a number its owner had proved"
    assert ("attempt:2", False) in grounds, "no receipt"
    assert ("legal_fact:1", False) in grounds
    assert all(g["certain"] for g in fresh["limitation"]["certain"]["interruptions"])
    assert fresh["lpr"]["fee_fen"] == round(48_600 * 55 * 0.03 / 365)


async def test_a_charge_near_its_end_is_amber_and_told_in_time(house: House, out: Path, read_pdf: Any) -> None:
    async with house.store.write() as conn:
        story = Story(house, conn)
        await story.estate()
        await story.charge("2023Q3", date(2023, 7, 1), date(2023, 9, 30), date(2024, 1, 20))
        await story.charge("2026Q3", date(2026, 7, 1), date(2026, 9, 30), date(2026, 10, 1))
        gone = await story.charge("2022Q3", date(2022, 7, 1), date(2022, 9, 30), date(2022, 10, 1))
    async with house.store.read() as conn:
        town = house.town((await communities(conn))[0])
        soon = await ending_soon(conn, [town], NOW)
    assert [(e.code, e.period, e.ends_on, e.days_left) for e in soon] == [
        ("3-2-1201", "2023Q3", date(2027, 1, 20), 56)
    ]  # fmt: skip
    assert gone not in {e.charge_id for e in soon}, "what has ended cannot be saved by an alert"
    await evidence(house, "3-2-1201", out, NOW)
    assert "只剩56天" in read_pdf(out)


async def neighbour(story: Story) -> None:
    """李四 of 3-2-1202, who owes as long."""
    await story.put("unit", community_id=1, code="3-2-1202", building="3")
    await story.put("person", community_id=1, name="李四")
    await story.put("owner", community_id=1, person_id=2, name="李四")
    await story.put("account", community_id=1, unit_id=2, owner_id=2, person_id=2, opened_on=date(2020, 1, 1),
                    entered_on=date(2024, 1, 1))  # fmt: skip
    await story.put("charge", account_id=2, kind="management", period="2023Q3", period_from=date(2023, 7, 1),
                    period_to=date(2023, 9, 30), amount_fen=100, open_fen=100, due_on=date(2024, 1, 20), source="book",
                    external_ref="n", entered_at=NOW, months="")  # fmt: skip


@pytest.mark.parametrize(("payer", "ends"), [("李四", date(2027, 1, 20)), ("王小梅", date(2029, 3, 1))])
async def test_a_neighbours_part_payment_is_no_certain_ground(house: House, payer: str, ends: date) -> None:
    async with house.store.write() as conn:
        story = Story(house, conn)
        await story.estate()
        await story.charge("2023Q3", date(2023, 7, 1), date(2023, 9, 30), date(2024, 1, 20))
        await neighbour(story)
        await pay(conn, account_id=1, community_id=1, amount_fen=1_000, way="transfer", paid_on=date(2026, 3, 1),
                  source="desk", external_ref="p", now=NOW, payer=payer)  # fmt: skip
        town = house.town((await communities(conn))[0])
        soon = {e.code for e in await ending_soon(conn, [town], NOW)}
        assert soon == ({"3-2-1201", "3-2-1202"} if payer == "李四" else {"3-2-1202"})
        for some in ([1], [1, 2]):
            charges = await shelf.charges(conn, some)
            grounds = await grounds_of(conn, town, charges)
            assert limitation(charges[0].due_on, grounds[charges[0].id], NOW.date()).certain.ends_on == ends


async def test_a_timestamp_travels_with_the_bundle(told: House, out: Path) -> None:
    await evidence(told, "3-2-1201", out, NOW)
    async with told.store.read() as conn:
        seal = (await conn.execute(select(journal_seal).where(journal_seal.c.community_id == 1))).first()
    assert seal is not None
    await keep_stamp(told.store, seal.number, b"tsr" + seal.hash, "锦绣花园")
    bundle = await evidence(told, "3-2-1201", out, NOW)
    assert f"seal-1-{seal.number}.tsr" in bundle.files
    assert checked(out).returncode == 0


async def test_an_unknown_account_is_refused(told: House, out: Path) -> None:
    with pytest.raises(NotFound):
        await evidence(told, "9-9-9999", out, NOW)


def test_without_a_font_one_sentence_names_the_package() -> None:
    with pytest.raises(NoFont, match="fonts-noto-cjk"):
        font_file("Regular", ("/nowhere/{}.ttc",))


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("paid", "已缴清"), ("healed", "已恢复"), ("hardship: 住院，年后再谈", "业主有困难：住院，年后再谈"),
        ("new_promise: 2026-12-16 75465", "另约付款日：2026年12月16日，754.65 元"), ("old words", "old words"),
    ],
)  # fmt: skip
def test_how_a_case_ended_is_told_in_words(note: str, told: str) -> None:
    assert ended(note) == told


def test_every_way_to_end_a_case_has_words() -> None:
    assert {*OUTCOMES, "healed"} == ENDS.keys()
