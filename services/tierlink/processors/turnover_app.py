"""Inventory turnover as a stream app: stock facts -> turnover by month."""

from __future__ import annotations

from tierlink.processors.config import stream_config
from tierlink.processors.days import AsOf, Clock, utc_now
from tierlink.processors.intake import DeadLetters
from tierlink.processors.settings import ProcessorSettings
from tierlink.processors.stocktaking import Stocktaker
from tierlink.schemas.topics import STOCK
from tierlink.streaming.app import StreamApp

__all__ = ["NAME", "TABLES", "build_app"]

NAME = "turnover"
TABLES = ("stock",)


def build_app(settings: ProcessorSettings, clock: Clock = utc_now) -> StreamApp:
    """Declare table and agent; nothing is connected yet."""
    app = StreamApp(stream_config(settings, NAME))
    prefix = settings.topic_prefix
    table = app.table(TABLES[0])
    letters = DeadLetters(app.delivery, prefix, app.metrics)
    taker = Stocktaker(table, letters, prefix, AsOf(settings, clock), clock)
    app.agent("reckon", [STOCK.full_name(prefix)], taker)
    return app
