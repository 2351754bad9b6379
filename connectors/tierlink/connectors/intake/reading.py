"""The parent's side of the sandbox: starts the reading child, bounds its time, makes sheets or a verdict of its end."""

from __future__ import annotations

import functools
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from pydantic import ValidationError

from tierlink.connectors.contract import Sheet
from tierlink.connectors.errors import RetryLaterError, UnreadableFileError
from tierlink.connectors.intake.reasons import file_reason
from tierlink.connectors.intake.sandbox import VERDICT
from tierlink.connectors.intake.spool import ReadVerdict, read_rows
from tierlink.connectors.settings import FeedSettings
from tierlink.schemas.intake import Reason

__all__ = ["SANDBOX_PROGRAM", "Sealed", "Stopped", "read_in_sandbox", "wall_seconds"]

logger = logging.getLogger(__name__)

SANDBOX_PROGRAM: Final[tuple[str, ...]] = (
    sys.executable,
    "-P",
    "-s",
    "-m",
    "tierlink.connectors.intake.sandbox",
)
"""Command of the child. ``-P``: nothing is imported from the working folder."""

_KEPT_VARIABLES: Final = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "SYSTEMROOT", "TZ")
_LOOK_SECONDS: Final = 0.1
_STDERR_SHOWN: Final = 2_000
_VERDICT_BYTES_MAX: Final = 4_000_000


class Stopped(RetryLaterError):  # noqa: N818 not a failure: the service is asked to end
    """The service is ending; the file will be processed again from its sealed copy."""


@dataclass(frozen=True)
class Sealed:
    """What is to be read: the sealed copy, and the document's name with its ending."""

    document: str
    path: Path
    suffix: str


def read_in_sandbox(
    sealed: Sealed,
    settings: FeedSettings,
    spool: Path,
    *,
    is_stopped: Callable[[], bool] = lambda: False,
    program: Sequence[str] = SANDBOX_PROGRAM,
) -> list[Sheet]:
    """Read a sealed file in a child process with limits.

    Args:
        sealed: the file.
        settings: of the feed; its limits bound the child.
        spool: an empty folder that must outlive the sheets: their ``rows()`` read from it, lazily and repeatedly.
        is_stopped: asked ten times a second; true ends the child and raises :class:`Stopped`.
        program: command of the child.

    Raises:
        UnreadableFileError: the reader refused the file, ended abnormally (held) or took too long (held).
        Stopped: ``is_stopped`` said so.
    """
    command = [
        *program,
        settings.kind,
        str(sealed.path.resolve()),
        sealed.suffix,
        str(spool.resolve()),
    ]
    with (spool / "stderr").open("wb") as errors:
        child = subprocess.Popen(  # noqa: S603 our own command line
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=spool,
            env=_environment(),
            start_new_session=True,
        )
        try:
            in_time = _wait(child, settings, is_stopped)
        finally:
            _end(child)
    if not in_time or child.returncode == -signal.SIGXCPU:
        raise _timeout(sealed, settings, in_time=in_time)
    return _take(sealed, spool, _verdict(sealed, spool, child.returncode))


def wall_seconds(settings: FeedSettings) -> float:
    """Longest life of the child: it may wait for a busy machine, but not for ever."""
    return 30.0 + 4.0 * settings.limits.reader_cpu_seconds


def _environment() -> dict[str, str]:
    """What the child may know: no credentials of the service."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1", "MALLOC_ARENA_MAX": "1"}


def _wait(
    child: subprocess.Popen[bytes], settings: FeedSettings, is_stopped: Callable[[], bool]
) -> bool:
    """Wait for the child's end; false if its time is up."""
    assert child.stdin is not None
    with suppress(BrokenPipeError), child.stdin:
        child.stdin.write(settings.model_dump_json().encode())
    deadline = time.monotonic() + wall_seconds(settings)
    while time.monotonic() < deadline:
        try:
            child.wait(_LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            if is_stopped():
                raise Stopped("the service is ending") from None
        else:
            return True
    return False


def _end(child: subprocess.Popen[bytes]) -> None:
    """Leave no child behind, whatever happened; it has a session of its own."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _verdict(sealed: Sealed, spool: Path, code: int) -> ReadVerdict:
    file = spool / VERDICT
    if code == 0 and file.is_file() and file.stat().st_size <= _VERDICT_BYTES_MAX:
        with suppress(msgspec.DecodeError):
            verdict = msgspec.json.decode(file.read_bytes(), type=ReadVerdict)
            if verdict.crash is None:
                return verdict
            raise _crash(sealed, spool, verdict.crash)
    raise _crash(sealed, spool, _signal_name(code) if code < 0 else f"exit code {code}")


def _take(sealed: Sealed, spool: Path, verdict: ReadVerdict) -> list[Sheet]:
    if verdict.reason is not None:
        try:
            reason = Reason.model_validate_json(verdict.reason)
        except ValidationError as error:
            raise _crash(sealed, spool, "a verdict that is none") from error
        raise UnreadableFileError(_placed(reason, sealed.document), held=verdict.held)
    return [
        Sheet(sheet.name, functools.partial(read_rows, spool, index))
        for index, sheet in enumerate(verdict.sheets)
    ]


def _placed(reason: Reason, document: str) -> Reason:
    """Put the file's name where the reader, who knew only the sealed copy, wrote ``file``."""
    text = {
        language: document + sentence.removeprefix("file")
        if sentence.startswith("file")
        else sentence
        for language, sentence in reason.text.items()
    }
    return reason.model_copy(update={"text": text})


def _crash(sealed: Sealed, spool: Path, found: str) -> UnreadableFileError:
    said = (spool / "stderr").read_bytes()[-_STDERR_SHOWN:].decode("utf-8", "replace").strip()
    logger.warning(
        "reading %r: the reader ended with %s%s",
        sealed.document,
        found,
        f": {said}" if said else "",
    )
    return UnreadableFileError(
        file_reason("reader-crashed", sealed.document, found=found), held=True
    )


def _timeout(sealed: Sealed, settings: FeedSettings, *, in_time: bool) -> UnreadableFileError:
    cpu = settings.limits.reader_cpu_seconds
    found, limit = (
        ("processor time", f"{cpu} s")
        if in_time
        else ("waiting", f"{wall_seconds(settings):.0f} s")
    )
    logger.warning("reading %r: ended after %s of %s", sealed.document, limit, found)
    return UnreadableFileError(
        file_reason("reader-timeout", sealed.document, found=found, expected=limit), held=True
    )


def _signal_name(code: int) -> str:
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
