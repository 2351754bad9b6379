"""On-time delivery as a stream app: facts -> measured lines -> judged lines and totals."""

from __future__ import annotations

from tierlink.kpi.policy import DEFAULT_POLICY, OtdPolicy
from tierlink.processors.assessing import LineAssessor
from tierlink.processors.config import stream_config
from tierlink.processors.days import AsOf, Clock, utc_now
from tierlink.processors.intake import DeadLetters
from tierlink.processors.measuring import LineMeasurer
from tierlink.processors.settings import ProcessorSettings
from tierlink.schemas.topics import LINE_MEASUREMENTS, ORDERS, RECEIPTS, SHIPMENTS
from tierlink.streaming.app import StreamApp

__all__ = ["NAME", "TABLES", "build_app"]

NAME = "on-time"
TABLES = ("purchase-orders", "lines")


def build_app(
    settings: ProcessorSettings, clock: Clock = utc_now, policy: OtdPolicy = DEFAULT_POLICY
) -> StreamApp:
    """Declare tables and agents; nothing is connected yet."""
    app = StreamApp(stream_config(settings, NAME))
    prefix = settings.topic_prefix
    letters = DeadLetters(app.delivery, prefix, app.metrics)
    orders, lines = (app.table(name) for name in TABLES)
    app.agent(
        "measure",
        [topic.full_name(prefix) for topic in (ORDERS, SHIPMENTS, RECEIPTS)],
        LineMeasurer(orders, letters, prefix, policy, clock),
    )
    app.agent(
        "assess",
        [LINE_MEASUREMENTS.full_name(prefix)],
        LineAssessor(lines, letters, prefix, policy, AsOf(settings, clock), clock),
    )
    return app
