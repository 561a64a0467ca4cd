"""The card in the group."""

from datetime import date


async def test_a_broken_promise_comes_as_one_masked_card(estate) -> None:  # type: ignore[no-untyped-def]
    account = await estate.flat("3-2-1201", fen=62_000)
    await estate.promise(account, 50_000, date(2026, 11, 24))
    await estate.open(account)
    await estate.tick()
    for o in estate.telegram.sent:
        print(o)
    assert 0
