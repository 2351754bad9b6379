"""Pictures of the results, where matplotlib is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.engines import ENGINES

__all__ = ["draw"]

_RATE_LOG_FROM = 1


def draw(found: dict[str, Any], folder: Path) -> list[tuple[str, str]]:
    """Draw what there are figures for; returns title and file name of each picture."""
    try:
        import matplotlib as mpl  # noqa: PLC0415 an extra
    except ImportError:
        return []
    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "tierlink"
    pictures = [
        ("Events a second as the state grows", "growth.svg", _growth(found)),
        ("Latency by rate, p99", "latency.svg", _latency(found)),
    ]
    return [
        (title, name)
        for title, name, curves in pictures
        if curves and _draw(title, curves, folder / name, is_latency=name.startswith("latency"))
    ]


Curves = dict[str, tuple[list[float], list[float]]]


def _growth(found: dict[str, Any]) -> Curves:
    curves: Curves = {}
    for engine, value in found["growth"].items():
        rates = value["once"].get("events_per_second", {})
        points = sorted((int(keys), rate) for keys, rate in rates.items() if rate)
        if points:
            curves[ENGINES[engine].label] = [x for x, _ in points], [y for _, y in points]
    return curves


def _latency(found: dict[str, Any]) -> Curves:
    curves: Curves = {}
    for engine, values in found["latency"].items():
        points = sorted(
            (_RATE_LOG_FROM if name == "idle" else int(name), value["p99_ms"])
            for name, value in values.items()
            if value.get("p99_ms")
        )
        if points:
            curves[ENGINES[engine].label] = [x for x, _ in points], [y for _, y in points]
    return curves


def _draw(title: str, curves: Curves, file: Path, *, is_latency: bool) -> bool:
    from matplotlib.figure import Figure  # noqa: PLC0415 an extra

    figure = Figure(figsize=(7, 3.5), layout="constrained")
    axes = figure.subplots()
    for name, (x, y) in curves.items():
        axes.plot(x, y, marker="o", label=name)
    axes.set_xscale("log")
    if is_latency:
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    axes.set_xlabel("events a second (1: lone events)" if is_latency else "keys of state")
    axes.set_ylabel("ms" if is_latency else "events a second")
    axes.set_title(title)
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    figure.savefig(file, metadata={"Date": None})
    return True
