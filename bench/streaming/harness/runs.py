"""One engine at work on one topic: its topics, its process, how far it is."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from harness.cluster import COMPACT, KEEP, Cluster
from harness.engines import Engine, Names, environment_of
from harness.usage import Usage
from tierlink.supervisor.children import die_with_parent

__all__ = ["COMMIT_MS", "LINGER_MS", "EngineDiedError", "Finish", "Run", "run_of"]

COMMIT_MS = 1000
"""tierlink's own interval. It bounds what is done again after a crash, and how old a changelog may be."""

LINGER_MS = 5
"""Of the peers' producers: long enough to fill batches, short enough for latency."""

POLL_RECORDS = 10_000
FETCH_BYTES = 4_194_304
"""Of a partition at once; tierlink's own."""

_STOP_SECONDS = 30
_STILL_SECONDS = 1.0
_POLL_SECONDS = 0.05
_FIRST_SECONDS = 180.0


class EngineDiedError(Exception):
    """An engine's process ended by itself. The text has the end of its log."""


class Finish(Exception):  # noqa: N818 a way out, not an error
    """The time limit was reached; the engine had done this many records."""

    def __init__(self, done: int, seconds: float) -> None:
        super().__init__(f"{done:,} records after {seconds:.0f} s")
        self.done = done
        self.seconds = seconds


class Run:
    """An engine's topics and its process. Make it with :func:`run_of`.

    Attributes:
        usage: processor time and memory of the process.
        first_ns: when it read its first record, by the wall clock.
        progress: while all was awaited, when (wall clock, ns) how many records had been committed.
    """

    def __init__(
        self, cluster: Cluster, engine: Engine, names: Names, partitions: int, folder: Path
    ) -> None:
        self.cluster = cluster
        self.engine = engine
        self.names = names
        self.partitions = partitions
        self.state = folder / names.group
        self.usage: Usage | None = None
        self.first_ns = 0
        self.progress: list[tuple[int, int]] = []
        self._log = folder / f"{names.group}.log"
        self._process: subprocess.Popen[str] | None = None
        self._has_begun = threading.Event()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def written(self) -> dict[str, int]:
        """Topics the engine writes: changelogs and results."""
        topics = {*self.engine.changelogs(self.names), self.names.output, self.names.totals}
        return dict.fromkeys(sorted(topics), self.partitions)

    def create_topics(self) -> None:
        """Results and changelogs, the same settings for every engine."""
        changelogs = dict.fromkeys(self.engine.changelogs(self.names), COMPACT)
        results = {self.names.output: KEEP, self.names.totals: KEEP}
        self.cluster.create({**results, **changelogs}, self.partitions)

    def start(self, expect: int = 0) -> None:
        """Start the process.

        Args:
            expect: after so many records the engine commits at once; 0: it only keeps its interval.
        """
        told = {
            "BENCH_KAFKA": self.cluster.address,
            "BENCH_GROUP": self.names.group,
            "BENCH_TOPIC": self.names.topic,
            "BENCH_OUTPUT": self.names.output,
            "BENCH_TOTALS": self.names.totals,
            "BENCH_PARTITIONS": str(self.partitions),
            "BENCH_STATE": str(self.state),
            "BENCH_EXPECT": str(expect),
            "BENCH_COMMIT_MS": str(COMMIT_MS),
            "BENCH_LINGER_MS": str(LINGER_MS),
            "BENCH_POLL_RECORDS": str(POLL_RECORDS),
            "BENCH_FETCH_BYTES": str(FETCH_BYTES),
        }
        command = self.engine.command()
        self._has_begun.clear()
        with self._log.open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                command,
                env=environment_of(self.engine, told),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=self._log.parent,
                preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 it calls the system only
            )
        self.usage = Usage(self.pid)
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("FIRST "):
                self.first_ns = int(line.split()[1])
                self._has_begun.set()

    def await_first(self, seconds: float = _FIRST_SECONDS) -> int:
        """When the engine read its first record, in nanoseconds of the wall clock."""
        deadline = time.monotonic() + seconds
        while not self._has_begun.wait(0.1):
            self.check()
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"{self.engine.label} read nothing in {seconds:.0f} s: {self.tail()}"
                )
        return self.first_ns

    def check(self) -> None:
        """Raise when the process has ended."""
        if self._process is not None and (code := self._process.poll()) is not None:
            raise EngineDiedError(f"{self.engine.label} ended with {code}: {self.tail()}")

    def tail(self) -> str:
        """End of the log."""
        with contextlib.suppress(OSError):
            return self._log.read_text(encoding="utf-8", errors="replace")[-2000:]
        return ""

    def done(self) -> int:
        """Records whose offsets are committed."""
        return sum(self.cluster.committed(self.names.group, [self.names.topic]).values())

    def lag(self) -> int:
        """Records of the topic that are not committed."""
        ends = self.cluster.ends({self.names.topic: self.partitions})
        done = self.cluster.committed(self.names.group, [self.names.topic])
        return sum(end - done.get(place, 0) for place, end in ends.items())

    def await_done(self, total: int, seconds: float) -> int:
        """Wait until all is committed and nothing is written any more; returns when that was (wall clock, ns).

        The later of two moments: all offsets are committed; the last record of a changelog or of the results was
        appended. An engine that commits first and writes later gains nothing.

        Raises:
            Finish: it takes longer.
        """
        began = time.monotonic()
        committed_ns, grown_ns, sizes = 0, 0, {}
        while True:
            self.check()
            if not committed_ns and self._note_progress() >= total:
                committed_ns = time.time_ns()
            now_sizes = self.cluster.ends(self.written)
            if now_sizes != sizes:
                sizes, grown_ns = now_sizes, time.time_ns()
            finished_ns = max(committed_ns, grown_ns)
            if committed_ns and time.time_ns() - finished_ns > _STILL_SECONDS * 1e9:
                return finished_ns
            if time.monotonic() - began > seconds:
                raise Finish(self.done(), seconds)
            time.sleep(_POLL_SECONDS)

    def _note_progress(self) -> int:
        done = self.done()
        if not self.progress or done != self.progress[-1][1]:
            self.progress.append((time.time_ns(), done))
        return done

    def stop(self) -> None:
        """End the process in good order, or after a while by force."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._ended()

    def kill(self) -> None:
        """``kill -9``."""
        if self._process is not None:
            self._process.kill()
            self._ended()

    def _ended(self) -> None:
        assert self._process is not None
        self._process.wait()
        self._process = None
        if self.usage is not None:
            self.usage.stop()

    def forget_state(self) -> None:
        """Delete what the engine keeps on this machine's disk."""
        shutil.rmtree(self.state, ignore_errors=True)

    def clean_up(self) -> None:
        """End the process, delete state and topics."""
        self.kill()
        self.forget_state()
        self.cluster.delete(self.written)


@contextlib.contextmanager
def run_of(
    cluster: Cluster, engine: Engine, names: Names, partitions: int, folder: Path
) -> Iterator[Run]:
    """A run whose topics are created, and all of which is gone afterwards except its log."""
    run = Run(cluster, engine, names, partitions, folder)
    run.create_topics()
    try:
        yield run
    finally:
        run.clean_up()
