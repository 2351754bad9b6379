"""One supervised process and how to tell that it is ready."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tierlink.supervisor.children import die_with_parent

__all__ = ["EX_CONFIG", "ChildProcess"]

EX_CONFIG = os.EX_CONFIG
"""Exit code (sysexits.h) of a process that is set up wrongly: starting it again cannot help."""

_LOG_BYTES_MAX = 20_000_000


class ChildProcess:
    """A process with its output in a log file, in a session of its own so that Ctrl-C reaches only the supervisor.

    All calls return at once, except ``stop``.

    Attributes:
        folder: working folder; None is ours.
        inherited: open files handed on, so that a lock on one is held for as long as the process lives.
    """

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        environment: Mapping[str, str],
        ready_file: Path | None = None,
    ) -> None:
        self.command = list(command)
        self.log = log
        self.environment = dict(environment)
        self.ready_file = ready_file
        self.folder: Path | None = None
        self.inherited: tuple[int, ...] = ()
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        """Start the process; its output is appended to the log, which is turned over when large.

        Raises:
            OSError: the program, the log or the memory for it is missing.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.ready_file:
            self.ready_file.unlink(missing_ok=True)  # one that was killed left it behind
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
                pass_fds=self.inherited,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 no orphan if we are killed
            )

    def exit_code(self) -> int | None:
        """Exit code, or null while it runs (0 when it was never launched)."""
        return self.process.poll() if self.process else 0

    def is_ready(self) -> bool:
        """Whether it runs and does its work."""
        return self.exit_code() is None and self.answers()

    def answers(self) -> bool:
        """Whether it says that it does its work: its ready file is there, where it writes one."""
        return self.ready_file is None or self.ready_file.exists()

    def stop(self, grace_seconds: float = 30.0) -> None:
        """Ask it to stop; past the grace it is killed."""
        process, self.process = self.process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            # Its session is its own, so what it started goes with it.
            os.killpg(process.pid, signal.SIGKILL)
            with contextlib.suppress(
                subprocess.TimeoutExpired
            ):  # stuck in the kernel: no wait can help
                process.wait(10)

    def tail(self, lines: int = 12) -> str:
        """The end of the log."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - 20_000))
                return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""
