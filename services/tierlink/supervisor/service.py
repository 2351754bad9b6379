"""One supervised process and how to tell that it is ready."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tierlink.supervisor.children import die_with_parent

__all__ = ["EX_CONFIG", "ChildProcess"]

EX_CONFIG = 78
"""Exit code (sysexits.h) of a process that is set up wrongly: starting it again cannot help."""

_LOG_BYTES_MAX = 20_000_000


class ChildProcess:
    """A process with its output in a log file, in a session of its own so that Ctrl-C reaches only the supervisor.

    All calls return at once, except ``stop``.
    """

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        environment: Mapping[str, str],
        ready: Callable[[], bool],
    ) -> None:
        self.command = list(command)
        self.log = log
        self.environment = dict(environment)
        self.folder: Path | None = None
        self._ready = ready
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        """Start the process; its output is appended to the log, which is turned over when large."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES_MAX:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(  # noqa: S603 our own command line
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 no orphan if we are killed
            )

    def exit_code(self) -> int | None:
        """Exit code, or null while it runs (0 when it was never launched)."""
        return self.process.poll() if self.process else 0

    def is_ready(self) -> bool:
        """Whether it does its work, by the given test."""
        return self.exit_code() is None and self._ready()

    def stop(self, grace_seconds: float = 30.0) -> None:
        """Ask it to stop; past the grace it is killed."""
        process, self.process = self.process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)

    def tail(self, lines: int = 12) -> str:
        """The end of the log."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - 20_000))
                return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""
