"""One feed in a process of its own, run once, as a crash test or a measurement needs it.

Arguments as JSON on standard input: ``home``, ``settings``, ``publish`` (a file for JSON lines) or ``kafka``
(address) with ``prefix``. Prints the peak memory of this process and of its largest child, in bytes.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import resource
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tierlink.connectors import runner
from tierlink.connectors.intake.reading import SANDBOX_PROGRAM
from tierlink.connectors.intake.store import OutboxRecord
from tierlink.connectors.publisher import KafkaPublisher, Publisher
from tierlink.schemas.cluster import ClusterSettings

SEALED_AT = datetime(2026, 4, 1, 12, tzinfo=UTC)


class FilePublisher:
    """Appends to a file and syncs it before it acknowledges, as a broker does."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def publish(self, records: Sequence[OutboxRecord]) -> None:
        with self._path.open("ab") as file:
            for record in records:
                value = base64.b64encode(record.value).decode()
                line = [record.topic, record.key.decode(), value]
                file.write(json.dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    async def close(self) -> None:
        return


def main() -> None:
    order = json.load(sys.stdin)
    program = SANDBOX_PROGRAM
    if order["settings"]["kind"] == "toy-list":
        sys.path.insert(0, str(Path(__file__).parents[2]))
        from unit.intake import toy

        program = toy.PROGRAM
    from tierlink.connectors.registry import SETTINGS

    settings = SETTINGS[order["settings"]["kind"]].model_validate(order["settings"])
    cluster = ClusterSettings(kafka=order.get("kafka", "-"), topic_prefix=order.get("prefix", "t."))
    publisher: Publisher = (
        FilePublisher(Path(order["publish"]))
        if "publish" in order
        else KafkaPublisher(cluster, "crash-test")
    )
    asyncio.run(
        runner.run_feed(
            settings,
            Path(order["home"]),
            cluster,
            stop=asyncio.Event(),
            once=True,
            publisher=publisher,
            now=lambda: SEALED_AT,
            program=program,
        )
    )
    # not RUSAGE_SELF: that counts also what was mapped before exec, the whole of a long test run
    status = Path("/proc/self/status").read_text(encoding="ascii")
    own = int(status.partition("VmHWM:")[2].split()[0]) * 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    print(json.dumps({"own": own, "child": child}))


if __name__ == "__main__":
    main()
