"""Workers that are killed again and again while records come in, and what is left of their results.

A storm is made of its seed alone, as far as a machine's own timing lets it be: who is killed, at which place or after
how long, what comes in which order. ``tests/integration/processors/test_storm.py`` has a short one, ``tests/chaos``
the long ones.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from integration.processors.cluster import (
    AS_OF,
    KPI_TOPICS,
    Chain,
    Sent,
    assert_equals_oracle,
    await_that,
    shuffled,
)
from integration.processors.faults import POINTS
from integration.processors.feeder import Feeder
from tierlink.kpi import ledger
from tierlink.kpi.facts import Fact
from tierlink.processors.rows import OrderRow, RowCodec, StockRow
from tierlink.schemas.topics import DEAD_LETTERS
from tierlink.streaming.tables import changelog_name

__all__ = ["KILL", "Report", "backward_rows", "storm"]

KILL = "kill -9"
"""A death at no place of its own: whatever the process does at that moment."""
_NUMBERS = {
    "before-commit": (1, 2),
    "after-commit": (1, 2),
    "recovering": (1, 6),
    "recovered": (1, 1),
    "opening": (1, 3),
    "revoked": (3, 4),  # joining passes it twice with nothing to take away
    "ticking": (1, 5),
}
_ANY_NUMBER = (1, 8)
_LINGER_MS = (0, 0, 1, 3, 10, 30)
_START_SECONDS = 40.0
_GIVE_UP_SECONDS = 8.0
"""After a worker is ready; its place may need more records than come."""
_LOOK_SECONDS = 0.03
_TRICKLE_SECONDS = 1.5
_AWAY_SECONDS = 7.5
"""Longer than a session: what a worker had goes to others."""
_DAYS = 40

_AS_OF = re.compile(rb'"as_of":"([0-9-]{10})"')
_ID = re.compile(rb'"id":"[0-9a-f-]{36}","source"')


@dataclass(frozen=True)
class Death:
    """How a process is to end."""

    point: str
    number: int
    linger_ms: int
    after_seconds: float
    forgets: bool
    stays_away: bool
    moves_clock_late: bool

    @classmethod
    def drawn(cls, point: str, random: Random) -> Death:
        return cls(
            point,
            random.randint(*_NUMBERS.get(point, _ANY_NUMBER)),
            random.choice(_LINGER_MS),
            random.uniform(0.3, 5.0),
            point == "recovering" or random.random() < 0.3,
            random.random() < 0.15,
            random.random() < 0.5,
        )

    @property
    def environment(self) -> dict[str, str]:
        if self.point == KILL:
            return {}
        return {
            "TEST_DIE_AT": f"{self.point}:{self.number}",
            "TEST_DIE_AFTER_MS": str(self.linger_ms),
        }


@dataclass
class Seat:
    """A worker's place; processes come and go."""

    name: str
    instance: str
    process: subprocess.Popen[bytes] | None = None
    death: Death | None = None
    kill_at: float = 0.0
    start_at: float = 0.0
    guest: subprocess.Popen[bytes] | None = None
    is_ready: bool = False
    has_moved_clock: bool = False


@dataclass
class Report:
    """What a storm came to; figures, to be printed with the seed."""

    seed: int
    workers: str
    prefix: str
    kills: Counter[str] = field(default_factory=Counter)
    ended: list[str] = field(default_factory=list)
    facts: int = 0
    records_in: int = 0
    rows_out: int = 0
    keys: int = 0
    older: int = 0
    lost: list[Any] = field(default_factory=list)
    doubled: list[Any] = field(default_factory=list)
    wrong: list[Any] = field(default_factory=list)
    backward: list[Any] = field(default_factory=list)
    letters: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        points = ", ".join(f"{point} {count}" for point, count in sorted(self.kills.items()))
        return (
            f"storm seed {self.seed} on {self.workers} ({self.prefix}): {self.kills.total()} kills ({points}); "
            f"{len(self.ended)} ended by themselves {self.ended}; {self.facts} facts, {self.records_in} records in, "
            f"{self.rows_out} rows out under {self.keys} keys ({self.older} said on an earlier day); "
            f"lost {len(self.lost)}, doubled {len(self.doubled)}, wrong {len(self.wrong)}, "
            f"rows that went back {len(self.backward)}, dead letters {self.letters}; {self.seconds:.0f} s"
        )

    def assert_clean(self) -> None:
        """Every place was a grave, and nothing came of it. Only a stalled machine may end a process as well."""
        assert set(self.kills) >= set(POINTS)
        assert [one for one in self.ended if "stood still" not in one] == []
        troubles = (self.lost, self.doubled, self.wrong, self.backward, self.letters)
        assert troubles == ([], [], [], [], 0)


class Storm:
    """Kills what sits in its seats until its plan is done."""

    def __init__(
        self, chain: Chain, seats: Sequence[Seat], kills: int, random: Random, report: Report
    ) -> None:
        """Plan it: every place once, the rest at random, a third of that at no place at all."""
        points = list(POINTS)
        plan = [
            *points,
            *random.choices([*points, *[KILL] * (len(points) // 2)], k=max(0, kills - len(points))),
        ]
        random.shuffle(plan)
        self._plan = deque(Death.drawn(point, random) for point in plan)
        self._planned = len(plan)
        self._chain = chain
        self._seats = seats
        self._random = random
        self._report = report
        self._guests = 0
        self._days = _DAYS
        self._share = 0.0
        self._fed_at = time.monotonic()
        self.move_clock(_DAYS)

    def move_clock(self, days_before: int) -> None:
        """Let it be a day."""
        file = self._clock
        self._chain.home.mkdir(parents=True, exist_ok=True)
        self._days = days_before
        day = AS_OF - timedelta(days=days_before)
        file.with_suffix(".new").write_text(f"{day}T12:00:00+00:00", encoding="ascii")
        file.with_suffix(".new").rename(file)

    def rage(self, feeder: Feeder) -> None:
        """Kill them all, again and again."""
        while self._plan or any(seat.death for seat in self._seats):
            for seat in self._seats:
                self._look(seat)
            self._feed(feeder)
            time.sleep(_LOOK_SECONDS)
        for seat in self._seats:
            if seat.guest:
                self._kill_guest(seat)

    def calm_down(self, feeder: Feeder) -> None:
        """It is the last day, everybody works, everything comes in and is worked off."""
        self.move_clock(0)
        feeder.allow(1)
        for seat in self._seats:
            if seat.process is None:
                self._start(seat)
        await_that(feeder.is_done, "all records are sent", self._chain)
        self._chain.await_done()
        for seat in self._seats:
            self._chain.await_ready(seat.name, seat.instance)
        await_that(self._all_is_judged, "all is judged as of the last day", self._chain)
        self._chain.await_done()

    @property
    def _clock(self) -> Path:
        return self._chain.home / "clock"

    def _all_is_judged(self) -> bool:
        """Whether each partition's rows say that all was judged as of the last day."""
        days = {
            (name, row.partition): row.value
            for name, table in (("on-time", "lines"), ("turnover", "stock"))
            for row in self._chain.read(changelog_name(self._chain.group(name), table))
            if row.key.startswith(b"\x00")
        }
        return set(days.values()) == {AS_OF.isoformat().encode()}

    def _feed(self, feeder: Feeder) -> None:
        """Some records for each death, and more where nobody dies."""
        now = time.monotonic()
        if now - self._fed_at > _TRICKLE_SECONDS:
            self._share += 0.4
            self._fed_at = now
        feeder.allow((self._report.kills.total() + self._share + 1) / (self._planned * 1.5))

    def _look(self, seat: Seat) -> None:
        now = time.monotonic()
        if seat.process is None:
            if now >= seat.start_at:
                seat.death = self._next_death(seat)
                self._start(seat)
            return
        code = seat.process.poll()
        if code is not None:
            self._chain.workers.remove(seat.process)
            self._has_died(seat, code)
        elif seat.death and now >= seat.kill_at:
            self._chain.kill(seat.process)
            self._has_been_killed(seat)
        elif seat.death and seat.death.point != KILL:
            if not seat.is_ready and self._chain.ready_file(seat.name, seat.instance).exists():
                seat.is_ready = True
                seat.kill_at = now + _GIVE_UP_SECONDS
            if seat.is_ready:
                self._provoke(seat, seat.death)

    def _next_death(self, seat: Seat) -> Death | None:
        for death in self._plan:
            if death.point != "revoked" or (seat.name == "on-time" and not self._is_revoking()):
                self._plan.remove(death)
                return death
        return None

    def _is_revoking(self) -> bool:
        return any(seat.death and seat.death.point == "revoked" for seat in self._seats)

    def _start(self, seat: Seat) -> None:
        death = seat.death
        seat.is_ready = seat.has_moved_clock = False
        if death and death.forgets:
            folder = self._chain.home / "faust" / f"{seat.name}-{seat.instance}"
            shutil.rmtree(folder, ignore_errors=True)
        if death and death.point == "ticking" and not death.moves_clock_late:
            self._pass_days(seat)
        seat.process = self._chain.start(
            seat.name, seat.instance, **self._environment, **(death.environment if death else {})
        )
        is_plain = death is not None and death.point == KILL
        seconds = death.after_seconds if death and is_plain else _START_SECONDS
        seat.kill_at = time.monotonic() + seconds

    @property
    def _environment(self) -> dict[str, str]:
        return {
            "TIERLINK_BATCH_RECORDS": "25",
            "TIERLINK_TICK_SECONDS": "0.3",
            "TIERLINK_ZONE": "UTC",
            "TEST_CLOCK": str(self._clock),
        }

    def _provoke(self, seat: Seat, death: Death) -> None:
        """Bring about what a death waits for, once the process works."""
        if death.point == "ticking" and not seat.has_moved_clock:
            self._pass_days(seat)
        if death.point == "revoked" and seat.guest is None:
            self._guests += 1
            seat.guest = self._chain.start("on-time", f"guest-{self._guests}", **self._environment)

    def _pass_days(self, seat: Seat) -> None:
        seat.has_moved_clock = True
        self.move_clock(max(1, self._days - max(1, self._days // 6)))

    def _has_died(self, seat: Seat, code: int) -> None:
        if code == -signal.SIGKILL and seat.death:
            self._count(seat, seat.death.point)
        else:
            log = (self._chain.home / f"{seat.name}-{seat.instance}.log").read_text()
            reasons = re.findall(r"CRITICAL.*", log)
            self._report.ended.append(f"{seat.name}-{seat.instance} {code} {reasons[-1:]}")
            self._leave(seat)

    def _has_been_killed(self, seat: Seat) -> None:
        """By us: it was to be so, or the place was not reached in time and is tried again."""
        if seat.death and seat.death.point != KILL:
            self._plan.append(Death.drawn(seat.death.point, self._random))
            spare = next((one for one in self._plan if one.point == KILL), None)
            if spare:
                self._plan.remove(spare)
        self._count(seat, KILL)

    def _count(self, seat: Seat, point: str) -> None:
        self._report.kills[point] += 1
        self._fed_at = time.monotonic()
        self._leave(seat)

    def _leave(self, seat: Seat) -> None:
        has_others = sum(one.name == seat.name for one in self._seats) > 1
        is_long = has_others and seat.death is not None and seat.death.stays_away
        seat.start_at = time.monotonic() + (_AWAY_SECONDS if is_long else 0)
        seat.process = seat.death = None
        if seat.guest:
            self._kill_guest(seat)

    def _kill_guest(self, seat: Seat) -> None:
        if seat.guest and seat.guest in self._chain.workers:
            self._chain.kill(seat.guest)
            self._report.kills[KILL] += 1
        seat.guest = None


def storm(
    kafka: str, folder: Path, seed: int, kills: int, instances: Sequence[str], log: Sequence[Sent]
) -> Report:
    """Let a storm pass over workers of on-time and one of turnover, and compare with a calm run and with SQL.

    Args:
        kafka: a broker.
        folder: for the workers' homes.
        seed: of what happens.
        kills: at least so many.
        instances: of on-time.
        log: facts.

    Raises:
        AssertionError: the KPIs are not what SQL over the facts says.
    """
    random = Random(seed)
    seats = [*(Seat("on-time", name) for name in instances), Seat("turnover", "0")]
    chain = Chain(kafka, folder / "storm", as_of=None)
    workers = f"{len(instances)} x on-time, turnover"
    report = Report(seed, workers, chain.prefix, facts=len(log))
    began_at = time.monotonic()
    calm = _calm(Chain(kafka, folder / "calm"), log)
    chain.create()
    records = shuffled(list(log), random)
    try:
        raging = Storm(chain, seats, kills, random, report)
        with Feeder(chain, records) as feeder:
            raging.rage(feeder)
            raging.calm_down(feeder)
        report.records_in = feeder.sent
        _compare(report, chain.published(), calm)
        report.rows_out = sum(len(chain.read(topic)) for topic in KPI_TOPICS)
        report.backward = list(backward_rows(chain))
        report.letters = len(chain.read(DEAD_LETTERS))
        report.seconds = time.monotonic() - began_at
        print(report)
        for trouble in (report.lost, report.doubled, report.wrong, report.backward):
            print(*trouble[:5], sep="\n", end="\n" if trouble else "")
        assert_equals_oracle(chain, log)
    finally:
        chain.kill_all()
    return report


def _calm(chain: Chain, log: Sequence[Sent]) -> dict[Any, bytes]:
    """What is published where nothing happens."""
    chain.create()
    chain.send(log)
    try:
        for name in ("on-time", "turnover"):
            chain.start(name)
        chain.await_done()
        return chain.published()
    finally:
        chain.kill_all()


def _compare(report: Report, found: Mapping[Any, bytes], calm: Mapping[Any, bytes]) -> None:
    """Byte for byte. What a midnight left as it was still says the day it was said on; the rest must be the same."""
    report.keys = len(found)
    report.lost = [place for place in calm if place not in found]
    report.doubled = [place for place in found if place not in calm]
    last_day = AS_OF.isoformat().encode()
    for place in calm.keys() & found.keys():
        mine, expected = found[place], calm[place]
        if mine != expected and _AS_OF.findall(mine) != [last_day]:
            report.older += 1
            mine, expected = _without_day(mine), _without_day(expected)
        if mine != expected:
            report.wrong.append((place, found[place], calm[place]))


def _without_day(value: bytes) -> bytes:
    """The day is part of what is said, and what is said makes the id."""
    return _ID.sub(b"", _AS_OF.sub(b"", value), count=1)


def backward_rows(chain: Chain) -> Iterator[tuple[str, int, bytes, int]]:
    """Rows of the changelogs that know less than one before them: written by who had no right to any more."""
    orders, stocks = RowCodec(OrderRow), RowCodec(StockRow)
    for processor, table, facts_of in (
        ("on-time", "purchase-orders", lambda raw: _facts_of_order(orders.decode(raw))),
        ("turnover", "stock", lambda raw: ledger.decode(stocks.decode(raw).facts).facts),
    ):
        known: dict[tuple[int, bytes], dict[ledger.Address, Fact]] = {}
        for record in chain.read(changelog_name(chain.group(processor), table)):
            if record.key.startswith(b"\x00") or record.value is None:
                continue
            facts = facts_of(record.value)
            before = known.get((record.partition, record.key), {})
            if any(_is_less(facts.get(address), fact) for address, fact in before.items()):
                yield table, record.partition, record.key, record.offset
            known[record.partition, record.key] = facts


def _facts_of_order(row: OrderRow) -> dict[ledger.Address, Fact]:
    facts: dict[ledger.Address, Fact] = {}
    for section in row.sections.values():
        facts |= ledger.decode(section.facts).facts
    return facts


def _is_less(now: Fact | None, before: Fact) -> bool:
    return now is None or (now.sequence, now.id) < (before.sequence, before.id)
