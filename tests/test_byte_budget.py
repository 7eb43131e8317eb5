"""Bytes in memory are bounded, and one person's never keep another's waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from bot.runtime.byte_budget import MAX_OVERTAKEN, ByteBudget

ADA, BOB, EVE = 1, 2, 3


class Holder:
    """Somebody who holds bytes until told to let go."""

    def __init__(self, budget: ByteBudget, person: int, size: int) -> None:
        self.state = "waits"
        self._budget, self._person, self._size = budget, person, size
        self._let_go = asyncio.Event()
        self.task = asyncio.create_task(self._hold())

    async def _hold(self) -> None:
        async with self._budget.hold(self._person, self._size):
            self.state = "holds"
            await self._let_go.wait()
        self.state = "held"

    @property
    def holds(self) -> bool:
        return self.state == "holds"

    async def let_go(self) -> None:
        self._let_go.set()
        await self.task


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_does_not_fit_waits_until_it_does() -> None:
    budget = ByteBudget(100, share=100)
    first, second = Holder(budget, ADA, 60), Holder(budget, BOB, 60)
    await settled()
    assert (first.holds, second.holds, budget.used) == (True, False, 60)
    await first.let_go()
    await settled()
    assert second.holds
    await second.let_go()
    assert budget.used == 0


async def test_one_persons_many_leave_room_for_anothers_one() -> None:
    budget = ByteBudget(100)
    many = [Holder(budget, ADA, 40) for _ in range(12)]
    await settled()
    one = Holder(budget, BOB, 40)
    await settled()
    assert one.holds
    assert [holder.holds for holder in many].count(True) == 1
    for holder in (one, *many):
        await holder.let_go()
        await settled()


async def test_people_take_turns() -> None:
    budget = ByteBudget(100, share=100)
    first = Holder(budget, ADA, 100)
    await settled()
    adas = [Holder(budget, ADA, 100) for _ in range(3)]
    bobs = [Holder(budget, BOB, 100) for _ in range(3)]
    await settled()
    order = []
    await first.let_go()
    for _ in range(6):
        await settled()
        (holder,) = [each for each in (*adas, *bobs) if each.holds]
        order.append("a" if holder in adas else "b")
        await holder.let_go()
    assert order == ["a", "b", "a", "b", "a", "b"]


async def test_more_than_there_is_is_held_alone() -> None:
    budget = ByteBudget(100)
    small = Holder(budget, ADA, 1)
    large = Holder(budget, BOB, 1_000)
    await settled()
    assert budget.used == 1
    await small.let_go()
    await settled()
    assert large.holds
    assert budget.used == 100
    await large.let_go()


async def test_a_large_one_is_not_overtaken_for_ever() -> None:
    budget = ByteBudget(100, share=100)
    before = Holder(budget, ADA, 30)
    await settled()
    large = Holder(budget, BOB, 90)
    await settled()
    small = []
    for number in range(MAX_OVERTAKEN + 3):
        small.append(Holder(budget, 10 + number, 5))
        await settled()
    assert sum(holder.holds for holder in small) == MAX_OVERTAKEN
    for holder in (before, *small[:MAX_OVERTAKEN]):
        await holder.let_go()
    await settled()
    assert large.holds
    for holder in (large, *small[MAX_OVERTAKEN:]):
        await holder.let_go()


async def test_one_who_gives_up_waiting_leaves_no_bytes_held() -> None:
    budget = ByteBudget(100, share=100)
    first, second, third = (Holder(budget, person, 80) for person in (ADA, BOB, EVE))
    await settled()
    second.task.cancel()
    await first.let_go()
    await settled()
    assert third.holds
    third.task.cancel()
    await asyncio.gather(second.task, third.task, return_exceptions=True)
    assert budget.used == 0


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 120), st.booleans()), max_size=40))
def test_never_more_than_the_total_and_everybody_has_a_turn(claims: Sequence[tuple[int, int, bool]]) -> None:
    asyncio.run(_all_have_their_turn(claims))


async def _all_have_their_turn(claims: Sequence[tuple[int, int, bool]]) -> None:
    budget = ByteBudget(100)
    holders = []
    for person, size, gives_up in claims:
        holder = Holder(budget, person, size)
        await settled()
        assert budget.used <= 100
        if gives_up:
            holder.task.cancel()
        else:
            holders.append(holder)
    while holders:
        await settled()
        assert budget.used <= 100
        holding = [holder for holder in holders if holder.holds]
        assert holding
        await holding[0].let_go()
        holders.remove(holding[0])
    await settled()
    assert budget.used == 0


async def test_what_is_no_longer_needed_is_given_back_before_the_end() -> None:
    budget = ByteBudget(10, share=10)
    async with budget.hold(ADA, 8) as held:
        waiting = Holder(budget, BOB, 5)
        await settled()
        assert waiting.state == "waits"
        held.shrink(5)
        held.shrink(7)
        await settled()
        assert [waiting.holds, budget.used] == [True, 10]
    assert budget.used == 5
    await waiting.let_go()
    assert budget.used == 0
