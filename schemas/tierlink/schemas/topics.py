"""Every topic once: name, key, what travels on it, partitions, retention and owner.

Names are ``<domain>.<noun>.<version>`` under a prefix (``tierlink.`` unless set), with ``.`` and ``-`` only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tierlink.schemas import deliveries, intake, kpis, orders, records, stock
from tierlink.schemas.envelope import Data

__all__ = [
    "ALL_TOPICS",
    "DEAD_LETTERS",
    "FILES",
    "KPI_LINES",
    "KPI_OTD",
    "KPI_TURNOVER",
    "LINE_MEASUREMENTS",
    "ORDERS",
    "RECEIPTS",
    "REJECTIONS",
    "SHIPMENTS",
    "STOCK",
    "Cleanup",
    "Topic",
    "topic_of",
]

DEFAULT_PARTITIONS = 4


class Cleanup(StrEnum):
    """Kafka ``cleanup.policy``. Canonical facts are kept for ever: everything else is rebuilt from them."""

    KEEP = "delete"
    COMPACT = "compact"


@dataclass(frozen=True)
class Topic:
    """One topic. ``types`` are the payloads on it; ``key`` says in words what the record key is."""

    name: str
    key: str
    types: tuple[type[Data], ...]
    owner: str
    about: str
    cleanup: Cleanup = Cleanup.KEEP
    copartitioned: bool = True
    internal: bool = False

    def full_name(self, prefix: str) -> str:
        """Name on the cluster: the prefix (with its dot) and the name."""
        return f"{prefix}{self.name}"


_RETRACTED = records.RecordRetracted

ORDERS = Topic(
    "orders.line.v1",
    "buyer|po_no",
    (orders.LinePlaced, orders.LinePromised, orders.LineChanged, orders.LineCancelled, _RETRACTED),
    "connectors",
    "Purchase order schedule lines: placed, promised, changed, cancelled.",
)
SHIPMENTS = Topic(
    "deliveries.shipment.v1",
    "buyer|po_no",
    (deliveries.ShipmentDespatched, deliveries.ShipmentStatusChanged, _RETRACTED),
    "connectors",
    "Despatch advices and transport milestones.",
)
RECEIPTS = Topic(
    "deliveries.receipt.v1",
    "buyer|po_no",
    (deliveries.GoodsReceived, deliveries.GoodsRejected, _RETRACTED),
    "connectors",
    "Goods receipts and rejections.",
)
STOCK = Topic(
    "stock.item.v1",
    "holder|site|item",
    (stock.StockCounted, stock.StockMoved, _RETRACTED),
    "connectors",
    "Stock balances and movements.",
)
REJECTIONS = Topic(
    "intake.rejection.v1",
    "feed|document",
    (intake.RowRejected,),
    "connectors",
    "Rows that were not published: place, finding, remedy.",
)
FILES = Topic(
    "intake.file.v1",
    "feed|document",
    (intake.FileProcessed,),
    "connectors",
    "What became of each file; rows balance.",
)
LINE_MEASUREMENTS = Topic(
    "kpi.line-measurement.v1",
    "line_id, placed on the supplier's partition",
    (kpis.LineMeasured,),
    "processors",
    "Each schedule line measured, free of the clock; between the two halves of the on-time processor.",
    Cleanup.COMPACT,
    internal=True,
)
KPI_LINES = Topic(
    "kpi.line.v1",
    "line_id, placed on the supplier's partition",
    (kpis.LineAssessed,),
    "processors",
    "State of each schedule line as of a day. A null value: the line no longer exists.",
    Cleanup.COMPACT,
)
KPI_OTD = Topic(
    "kpi.otd.v1",
    "supplier|item|period, placed on the supplier's partition",
    (kpis.OnTimeDeliveryPublished,),
    "processors",
    "On-time delivery per supplier and part, by month and over all.",
    Cleanup.COMPACT,
)
KPI_TURNOVER = Topic(
    "kpi.turnover.v1",
    "holder|site|item|period, placed on the item's partition",
    (kpis.InventoryTurnoverPublished,),
    "processors",
    "Inventory turnover per item and site, by month and over all.",
    Cleanup.COMPACT,
)
DEAD_LETTERS = Topic(
    "dead-letter.event.v1",
    "topic|partition|offset of the refused record",
    (),
    "processors",
    "Records a processor could not read, byte for byte; headers say why and where they stood.",
)

ALL_TOPICS: tuple[Topic, ...] = (
    ORDERS,
    SHIPMENTS,
    RECEIPTS,
    STOCK,
    REJECTIONS,
    FILES,
    LINE_MEASUREMENTS,
    KPI_LINES,
    KPI_OTD,
    KPI_TURNOVER,
    DEAD_LETTERS,
)


def topic_of(data: type[Data]) -> Topic:
    """The topic a payload is published on. Retractions go where their target went, so they have none of their own.

    Raises:
        LookupError: for a payload on no topic, or a retraction.
    """
    homes = [topic for topic in ALL_TOPICS if data in topic.types]
    if len(homes) != 1:
        raise LookupError(f"{data.__name__} has {len(homes)} topics")
    return homes[0]
