"""A line in words: the sentence that says why it is as it is, and what happened in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tierlink.api.pages.plots import TimelinePlot, timeline_plot
from tierlink.api.pages.words import Words
from tierlink.schemas.kpis import ActualBasis, BaselineBasis, LineAssessed, LineState
from tierlink.store.events import StoredEvent

__all__ = ["Told", "plot_story", "say_event", "tell", "tell_story", "where_it_stands", "why"]


@dataclass(frozen=True)
class Told:
    """One event in words. ``number`` marks it on the time line, ``day`` is when it happened or is to happen."""

    number: int
    day: date | None
    actor: str
    kind: str
    sentence: str
    where: str | None
    event: StoredEvent


def why(line: LineAssessed, words: Words) -> list[str]:
    """The sentences that say why: the state, what it is measured against, whose arrival counts."""
    sentences = [_state_sentence(line, words)]
    if line.baseline_on and line.baseline_basis is not BaselineBasis.NONE:
        key = f"baseline.{line.baseline_basis.value}"
        sentences.append(words(key, day=words.day(line.baseline_on)))
        last = line.last_promised_on
        if line.baseline_basis is BaselineBasis.FIRST_PROMISE and last and last > line.baseline_on:
            sentences.append(words("baseline.moved", day=words.day(last)))
    if line.received_quantity > 0 and line.actual_basis is not ActualBasis.NONE:
        sentences.append(words(f"actual.{line.actual_basis.value}"))
    return sentences


def _state_sentence(line: LineAssessed, words: Words) -> str:
    key = line.state.value
    if line.state is LineState.CANCELLED_BUYER and line.is_due:
        key = "cancelled_buyer_after"
    return words(
        f"why.{key}",
        quantity=words.quantity(line.quantity, line.unit),
        received=words.quantity(line.received_quantity, line.unit),
        by_due=words.quantity(line.by_due_quantity, line.unit),
        window_from=_day(line.window_from, words),
        window_to=_day(line.window_to, words),
        completed_on=_day(line.completed_on, words),
        days=words.days(abs(line.late_by_days or 0)),
    )


def _day(day: date | None, words: Words) -> str:
    return words.day(day) if day else "–"


def tell_story(events: Sequence[StoredEvent], words: Words) -> list[Told]:
    """Events by the day they speak of, numbered from 1; those without a day come first."""
    said = [(_day_of(event), event) for event in events]
    said.sort(key=lambda entry: (entry[0] or date.min, entry[1].recorded_at, entry[1].id))
    return [tell(number, event, words) for number, (_, event) in enumerate(said, start=1)]


def tell(number: int, event: StoredEvent, words: Words) -> Told:
    """One event in words."""
    return Told(
        number=number,
        day=_day_of(event),
        actor=_actor_of(event),
        kind=_kind_of(event),
        sentence=say_event(event, words),
        where=where_it_stands(event, words),
        event=event,
    )


def plot_story(line: LineAssessed, story: Sequence[Told]) -> TimelinePlot | None:
    """The time line of a line."""
    window = (line.window_from, line.window_to) if line.window_from and line.window_to else None
    events = [(told.number, told.actor, _shape(told, line), told.day) for told in story if told.day]
    is_open = line.state in {LineState.PENDING, LineState.OVERDUE, LineState.SHORT}
    return timeline_plot(events, window, line.as_of if is_open else None)


def _shape(told: Told, line: LineAssessed) -> str:
    """Arrivals look different after the window."""
    is_arrival = told.kind in {"received", "status"}
    if is_arrival and told.day and line.window_to and told.day > line.window_to:
        return f"{told.kind}-late"
    return told.kind


_KINDS = {
    "org.tierlink.purchaseorder.line.placed": "placed",
    "org.tierlink.purchaseorder.line.promised": "promised",
    "org.tierlink.purchaseorder.line.changed": "changed",
    "org.tierlink.purchaseorder.line.cancelled": "cancelled",
    "org.tierlink.shipment.despatched": "despatched",
    "org.tierlink.shipment.status_changed": "status",
    "org.tierlink.goods.received": "received",
    "org.tierlink.goods.rejected": "rejected",
    "org.tierlink.stock.counted": "counted",
    "org.tierlink.stock.moved": "moved",
    "org.tierlink.record.retracted": "retracted",
}
_DAYS = {
    "placed": "ordered_on",
    "promised": "promised_on",
    "changed": "changed_on",
    "cancelled": "cancelled_on",
    "despatched": "despatched_on",
    "status": "status_on",
    "received": "received_on",
    "rejected": "rejected_on",
    "counted": "counted_on",
    "moved": "moved_on",
}


def _kind_of(event: StoredEvent) -> str:
    return _KINDS.get(event.type.rpartition(".v")[0], "unknown")


def _actor_of(event: StoredEvent) -> str:
    actor = event.data.get("asserted_by")
    return actor if actor in {"buyer", "supplier", "carrier"} else "other"


def _day_of(event: StoredEvent) -> date | None:
    text = event.data.get(_DAYS.get(_kind_of(event), ""))
    return date.fromisoformat(text) if text else None


def say_event(event: StoredEvent, words: Words) -> str:
    """What an event says."""
    kind, data = _kind_of(event), event.data
    if kind == "unknown":
        return words("said.unknown", type=event.type)
    if kind == "placed" and data.get("requested_on"):
        kind = "placed-wanted"
    if kind == "moved":
        kind = f"moved-{data['direction']}"
    if kind == "changed" and (data.get("requested_on") or data.get("quantity")):
        kind = "changed-to"
    wanted = _written_day(data.get("promised_on") or data.get("requested_on"), words)
    quantity = _quantity(data, words)
    return words(
        f"said.{kind}",
        quantity=quantity,
        day=wanted,
        what=", ".join(part for part in (wanted, quantity) if part),
        status=words.name("status", str(data.get("status"))),
        reason=data.get("reason") or "",
    )


def _written_day(text: str | None, words: Words) -> str:
    return words.day(date.fromisoformat(text)) if text else ""


def _quantity(data: dict[str, object], words: Words) -> str:
    quantity = data.get("quantity")
    if not isinstance(quantity, dict):
        return ""
    return words.quantity(str(quantity["value"]), quantity.get("unit"))


def where_it_stands(event: StoredEvent, words: Words) -> str | None:
    """File, sheet and row."""
    lineage = event.lineage
    if not lineage:
        return None
    parts = [lineage["document"], lineage.get("sheet"), words("row-n", row=lineage["row"])]
    return " › ".join(part for part in parts if part)
