"""Events a second from the first record read to everything acknowledged, with what they cost."""

from __future__ import annotations

from typing import Any

from harness.answers import check_answer
from harness.oracle import Answer
from harness.runs import Finish, Run
from harness.usage import Usage

__all__ = ["measure"]

_SHARES = (0.1, 0.3, 0.5, 0.7, 0.9, 1.0)


def measure(run: Run, total: int, wanted: Answer, limit_seconds: float) -> dict[str, Any]:
    """Let an engine take in a topic that is full, and check its answer.

    Raises:
        WrongAnswerError: the answer is wrong.
    """
    broker = Usage(run.cluster.pid) if run.cluster.pid else None
    try:
        run.start(total)
        begin = run.await_first()
        try:
            end = run.await_done(total, limit_seconds)
        except Finish as late:
            return {"events": total, "over_limit_seconds": late.seconds, "done": late.done}
        assert run.usage is not None
        seconds = (end - begin) / 1e9
        cpu = run.usage.cpu_between(begin, end)
        result = {
            "events": total,
            "seconds": seconds,
            "events_per_second": total / seconds,
            "cpu_seconds_per_million": cpu / total * 1e6,
            "events_per_cpu_second": total / cpu,
            "peak_rss_mb": run.usage.peak_rss / 1e6,
            "rss_mb": [
                run.usage.rss_at(int(begin + share * (end - begin))) / 1e6 for share in _SHARES
            ],
        }
        result |= _second_half(run, total, end)
        if broker is not None:
            result["broker_cpu_seconds_per_million"] = broker.cpu_between(begin, end) / total * 1e6
    finally:
        if broker is not None:
            broker.stop()
    run.stop()
    check_answer(run, wanted)
    return result


def _second_half(run: Run, total: int, end: int) -> dict[str, Any]:
    """The same once half of the records are committed: caches are filled, and Java has compiled what is hot."""
    begin, done = next(place for place in run.progress if place[1] >= total / 2)
    if done == total or begin >= end or run.usage is None:
        return {}
    cpu = run.usage.cpu_between(begin, end)
    return {
        "warm_events_per_second": (total - done) / (end - begin) * 1e9,
        "warm_events_per_cpu_second": (total - done) / cpu if cpu else None,
    }
