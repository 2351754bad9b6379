"""The on-time policy as data: buyer and supplier who run the same policy get the same number (domain 6)."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tierlink.kpi.periods import WorkingCalendar
from tierlink.kpi.rates import EXACT
from tierlink.schemas.envelope import canonical_json
from tierlink.schemas.values import DecimalText

__all__ = ["DEFAULT_POLICY", "OtdPolicy"]

Weekday = Annotated[int, Field(ge=1, le=7)]


class OtdPolicy(BaseModel):
    """How on-time delivery is judged. Every published number names the policy by :attr:`policy_id`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["otd-policy/v1"] = "otd-policy/v1"
    early_days: int = Field(
        default=5, ge=0, le=366, description="working days before the baseline that still count"
    )
    late_days: int = Field(
        default=0, ge=0, le=366, description="working days after the baseline that still count"
    )
    weekdays: tuple[Weekday, ...] = Field(
        default=(1, 2, 3, 4, 5), min_length=1, description="ISO weekdays worked on, 1 is Monday"
    )
    holidays: tuple[date, ...] = Field(
        default=(), max_length=5000, description="days at the destination without goods receipt"
    )
    under_tol: DecimalText = Field(
        default=Decimal(0), ge=0, lt=1, description="share that may be missing from a full delivery"
    )
    over_tol: DecimalText = Field(
        default=Decimal(0), ge=0, le=10, description="share that may be delivered too much"
    )

    @field_validator("weekdays", "holidays")
    @classmethod
    def _as_a_set(cls, days: tuple[int | date, ...]) -> tuple[int | date, ...]:
        """Order and repetition say nothing, so they do not change the policy's id."""
        return tuple(sorted(set(days)))

    def canonical(self) -> bytes:
        """The policy document: JSON with sorted keys and no white space."""
        return canonical_json(self.model_dump(mode="json"))

    @cached_property
    def policy_id(self) -> str:
        """``sha256:`` and the hash of :meth:`canonical`."""
        return f"sha256:{hashlib.sha256(self.canonical()).hexdigest()}"

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """Working days of the destination."""
        return WorkingCalendar(frozenset(self.weekdays), frozenset(self.holidays))

    def enough(self, quantity: Decimal) -> Decimal:
        """Least accepted quantity that counts as the full ``quantity``."""
        return EXACT.multiply(quantity, self._least)

    def too_much(self, quantity: Decimal) -> Decimal:
        """Accepted quantity above which a line of ``quantity`` is over-delivered."""
        return EXACT.multiply(quantity, self._most)

    @cached_property
    def _least(self) -> Decimal:
        return EXACT.subtract(Decimal(1), self.under_tol)

    @cached_property
    def _most(self) -> Decimal:
        return EXACT.add(Decimal(1), self.over_tol)


DEFAULT_POLICY = OtdPolicy()
"""Five working days early, none late, no quantity tolerance (domain 6.3)."""
