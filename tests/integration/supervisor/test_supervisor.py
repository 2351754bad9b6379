"""The supervisor with real processes: what dies is started again, what is told to stop leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from integration.supervisor.supervising import child
from tierlink.supervisor.service import EX_CONFIG, ChildProcess
from tierlink.supervisor.supervisor import ServiceFailedError, StopRequestedError, Supervisor

DEADLINE_SECONDS = 60.0


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)


def pids(folder: Path) -> set[int]:
    return {int(file.read_text()) for file in folder.glob("*.pid")}


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextmanager
def supervisor(told: list[str]) -> Iterator[Supervisor]:
    with Supervisor(told.append, grace_seconds=1).running() as watch:
        yield watch


def check_until(watch: Supervisor, condition: Callable[[], bool], what: str) -> None:
    def look() -> bool:
        watch.check()
        return condition()

    until(look, what)


def test_a_killed_child_is_started_again_with_growing_pauses(tmp_path: Path) -> None:
    told: list[str] = []
    with supervisor(told) as watch:
        watch.start("worker", child(tmp_path, "serve"))
        for count in range(1, 3):
            watch.await_ready(["worker"], DEADLINE_SECONDS)
            check_until(watch, lambda n=count: len(pids(tmp_path)) == n, "launched")  # type: ignore[misc]
            (running,) = [pid for pid in pids(tmp_path) if alive(pid)]
            os.kill(running, signal.SIGKILL)
            check_until(watch, lambda n=count: len(told) == n, "told of the death")  # type: ignore[misc]
        check_until(watch, lambda: len(pids(tmp_path)) == 3, "launched again")
    assert all(line.startswith("worker was ended by SIGKILL") for line in told)
    pauses = [float(re.findall(r"in ([\d.]+) s", line)[0]) for line in told]
    assert pauses == [0.5, 1.0]
    assert not any(alive(pid) for pid in pids(tmp_path))


def test_a_restarted_child_is_ready_only_when_it_says_so_again(tmp_path: Path) -> None:
    with supervisor([]) as watch:
        process = child(tmp_path, "serve")
        watch.start("worker", process)
        watch.await_ready(["worker"], DEADLINE_SECONDS)
        ready_file = process.ready_file
        assert ready_file is not None
        running = process.process
        assert running is not None
        running.kill()
        running.wait()
        assert ready_file.exists(), "a killed process leaves it behind"
        process.command = [sys.executable, "-c", "import signal; signal.pause()"]
        check_until(watch, lambda: process.process is not running, "launched again")
        assert not ready_file.exists()
        assert not process.is_ready()


def test_a_child_set_up_wrongly_is_reported_and_not_started_again(tmp_path: Path) -> None:
    told: list[str] = []
    with supervisor(told) as watch:
        watch.start("other", child(tmp_path / "other", "serve"))
        watch.start("erp", child(tmp_path, "fail", str(EX_CONFIG)))
        with pytest.raises(
            ServiceFailedError, match=r"(?s)erp is set up wrongly.*the end of my log"
        ) as got:
            watch.pause(DEADLINE_SECONDS)
    assert got.value.code == EX_CONFIG
    assert len(pids(tmp_path)) == 1
    assert told == []
    assert not any(alive(pid) for pid in pids(tmp_path / "other"))


def test_a_child_that_never_stays_up_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tierlink.supervisor.supervisor._FAILED_STARTS_MAX", 1)
    told: list[str] = []
    with supervisor(told) as watch:
        watch.start("worker", child(tmp_path, "fail", "70"))
        with pytest.raises(ServiceFailedError, match="worker ended with code 70"):
            watch.pause(DEADLINE_SECONDS)
    assert len(told) == 1
    assert len(pids(tmp_path)) == 2


def test_a_first_start_that_must_succeed_is_not_tried_twice(tmp_path: Path) -> None:
    with supervisor([]) as watch:
        watch.start("kafka", child(tmp_path, "fail", "1"), must_start=True)
        with pytest.raises(ServiceFailedError, match="ended with code 1"):
            watch.pause(DEADLINE_SECONDS)
    assert len(pids(tmp_path)) == 1


def test_a_program_that_is_missing_is_named(tmp_path: Path) -> None:
    missing = ChildProcess([str(tmp_path / "no-such-program")], tmp_path / "log", {})
    with (
        supervisor([]) as watch,
        pytest.raises(ServiceFailedError, match=r"worker cannot be started.*no-such-program"),
    ):
        watch.start("worker", missing)


def test_a_slow_child_is_named_with_its_log(tmp_path: Path) -> None:
    slow = ChildProcess(
        [sys.executable, "-c", "import signal; print('still busy', flush=True); signal.pause()"],
        tmp_path / "slow.log",
        {},
        tmp_path / "never.ready",
    )
    with supervisor([]) as watch:
        watch.start("slow", slow)
        check_until(watch, lambda: "still busy" in slow.tail(), "started")
        with pytest.raises(ServiceFailedError, match=r"(?s)slow did not become ready.*still busy"):
            watch.await_ready(["slow"], 0.1)


def test_a_child_that_will_not_stop_is_killed_with_what_it_started(tmp_path: Path) -> None:
    process = child(tmp_path, "parent")
    process.launch()
    until(lambda: len(pids(tmp_path)) == 2, "both processes run")
    process.stop(grace_seconds=0.2)
    until(lambda: not any(alive(pid) for pid in pids(tmp_path)), "both are gone")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_all_children(tmp_path: Path, number: signal.Signals) -> None:
    with start(tmp_path, "serve", "stubborn") as process:
        process.send_signal(number)
        said, _ = process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode == 0, said
    assert not any(alive(pid) for pid in pids(tmp_path))


def test_kill_9_of_the_supervisor_takes_its_children_with_it(tmp_path: Path) -> None:
    with start(tmp_path, "serve") as process:
        assert all(alive(pid) for pid in pids(tmp_path))
        process.kill()
        process.wait(DEADLINE_SECONDS)
    until(lambda: not any(alive(pid) for pid in pids(tmp_path)), "the child is gone")


def test_stop_requested_while_waiting(tmp_path: Path) -> None:
    never = ChildProcess(
        [sys.executable, "-c", "import signal; signal.pause()"],
        tmp_path / "log",
        {},
        tmp_path / "x",
    )
    with supervisor([]) as watch:
        watch.start("never", never)
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(StopRequestedError):
            watch.await_ready(["never"], DEADLINE_SECONDS)
    assert never.exit_code() is not None


def test_a_large_log_is_turned_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tierlink.supervisor.service._LOG_BYTES_MAX", 100)
    process = ChildProcess([sys.executable, "-c", "print('new')"], tmp_path / "a.log", {})
    process.log.write_text("old " * 100)
    process.launch()
    until(lambda: process.exit_code() is not None, "ended")
    assert process.tail() == "new"
    assert (tmp_path / "a.log.1").read_text().startswith("old")


@contextmanager
def start(folder: Path, *behaviours: str) -> Iterator[subprocess.Popen[str]]:
    """A supervisor in its own process, once it says that all its children are ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "integration.supervisor.supervising", str(folder), *behaviours],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()
