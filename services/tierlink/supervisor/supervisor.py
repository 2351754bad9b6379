"""The watch over all processes: start in order, restart what dies, stop everything when told.

One thread on purpose: Linux sends a child its parent-death signal when the *thread* that started it ends.
"""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import FrameType

from tierlink.supervisor.service import EX_CONFIG, ChildProcess

__all__ = ["ServiceFailedError", "StopRequestedError", "Supervisor"]

_POLL_SECONDS = 0.2
_BACKOFF_MAX_SECONDS = 15.0
_STABLE_SECONDS = 60.0
_FAILED_STARTS_MAX = 6


class StopRequestedError(Exception):
    """SIGINT or SIGTERM came while waiting."""


class ServiceFailedError(Exception):
    """A process cannot be kept running; carries what the user should read."""

    def __init__(
        self, name: str, code: int | None, tail: str, what: str = "did not become ready"
    ) -> None:
        self.name = name
        self.code = code
        what = _ending(code) if code is not None else what
        super().__init__(f"{name} {what}. The end of its log:\n{tail}")


def _ending(code: int) -> str:
    """Say how a process ended; the system gives death by a signal as a negative code."""
    if code == EX_CONFIG:
        return f"is set up wrongly (code {code})"
    with contextlib.suppress(ValueError):
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with code {code}"


@dataclass
class _Watched:
    process: ChildProcess
    started_at: float = 0.0
    failures: int = 0
    retry_at: float | None = None
    must_start: bool = False


class Supervisor:
    """Runs a set of named processes until told to stop.

    Args:
        tell: receives one line for the user on each restart.
        grace_seconds: how long a process may take to stop before it is killed.
    """

    def __init__(self, tell: Callable[[str], None], grace_seconds: float = 20.0) -> None:
        self._tell = tell
        self._grace_seconds = grace_seconds
        self._watched: dict[str, _Watched] = {}
        self._stop = False

    @contextlib.contextmanager
    def running(self) -> Iterator[Supervisor]:
        """Take over SIGINT, SIGTERM and SIGHUP; on the way out, for whatever reason, stop every process.

        A SIGHUP that is ignored stays so: ``nohup`` asked for it.
        """
        before = {
            number: signal.signal(number, self._on_signal)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN
        }
        try:
            yield self
        finally:
            self._stop_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def start(self, name: str, process: ChildProcess, *, must_start: bool = False) -> None:
        """Launch a process and watch it from now on.

        Args:
            name: shown to the user; also the key for :meth:`await_ready`.
            process: what to launch.
            must_start: its end before it was ever ready is final, as a second try would end the same way.
        """
        watched = _Watched(process, must_start=must_start)
        self._launch(name, watched)
        self._watched[name] = watched

    def await_ready(self, names: list[str], seconds: float) -> None:
        """Wait until all named processes are ready, restarting those that die meanwhile.

        Raises:
            ServiceFailedError: one is not ready in time, or cannot be kept running.
            StopRequestedError: the user stopped us.
        """
        deadline = time.monotonic() + seconds
        waiting = list(names)
        while waiting:
            self.check()
            waiting = [name for name in waiting if not self._watched[name].process.is_ready()]
            if waiting and time.monotonic() > deadline:
                slow = self._watched[waiting[0]].process
                raise ServiceFailedError(waiting[0], slow.exit_code(), slow.tail())
            time.sleep(_POLL_SECONDS if waiting else 0)

    def pause(self, seconds: float) -> None:
        """Let time pass while watching.

        Raises:
            ServiceFailedError, StopRequestedError: as in :meth:`check`.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.check()
            time.sleep(_POLL_SECONDS)

    def run_until_stopped(self) -> None:
        """Watch for ever. Returns when SIGINT or SIGTERM comes.

        Raises:
            ServiceFailedError: a process cannot be kept running.
        """
        with contextlib.suppress(StopRequestedError):
            while True:
                self.pause(3600)

    def check(self) -> None:
        """Look at every process once; restart those that ended, with growing pauses.

        Raises:
            ServiceFailedError: it said it is set up wrongly, or it failed too often in a row.
            StopRequestedError: the user stopped us.
        """
        if self._stop:
            raise StopRequestedError
        now = time.monotonic()
        for name, watched in self._watched.items():
            code = watched.process.exit_code()
            if code is None:
                if now - watched.started_at > _STABLE_SECONDS:
                    watched.failures = 0
                if watched.must_start and watched.process.is_ready():
                    watched.must_start = False
            elif watched.retry_at is None:
                self._note_death(name, watched, code, now)
            elif now >= watched.retry_at:
                self._launch(name, watched)

    def _note_death(self, name: str, watched: _Watched, code: int, now: float) -> None:
        watched.failures += 1
        if watched.must_start or code == EX_CONFIG or watched.failures > _FAILED_STARTS_MAX:
            raise ServiceFailedError(name, code, watched.process.tail())
        pause = min(_BACKOFF_MAX_SECONDS, 0.5 * 2 ** (watched.failures - 1))
        watched.retry_at = now + pause
        self._tell(f"{name} {_ending(code)}; starting it again in {pause:.1f} s")

    @staticmethod
    def _launch(name: str, watched: _Watched) -> None:
        watched.retry_at = None
        watched.started_at = time.monotonic()
        try:
            watched.process.launch()
        except OSError as error:
            raise ServiceFailedError(
                name, None, watched.process.tail(), f"cannot be started ({error})"
            ) from error

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop = True

    def _stop_all(self) -> None:
        """All at once, except that the first one (the broker) waits for the others: they finish their writes."""
        names = list(self._watched)
        if not names:
            return
        first, rest = names[0], names[1:]
        with ThreadPoolExecutor(max_workers=max(1, len(rest))) as pool:
            list(pool.map(lambda name: self._watched[name].process.stop(self._grace_seconds), rest))
        self._watched[first].process.stop(self._grace_seconds + 10)
        self._watched.clear()
