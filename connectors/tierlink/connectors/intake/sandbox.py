"""The child process that reads one file: ``python -m tierlink.connectors.intake.sandbox KIND FILE SUFFIX SPOOL``.

Settings come as JSON on standard input. Limits are set before any reader is imported; whatever the file does to
this process, the parent sees a verdict, an exit code or a signal, and goes on.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

__all__ = ["VERDICT", "main"]

VERDICT: Final = "verdict.json"
_OPEN_FILES_MAX: Final = 64
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38
_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000
_RESERVE_BYTES: Final = 8_000_000


def main(arguments: list[str]) -> int:
    """Read one file into the spool folder and leave a verdict there.

    Args:
        arguments: connector kind, sealed file, the original name's ending, spool folder.
    """
    kind, sealed, suffix, spool = arguments
    settings = json.load(sys.stdin)
    _confine(settings["limits"])
    return _read(kind, Path(sealed), suffix, Path(spool), settings)


def _confine(limits: Mapping[str, int]) -> None:
    """Give up memory, time, privileges and network before anything foreign is touched."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # Not everywhere allowed; where it is, a reader that was taken over has no network.
    if libc.unshare(_CLONE_NEWNET) != 0:
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    cpu = limits["reader_cpu_seconds"]
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES_MAX),
        (resource.RLIMIT_FSIZE, limits["inflated_bytes_max"]),
        (resource.RLIMIT_AS, limits["reader_memory_bytes"]),
    ):
        _lower(what, most, most)
    _lower(resource.RLIMIT_CPU, cpu, cpu + 2)
    os.nice(5)


def _lower(what: int, soft: int, hard: int) -> None:
    """Set a limit, not above what this process may have at all."""
    ceiling = resource.getrlimit(what)[1]
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(what, (soft, hard))


def _read(kind: str, sealed: Path, suffix: str, spool: Path, raw: Mapping[str, Any]) -> int:
    reserve = bytearray(_RESERVE_BYTES)  # so that the verdict can be written when memory ran out
    # Imported under the limits on purpose: the readers' libraries are part of what is not trusted.
    from tierlink.connectors.errors import UnreadableFileError  # noqa: PLC0415
    from tierlink.connectors.intake.spool import ReadVerdict, write_sheets  # noqa: PLC0415
    from tierlink.connectors.registry import CONNECTORS, SETTINGS  # noqa: PLC0415

    settings = SETTINGS[kind].model_validate(raw)
    try:
        verdict = ReadVerdict(write_sheets(spool, CONNECTORS[kind].read(sealed, suffix, settings)))
    except UnreadableFileError as error:
        verdict = _refusal(error)
    except MemoryError:
        del reserve
        verdict = ReadVerdict(crash=f"memory, limit {settings.limits.reader_memory_bytes} bytes")
    except OSError as error:
        verdict = ReadVerdict(crash=f"{type(error).__name__}: {error.strerror}")
    except BaseException as error:  # noqa: BLE001 libraries in Rust panic past Exception
        print(f"{type(error).__name__}: {error}"[:2000], file=sys.stderr)  # noqa: T201 the parent logs it
        verdict = ReadVerdict(crash=type(error).__name__)
    _leave(verdict, spool)
    return 0


def _refusal(error: Any) -> Any:
    from tierlink.connectors.intake.spool import ReadVerdict  # noqa: PLC0415

    return ReadVerdict(reason=error.reason.model_dump_json(), held=error.held)


def _leave(verdict: Any, spool: Path) -> None:
    import msgspec  # noqa: PLC0415 after the limits

    (spool / VERDICT).write_bytes(msgspec.json.encode(verdict))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
