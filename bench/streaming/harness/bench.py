"""The measures in order, engine by engine; what fails is said, noted, and does not stop the others."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console

from harness import growth, latency, product, recovery, report, throughput
from harness.cluster import Cluster, embedded
from harness.engines import ENGINES, HERE, Engine, UnavailableError
from harness.results import MEASURES, Results, machine
from harness.workbench import Workbench
from tierlink.broker.errors import BrokerError

__all__ = ["main"]

DEFAULT_ENGINES = (
    "ours",
    "kafka-streams",
    "kafka-streams-5s",
    "kafka-streams-memory",
    "kafka-streams-2-threads",
    "quixstreams",
    "plain-faust",
    product.NAME,
)
SERVING = ("ours", "kafka-streams", "quixstreams", "plain-faust")
"""Engines for latency, recovery and rejoin, unless engines are chosen."""

GROWING = ("ours", "kafka-streams", "quixstreams")
_NODE_FILES = 65_536


def main(parser: ArgumentParser) -> int:
    """Run what was asked for; returns 0 when every engine did its job and gave the right answer."""
    options = _options(parser)
    if options.report_only:
        report.write(Results.read(options.out), HERE)
        return 0
    console = Console()
    _raise_file_limit()
    results = Results(options.out, machine(_plain(options)), is_added=options.add)
    folder = Path(tempfile.mkdtemp(prefix="tierlink-bench-", dir=options.folder))
    try:
        with _cluster(options, folder) as cluster:
            bench = Workbench(cluster, folder, options.partitions, options.seed, console)
            failed = _Session(bench, results, options).run()
    except BrokerError as error:
        console.print(f"[red]the broker: {error}[/red]")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    console.print(f"results are in {options.out}")
    if options.write_readme:
        report.write(Results.read(options.out), HERE)
        console.print(f"and in {HERE / 'README.md'}")
    for name in failed:
        console.print(f"[red]failed: {name}[/red]")
    return 1 if failed else 0


def _options(parser: ArgumentParser) -> Namespace:
    add = parser.add_argument
    add("--measures", type=_list, default=list(MEASURES), help="of " + ",".join(MEASURES))
    add("--engines", type=_list, help="of " + ",".join(DEFAULT_ENGINES))
    add("--lines", type=int, default=500_000, help="order lines; 2.25 events each")
    add("--rounds", type=int, default=3, help="of throughput; rounds alternate the order")
    add("--partitions", type=int, default=4)
    add("--seed", type=int, default=20_261_125)
    add("--rates", type=_numbers, default=[2_000, 20_000], help="events a second, for latency")
    add("--seconds", type=float, default=30, help="of each rate, after 10 s of warm-up")
    add("--keys", type=_numbers, default=[500_000], help="to recover, for example 500000,5000000")
    add("--growth", type=_numbers, default=[10_000, 100_000, 1_000_000], help="keys of state")
    add("--window", type=int, default=300_000, help="updates at each size")
    add("--limit", type=float, default=300, help="seconds an engine may take before it is '>'")
    add("--build-limit", type=float, default=900, help="seconds to build state for recovery")
    add("--kafka", help="host:port of another broker; its processor time is then not measured")
    add("--folder", type=Path, help="for temporary data; must be on a real disk")
    add("--out", type=Path, default=HERE / "results.json")
    add("--add", action="store_true", help="keep what --out holds of other measures and engines")
    add("--write-readme", action="store_true", help="write the tables into README.md")
    add("--report-only", action="store_true", help="only that, from --out")
    options = parser.parse_args()
    known = {*DEFAULT_ENGINES, *ENGINES}
    for found, allowed in ((options.measures, set(MEASURES)), (options.engines or [], known)):
        if not allowed.issuperset(found):
            parser.error(f"{', '.join(sorted(set(found) - allowed))}: not one of {sorted(allowed)}")
    return options


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _numbers(text: str) -> list[int]:
    return sorted(int(part.replace("_", "")) for part in _list(text))


def _plain(options: Namespace) -> dict[str, Any]:
    return {
        name: str(value) if isinstance(value, Path) else value
        for name, value in vars(options).items()
    }


@contextlib.contextmanager
def _cluster(options: Namespace, folder: Path) -> Iterator[Cluster]:
    if options.kafka:
        yield Cluster(options.kafka)
        return
    with embedded(folder) as broker:
        assert broker.process is not None
        yield Cluster(broker.address, broker.process.pid)


def _raise_file_limit() -> None:
    """RocksDB and the broker keep many files open."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 not on Windows

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = _NODE_FILES if hard == resource.RLIM_INFINITY else min(hard, _NODE_FILES)
        if soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class _Session:
    """The measures of one call."""

    def __init__(self, bench: Workbench, results: Results, options: Namespace) -> None:
        self._bench = bench
        self._results = results
        self._options = options
        self._console = bench.console
        self._failed: list[str] = []
        self._left_out: set[str] = set()

    def run(self) -> list[str]:
        """Returns what failed."""
        for measure in self._options.measures:
            self._console.rule(measure)
            getattr(self, f"_{measure}")()
        return self._failed

    def _engines(self, measure: str, names: tuple[str, ...]) -> list[Engine]:
        """Engines asked for that can run here; what an earlier run found of them is dropped."""
        chosen = []
        for name in self._options.engines or names:
            if name == product.NAME or name in self._left_out:
                continue
            try:
                ENGINES[name].command()
            except UnavailableError as reason:
                self._left_out.add(name)
                self._console.print(f"[yellow]{name} is left out: {reason}[/yellow]")
                continue
            self._results.forget(measure, name)
            chosen.append(ENGINES[name])
        return chosen

    def _lines(self, engine: Engine) -> int:
        return int(self._options.lines * engine.share)

    def _throughput(self) -> None:
        engines = self._engines("throughput", DEFAULT_ENGINES)
        for number in range(self._options.rounds):
            for engine in engines if number % 2 == 0 else list(reversed(engines)):
                filled = self._bench.filled(self._lines(engine))

                def measured(engine: Engine = engine, filled: Any = filled) -> dict[str, Any]:
                    with self._bench.run(engine, filled.topic) as run:
                        return throughput.measure(
                            run, filled.total, filled.answer, self._options.limit
                        )

                self._step("throughput", engine.name, None, measured)
        if product.NAME in (self._options.engines or DEFAULT_ENGINES):
            self._results.forget("throughput", product.NAME)
            filled = self._bench.filled(self._options.lines // 10)
            self._step(
                "throughput",
                product.NAME,
                None,
                lambda: product.measure(self._bench, filled, self._options.limit),
            )

    def _latency(self) -> None:
        for engine in self._engines("latency", SERVING):
            self._step(
                "latency",
                engine.name,
                "idle",
                lambda engine=engine: latency.idle(self._bench, engine),
            )
            for rate in self._options.rates:
                self._step(
                    "latency",
                    engine.name,
                    str(rate),
                    lambda engine=engine, rate=rate: latency.paced(
                        self._bench, engine, rate, self._options.seconds
                    ),
                )

    def _recovery(self) -> None:
        options = self._options
        engines = self._engines("recovery", SERVING)
        for keys in options.keys:
            for engine in engines:
                self._step(
                    "recovery",
                    engine.name,
                    str(keys),
                    lambda engine=engine, keys=keys: recovery.from_changelog(
                        self._bench, engine, keys, options.build_limit, options.limit
                    ),
                )
            self._bench.forget(self._bench.filled(keys, placed_only=True))

    def _rejoin(self) -> None:
        for engine in self._engines("rejoin", SERVING):
            self._step(
                "rejoin",
                engine.name,
                "once",
                lambda engine=engine: recovery.rejoin(
                    self._bench, engine, self._lines(engine), self._options.limit
                ),
            )

    def _growth(self) -> None:
        engines = self._engines("growth", GROWING)
        grown = growth.grow(self._bench, self._options.growth, self._options.window)
        for engine in engines:
            self._step(
                "growth",
                engine.name,
                "once",
                lambda engine=engine: growth.measure(
                    self._bench, engine, grown, self._options.limit * 4
                ),
            )

    def _step(
        self, measure: str, engine: str, name: str | None, call: Callable[[], dict[str, Any]]
    ) -> None:
        """One measurement of one engine: what it found or why it failed is noted and told."""
        what = " ".join(part for part in (measure, engine, name) if part)
        began = time.monotonic()
        try:
            with self._console.status(what):
                value = call()
        except Exception as error:  # noqa: BLE001 the other engines are still to be measured
            value = {"error": f"{type(error).__name__}: {error}"}
            self._failed.append(what)
            self._console.print(f"[red]{what} FAILED: {value['error']}[/red]", markup=True)
        else:
            told = report.one_line(measure, value)
            self._console.print(f"{what}: {told} [dim]({time.monotonic() - began:.0f} s)[/dim]")
        value["load_average"] = os.getloadavg()[0]
        self._results.note(measure, engine, name, value)
