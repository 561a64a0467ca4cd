"""The bank: payments that arrive now or days later, and collections that bounce; told to the service's door."""

import json
from typing import Any

from channels.sandbox.clock import real_now
from channels.sandbox.pushes import Push
from channels.sandbox.world import Sandbox

DAY = 86_400.0


class Payday:
    """Writes ``payments.jsonl`` at the moment the money is there, then tells the service until it answers 2xx."""

    def __init__(self, world: Sandbox) -> None:
        self._world = world
        self._paid = world.memory.shelf("payments")
        world.timers.on("payment", self._arrive)

    async def pay(self, unit: str, amount_fen: int, way: str, ref: str, lag_days: float = 0.0) -> dict[str, Any]:
        """Orders a payment. Raises ValueError for no amount or a reference used before."""
        if not unit or amount_fen == 0:
            raise ValueError('pay needs "unit" and "amount_fen", whole fen, not 0')
        ref = ref or f"SBX{self._world.memory.number('payment.ref'):08d}"
        if ref in self._paid:
            raise ValueError(f"a payment with the reference {ref!r} exists already")
        payment = {"unit": unit, "amount_fen": amount_fen, "way": way, "ref": ref}
        self._paid.put(ref, {**payment, "arrived": False})
        if lag_days > 0:
            self._world.timers.after(lag_days * DAY, "payment", payment)
            return {**payment, "arrived": False}
        return {**payment, "arrived": True, **await self._take_effect(payment)}

    async def bounce(self, ref: str, lag_days: float = 0.0) -> dict[str, Any]:
        """Takes an arrived payment back. Raises LookupError when none has that reference."""
        paid = self._paid.get(ref)
        if paid is None or not paid["arrived"]:
            raise LookupError(f"no payment with the reference {ref!r} has arrived")
        back = {"unit": paid["unit"], "amount_fen": -int(paid["amount_fen"]), "way": paid["way"]}
        reversal = {**back, "ref": f"{ref}-BOUNCED", "reverses": ref}
        if reversal["ref"] in self._paid:
            raise ValueError(f"the payment {ref!r} has bounced already")
        self._paid.put(reversal["ref"], {**reversal, "arrived": False})
        if lag_days > 0:
            self._world.timers.after(lag_days * DAY, "payment", reversal)
            return {**reversal, "arrived": False}
        return {**reversal, "arrived": True, **await self._take_effect(reversal)}

    async def _arrive(self, payment: dict[str, Any]) -> None:
        await self._take_effect(payment)

    async def _take_effect(self, payment: dict[str, Any]) -> dict[str, Any]:
        at = self._world.clock.now().isoformat()
        await self._world.payments.append({"at": at, "real_at": real_now().isoformat(), **payment})
        self._paid.put(payment["ref"], {**payment, "arrived": True})
        self._world.stream.publish("payment", at=at, **payment)
        listener = self._world.settings.get("listener") or {}
        if not listener.get("pay_url"):
            return {"delivered": False}
        told = {**payment, "external_ref": payment["ref"], "at": at}
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {listener.get('token', '')}"}
        body = json.dumps({"payments": [told]}, ensure_ascii=False)
        push = Push("bank", "payment", payment["unit"], listener["pay_url"], headers, body)
        outcome = await self._world.pusher.deliver(push)
        return {"delivered": outcome.ok, "status": outcome.status}

    def all(self) -> list[dict[str, Any]]:
        return self._paid.values()
