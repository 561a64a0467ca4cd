"""What was said beside a yes or about a tenant is not taken for a yes or a leave."""

from typing import Any

import pytest

from store import core


@pytest.mark.parametrize("answer", ["周六可以", "好，周六", "是周六", "不，周六"])
async def test_a_yes_that_names_another_day_is_said_back_again(estate: Any, answer: str) -> None:
    await estate.owner()
    await estate.hears("下周五交")
    said = await estate.hears(answer)
    assert "周六" in said[0]
    assert await estate.all(core.promise) == []
    await estate.hears("1")
    ((promise,),) = [await estate.all(core.promise)]
    assert promise.due_on.weekday() == 5


@pytest.mark.parametrize(
    "words",
    ["租客说他会交，可以吗", "房客下个月给我房租，可以下个月15号交吗", "租客可以直接交吗",
     "Please let me know whether my tenant has paid", "让租客交", "我给租客"],
)  # fmt: skip
async def test_who_speaks_of_a_tenant_lets_nobody_in(estate: Any, words: str) -> None:
    owner = await estate.owner()
    await estate.tenant(owner.account_id, "telegram", "90")
    await estate.hears(words)
    assert "486" not in "".join(await estate.hears("欠多少", sender="90", channel="telegram"))


@pytest.mark.parametrize("words", ["我不是租客，我是业主", "I'm the owner", "我的租客没交吗"])
async def test_an_owner_who_says_so_is_not_cut_off(estate: Any, words: str) -> None:
    await estate.owner()
    await estate.hears(words)
    assert "486" in "".join(await estate.hears("欠多少"))
