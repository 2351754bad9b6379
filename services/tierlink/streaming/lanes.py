"""The batches of one partition on their way to the processor."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

__all__ = ["Lane"]


class Lane:
    """A bounded queue of fetched batches.

    Each partition has a lane of its own, so that one partition's batch is computed while another's is under way to
    the broker. Batches that wait in a lane are taken together: the slower things go, the more is saved.

    Attributes:
        is_open: whether the processor has opened the partition.
        turn: held while the processor works on the partition: a batch, an opening, a tick or a closing.
    """

    def __init__(self, records_max: int) -> None:
        """Nothing waits.

        Args:
            records_max: a lane with so many records waiting takes no more, and fewer are taken together, unless a
                single batch has more.
        """
        self.is_open = False
        self.turn = asyncio.Lock()
        self._records_max = records_max
        self._waiting: deque[Any] = deque()
        self._records = 0
        self._changed = asyncio.Condition()

    async def put(self, message: Any) -> None:
        """Add a message whose value is a batch; waits while the lane is open and full.

        A closed lane takes what comes, so that it does not hold up the open ones: Faust fetches nothing for it.
        """
        async with self._changed:
            await self._changed.wait_for(
                lambda: not self.is_open or self._records < self._records_max
            )
            self._waiting.append(message)
            self._records += len(message.value.records)
            self._changed.notify_all()

    async def take(self) -> list[Any]:
        """Wait until the lane is open and has messages; take those that may be handled together."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.is_open and bool(self._waiting))
            taken = [self._pop()]
            count = len(taken[0].value.records)
            while self._waiting:
                count += len(self._waiting[0].value.records)
                if count > self._records_max:
                    break
                taken.append(self._pop())
            self._changed.notify_all()
        return taken

    async def open(self) -> None:
        """Let messages be taken."""
        async with self._changed:
            self.is_open = True
            self._changed.notify_all()

    async def close(self) -> None:
        """Let nothing be taken any more."""
        async with self._changed:
            self.is_open = False
            self._changed.notify_all()

    def _pop(self) -> Any:
        message = self._waiting.popleft()
        self._records -= len(message.value.records)
        return message
