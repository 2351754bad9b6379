"""Rows of a carrier's list to status facts. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from tierlink.connectors.carrier_status.mapping import (
    MILESTONES,
    SHIPMENT_MILESTONES,
    SHIPMENT_STATUS,
    STATUS_WORDS,
)
from tierlink.connectors.carrier_status.settings import CarrierStatusSettings
from tierlink.connectors.cells.dates import Moment, parse_clock
from tierlink.connectors.cells.headings import SheetKind
from tierlink.connectors.cells.order_identity import (
    OrderIdentity,
    OrderNames,
    order_identity,
    read_item,
)
from tierlink.connectors.cells.table import Record, Table
from tierlink.connectors.cells.texts import word_key
from tierlink.connectors.contract import Draft, Facts, Ignored
from tierlink.schemas.deliveries import ShipmentStatus, ShipmentStatusChanged
from tierlink.schemas.values import Actor

__all__ = ["ShipmentMilestonesReader", "ShipmentStatusReader", "find_status", "split_reference"]

_KNOWN: Final = (
    "picked up/abgeholt/已揽收, in transit/unterwegs/运输中, arrived/angekommen/到达, delivered/zugestellt/已签收, "
    "delayed/verspätet/延误, exception/Ausnahme/异常"
)
_PREFIX: Final = re.compile(
    r"^(?:p\.?\s?o\.?(?:\s*(?:no|nr|number)\.?)?|order(?:\s*no\.?)?|bestellung|bestell-?nr\.?|采购订单|订单号?)\s*[:#：\s]\s*",
    re.IGNORECASE,
)
_PO_AND_LINE: Final = re.compile(
    r"^(?P<po>.*\S)\s*(?:/|\\|#|\s(?:pos\.?|item|line|行|项)\s*)\s*0*(?P<line>\d{1,6})$",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(r"^(?:19|20)\d\d$")
_REMARK: Final = re.compile(
    r"^(?P<status>[^-–,;:(（]{2,40}?)\s*(?:\s[-–]\s|[,;:(（])\s*(?P<remark>.+)$"
)
_DENIES: Final = re.compile(
    r"\b(?:not|no|undeliver\w*|unsuccess\w*|unzustell\w*|return\w*|zurück\w*|fail\w*|refus\w*|reject\w*|damag\w*|wrong|"
    r"attempt\w*|partial\w*|nicht|kein\w*|fehl\w*|verweiger\w*|beschädigt|teil\w*|schaden)\b|[未不拒破损失败异常部分]",
    re.IGNORECASE,
)
_STAMP: Final = re.compile(r"^[(\[]?[A-Z]{0,3}\d{0,3}[)\]]?\s*[-:]\s*", re.IGNORECASE)


class ShipmentStatusReader:
    """The status list as a kind of table."""

    kind: SheetKind = SHIPMENT_STATUS

    def __init__(self, settings: CarrierStatusSettings) -> None:
        self._settings = settings

    def begin(self, table: Table) -> Callable[[Record], Facts | Ignored]:
        """Start a sheet."""
        del table
        rows = _Rows(self._settings)
        return lambda record: _normalise_status(record, rows)


def split_reference(reference: str, *, has_line: bool) -> tuple[str, str | None]:
    """Take a customer reference apart: ``4500012345/10`` is PO 4500012345, line 10; ``2026/0815`` is one number.

    Args:
        reference: as the carrier prints it.
        has_line: the line is in a column of its own, so the reference is all PO number.
    """
    bare = _PREFIX.sub("", reference).strip() or reference
    both = None if has_line else _PO_AND_LINE.match(bare)
    if both is None or _YEAR.match(both["po"]):
        return bare, None
    return both["po"].rstrip(), both["line"]


class ShipmentMilestonesReader:
    """The list with one row per shipment and one column per milestone."""

    kind: SheetKind = SHIPMENT_MILESTONES

    def __init__(self, settings: CarrierStatusSettings) -> None:
        self._settings = settings

    def begin(self, table: Table) -> Callable[[Record], Facts | Ignored]:
        """Start a sheet."""
        milestones = [name for name in MILESTONES if table.has(name)]
        rows = _Rows(self._settings)
        return lambda record: _normalise_milestones(record, milestones, rows)


class _Rows:
    """What the rows of a list share: the carrier, and numbers for milestones stated twice."""

    def __init__(self, settings: CarrierStatusSettings) -> None:
        self._settings = settings
        self._seen: Counter[tuple[str, str]] = Counter()

    def draft(self, record: Record, status: ShipmentStatus, moment: Moment) -> Draft:
        """Make the fact of one milestone."""
        tracking_no, shipment_id = record.code("tracking_no"), record.code("shipment_id")
        data = ShipmentStatusChanged(
            **_order(record).names,
            asserted_by=Actor.CARRIER,
            shipment_id=shipment_id,
            tracking_no=tracking_no,
            carrier=record.text("carrier") or self._settings.carrier,
            status=status,
            status_on=moment.day,
            status_at=moment.at,
            estimated_on=record.day("estimated_on"),
            quantity=record.quantity("quantity"),
            location=record.text("location"),
            reason=record.text("reason"),
        )
        when = moment.at.isoformat() if moment.at else moment.day.isoformat()
        base = f"status/{tracking_no or shipment_id or ''}/{status}/{when}"
        self._seen[data.subject, base] += 1
        ordinal = self._seen[data.subject, base]
        key = base if ordinal == 1 else f"{base}/{ordinal}"
        return Draft(key, data.model_copy(update={"lineage": record.lineage()}))


def _normalise_status(record: Record, rows: _Rows) -> Facts:
    return Facts((rows.draft(record, _status(record), _moment(record)),))


def _normalise_milestones(
    record: Record, milestones: Sequence[str], rows: _Rows
) -> Facts | Ignored:
    """A row without any milestone says nothing yet; its shipment is only announced."""
    _order(record)
    moments = {name: record.moment(name) for name in milestones}
    drafts = [
        rows.draft(record, MILESTONES[name], moment) for name, moment in moments.items() if moment
    ]
    return Facts(tuple(drafts)) if drafts else Ignored("no milestone yet")


def _moment(record: Record) -> Moment:
    """Day and, where clock time and zone stand in columns of their own, these too."""
    beside = " ".join(
        text for name in ("status_clock", "zone") if (text := record.text(name)) is not None
    )
    clock = parse_clock(beside) if beside else None
    return record.require(record.moment("status_on", clock), "status_on")


def _order(record: Record) -> OrderIdentity:
    reference = record.code("po_no")
    if reference is None:
        record.refuse("order-reference-missing", "po_no")
    line = record.line_number("po_line")
    po_no, split_line = split_reference(reference, has_line=line is not None)
    return order_identity(
        OrderNames(
            buyer=record.table.settings.buyer,
            po_no=po_no,
            po_line=line or split_line,
            sched_line=None,
            item=read_item(record),
            supplier=None,
        )
    )


def _status(record: Record) -> ShipmentStatus:
    """Look the words up, then the code."""
    text, code = record.text("status"), record.code("status_code")
    for said in (text, code):
        if said is not None and (found := find_status(said)) is not None:
            return found
    said = text or code
    if said is None:
        return record.refuse("cell-missing", "status", fields=("status",))
    blamed = "status" if text else "status_code"
    return record.refuse("status-unknown", blamed, found=said, expected=_KNOWN)


def find_status(text: str) -> ShipmentStatus | None:
    """Find the milestone a text means: the whole text, or without a code in front, or without a remark behind.

    A remark that names another status or says no (``Delivered - refused``) leaves the text without a meaning.
    """
    for candidate in (text, _STAMP.sub("", text), text.replace("_", " ")):
        found = STATUS_WORDS.get(word_key(candidate))
        if found is not None:
            return found
    remark = _REMARK.match(text)
    found = STATUS_WORDS.get(word_key(remark["status"])) if remark else None
    if remark is None or found is None or _DENIES.search(remark["remark"]):
        return None
    others = {
        STATUS_WORDS.get(word) for word in re.findall(r"[^\W\d_]+", word_key(remark["remark"]))
    }
    return found if others <= {None, found} else None
