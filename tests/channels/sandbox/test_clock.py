"""The virtual clock, and how turning it drives the service."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse

from channels.sandbox.clock import SandboxClock, parse_instant, real_now

PHONE = "+8613800000001"


def test_a_frozen_clock_stands_and_a_running_one_keeps_its_distance(tmp_path: Path) -> None:
    clock, other = SandboxClock(tmp_path), SandboxClock(tmp_path)
    clock.forward(3600)
    assert abs((other.now() - real_now()).total_seconds() - 3600) < 5
    clock.freeze()
    clock.set("2026-10-01T08:00:00+08:00")
    assert other.now() == datetime(2026, 10, 1, 0, 0, tzinfo=UTC)
    assert other.now() == clock.now()
    clock.freeze(False)
    assert 0 <= (other.now() - datetime(2026, 10, 1, tzinfo=UTC)).total_seconds() < 5
    assert set(json.loads((tmp_path / "clock.json").read_text())) == {"offset_seconds", "frozen_at"}


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        parse_instant("2026-10-01T08:00:00")


class Diary:
    """A service with something due at fixed instants; it keeps the times at which it was asked."""

    def __init__(self, start: datetime, *hours: float) -> None:
        self.due = [start + timedelta(hours=hour) for hour in hours]
        self.asked: list[datetime] = []
        self.done: list[datetime] = []

    def tick(self, request: Any, body: bytes) -> JSONResponse:
        assert request.headers["x-sandbox-token"] == "t0ken"
        now = datetime.fromisoformat(json.loads(body)["now"])
        self.asked.append(now)
        self.done += [due for due in self.due if due <= now]
        self.due = [due for due in self.due if due > now]
        return JSONResponse({"next": min(self.due).isoformat() if self.due else None})


async def test_turning_stops_at_every_instant_the_service_names(town: Any, service: Any) -> None:
    start = town.world.clock.now()
    diary = Diary(start, 0, 1, 30, 100)
    service.answers["tick"] = diary.tick
    await town.control("listener", tick_url=f"{service.base}/tick", token="t0ken")
    turned = await town.control("clock", forward=48 * 3600)
    assert [(done - start).total_seconds() / 3600 for done in diary.done] == [0, 1, 30]
    assert diary.asked == [start + timedelta(hours=hour) for hour in (0, 1, 30, 48)]
    assert (turned["now"], turned["listener"]) == ((start + timedelta(hours=48)).isoformat(), "reached")
    assert (await town.control("clock", next=True))["now"] == (start + timedelta(hours=100)).isoformat()


async def test_what_falls_due_at_the_providers_is_done_before_the_service_is_asked(town: Any, service: Any) -> None:
    order: list[str] = []
    service.answers["tick"] = lambda *_: order.append("tick") or JSONResponse({"next": None})
    service.answers["pay"] = lambda *_: order.append("pay") or JSONResponse({})
    await town.control("listener", tick_url=f"{service.base}/tick", token="t", pay_url=f"{service.base}/pay")
    await town.control("pay", unit="1-301", amount_fen=12345, way="bank", ref="B1", lag_days=2)
    await town.control("clock", forward=3 * 86400)
    assert order == ["tick", "pay", "tick", "tick"] or order == ["tick", "tick", "pay", "tick", "tick"]


async def test_a_service_that_is_down_does_not_stop_the_time(town: Any) -> None:
    await town.control("listener", tick_url="http://127.0.0.1:9/tick", token="t")
    assert (await town.control("clock", forward=5 * 86400))["listener"] == "unreachable"


async def test_a_service_that_fails_stops_the_time_with_a_reason(town: Any, service: Any) -> None:
    service.status = 500
    await town.control("listener", tick_url=f"{service.base}/tick", token="t")
    stopped = await town.control("clock", 409, forward=86400)
    assert "the service answered 500" in stopped["error"]


async def test_the_past_does_not_come_back(town: Any) -> None:
    assert "only turns forward" in (await town.control("clock", 409, to="2026-01-01T00:00:00Z"))["error"]


async def test_a_next_in_the_past_still_lets_the_time_go_on(town: Any, service: Any) -> None:
    service.answers["tick"] = lambda *_: JSONResponse({"next": "2020-01-01T00:00:00+00:00"})
    await town.control("listener", tick_url=f"{service.base}/tick", token="t")
    assert (await town.control("clock", forward=20))["steps"] == 21


async def test_a_running_clock_delivers_receipts_by_itself(town: Any, service: Any) -> None:
    await town.control("receipts", sent=0.05, delivered=0.1)
    await town.control("clock", freeze=False)
    account = town.credentials
    url = f"/twilio/2010-04-01/Accounts/{account.twilio_account_sid}/Messages.json"
    form = {"To": PHONE, "From": account.twilio_from, "Body": "x", "StatusCallback": f"{service.base}/status"}
    await town.http.post(url, data=form, auth=(account.twilio_account_sid, account.twilio_auth_token))
    assert await _heard(service, 2)


async def _heard(service: Any, count: int) -> bool:
    for _ in range(100):
        if len(service.heard) == count:
            return True
        await asyncio.sleep(0.02)
    return False
