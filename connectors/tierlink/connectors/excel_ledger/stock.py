"""Rows of stock ledgers and stock lists to facts: goods moved in and out, balances counted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Final

from tierlink.connectors.cells.dates import find_date
from tierlink.connectors.cells.headings import SheetKind
from tierlink.connectors.cells.messages import reason
from tierlink.connectors.cells.order_identity import read_item
from tierlink.connectors.cells.table import Record, RowRefusedError, Table
from tierlink.connectors.cells.texts import word_key
from tierlink.connectors.contract import Draft, Facts, Ignored, Refused
from tierlink.connectors.excel_ledger.mapping import STOCK_LEDGER, STOCK_LIST
from tierlink.connectors.excel_ledger.settings import ExcelLedgerSettings
from tierlink.connectors.excel_ledger.supplier import read_supplier
from tierlink.schemas.stock import Direction, MovementReason, StockCounted, StockFact, StockMoved
from tierlink.schemas.values import Actor, Item, Party, Quantity

__all__ = ["StockLedgerReader", "StockListReader"]

MAIN_SITE: Final = "main"
_DIRECTIONS: Final = {
    **dict.fromkeys(
        (
            "in",
            "入库",
            "入",
            "收入",
            "进货",
            "收货",
            "zugang",
            "eingang",
            "receipt",
            "received",
            "+",
        ),
        Direction.IN,
    ),
    **dict.fromkeys(
        ("out", "出库", "出", "发出", "领用", "发货", "abgang", "ausgang", "issue", "issued", "-"),
        Direction.OUT,
    ),
}
_NO_MOVEMENT: Final = frozenset(
    {"盘点", "期初", "count", "inventur", "opening", "anfangsbestand", "期初结存", "上期结存"}
)
_Key = tuple[str, str, date]
_Movement = tuple[Direction, Quantity, MovementReason]


class StockLedgerReader:
    """The stock ledger (receipts, issues, running balance) as a kind of table."""

    kind: SheetKind = STOCK_LEDGER

    def __init__(self, settings: ExcelLedgerSettings) -> None:
        self._settings = settings

    def begin(self, table: Table) -> Callable[[Record], Facts | Ignored]:
        """Start a sheet: a first pass finds, for each item and day, the row whose balance closes the day."""
        closing = _closing_rows(table) if table.has("balance") else {}
        return _LedgerRows(self._settings, closing).normalise


class StockListReader:
    """The stock list (one balance per item, as of one day) as a kind of table."""

    kind: SheetKind = STOCK_LIST

    def __init__(self, settings: ExcelLedgerSettings) -> None:
        self._settings = settings

    def begin(self, table: Table) -> Callable[[Record], Facts | Ignored]:
        """Start a sheet.

        Raises:
            RowRefusedError: (held) nothing says of which day the list is.
        """
        as_of = None if table.has("counted_on") else _list_day(table)
        if as_of is None and not table.has("counted_on") and any(True for _ in table.records()):
            raise RowRefusedError(
                Refused(reason("sheet-date-missing", place=table.place()), held=True)
            )
        return _ListRows(self._settings, as_of).normalise


class _LedgerRows:
    """Rows of one stock ledger; numbers movements of the same item and day that have no document."""

    def __init__(self, settings: ExcelLedgerSettings, closing: dict[_Key, int]) -> None:
        self._settings = settings
        self._closing = closing
        self._seen: Counter[tuple[str, str]] = Counter()

    def normalise(self, record: Record) -> Facts | Ignored:
        """Read one row."""
        holder = read_supplier(record, self._settings.supplier_from)
        item = record.require(read_item(record), "item")
        moved_on = record.require(record.day("moved_on"), "moved_on")
        site = record.code("site") or MAIN_SITE
        facts: list[tuple[str, StockFact]] = []
        for movement in _movements(record):
            moved = _moved(record, (holder, item, site, moved_on), movement)
            facts.append((self._movement_key(moved), moved))
        if self._closing.get((site, item.id, moved_on)) == record.row.number:
            balance = record.require(record.quantity("balance", signed=True), "balance")
            facts.append(
                (f"counted/{moved_on}", _counted(record, (holder, item, site, moved_on), balance))
            )
        if not facts:
            return self._nothing(record)
        lineage = {"lineage": record.lineage()}
        return Facts(tuple(Draft(key, data.model_copy(update=lineage)) for key, data in facts))

    def _movement_key(self, moved: StockMoved) -> str:
        """By document where there is one, else the day; further rows with the same one are numbered."""
        base = f"moved/{moved.direction}/{moved.document_no or moved.moved_on.isoformat()}"
        self._seen[moved.subject, base] += 1
        ordinal = self._seen[moved.subject, base]
        return base if moved.document_no and ordinal == 1 else f"{base}/{ordinal}"

    @staticmethod
    def _nothing(record: Record) -> Ignored:
        """A row that moves nothing and closes no day repeats what is known; one with no number at all is wrong."""
        names = ("in_quantity", "out_quantity", "quantity", "balance")
        if any(record.is_filled(name) for name in names):
            return Ignored("no movement")
        return record.refuse(
            "cell-missing", fields=tuple(name for name in names if record.table.has(name))
        )


class _ListRows:
    """Rows of one stock list."""

    def __init__(self, settings: ExcelLedgerSettings, as_of: date | None) -> None:
        self._settings = settings
        self._as_of = as_of
        self._rows: dict[_Key, tuple[Quantity, int]] = {}

    def normalise(self, record: Record) -> Facts:
        """Read one row."""
        holder = read_supplier(record, self._settings.supplier_from)
        item = record.require(read_item(record), "item")
        site = record.code("site") or MAIN_SITE
        counted_on = self._as_of or record.require(record.day("counted_on"), "counted_on")
        quantity = record.require(record.quantity("balance", signed=True), "balance")
        known = self._rows.setdefault((site, item.id, counted_on), (quantity, record.row.number))
        if known[0] != quantity:
            record.refuse("stock-conflict", "balance", other=str(known[1]), held=True)
        data = _counted(record, (holder, item, site, counted_on), quantity)
        return Facts(
            (Draft(f"counted/{counted_on}", data.model_copy(update={"lineage": record.lineage()})),)
        )


def _list_day(table: Table) -> date | None:
    """The day in the title rows, else in the sheet's name, else in the file's."""
    texts = (" ".join(table.titles), table.sheet.name or "", table.document.name.rpartition("/")[2])
    return next((day for text in texts if (day := find_date(text)) is not None), None)


def _closing_rows(table: Table) -> dict[_Key, int]:
    """For each site, item and day the row with its closing balance: the last, or the first where days go down."""
    first: dict[_Key, int] = {}
    last: dict[_Key, int] = {}
    steps, previous = 0, None
    for record in table.records():
        if not record.is_filled("balance"):
            continue
        try:
            item, day = record.padded_code("item"), record.day("moved_on")
            site = record.code("site") or MAIN_SITE
            record.quantity("balance", signed=True)
        except RowRefusedError:
            continue
        if item is None or day is None:
            continue
        if previous is not None and day != previous:
            steps += 1 if day > previous else -1
        previous = day
        first.setdefault((site, item, day), record.row.number)
        last[site, item, day] = record.row.number
    return first if steps < 0 else last


def _movements(record: Record) -> list[_Movement]:
    """What a row moves; zero moves nothing."""
    found = [
        (Direction.IN, record.quantity("in_quantity", signed=True)),
        (Direction.OUT, record.quantity("out_quantity", signed=True)),
    ]
    if record.table.has("direction") and record.table.has("quantity"):
        said = record.text("direction")
        direction = _direction(record, said) if said else None
        if direction is not None:
            found.append((direction, record.quantity("quantity", signed=True)))
    return [
        _movement(direction, quantity)
        for direction, quantity in found
        if quantity is not None and quantity.value
    ]


def _direction(record: Record, said: str) -> Direction | None:
    key = word_key(said)
    if key in _NO_MOVEMENT:
        return None
    if key in _DIRECTIONS:
        return _DIRECTIONS[key]
    return next(
        (direction for word, direction in _DIRECTIONS.items() if len(word) > 1 and word in key),
        None,
    ) or (
        record.refuse(
            "flag-unknown", "direction", found=said, expected="in, out, 入库, 出库, Zugang, Abgang"
        )
    )


def _movement(direction: Direction, quantity: Quantity) -> _Movement:
    """A negative receipt (a reversal in red) goes out, and the other way round; neither is consumption."""
    if quantity.value > 0:
        reason_of = MovementReason.RECEIPT if direction is Direction.IN else MovementReason.UNKNOWN
        return direction, quantity, reason_of
    other = Direction.OUT if direction is Direction.IN else Direction.IN
    return other, Quantity(value=-quantity.value, unit=quantity.unit), MovementReason.ADJUSTMENT


def _moved(record: Record, about: tuple[Party, Item, str, date], movement: _Movement) -> StockMoved:
    holder, item, site, moved_on = about
    direction, quantity, why = movement
    return StockMoved(
        holder=holder,
        site=site,
        item=item,
        asserted_by=Actor.SUPPLIER,
        moved_on=moved_on,
        direction=direction,
        quantity=quantity,
        reason=why,
        document_no=record.code("document_no"),
        unit_cost=record.money("unit_cost"),
    )


def _counted(
    record: Record, about: tuple[Party, Item, str, date], quantity: Quantity
) -> StockCounted:
    holder, item, site, counted_on = about
    return StockCounted(
        holder=holder,
        site=site,
        item=item,
        asserted_by=Actor.SUPPLIER,
        counted_on=counted_on,
        quantity=quantity,
        unit_cost=record.money("unit_cost"),
    )
