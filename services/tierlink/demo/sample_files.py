"""The sample files and where they belong in a home folder."""

from __future__ import annotations

import shutil
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

__all__ = ["BUYER", "FEED_OF_FOLDER", "LAST_DAY", "ZONE", "copy_samples"]

BUYER = "ACME"
ZONE = "Europe/Berlin"
LAST_DAY = date(2026, 11, 20)
"""The last day the sample files speak of."""

FEED_OF_FOLDER = {"suppliers": "ledgers", "erp": "erp", "carrier": "carrier"}


def copy_samples(inbox: Path) -> list[tuple[str, str]]:
    """Copy the sample files into the watched folders, except those already there.

    A file gets its name only when it is complete, as a supplier's synchronised folder would do it.

    Args:
        inbox: the folder with ``suppliers``, ``erp`` and ``carrier`` in it.

    Returns:
        (feed, name inside the watched folder) of every sample, copied now or before.
    """
    documents = []
    with as_file(files("tierlink.demo") / "samples") as samples:
        for source in sorted(path for path in samples.rglob("*") if path.is_file()):
            place = source.relative_to(samples)
            _copy(source, inbox / place)
            name = place.relative_to(place.parts[0]).as_posix()
            documents.append((FEED_OF_FOLDER[place.parts[0]], name))
    return documents


def _copy(source: Path, target: Path) -> None:
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"~${target.name}.part")
    shutil.copyfile(source, unfinished)
    unfinished.replace(target)
