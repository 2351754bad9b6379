"""Writing twice, or in another order, changes nothing more."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from tierlink.projector.rows import Record, project_record
from tierlink.schemas.envelope import state_event
from tierlink.schemas.topics import FILES, KPI_LINES, KPI_OTD, REJECTIONS
from tierlink.store.changes import Changes, write_changes
from tierlink.store.database import rebuild, writing
from tierlink.store.files import find_file, list_files, list_rejections
from tierlink.store.lines import find_line
from tierlink.store.progress import read_offsets
from tierlink.store.tables import LineRow
from unit.store.dump import all_rows
from unit.store.seed import NOW, SOURCE, Seed, processed_file, rejected_row, sha


def write(engine: Engine, records: list[Record]) -> None:
    changes = Changes()
    for record in records:
        project_record(changes, record)
        changes.read_to(record.topic.name, record.partition, record.offset + 1)
    with writing(engine) as session:
        write_changes(session, changes, NOW)


def test_the_same_records_again_change_nothing(engine: Engine, seed: Seed) -> None:
    write(engine, seed.records)
    once = all_rows(engine)
    write(engine, seed.records)
    assert all_rows(engine) == once
    assert {len(rows) > 0 for name, rows in once.items() if name != "rm_skipped_record"} == {True}


@pytest.mark.parametrize("number", range(3))
def test_any_cut_into_batches_gives_the_same_rows(engine: Engine, seed: Seed, number: int) -> None:
    write(engine, seed.records)
    whole = all_rows(engine)
    rebuild(engine, NOW)
    source, start = random.Random(number), 0
    while start < len(seed.records):
        end = start + source.randint(1, 200)
        write(engine, seed.records[start:end])
        start = end if source.random() < 0.7 else max(start, end - 30)  # a crash: read again
    assert all_rows(engine) == whole


def test_offsets_are_written_with_the_rows(engine: Engine, seed: Seed) -> None:
    write(engine, seed.records[:10])
    with writing(engine) as session:
        offsets = read_offsets(session)
    expected: dict[tuple[str, int], int] = {}
    for record in seed.records[:10]:
        expected[record.topic.name, record.partition] = record.offset + 1
    assert offsets == expected


def test_an_undone_transaction_leaves_neither_rows_nor_offsets(engine: Engine, seed: Seed) -> None:
    before = all_rows(engine)
    changes = Changes()
    for record in seed.records[:50]:
        project_record(changes, record)
    changes.read_to("x", 0, 50)

    def write_and_fail() -> None:
        with writing(engine) as session:
            write_changes(session, changes, NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert all_rows(engine) == before
    with writing(engine) as session:
        assert read_offsets(session) == {}


def test_a_tombstone_deletes_and_a_later_value_brings_back(engine: Engine, seed: Seed) -> None:
    record = next(one for one in seed.records if one.topic is KPI_LINES)
    tombstone = Record(KPI_LINES, 0, 9000, record.key, None)
    again = Record(KPI_LINES, 0, 9001, record.key, record.value)
    assert record.key is not None
    line_id = record.key.decode()
    for batches, is_there in (
        ([[record], [tombstone]], False),
        ([[record, tombstone]], False),
        ([[record, tombstone, again]], True),
        ([[record], [tombstone, again]], True),
        ([[tombstone]], False),
    ):
        rebuild(engine, NOW)
        for batch in batches:
            write(engine, batch)
        with writing(engine) as session:
            assert (find_line(session, line_id) is not None) is is_there


def test_a_tombstone_of_another_partition_spares_the_line(engine: Engine, seed: Seed) -> None:
    """The line's supplier changed: its new place is written before or after the old one is cleared."""
    record = next(one for one in seed.records if one.topic is KPI_LINES)
    moved = Record(KPI_LINES, 3, 0, record.key, record.value)
    write(engine, [record, moved])
    write(engine, [Record(KPI_LINES, 0, 9000, record.key, None)])
    with writing(engine) as session:
        assert session.get(LineRow, (record.key.decode(), 3)) is not None  # type: ignore[union-attr]
        assert find_line(session, record.key.decode()) is not None  # type: ignore[union-attr]


def test_kpi_tombstones_delete_their_rows(engine: Engine, seed: Seed) -> None:
    records = [one for one in seed.records if one.topic is KPI_OTD]
    write(engine, records)
    write(engine, [Record(KPI_OTD, 0, 9000 + n, one.key, None) for n, one in enumerate(records)])
    assert all_rows(engine)["rm_supplier_otd"] == []


def test_an_older_statement_never_replaces_a_newer(engine: Engine) -> None:
    """Files come from feeds in any order after a restart: the newest outcome stays."""
    document = "100451/a.xlsx"
    records = []
    for offset, (age, rejected) in enumerate(((2, 3), (0, 1), (1, 2))):
        data = processed_file(document, sha(str(age)), rejected)
        event = state_event(
            data, source=SOURCE, subject="s", partition_key="s", at=NOW - timedelta(hours=age)
        )
        records.append(Record(FILES, 0, offset, b"s", event.to_bytes()))
    for order in ([0, 1, 2], [1, 2, 0], [2, 0, 1]):
        for at_once in (True, False):
            rebuild(engine, NOW)
            chosen = [records[index] for index in order]
            for batch in [chosen] if at_once else [[one] for one in chosen]:
                write(engine, batch)
            with writing(engine) as session:
                (file,) = list_files(session).rows
                assert file.outcome.rows.rejected == 1
                assert find_file(session, file.file_id) == file


def test_rejections_are_shown_for_the_latest_version_only(engine: Engine) -> None:
    document = "100451/a.xlsx"
    records = []
    for age, version in ((1, "old"), (0, "new")):
        at = NOW - timedelta(hours=age)
        refused = rejected_row("100451", 40 + age, sha(version), document)
        event = state_event(refused, source=SOURCE, subject=version, partition_key="s", at=at)
        records.append(Record(REJECTIONS, 0, 1 - age, b"s", event.to_bytes()))
        data = processed_file(document, sha(version), 1)
        event = state_event(data, source=SOURCE, subject="s", partition_key="s", at=at)
        records.append(Record(FILES, 0, 1 - age, b"s", event.to_bytes()))
    write(engine, records)
    with writing(engine) as session:
        assert [one.rejection.row for one in list_rejections(session).rows] == [40]
