"""Wherever a process dies, however batches are cut afterwards, whatever day it is meanwhile: the result is the same."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from random import Random

import pytest

from flow import supply_chain
from tierlink.schemas.envelope import fact_event
from tierlink.schemas.orders import LinePlaced
from tierlink.schemas.topics import ORDERS, STOCK
from tierlink.schemas.values import Party
from unit.processors.world import PREFIX, SECOND_ORDERS, CrashError, Process, World

AS_OF = date(2026, 4, 10)


def events_of(seed: int):
    """Few orders with much happening to each; a third of them goes to another supplier."""
    events = supply_chain.events(seed, orders=5, items=2)
    moved = [
        fact_event(
            one.data.model_copy(update={"supplier": Party(id=f"S{number % 7}")}),
            source=one.source,
            fact_key=one.factkey,
            revision=one.revision + 10,
            recorded_at=one.recordedtime,
        )
        for number, one in enumerate(events)
        if isinstance(one.data, LinePlaced) and number % 3 == 0
    ]
    return [*events, *moved]


def world_of(seed: int, random: Random) -> World:
    world = World(random, AS_OF)
    events = events_of(seed)
    random.shuffle(events)
    for event in events + random.choices(events, k=len(events) // 3):
        is_stock = event.partitionkey.count("|") == 2
        orders = random.choice((ORDERS.full_name(PREFIX), SECOND_ORDERS))
        topic = STOCK.full_name(PREFIX) if is_stock else orders
        world.put(topic, event.partitionkey.encode(), event.to_bytes())
    return world


async def calm(world: World) -> None:
    process = Process(world)
    await process.open()
    await process.work()


async def stormy(world: World, crashes: int) -> None:
    """Processes that die, until the last one, which finds it is the day of the calm run."""
    random = world.random
    for _ in range(crashes):
        world.day = AS_OF - timedelta(days=random.choice((0, 0, 3, 40)))
        world.calls_left = random.randint(0, 25)
        process = Process(world)
        try:
            await process.open()
            await process.work(random.randint(0, 8))
            world.day = AS_OF - timedelta(days=random.choice((0, 1)))
            await process.tick()
            await process.work(8)
        except CrashError:
            world.crashes += 1
    world.calls_left, world.day = None, AS_OF
    await calm(world)


@pytest.mark.parametrize("seed", range(40))
def test_a_stormy_life_ends_like_a_calm_one(seed: int):
    expected = world_of(seed % 6, Random(0))
    asyncio.run(calm(expected))
    world = world_of(seed % 6, Random(seed))
    asyncio.run(stormy(world, crashes=15))

    assert world.crashes >= 5
    assert world.all_results() == expected.all_results()


def test_the_calm_life_is_worth_comparing_with():
    world = world_of(1, Random(0))
    asyncio.run(calm(world))
    assert all(len(found) >= 5 for found in world.all_results().values())
    tombstones = [key for rows in world.topics.values() for key, value in rows if value is None]
    assert tombstones
