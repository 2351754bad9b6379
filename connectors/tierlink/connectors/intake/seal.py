"""Takes a private copy of a file, named by its SHA-256. Everything after works on the copy only.

The original is opened once, without following links, and copied from that descriptor, so nothing that
is done to the folder meanwhile can put another file in its place.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from tierlink.connectors.errors import RetryLaterError, UnreadableFileError
from tierlink.connectors.intake.completeness import find_gap
from tierlink.connectors.intake.reasons import file_reason
from tierlink.connectors.intake.settle import FileIdentity

__all__ = ["IncompleteFileError", "SealedFile", "seal", "sealed_path", "sweep"]

_BLOCK_BYTES: Final = 1 << 20
_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT))


class IncompleteFileError(RetryLaterError):
    """The file itself says that it is not all there."""


@dataclass(frozen=True)
class SealedFile:
    """A sealed copy and the version of the original it was taken from."""

    sha256: str
    size_bytes: int
    path: Path
    identity: FileIdentity


def seal(
    original: Path,
    vault: Path,
    *,
    document: str,
    bytes_max: int,
    must_be_complete: bool = True,
    owner: str = "seal",
) -> SealedFile:
    """Copy a file into the vault.

    Args:
        original: the file in the watched folder.
        vault: folder of sealed copies, ``<first two digits>/<sha256>`` in it.
        document: the file's name, for messages.
        bytes_max: larger files are refused unread.
        must_be_complete: false takes an incomplete file as it is, so that the reader can say what is wrong with it.
        owner: prefix of the temporary file, so that :func:`sweep` knows what is its own.

    Raises:
        IncompleteFileError: the format's own end marks are missing.
        RetryLaterError: the file changed meanwhile, vanished, cannot be read now, or the disk is full.
        UnreadableFileError: it is no plain file (a link, a pipe, a folder, a second name of another file), or too big.
    """
    with _open_plain(original, document) as source:
        before = os.fstat(source.fileno())
        if before.st_size > bytes_max:
            raise UnreadableFileError(
                file_reason(
                    "file-too-big",
                    document,
                    found=f"{before.st_size} bytes",
                    expected=f"{bytes_max} bytes",
                )
            )
        gap = find_gap(source, before.st_size) if must_be_complete else None
        if gap is not None:
            raise IncompleteFileError(gap)
        source.seek(0)
        sha256, path = _copy(source, vault, before.st_size, owner)
        after = os.fstat(source.fileno())
    if _identity(before) != _identity(after):
        raise RetryLaterError("the file changed while it was copied")
    return SealedFile(sha256, before.st_size, path, _identity(before))


def sealed_path(vault: Path, sha256: str) -> Path:
    """Where the copy of a content is kept."""
    return vault / sha256[:2] / sha256


def sweep(vault: Path, owner: str) -> None:
    """Remove half-made copies that a killed process left; only those of this owner."""
    for left in (vault / "incoming").glob(f"{owner}.*"):
        left.unlink(missing_ok=True)


def _open_plain(original: Path, document: str) -> IO[bytes]:
    """Open a regular file that has one name; O_NONBLOCK so that a pipe cannot hold us."""
    try:
        descriptor = os.open(original, _FLAGS)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UnreadableFileError(file_reason("file-is-link", document)) from error
        if error.errno in {errno.ENXIO, errno.ENODEV}:
            raise UnreadableFileError(file_reason("file-not-plain", document)) from error
        raise RetryLaterError(f"the file cannot be opened: {error.strerror}") from error
    try:
        _require_plain(os.fstat(descriptor), document)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _require_plain(opened: os.stat_result, document: str) -> None:
    if not stat.S_ISREG(opened.st_mode):
        raise UnreadableFileError(file_reason("file-not-plain", document))
    if opened.st_nlink > 1:
        raise UnreadableFileError(file_reason("file-has-other-name", document))


def _copy(source: IO[bytes], vault: Path, size: int, owner: str) -> tuple[str, Path]:
    try:
        incoming = vault / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        descriptor, name = tempfile.mkstemp(prefix=f"{owner}.", dir=incoming)
        with contextlib.ExitStack() as undo:
            undo.callback(Path(name).unlink, missing_ok=True)
            with os.fdopen(descriptor, "wb") as copy:
                left = size
                while block := source.read(min(_BLOCK_BYTES, left + 1)):
                    left -= len(block)
                    if left < 0:
                        raise RetryLaterError("the file grew while it was copied")
                    digest.update(block)
                    copy.write(block)
                copy.flush()
                os.fchmod(copy.fileno(), 0o440)
                os.fsync(copy.fileno())
            final = sealed_path(vault, digest.hexdigest())
            final.parent.mkdir(exist_ok=True)
            Path(name).rename(final)
            _sync_folder(final.parent)
            return digest.hexdigest(), final
    except OSError as error:
        if error.errno in _FULL:
            raise RetryLaterError(
                f"no space left for sealed copies in {vault}; free some and it goes on by itself"
            ) from error
        raise RetryLaterError(f"copying failed: {error.strerror}") from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _identity(of: os.stat_result) -> FileIdentity:
    return FileIdentity(of.st_size, of.st_mtime_ns, of.st_ctime_ns, of.st_ino)
