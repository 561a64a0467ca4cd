"""Figures, People, Import, Settings check; every page in both languages for every role."""

import io
import re
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from bot.settings import Settings
from bot.web.console.speech import CAUSES
from store import core

PAGES = (
    "",
    "owners",
    "owners/1",
    "messages",
    "cases",
    "words",
    "ladder",
    "figures",
    "people",
    "import",
    "settings",
    "me",
)
OPEN = ("", "owners", "owners/1", "messages", "cases", "words", "ladder", "me")


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_page_stands_in_both_languages(enter: Any, lang: str) -> None:
    client = await enter("admin")
    client.cookies.set("yinuo_lang", lang, domain="console.test", path="/console")
    for page in PAGES:
        answer = await client.get(f"/console/{page}".rstrip("/"))
        assert answer.status_code == 200, (page, answer.text[:300])
        assert "Undefined" not in answer.text


async def test_the_front_desk_has_its_pages_and_no_others(enter: Any) -> None:
    client = await enter("front_desk")
    for page in PAGES:
        answer = await client.get(f"/console/{page}".rstrip("/"))
        assert answer.status_code == (200 if page in OPEN else 403), page


async def test_the_root_leads_to_the_console(place: Any) -> None:
    async with place.client() as client:
        answer = await client.get("/", follow_redirects=False)
    assert answer.headers["location"] == "/console"


async def test_an_admin_makes_a_colleague_and_a_head_makes_no_admin(place: Any, enter: Any, token: Any) -> None:
    admin, head = await enter("admin"), await enter("head")
    data = {"csrf": await token(admin), "name": "新人", "role": "assistant", "password": "long enough"}
    assert "新人" in (await admin.post("/console/people/add", data=data)).text
    again = await admin.post("/console/people/add", data=data)
    assert again.status_code == 422
    data |= {"csrf": await token(head), "name": "我自己人", "role": "admin"}
    assert (await head.post("/console/people/add", data=data)).status_code == 403
    async with place.house.store.read() as conn:
        mine = (await conn.execute(select(core.staff.c.id).where(core.staff.c.name == "head one"))).scalar_one()
        boss = (await conn.execute(select(core.staff.c.id).where(core.staff.c.name == "admin one"))).scalar_one()
    data = {"csrf": data["csrf"], "role": "admin"}
    assert (await head.post(f"/console/people/{mine}/role", data=data)).status_code == 422
    assert (await head.post(f"/console/people/{boss}/role", data={**data, "role": "front_desk"})).status_code == 403


async def test_a_new_password_signs_the_person_out_everywhere(place: Any, enter: Any, token: Any) -> None:
    admin, desk = await enter("admin"), await enter("front_desk")
    async with place.house.store.read() as conn:
        number = (await conn.execute(select(core.staff.c.id).where(core.staff.c.name == "front_desk one"))).scalar_one()
    data = {"csrf": await token(admin), "password": "another password"}
    assert "sign in anew" in (await admin.post(f"/console/people/{number}/password", data=data)).text
    assert "sign-in" in str((await desk.get("/console")).url)


async def test_a_token_for_a_system_is_shown_once(place: Any, enter: Any, token: Any) -> None:
    client = await enter("admin")
    page = await client.post("/console/people/clients/add", data={"csrf": await token(client), "name": "finance"})
    shown = page.text.split("<pre>")[1].split("</pre>")[0]
    assert len(shown) > 30
    assert shown not in (await client.get("/console/people")).text
    async with place.house.store.read() as conn:
        assert shown not in (await conn.execute(select(core.api_client.c.token_hash))).scalar_one()


def workbook(amount: Any) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "应收"
    page.append(["房号", "业主", "费用名称", "账期", "应收金额", "缴费截止"])
    page.append(["9-1-101", "周新", "物业费", "2026Q3", 300, "2026-10-31"])
    page.append(["9-1-102", "吴新", "物业费", "2026Q3", amount, "2026-10-31"])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def strange_book() -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "台账"
    page.append(["门户代号", "当家人", "应收金额", "缴费截止", "费用名称", "账期", "楼长意见"])
    page.append(["9-2-101", "郑新", 300, "2026-10-31", "物业费", "2026Q3", "好说话"])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


async def test_strange_headings_are_asked_about_and_remembered(place: Any, enter: Any, token: Any) -> None:
    client = await enter("accountant")
    csrf = await token(client)
    files = {"file": ("odd.xlsx", strange_book(), "application/octet-stream")}
    base = {"csrf": csrf, "as_of": "2026-11-24"}
    page = await client.post("/console/import/read", data=base, files=files)
    assert page.status_code == 200, page.text
    assert "What are these columns?" in page.text
    assert "Nothing can be read yet" in page.text
    assert 'id="write"' not in page.text
    upload = page.text.split('name="token" value="')[1].split('"')[0]
    asked = [part.split('"')[0] for part in page.text.split('value="')[1:]]
    said = {"门户代号": "unit", "当家人": "owner", "楼长意见": "ignore"}
    assert set(said) <= set(asked)
    fields: dict[str, str] = {"heading|1": "楼长意见", "is|1": "fee", "fee|1": "楼长意见"}
    page = await client.post("/console/import/headings", data={**base, "token": upload, **fields})
    assert page.status_code == 422
    assert "names no fee and period" in page.text
    fields = {}
    for n, (heading, word) in enumerate(said.items(), 1):
        fields |= {f"heading|{n}": heading, f"is|{n}": word}
    page = await client.post("/console/import/headings", data={**base, "token": upload, **fields})
    assert "What are these columns?" not in page.text
    assert "Everything can be read" in page.text, page.text
    told = [part.split('"')[0] for part in page.text.split('name="map" value="')[1:]]
    page = await client.post("/console/import/write", data={**base, "token": upload, "map": told[:3]})
    assert "Imported" in page.text
    assert "郑新" in (await client.get("/console/owners?q=9-2-101")).text
    page = await client.post("/console/import/read", data=base, files=files)
    assert "What are these columns?" not in page.text, "what was said once is remembered"
    assert "Everything can be read" in page.text


async def test_a_broken_workbook_is_shown_beside_its_faults_mended_written_and_undone(
    place: Any, enter: Any, token: Any
) -> None:
    client = await enter("accountant")
    csrf = await token(client)
    files = {"file": ("book.xlsx", workbook("三百多"), "application/octet-stream")}
    page = await client.post("/console/import/read", data={"csrf": csrf, "as_of": "2026-11-24"}, files=files)
    assert page.status_code == 200, page.text
    assert "三百多" in page.text
    assert "nothing is written yet" in page.text
    name = page.text.split('name="cell|')[1].split('"')[0]
    upload = page.text.split('name="token" value="')[1].split('"')[0]
    data = {"csrf": csrf, "token": upload, "as_of": "2026-11-24", f"cell|{name}": "320.50"}
    page = await client.post("/console/import/mend", data=data)
    assert "Everything can be read" in page.text, page.text
    upload = page.text.split('name="token" value="')[1].split('"')[0]
    page = await client.post("/console/import/write", data={"csrf": csrf, "token": upload, "as_of": "2026-11-24"})
    assert "Imported" in page.text
    assert "吴新" in (await client.get("/console/owners?q=9-1-102")).text
    gone = await client.post("/console/import/write", data={"csrf": csrf, "token": upload})
    assert gone.status_code == 422
    page = await client.post("/console/import/undo", data={"csrf": csrf})
    assert "taken back" in page.text
    assert "吴新" not in (await client.get("/console/owners?q=9-1-102")).text


async def test_what_is_no_workbook_is_refused_with_a_sentence(enter: Any, token: Any) -> None:
    client = await enter("accountant")
    csrf = await token(client)
    for name, body in (("x.exe", b"MZ"), ("x.xlsx", b"not a zip"), ("../../x.xlsx", b"PK\x03\x04"), ("x.csv", b"")):
        files = {"file": (name, body, "application/octet-stream")}
        answer = await client.post("/console/import/read", data={"csrf": csrf}, files=files)
        assert answer.status_code == 422, name
        assert "Nothing was changed" in answer.text
    for upload in ("../../../etc", "x", "A" * 30):
        answer = await client.post("/console/import/write", data={"csrf": csrf, "token": upload})
        assert answer.status_code == 422


async def test_an_upload_over_the_limit_is_refused_before_it_is_read(enter: Any, token: Any) -> None:
    client = await enter("accountant")
    headers = {"content-type": "multipart/form-data; boundary=x"}

    async def pieces() -> Any:
        yield b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'
        for _ in range(21):
            yield b"x" * 2**20

    answer = await client.post("/console/import/read", content=pieces(), headers=headers)
    assert answer.status_code == 413
    assert "20 MB" in answer.text


async def test_every_change_stands_in_the_journal_with_who_and_when(enter: Any, token: Any) -> None:
    client = await enter("admin")
    csrf = await token(client)
    await client.post("/console/pause", data={"csrf": csrf, "scope": "here", "until": "2026-12-01", "why": "检修"})
    page = await client.get("/console/settings")
    assert "paused" in page.text
    assert "admin one" in page.text


async def test_what_was_told_to_one_person_alone_is_not_on_the_page(place: Any, enter: Any) -> None:
    now = place.house.clock.now()
    common = {
        "community_id": 1, "channel": "telegram", "state": "accepted", "locale": "zh-Hans", "lane": 1, "priority": 3,
        "fence": 0, "tries": 0, "not_before": now, "created_at": now, "state_at": now,
    }  # fmt: skip
    told = (("staff", "details", "王小明 +8613800000001"), ("code", "sign_in_code", "code 123456"))
    async with place.house.store.write() as conn:
        staff_id = (await conn.execute(select(core.staff.c.id).limit(1))).scalar()
        for kind, step, text in told:
            values = {**common, "kind": kind, "step": step, "text": text, "staff_id": staff_id}
            await conn.execute(core.message.insert().values(**values))
    client = await enter("front_desk")
    page = await client.get("/console/messages")
    assert "+8613800000001" not in page.text
    assert "123456" not in page.text
    assert page.text.count("told to a colleague in private") == 2


def test_every_cause_has_its_words_in_both_languages() -> None:
    wording = (Settings().scripts / "staff" / "causes" / "zh-Hans.md").read_text(encoding="utf-8")
    named = set(re.findall(r'key == "([a-z_:0-9]+)"', wording))
    assert named - set(CAUSES) == set()
