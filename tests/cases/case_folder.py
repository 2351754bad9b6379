"""Runs one case folder: reads its input, interprets it, and writes down what came out, in a form people can review."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tierlink.connectors.contract import (
    Absent,
    Connector,
    Document,
    Draft,
    Facts,
    Ignored,
    Refused,
    Row,
    Sheet,
    SheetStart,
)
from tierlink.connectors.registry import CONNECTORS, SETTINGS

SEALED_AT = datetime(2026, 4, 15, 8, 0, tzinfo=UTC)


@dataclass
class CaseResult:
    facts: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    rows_seen: int = 0
    refusals: list[str] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    unknown_columns: list[str] = field(default_factory=list)


def case_settings(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))


def input_of(folder: Path) -> Path:
    return next(path for path in sorted(folder.iterdir()) if path.stem == "input")


def run_case(folder: Path) -> CaseResult:
    case = case_settings(folder)
    return run_file(
        input_of(folder),
        kind=case["connector"],
        name=case.get("document", f"100234/{folder.name}{input_of(folder).suffix}"),
        settings=case.get("settings", {}),
    )


def run_file(path: Path, *, kind: str, name: str, settings: dict[str, Any]) -> CaseResult:
    feed = SETTINGS[kind].model_validate(
        {"name": "case", "kind": kind, "folder": "inbox", "buyer": "ACME", **settings}
    )
    connector: Connector = CONNECTORS[kind](feed)
    body = path.read_bytes()
    document = Document(name, hashlib.sha256(body).hexdigest(), len(body), SEALED_AT, path)
    result = CaseResult()
    for sheet_name, rows in sheets_of(connector, path, feed):
        understand(connector, Sheet(sheet_name, lambda rows=rows: iter(rows)), document, result)  # type: ignore[misc]
    return result


def sheets_of(connector: Any, path: Path, feed: Any) -> list[tuple[str | None, list[Row]]]:
    sheets: list[tuple[str | None, list[Row]]] = []
    for entry in connector.read(path, path.suffix, feed):
        if isinstance(entry, SheetStart):
            sheets.append((entry.name, []))
        else:
            sheets[-1][1].append(entry)
    return sheets


def understand(connector: Connector, sheet: Sheet, document: Document, result: CaseResult) -> None:
    rows = [row.number for row in sheet.rows()]
    result.rows_seen += len(rows)
    answer = connector.interpret(sheet, document)
    if answer.refusal is not None:
        result.refusals.append(answer.refusal.code)
        return
    if answer.mapping is not None:
        result.kinds[sheet.name or ""] = answer.mapping.kind
        result.unknown_columns += answer.mapping.unknown_columns
    seen = []
    for outcome in answer.outcomes:
        seen.append(outcome.row)
        if isinstance(outcome.outcome, Ignored):
            result.ignored[outcome.outcome.why] += 1
        elif isinstance(outcome.outcome, Refused):
            result.rejected.append(refused_line(sheet, outcome.row, outcome.outcome))
        else:
            assert isinstance(outcome.outcome, Facts)
            assert outcome.outcome.drafts
            result.facts += [
                fact_line(outcome.row, statement) for statement in outcome.outcome.drafts
            ]
    assert seen == rows, "exactly one outcome for each row, in order"


def fact_line(row: int, statement: Draft | Absent) -> dict[str, Any]:
    if isinstance(statement, Absent):
        return {
            "row": row,
            "absent": statement.kind.event_type,
            "subject": statement.subject,
            "fact_key": statement.fact_key,
        }
    lineage = statement.data.lineage
    assert lineage is not None
    assert lineage.row == row
    assert lineage.cells
    data = statement.data.model_dump(mode="json", exclude={"lineage"}, exclude_none=True)
    return {
        "row": row,
        "type": statement.data.event_type,
        "subject": statement.data.subject,
        "fact_key": statement.fact_key,
        "history": statement.history.value,
        "data": data,
    }


def refused_line(sheet: Sheet, row: int, refused: Refused) -> dict[str, Any]:
    assert set(refused.reason.text) == {"en", "zh", "de"}
    return {
        "sheet": sheet.name,
        "row": row,
        "column": refused.column,
        "field": refused.field,
        "held": refused.held,
        "code": refused.reason.code,
        "found": refused.reason.found,
    }


def lines(entries: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)
