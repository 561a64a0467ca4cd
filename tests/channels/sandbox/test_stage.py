"""The ledger, the memory, money, faults and the live stream: what the whole stage promises."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.responses import JSONResponse

from channels.sandbox.app import create_sandbox
from channels.sandbox.ledger import JsonLines
from channels.sandbox.segments import segments

OWNER, PHONE = "5550001", "+8613800000001"


async def sms(town: Any, body: str = "您好", **more: str) -> httpx.Response:
    account = town.credentials
    url = f"/twilio/2010-04-01/Accounts/{account.twilio_account_sid}/Messages.json"
    form = {"To": PHONE, "From": account.twilio_from, "Body": body, **more}
    answer: httpx.Response = await town.http.post(
        url, data=form, auth=(account.twilio_account_sid, account.twilio_auth_token)
    )
    return answer


def test_it_does_not_start_in_production(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RuntimeError, match="does not start when ENVIRONMENT is production"):
        create_sandbox(tmp_path, environment="production")
    monkeypatch.setenv("ENVIRONMENT", "Production")
    with pytest.raises(RuntimeError, match="production"):
        create_sandbox(tmp_path)


@pytest.mark.parametrize("torn", [b'{"n":2,"te', '{"n":2,"text":"二'.encode()[:-1]])
async def test_a_torn_last_line_is_skipped_and_nothing_is_written_into_it(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_bytes('{"n":1,"text":"一"}\n'.encode() + torn)
    lines = JsonLines(path, durable=True)
    await asyncio.gather(*(lines.append({"text": f"{number}"}) for number in range(5)))
    assert [line["n"] for line in lines.lines()] == [1, 2, 3, 4, 5, 6]
    lines.close()


async def test_the_memory_outlives_the_sandbox(tmp_path: Path, open_town: Any) -> None:
    folder = tmp_path / "sandbox"
    async with open_town(folder) as town:
        town.world.clock.set("2026-10-12T02:00:00+00:00")
        await town.control("block", channel="sms", address="+8613800000002")
        sid = (await sms(town)).json()["sid"]
        await town.control("pay", unit="1-301", amount_fen=100, ref="B1", lag_days=1)
    async with open_town(folder) as town:
        assert (await town.look("clock"))["now"] == "2026-10-12T02:00:00+00:00"
        assert (await sms(town, To="+8613800000002")).json()["code"] == 21610
        await town.control("clock", forward=86400)
        assert [message["status"] for message in await town.inbox("sms", PHONE)] == ["delivered"]
        assert [line["ref"] for line in town.world.payments.lines()] == ["B1"]
        assert (await sms(town)).json()["sid"] != sid
        assert [line["n"] for line in town.ledger()] == [1, 2]


def test_the_ledger_outlives_a_kill(tmp_path: Path) -> None:
    code = (
        "import socket, sys, uvicorn; from pathlib import Path; from channels.sandbox.app import create_sandbox; "
        "door = socket.create_server(('127.0.0.1', 0)); print(door.getsockname()[1], flush=True); "
        "config = uvicorn.Config(create_sandbox(Path(sys.argv[1])), log_level='error'); "
        "uvicorn.Server(config).run(sockets=[door])"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, verify=False) as http:
            key, words = "5a4db0c5-0000-4000-8000-00005a4db0c5", {"msgtype": "text", "text": {"content": "活着"}}
            robot = http.post("/wecom/cgi-bin/webhook/send", params={"key": key}, json=words)
            assert robot.json()["errcode"] == 0
            os.kill(process.pid, signal.SIGKILL)
    finally:
        process.kill()
        process.communicate()
    lines = [json.loads(line) for line in (tmp_path / "ledger.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["text"] for line in lines] == ["活着"]


async def test_money_arrives_after_its_lag_bounces_and_is_told_until_heard(town: Any, service: Any) -> None:
    service.status = 503
    tick, pay = f"{service.base}/tick", f"{service.base}/pay"
    service.answers["tick"] = lambda *_: JSONResponse({"next": None})
    await town.control("listener", tick_url=tick, token="t0ken", pay_url=pay)
    await town.control("pay", unit="1-301", amount_fen=12345, way="bank", ref="B1", lag_days=2)
    assert list(town.world.payments.lines()) == []
    await town.control("bounce", 404, ref="B1")
    await town.control("clock", forward=2 * 86400 + 5)
    service.status = 200
    await town.control("clock", forward=60)
    told = [json.loads(body)["payments"][0] for body in service.bodies("pay")]
    assert len(told) > 1
    assert {(payment["external_ref"], payment["amount_fen"]) for payment in told} == {("B1", 12345)}
    bearers = {request.headers["authorization"] for name, request, _ in service.heard if name == "pay"}
    assert bearers == {"Bearer t0ken"}
    await town.control("bounce", ref="B1")
    back = json.loads(service.bodies("pay")[-1])["payments"][0]
    assert (back["amount_fen"], back["reverses"]) == (-12345, "B1")
    assert [line["amount_fen"] for line in town.world.payments.lines()] == [12345, -12345]
    await town.control("pay", 400, unit="1-301", amount_fen=12345, ref="B1")
    await town.control("pay", 400, unit="1-301", amount_fen=1.5)


async def test_a_provider_down_for_hours_comes_back_by_itself(town: Any) -> None:
    await town.control("faults", point="down", channel="sms", seconds=3600)
    assert (await sms(town)).status_code == 503
    await town.control("clock", forward=3601)
    assert (await sms(town)).status_code == 201
    assert len(town.ledger()) == 1


@pytest.mark.parametrize(("point", "accepted"), [("accept_then_lose", 1), ("cut_answer", 1), ("down", 0)])
async def test_a_connection_closed_leaves_the_caller_in_doubt_and_the_ledger_sure(
    town: Any, point: str, accepted: int
) -> None:
    await town.control("faults", point=point, channel="sms", times=1, **({"how": "reset"} if point == "down" else {}))
    with pytest.raises(httpx.TransportError):
        await sms(town)
    assert len(town.ledger()) == accepted
    assert (await sms(town)).status_code == 201


async def test_slow_answers_are_slow_and_wrong_faults_are_refused(town: Any) -> None:
    await town.control("faults", point="slow", seconds=0.2, times=1)
    started = time.monotonic()
    await sms(town)
    assert time.monotonic() - started >= 0.2
    assert "unknown fault point" in (await town.control("faults", 400, point="earthquake"))["error"]
    assert "unknown fault setting" in (await town.control("faults", 400, point="slow", colour="red"))["error"]
    await town.control("faults", point="slow")
    assert (await town.http.delete("/control/faults")).json() == {"cleared": 1}


async def test_webhooks_lead_to_this_machine_only(town: Any) -> None:
    assert "loopback" in (await town.control("webhooks", 400, wechat="https://example.org/x"))["error"]
    assert "loopback" in (await town.control("listener", 400, tick_url="http://10.0.0.1/x"))["error"]


async def test_the_live_stream_tells_what_happens_and_goes_on_after_a_break(town: Any) -> None:
    await sms(town, "第一")
    await sms(town, "第二")
    seen: list[dict[str, Any]] = []
    async with town.http.stream("GET", "/events", headers={"Last-Event-ID": "0"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                seen.append(json.loads(line.removeprefix("data: ")))
            if len(seen) == 2:
                break
    assert [(event["event"], event["facts"]["text"]) for event in seen] == [("message", "第一"), ("message", "第二")]


async def test_a_reset_empties_the_stage(town: Any) -> None:
    await sms(town)
    await town.control("say", channel="sms", address=PHONE, text="STOP")
    await town.control("reset")
    state = await town.look("state")
    assert (state["accepted"], state["people"], state["timers"]) == (0, [], 0)
    assert (await sms(town)).status_code == 201
    assert [line["n"] for line in town.ledger()] == [1]


async def test_a_changed_number_leaves_the_old_one_dead(town: Any) -> None:
    await town.control("people", people=[{"channel": "sms", "address": PHONE}])
    await town.control("move", channel="sms", old=PHONE, new="+8613800000003")
    await sms(town)
    await town.control("clock", forward=5)
    assert (await town.inbox("sms", PHONE))[0]["status"] == "undelivered"


async def test_every_call_and_every_push_can_be_looked_up(town: Any, service: Any) -> None:
    await town.control("webhooks", twilio_inbound=f"{service.base}/inbound")
    await town.control("say", channel="sms", address=PHONE, text="TD")
    await sms(town)
    call = (await town.look("calls"))["calls"][0]
    assert (call["method"], call["to"], call["status"], call["code"]) == ("Messages.create", PHONE, 400, 21610)
    push = (await town.look("pushes"))["pushes"][0]
    assert (push["kind"], push["status"], push["try"]) == ("inbound", 200, 1)


@pytest.mark.parametrize(
    ("body", "count"),
    [("", 1), ("a" * 160, 1), ("€" * 80, 1), ("€" * 81, 2), ("水" * 134, 2), ("水" * 135, 3), ("😀" * 35, 1), ("’", 1)],
)
def test_segments(body: str, count: int) -> None:
    assert segments(body) == count


async def test_an_accept_is_cheap(town: Any) -> None:
    """The provider's own work per accepted SMS, without the wire; one millisecond is the mark."""
    stage = town.stage
    form = {"To": PHONE, "From": town.credentials.twilio_from, "Body": "您好"}
    started = time.perf_counter()
    for _ in range(300):
        await stage.twilio.push.plan(await stage.twilio.messages.accept(form))
    each = (time.perf_counter() - started) / 300
    print(f"{each * 1000:.3f} ms an accept")
    assert each < 0.005
