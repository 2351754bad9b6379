"""Lag is counted against what the broker holds; an empty answer must never look like no lag."""

import asyncio
from contextlib import suppress
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import GroupCoordinatorNotAvailableError

from tierlink.broker.lag import end_offsets, group_lag
from tierlink.broker.topics import Wanted, create_topics

pytestmark = pytest.mark.kafka


def test_lag_falls_as_a_group_commits(kafka):
    topic, group = f"lag-{uuid4().hex}", f"group-{uuid4().hex}"

    async def first_lag() -> int:
        while True:  # a fresh broker has no group coordinator for a moment
            with suppress(GroupCoordinatorNotAvailableError):
                return await group_lag(kafka, group, [topic])
            await asyncio.sleep(0.2)

    async def scenario() -> list[int]:
        await create_topics(kafka, [Wanted(topic, 3)])
        seen = [await first_lag()]
        async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
            for number in range(30):
                await producer.send_and_wait(topic, b"x", partition=number % 3)
        seen.append(await group_lag(kafka, group, [topic]))
        async with AIOKafkaConsumer(
            bootstrap_servers=kafka, group_id=group, enable_auto_commit=False
        ) as consumer:
            consumer.assign([TopicPartition(topic, number) for number in range(3)])
            await consumer.commit({TopicPartition(topic, 0): 10})
            seen.append(await group_lag(kafka, group, [topic]))
            await consumer.commit({TopicPartition(topic, number): 10 for number in range(3)})
        seen.append(await group_lag(kafka, group, [topic]))
        return seen

    assert asyncio.run(scenario()) == [0, 30, 20, 0]


def test_end_offsets_leave_out_a_topic_that_is_not_there(kafka):
    topic = f"ends-{uuid4().hex}"
    asyncio.run(create_topics(kafka, [Wanted(topic, 2)]))
    assert asyncio.run(end_offsets(kafka, [topic, "never-made"])) == {(topic, 0): 0, (topic, 1): 0}
