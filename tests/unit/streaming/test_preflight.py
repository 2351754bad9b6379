"""Local rows of another cluster are thrown away before they can be taken for state."""

from __future__ import annotations

from pathlib import Path

from tierlink.streaming.preflight import drop_foreign_state


def test_rows_stay_with_their_cluster_and_go_with_another(tmp_path: Path):
    folder = tmp_path / "faust" / "on-time-0"
    drop_foreign_state(folder, "first")
    (folder / "rows").touch()
    drop_foreign_state(folder, "first")
    assert (folder / "rows").exists()

    drop_foreign_state(folder, "second")
    assert folder.exists()
    assert not (folder / "rows").exists()


def test_rows_of_an_unknown_cluster_go(tmp_path: Path):
    (tmp_path / "rows").touch()
    drop_foreign_state(tmp_path, "first")
    assert not (tmp_path / "rows").exists()
