"""GET /metrics for Prometheus and GET /readyz for proxies. Neither names anybody."""

import asyncio
from collections.abc import Iterator

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from starlette.responses import Response

from bot.flows.seen import Figures, figures, readiness

router = APIRouter(include_in_schema=False)
PATIENCE = 5.0
"""Seconds a figure is good for, and the longest a database may take to say that it is there."""


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """The figures. Only for whoever asks us directly: what came through the proxy is not found."""
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return PlainTextResponse("not found", 404)
    registry = CollectorRegistry()
    registry.register(_Told(await _figures(request)))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


async def _figures(request: Request) -> Figures:
    """Read at most every few seconds, however many ask."""
    house, loop = request.app.state.house, asyncio.get_running_loop()
    known = house.memory.get("figures")
    if known is None or loop.time() - known[0] > PATIENCE:
        known = house.memory["figures"] = (loop.time(), await figures(house))
    told: Figures = known[1]
    return told


class _Told:
    """The figures as Prometheus reads them."""

    def __init__(self, told: Figures) -> None:
        self.told = told

    def collect(self) -> Iterator[Metric]:
        told = self.told
        due = GaugeMetricFamily("yinuo_queue_due", "Messages due that have not left", labels=["channel"])
        for channel, count in told.queue_due.items():
            due.add_metric([channel], count)
        sends = GaugeMetricFamily(
            "yinuo_sends_last_hour",
            "Attempts begun within an hour by their outcome so far",
            labels=["channel", "outcome"],
        )
        for labels, count in told.sends.items():
            sends.add_metric(list(labels), count)
        ends = GaugeMetricFamily("yinuo_promises_ended", "Promises ended in 90 days", labels=["outcome"])
        for outcome, count in told.outcomes.items():
            ends.add_metric([outcome], count)
        closed = GaugeMetricFamily("yinuo_provider_closed", "1 while a provider asked for silence", labels=["provider"])
        for provider, shut in told.closed.items():
            closed.add_metric([provider], float(shut))
        age = GaugeMetricFamily("yinuo_ledger_age_days", "Days since the book's newest day", labels=["community"])
        for name, days in told.ledger_age_days.items():
            age.add_metric([name], days)
        yield from (due, sends, ends, closed, age)
        yield from _plain(told)


def _plain(told: Figures) -> Iterator[Metric]:
    yield GaugeMetricFamily("yinuo_queue_age_seconds", "How long the oldest due message waits", told.queue_age)
    yield GaugeMetricFamily("yinuo_uncertain", "Messages whose fate nobody knows yet", told.uncertain)
    yield GaugeMetricFamily("yinuo_cases_open", "Cases not resolved", told.cases_open)
    yield GaugeMetricFamily("yinuo_workers", "Workers heard of within a minute", told.workers)
    yield GaugeMetricFamily("yinuo_journal_unsealed", "Journal entries that wait for their seal", told.unsealed)
    yield GaugeMetricFamily("yinuo_journal_unsealed_seconds", "How long the oldest waits for it", told.unsealed_age)
    yield GaugeMetricFamily(
        "yinuo_unheard_seconds", "How long the oldest of what was said to us waits", told.unheard_age
    )
    if told.keep_rate is not None:
        yield GaugeMetricFamily("yinuo_promise_keep_rate", "Kept of all promises ended in 90 days", told.keep_rate)


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """200 when the database answers in a shape that is not too old, else 503; a worker is told beside it."""
    try:
        async with asyncio.timeout(PATIENCE):
            told = await readiness(request.app.state.house)
    except TimeoutError:
        return JSONResponse({"ready": False, "database": False, "migrated": False, "worker": False}, 503)
    return JSONResponse(told.json(), 200 if told.ok else 503)
