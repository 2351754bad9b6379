"""Column types that mean the same on SQLite and PostgreSQL: exact decimals, instants, text in code point order."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import DateTime, String
from sqlalchemy.dialects.postgresql import dialect as postgresql_dialect
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from tierlink.schemas.values import canonical_decimal

__all__ = ["ExactDecimal", "Instant", "PlainText"]

_REPLACEMENT = "\ufffd"


def _is_postgresql(dialect: Dialect) -> bool:
    return dialect.name == postgresql_dialect.name


class PlainText(TypeDecorator[str]):
    """Text ordered by code point in both databases, so that a page ends and begins at the same row.

    PostgreSQL cannot hold NUL; it becomes U+FFFD in both.
    """

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Collation ``C`` on PostgreSQL; SQLite compares bytes anyway."""
        kind = String(collation="C") if _is_postgresql(dialect) else String()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Into the database."""
        del dialect
        return value.replace("\x00", _REPLACEMENT) if value is not None else None


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal as its canonical text: SQLite has no exact numbers. Rates in [0, 1] sort correctly as text."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Collation ``C`` on PostgreSQL."""
        kind = String(collation="C") if _is_postgresql(dialect) else String()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Decimal | str | None, dialect: Dialect) -> str | None:
        """Into the database. Text passes, so that a keyset condition can name a stored value."""
        del dialect
        return canonical_decimal(value) if isinstance(value, Decimal) else value

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """Out of the database."""
        del dialect
        return Decimal(value) if value is not None else None


class Instant(TypeDecorator[datetime]):
    """An aware instant: ``timestamptz`` on PostgreSQL, UTC text of fixed width on SQLite."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Pick the column type."""
        kind: TypeEngine[Any] = DateTime(timezone=True) if _is_postgresql(dialect) else String(32)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Into the database.

        Raises:
            ValueError: for a naive datetime.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"storing {value}: it has no time zone")
        utc = value.astimezone(UTC)
        return utc if _is_postgresql(dialect) else utc.isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Out of the database, in UTC."""
        del dialect
        if value is None:
            return None
        instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return instant.astimezone(UTC)
