"""From results to the tables in README.md, and a line on the terminal for each step."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from harness import plots, product
from harness.engines import ENGINES

__all__ = ["BEGIN", "END", "one_line", "tables", "write"]

BEGIN = "<!-- results: written by run.py --write-readme -->"
END = "<!-- end of results -->"
OURS = "ours"


def one_line(measure: str, value: dict[str, Any]) -> str:
    """What one step found."""
    if "over_limit_seconds" in value:
        return f"not within {value['over_limit_seconds']:.0f} s"
    if measure == "throughput":
        cpu, rss = value["cpu_seconds_per_million"], value["peak_rss_mb"]
        return f"{value['events_per_second']:,.0f} events/s, {cpu:.1f} CPU-s per million, {rss:,.0f} MB"
    if measure == "latency":
        pace = "" if value.get("pace_kept", True) else ", PACE NOT KEPT"
        missing = f", {value['missing']} missing" if value["missing"] else ""
        return f"p50 {_ms(value['p50_ms'])}, p99 {_ms(value['p99_ms'])}, max {_ms(value['max_ms'])}{missing}{pace}"
    if measure == "growth":
        rates = value["events_per_second"].items()
        return ", ".join(f"{int(keys):,} keys {_number(rate)}/s" for keys, rate in rates)
    if "not_built" in value:
        return f"state not built: {value['not_built']}"
    wrong = value.get("answer")
    return f"{value['seconds']:.1f} s" + (f", WRONG IN THE END: {wrong[0]}" if wrong else "")


def write(found: dict[str, Any], folder: Path) -> None:
    """Put tables and plots where the README has its markers."""
    readme = folder / "README.md"
    text = readme.read_text(encoding="utf-8")
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{readme} lacks the markers {BEGIN} and {END}")
    pictures = plots.draw(found, folder)
    shown = "\n\n".join(f"![{title}]({name})" for title, name in pictures)
    parts = [part for part in (tables(found), shown) if part]
    body = "\n\n".join(parts)
    readme.write_text(f"{head}{BEGIN}\n\n{body}\n\n{END}{tail}", encoding="utf-8")


def tables(found: dict[str, Any]) -> str:
    """All tables, in Markdown."""
    makers = (_meta, _throughput, _latency, _recovery, _growth)
    return "\n\n".join(text for maker in makers if (text := maker(found)))


def label(engine: str) -> str:
    """How an engine is called in tables."""
    return product.LABEL if engine == product.NAME else ENGINES[engine].label


def _meta(found: dict[str, Any]) -> str:
    runs = found["runs"]
    last = next(
        (one for one in reversed(runs) if "throughput" in one["options"]["measures"]), runs[-1]
    )
    options = last["options"]
    versions = ", ".join(
        f"{name} {last['versions'][key]}"
        for name, key in (
            ("Kafka Streams", "kafka-streams"),
            ("quixstreams", "quixstreams"),
            ("faust-streaming", "plain-faust"),
            ("aiokafka", "aiokafka"),
        )
    )
    load = f"load average before: {last['load_before']:.1f}"
    return (
        f"Measured {last['at']} at {last['commit']}: {last['processors']} x {last['processor']}, "
        f"{last['memory_gb']} GB, {last['system']}, Python {last['python']}, {last['java']}; broker "
        f"{last['broker']} on the same machine; {versions}. Seed {options['seed']}, {options['lines']:,} lines, "
        f"{options['partitions']} partitions, {options['rounds']} rounds; {load}."
    )


def _throughput(found: dict[str, Any]) -> str:
    rounds = {
        engine: [one for one in values if "events_per_second" in one]
        for engine, values in found["throughput"].items()
    }
    ours = rounds.get(OURS)

    def row(engine: str, values: list[dict[str, Any]]) -> Sequence[str]:
        if not values:
            return [label(engine), _why(found["throughput"][engine][-1]), *[""] * 8]
        speeds = [one["events_per_second"] for one in values]
        rss = values[-1].get("rss_mb")
        return [
            label(engine),
            f"{statistics.median(speeds):,.0f}",
            f"{min(speeds):,.0f} to {max(speeds):,.0f}",
            _median(values, "warm_events_per_second"),
            _median(values, "cpu_seconds_per_million", 1),
            _median(values, "events_per_cpu_second"),
            _ratio(ours, values, "events_per_second"),
            _ratio(ours, values, "events_per_cpu_second"),
            f"{max(one['peak_rss_mb'] for one in values):,.0f}",
            f"{rss[0]:,.0f}, {rss[2]:,.0f}, {rss[-1]:,.0f}" if rss else "",
        ]

    head = (
        "engine", "events/s", "from to", "events/s, second half", "CPU-s per million", "events per CPU-s",
        "ours ÷ this, events/s", "ours ÷ this, per CPU-s", "peak RSS, MB", "RSS at 10, 50, 100 %, MB",
    )  # fmt: skip
    return _table("Throughput", head, [row(*one) for one in rounds.items()])


def _latency(found: dict[str, Any]) -> str:
    names = sorted({name for one in found["latency"].values() for name in one}, key=_rate)

    def cell(value: dict[str, Any] | None) -> str:
        if value is None:
            return ""
        if "p50_ms" not in value:
            return _why(value)
        if value["p99_ms"] is None and value["p50_ms"] is None:
            return (
                f"falls behind ({value['missing']} of {value['probes']} not within 15 s of the end)"
            )
        pace = "" if value.get("pace_kept", True) else " (pace not kept)"
        return " / ".join(_ms(value[key]) for key in ("p50_ms", "p99_ms", "max_ms")) + pace

    head = ["engine"] + [
        "lone event" if name == "idle" else f"{int(name):,} events/s" for name in names
    ]
    rows = [
        [label(engine), *(cell(values.get(name)) for name in names)]
        for engine, values in found["latency"].items()
    ]
    return _table("Latency: p50 / p99 / slowest", head, rows)


def _rate(name: str) -> int:
    return 0 if name == "idle" else int(name)


def _recovery(found: dict[str, Any]) -> str:
    sizes = sorted({keys for one in found["recovery"].values() for keys in one}, key=int)
    engines = list(dict.fromkeys([*found["recovery"], *found["rejoin"]]))

    def cell(value: dict[str, Any] | None) -> str:
        if value is None:
            return ""
        return f"{value['seconds']:.1f} s" if "seconds" in value else _why(value)

    def rejoined(engine: str) -> Sequence[str]:
        value = found["rejoin"].get(engine, {}).get("once")
        if value is None or "answer" not in value:
            return cell(value), ""
        return cell(value), "right" if not value["answer"] else f"wrong: {value['answer'][0]}"

    head = ["engine", *(f"{int(keys):,} keys recovered" for keys in sizes)]
    head += ["first result after kill -9", "answer in the end"]
    rows = [
        [
            label(engine),
            *(cell(found["recovery"].get(engine, {}).get(keys)) for keys in sizes),
            *rejoined(engine),
        ]
        for engine in engines
    ]
    return _table("Recovery", head, rows)


def _growth(found: dict[str, Any]) -> str:
    values = {engine: one["once"] for engine, one in found["growth"].items()}
    sizes = sorted(
        {keys for one in values.values() for keys in one.get("events_per_second", {})}, key=int
    )

    def row(engine: str, value: dict[str, Any]) -> Sequence[str]:
        if "error" in value:
            return [label(engine), _why(value), *[""] * len(sizes)]
        rates = value["events_per_second"]
        return [
            label(engine),
            *(_number(rates.get(keys)) for keys in sizes),
            f"{value['peak_rss_mb']:,.0f}",
        ]

    head = ["engine", *(f"{int(keys):,} keys" for keys in sizes), "peak RSS, MB"]
    title = "Growth: updates of random older keys a second"
    return _table(title, head, [row(*one) for one in values.items()])


def _why(value: dict[str, Any]) -> str:
    """Why there is no figure."""
    if "over_limit_seconds" in value:
        return f"> {value['over_limit_seconds']:.0f} s"
    if "not_built" in value:
        return f"not built ({value['not_built']})"
    return f"failed: {value.get('error', '')[:80]}".replace("|", "/").replace("\n", " ")


def _median(values: list[dict[str, Any]], key: str, digits: int = 0) -> str:
    found = [one[key] for one in values if one.get(key) is not None]
    return f"{statistics.median(found):,.{digits}f}" if found else ""


def _ratio(ours: list[dict[str, Any]] | None, values: list[dict[str, Any]], key: str) -> str:
    if not ours:
        return ""
    middle: Callable[[list[dict[str, Any]]], float] = lambda some: statistics.median(  # noqa: E731
        one[key] for one in some
    )
    return f"{middle(ours) / middle(values):.2f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


def _ms(value: float | None) -> str:
    if value is None:
        return "never"
    return f"{value:,.0f} ms" if value >= 10 else f"{value:.1f} ms"


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(_lines(title, head, rows)) if rows else ""


def _lines(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"**{title}**\n"
    yield f"| {' | '.join(head)} |"
    yield "|---" + "|--:" * (len(head) - 1) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
