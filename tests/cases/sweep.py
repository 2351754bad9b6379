"""Reads and interprets every file given, in this process, under limits; prints what became of each.

Run as a child: ``python sweep.py FOLDER...``. Anything but a clear verdict is printed as ``ESCAPED`` with the error.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cases.case_folder import run_file
from tierlink.connectors.errors import UnreadableFileError

MEMORY_BYTES = 1_500_000_000


def main(folders: list[str]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    paths = sorted(path for folder in folders for path in Path(folder).rglob("*") if path.is_file())
    for path in paths:
        for kind in ("excel-ledger", "erp-export", "carrier-status"):
            started = time.perf_counter()
            try:
                result = run_file(path, kind=kind, name=f"100234/{path.name}", settings={})
                said = (
                    f"kinds={result.kinds} facts={len(result.facts)} rejected={len(result.rejected)} "
                    f"ignored={result.ignored.total()} refusals={result.refusals}"
                )
            except UnreadableFileError as error:
                said = f"{error.reason.code} {error.reason.found or ''}"
                if kind == "excel-ledger":
                    print(f"UNREADABLE {path.name}: {said}")
                break
            except Exception as error:  # noqa: BLE001 the point of the sweep
                print(f"ESCAPED {path} {kind}: {type(error).__name__}: {error}")
                continue
            print(f"OK {path.name} {kind}: {said} {time.perf_counter() - started:.2f}s")


if __name__ == "__main__":
    main(sys.argv[1:])
